import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import type { Hex } from "viem";
import { limitOf } from "../../keeper/domain/contract.ts";
import type { LenderState } from "../../keeper/domain/lender.ts";
import { ROLES } from "../support/aaveV4World.ts";
import { openDrive } from "./syncWorld.ts";
import { handsV4, type LenderWorldV4, lenderWorldV4 } from "./syncWorldV4.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;

let world: LenderWorldV4;
let snapshot: Hex;
before(async () => {
  world = await lenderWorldV4();
});
after(() => world.anvil.close());
beforeEach(async () => {
  snapshot = await world.node.snapshot();
});
afterEach(() => world.node.revert({ id: snapshot }));

const named = (states: readonly LenderState[]) => states.map(({ market, state }) => `${market} ${state}`);
const sentBy = ({ keeper }: LenderWorldV4) => handsV4(world).sent(keeper.address);

test("a batch that is in a block is in force at the spoke within one cycle, by one transaction, and for new risk only", async () => {
  const { batch, newest, factorOf, cap, position } = handsV4(world);
  const { tick, journal } = openDrive(world);
  const [early, late] = [position("early"), position("late")];
  await early.supply(100);
  await early.borrow(81);
  await batch(2_600, 1_900);
  const states = await tick();
  assert.deepEqual(named(states), ["WETH AGREES"]);
  assert.deepEqual([await newest(), await factorOf(1), await cap()], [1, 7_400, 12_000]);
  assert.deepEqual(states[0]?.has, { ltvBps: 7_400, thresholdBps: 7_400, supplyCap: 12_000 });
  assert.deepEqual(states[0]?.says, { ltvBps: 7_400, thresholdBps: 8_100, supplyCap: 12_000 });
  const [intent] = journal.recentIntents(9);
  assert.deepEqual([intent?.kind, intent?.status, intent?.tightens], ["SYNC", "CONFIRMED", true]);
  assert.equal(await sentBy(world), 1);

  assert.equal(await factorOf(0), 8_100, "whose configuration is as it was");
  assert.equal(await early.isLiquidatable(), false);
  await assert.rejects(early.borrow(0), /reverted/, "who borrows more is bound to the new one");
  await late.supply(100);
  await assert.rejects(late.borrow(75), /reverted/);
  await late.borrow(74);
});

test("while nothing changes nothing is sent in 24 hours of cycles", async () => {
  const { batch, pass } = handsV4(world);
  const { tick } = openDrive(world);
  await batch(2_600, 1_900);
  await tick();
  for (let hour = 0; hour < 24; hour += 1) {
    await pass(HOUR);
    await batch(2_600, 1_900);
    for (const _ of "12") assert.deepEqual(named(await tick()), ["WETH AGREES"]);
  }
  assert.equal(await sentBy(world), 1);
});

test("an old configuration is lowered by steps after 30 days, not a day earlier, and nobody is due before that", async () => {
  const { batch, pass, factorOf, position } = handsV4(world);
  const { tick } = openDrive(world);
  const early = position("early");
  await early.supply(100);
  await early.borrow(81);
  await batch(2_600, 2_200);
  await tick();
  for (let hour = 0; hour < 29 * 24; hour += 5) {
    await pass(5 * HOUR);
    await batch(2_600, 2_200);
  }
  const sent = await sentBy(world);
  assert.deepEqual([named(await tick()), await sentBy(world)], [["WETH AGREES"], sent]);
  assert.deepEqual([await factorOf(0), await early.isLiquidatable()], [8_100, false]);

  await pass(DAY);
  await batch(2_600, 2_200);
  assert.deepEqual(named(await tick()), ["WETH AGREES"]);
  assert.deepEqual([await factorOf(0), await sentBy(world)], [8_075, sent + 1], "one step");
  assert.equal(await early.isLiquidatable(), true);
  await tick();
  await pass(3 * HOUR);
  await tick();
  assert.deepEqual([await factorOf(0), await sentBy(world)], [8_075, sent + 1], "no second one within four hours");
  await pass(HOUR);
  await tick();
  assert.deepEqual([await factorOf(0), await sentBy(world)], [8_050, sent + 2]);
});

test("configurations that others replaced are noted together, in the transaction that sets the new one", async () => {
  const { batch, configure, pass, newest, factorOf } = handsV4(world);
  const { tick } = openDrive(world);
  for (const factor of [8_300, 8_400, 8_500]) await configure.add(factor);
  await batch(2_600, 1_900);
  assert.deepEqual(named(await tick()), ["WETH AGREES"]);
  assert.deepEqual([await newest(), await sentBy(world)], [4, 1]);
  for (let hour = 0; hour <= 30 * 24; hour += 5) {
    await pass(5 * HOUR);
    await batch(2_600, 1_900);
  }
  await tick();
  assert.deepEqual(await Promise.all([0, 1, 2, 3, 4].map(factorOf)), [8_100, 8_275, 8_375, 8_475, 7_400]);
  assert.equal(await sentBy(world), 2, "all by one");
});

test("more of them than fit are done in several transactions, an hour apart", async () => {
  const { batch, configure, pass } = handsV4(world);
  const { tick } = openDrive(world);
  for (let n = 0; n < 60; n += 1) await configure.add(8_000 + n);
  await batch(2_600, 1_900);
  assert.deepEqual(named(await tick()), ["WETH WAITS"]);
  assert.deepEqual([named(await tick()), await sentBy(world)], [["WETH WAITS"], 1]);
  await pass(HOUR);
  assert.deepEqual([named(await tick()), await sentBy(world)], [["WETH AGREES"], 2]);
  await pass(HOUR);
  assert.deepEqual([named(await tick()), await sentBy(world)], [["WETH AGREES"], 2]);
});

test("an agent without its role is refused once an hour, in words, and nothing is paid", async () => {
  const { batch, pass } = handsV4(world);
  const { tick, journal } = openDrive(world);
  for (const role of Object.values(ROLES)) await world.aave.manage("revokeRole", role, world.agent);
  await batch(2_600, 1_900);
  const [weth] = await tick();
  assert.equal(weth?.state, "REFUSED");
  assert.match(weth?.detail ?? "", /^sync: .*AccessManagedUnauthorized/);
  assert.deepEqual([await sentBy(world), journal.recentIntents(1)], [0, []]);
  for (const role of Object.values(ROLES)) await world.aave.manage("grantRole", role, world.agent, 0);
  assert.deepEqual(named(await tick()), ["WETH REFUSED"], "it rests");
  await pass(HOUR);
  assert.deepEqual(named(await tick()), ["WETH AGREES"]);
});

test("an agent without one of its roles does what the other lets it", async () => {
  const { batch, newest, cap } = handsV4(world);
  await world.aave.manage("revokeRole", ROLES.hubs, world.agent);
  await batch(2_600, 1_900);
  const [weth] = await openDrive(world).tick();
  assert.match(weth?.detail ?? "", /^syncSupplyCap: .*AccessManagedUnauthorized/);
  assert.deepEqual([weth?.state, await newest(), await cap()], ["REFUSED", 1, null]);
  await world.aave.manage("grantRole", ROLES.hubs, world.agent, 60);
  const [late] = await openDrive(world).tick();
  assert.match(late?.detail ?? "", /^syncSupplyCap: AccessManagerNotScheduled/, "with an execution delay it has none");
});

test("what Aave closed stays closed and costs nothing, until Aave opens it", async () => {
  const { batch, configure, pass, newest, factorOf, cap } = handsV4(world);
  const { tick } = openDrive(world);
  await batch(2_600, 1_900);
  await tick();
  await configure.add(0);
  await configure.cap(0);
  for (let i = 1; i <= 3; i += 1) {
    await pass(HOUR);
    await batch(2_600 + i, 1_900);
    const [weth] = await tick();
    assert.deepEqual([weth?.state, weth?.has?.ltvBps, weth?.has?.supplyCap], ["CLOSED_BY_OTHERS", 0, 0]);
  }
  assert.deepEqual([await newest(), await cap(), await sentBy(world)], [2, 0, 2], "it noted what Aave replaced");
  await configure.add(7_000);
  await configure.cap(9_000);
  await tick();
  assert.deepEqual([await newest(), await factorOf(4), await cap()], [4, 7_397, 9_000]);
});

test("frozen by Aave it is only lowered, and named", async () => {
  const { batch, flags, pass, factorOf } = handsV4(world);
  const { tick } = openDrive(world);
  await batch(2_600, 1_900);
  await tick();
  await flags(false, true);
  await pass(HOUR);
  await batch(2_550, 1_900);
  assert.deepEqual([named(await tick()), await sentBy(world)], [["WETH FROZEN"], 1]);
  await flags(false, false);
  assert.deepEqual([named(await tick()), await factorOf(2)], [["WETH AGREES"], 7_450]);
  await flags(false, true);
  await batch(2_900, 1_900);
  assert.deepEqual([named(await tick()), await factorOf(3)], [["WETH FROZEN"], 7_100]);
});

test("a market that is closed is closed at the spoke at once, its cap follows what is supplied, and it opens again", async () => {
  const { batch, mode, factorOf, cap, added } = handsV4(world);
  const { tick } = openDrive(world);
  await batch(2_600, 1_900, limitOf(12_000));
  await added(100);
  await tick();
  await mode(1, 1);
  assert.deepEqual(named(await tick()), ["WETH AGREES"]);
  assert.deepEqual([await factorOf(2), await cap()], [0, 100]);
  await mode(1, 0);
  assert.deepEqual(named(await tick()), ["WETH AGREES"]);
  assert.deepEqual([await factorOf(3), await cap()], [7_400, 12_000]);
});

test("nothing is sent while a kill switch is set, or beyond the budget of lenders", async () => {
  const { batch } = handsV4(world);
  await batch(2_600, 1_900);
  const [stopped] = await openDrive(world).tick("paused");
  assert.deepEqual([stopped?.state, stopped?.detail], ["DUE", "paused"]);
  const fees = { maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 9n };
  const [poor] = await openDrive(world, undefined, { context: { fees: { ...fees, lendersPerDay: 1n } } }).tick();
  assert.match(poor?.detail ?? "", /lendersDailyBudgetEther/);
  assert.equal(await sentBy(world), 0);
});
