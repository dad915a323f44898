import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import type { Hex } from "viem";
import { limitOf } from "../../keeper/domain/contract.ts";
import type { LenderState } from "../../keeper/domain/lender.ts";
import { sendTimes } from "../../keeper/submission/send.ts";
import { hands, type LenderWorld, lenderWorld, openDrive } from "./syncWorld.ts";

const HOUR = 3_600;
const MINUTE = 60;

let world: LenderWorld;
let snapshot: Hex;
before(async () => {
  world = await lenderWorld();
});
after(() => world.anvil.close());
beforeEach(async () => {
  snapshot = await world.node.snapshot();
});
afterEach(() => world.node.revert({ id: snapshot }));

const named = (states: readonly LenderState[]) => states.map(({ market, state }) => `${market} ${state}`);
const BOTH = (state: string) => [`WETH ${state}`, `WBTC ${state}`];
const sentBy = ({ keeper }: LenderWorld) => hands(world).sent(keeper.address);

test("a batch that is in a block is at the lender within one cycle, all of it by one transaction", async () => {
  const { batch, configuration, synced } = hands(world);
  const { tick, journal } = openDrive(world);
  await batch(2_600, 1_900);
  const states = await tick();
  assert.deepEqual(named(states), BOTH("AGREES"));
  for (const name of ["WETH", "WBTC"] as const) {
    assert.deepEqual(await configuration(name), { ltv: 7_400, threshold: 8_100, cap: 12_000 }, name);
  }
  assert.deepEqual([await synced(), await sentBy(world)], [4, 1]);
  const [intent] = journal.recentIntents(9);
  assert.deepEqual(
    [intent?.kind, intent?.status, intent?.tightens, intent?.batch.entries],
    ["SYNC", "CONFIRMED", true, []],
  );
  assert.deepEqual(states[0]?.says, { ltvBps: 7_400, thresholdBps: 8_100, supplyCap: 12_000 });
  assert.deepEqual(journal.lenderStates(), states);
});

test("while nothing changes nothing is sent in 24 hours of cycles", async () => {
  const { batch, pass } = hands(world);
  const { tick } = openDrive(world);
  await batch(2_200, 1_900);
  await tick();
  const before = await sentBy(world);
  assert.equal(before, 1, "the supply caps");
  for (let hour = 0; hour < 24; hour += 1) {
    await pass(HOUR);
    await batch(2_200, 1_900);
    for (const _ of "12") assert.deepEqual(named(await tick()), BOTH("AGREES"));
  }
  assert.equal(await sentBy(world), before);
});

test("the threshold follows by the agent's steps, and the time of the next one is known", async () => {
  const { batch, pass, configuration, time } = hands(world);
  const { tick } = openDrive(world);
  await batch(2_600, 2_400);
  await tick();
  // Maintenance itself moves by 200 bp in 30 days.
  for (let hour = 0; hour < 10 * 24; hour += 5) {
    await pass(5 * HOUR);
    await batch(2_600, 2_400);
  }
  const states = await tick();
  assert.deepEqual(named(states), BOTH("STEPPING"));
  const { threshold } = await configuration("WETH");
  assert.equal(threshold, 8_075, "one step");
  assert.ok(Math.abs((states[0]?.nextAt ?? 0) - ((await time()) + 4 * HOUR)) < MINUTE, "in four hours");
  const sent = await sentBy(world);
  await pass(3 * HOUR);
  assert.deepEqual(named(await tick()), BOTH("STEPPING"));
  assert.equal(await sentBy(world), sent, "not earlier");
  await pass(HOUR);
  await tick();
  assert.equal((await configuration("WETH")).threshold, 8_050);
});

test("a market that is closed is closed at the lender at once, and what its own admin closed stays so and costs nothing", async () => {
  const { batch, mode, configurator, configuration, pass } = hands(world);
  const { tick } = openDrive(world);
  await batch(2_200, 1_900);
  await tick();
  await mode(1, 1);
  await tick();
  assert.equal((await configuration("WETH")).ltv, 0);
  await mode(1, 0);
  await tick();
  assert.equal((await configuration("WETH")).ltv, 7_800);

  await configurator("setReserveLtvzero", world.tokens.WETH, true);
  const sent = await sentBy(world);
  await batch(2_500, 1_900);
  const [weth, wbtc] = await tick();
  assert.deepEqual([weth?.state, wbtc?.state], ["CLOSED_BY_OTHERS", "AGREES"]);
  assert.deepEqual([(await configuration("WETH")).ltv, (await configuration("WBTC")).ltv], [0, 7_500]);
  for (let i = 0; i < 5; i += 1) {
    await pass(HOUR);
    await batch(2_500, 1_900);
    assert.equal((await tick())[0]?.since, weth?.since);
  }
  assert.equal(await sentBy(world), sent + 1, "that of the other market");
  await configurator("setReserveLtvzero", world.tokens.WETH, false);
  assert.deepEqual(named(await tick()), BOTH("AGREES"));
  assert.equal((await configuration("WETH")).ltv, 7_500);
});

test("a frozen reserve is named, what is set waits there, and it is not paid for again", async () => {
  const { batch, configurator, configuration } = hands(world);
  const { tick } = openDrive(world);
  await batch(2_200, 1_900);
  await tick();
  await configurator("setReserveFreeze", world.tokens.WETH, true);
  await batch(2_500, 1_900);
  assert.deepEqual(named(await tick()), ["WETH FROZEN", "WBTC AGREES"]);
  const sent = await sentBy(world);
  await tick();
  assert.equal(await sentBy(world), sent);
  await configurator("setReserveFreeze", world.tokens.WETH, false);
  // From 3.6 on the LTV stays 0 until Aave's own admin lifts that, too.
  assert.deepEqual(named(await tick()), ["WETH CLOSED_BY_OTHERS", "WBTC AGREES"]);
  await configurator("setReserveLtvzero", world.tokens.WETH, false);
  assert.equal((await configuration("WETH")).ltv, 7_500, "what waited");
  assert.deepEqual(named(await tick()), BOTH("AGREES"));
});

test("an agent without its role is refused once an hour, in words, and nothing is paid", async () => {
  const { batch, admin, pass } = hands(world);
  const { tick, journal } = openDrive(world);
  await admin("removeRiskAdmin", world.agent);
  await batch(2_500, 1_900);
  const states = await tick();
  assert.deepEqual(named(states), BOTH("REFUSED"));
  assert.match(states[0]?.detail ?? "", /CallerNotRiskOrPoolAdmin/);
  assert.deepEqual([await sentBy(world), journal.recentIntents(1)], [0, []]);
  await admin("addRiskAdmin", world.agent);
  assert.deepEqual(named(await tick()), BOTH("REFUSED"), "it rests");
  await pass(HOUR);
  assert.deepEqual(named(await tick()), BOTH("AGREES"));
});

test("what a node does not take is tried again in the next cycle, not after an hour", async () => {
  const { batch } = hands(world);
  const { context, journal } = openDrive(world);
  const { broadcaster, limits } = context;
  let [refusals, wallMs] = [1, 0];
  const send: typeof broadcaster.send = async (raw) => {
    if (refusals-- > 0) throw new Error("insufficient funds for gas * price + value");
    return await broadcaster.send(raw);
  };
  const { tick } = openDrive(world, journal, {
    context: { broadcaster: { ...broadcaster, send }, sends: sendTimes(() => wallMs) },
  });
  await batch(2_230, 1_900); // so little that the hour would be waited out
  assert.deepEqual(named(await tick()), BOTH("DUE"));
  assert.equal(journal.recentIntents(1)[0]?.status, "DROPPED");
  wallMs += limits.resendAfterSeconds * 1_000; // within which the same bytes are not tried again
  assert.deepEqual(named(await tick()), BOTH("AGREES"));
});

test("a lender whose preview reverts, or that answers nonsense, is named and stops no other", async () => {
  const { batch } = hands(world);
  await batch(2_500, 1_900);
  const { record, tokens } = world;
  const twice = record.lenders?.flatMap((one) => [{ ...one, name: "Liar", agent: { address: tokens.WETH } }, one]);
  const { tick } = openDrive({ ...world, record: { ...record, lenders: twice } as typeof record });
  const states = await tick();
  assert.deepEqual(named(states), [...BOTH("UNREADABLE"), ...BOTH("AGREES")]);
  const moved = record.lenders?.map((one) => ({ ...one, pool: tokens.WBTC }));
  const other = openDrive({ ...world, record: { ...record, lenders: moved } as typeof record });
  assert.deepEqual(named(await other.tick()), BOTH("POOL_REPLACED"));
});

test("nothing is sent while a kill switch is set, by an instance of higher rank before its turn, or beyond the budget", async () => {
  const { batch, pass } = hands(world);
  await batch(2_500, 1_900);
  const stopped = await openDrive(world).tick("paused");
  assert.deepEqual(
    stopped.map(({ state, detail }) => `${state} ${detail}`),
    ["DUE paused", "DUE paused"],
  );
  const second = openDrive(world, undefined, { rank: 1 });
  assert.deepEqual(named(await second.tick()), BOTH("DUE"));
  assert.equal(await sentBy(world), 0);
  const fees = { maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 9n };
  const poor = await openDrive(world, undefined, { context: { fees: { ...fees, lendersPerDay: 1n } } }).tick();
  assert.match(poor[0]?.detail ?? "", /lendersDailyBudgetEther/);
  await pass(2 * MINUTE);
  assert.deepEqual(named(await second.tick()), BOTH("AGREES"));
});

test("a closed market's supply that leaves lowers the cap once an hour, not at each withdrawal", async () => {
  const { batch, mode, pass, configuration, supply, withdraw } = hands(world);
  const { tick } = openDrive(world);
  await batch(2_200, 1_900, limitOf(12_000));
  await tick();
  await supply("WETH", 100);
  await mode(1, 1);
  await tick();
  assert.equal((await configuration("WETH")).cap, 100, "no more than what is supplied");
  const sent = await sentBy(world);
  for (const left of [90, 80, 70]) {
    await pass(MINUTE);
    await withdraw("WETH", 10);
    assert.deepEqual(named(await tick()), ["WETH WAITS", "WBTC AGREES"], `${left} left`);
  }
  assert.deepEqual([(await configuration("WETH")).cap, await sentBy(world)], [100, sent]);
  await pass(HOUR);
  assert.deepEqual(named(await tick()), BOTH("AGREES"));
  assert.deepEqual([(await configuration("WETH")).cap, await sentBy(world)], [70, sent + 1]);
  await withdraw("WETH", 70);
  await pass(HOUR);
  await tick();
  assert.equal((await configuration("WETH")).cap, 1, "0 would be no cap");
});
