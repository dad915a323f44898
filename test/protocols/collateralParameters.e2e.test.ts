import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { encodeFunctionData } from "viem";
import { minuteOf, timeOf, windowOf } from "../../keeper/domain/calendar.ts";
import type { Entry, Hex } from "../../keeper/domain/contract.ts";
import { type ErrorCode, TonsorError } from "../../keeper/domain/errors.ts";
import { limitOf } from "../../keeper/domain/exposureLimit.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../../keeper/protocols/abi.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { encodeBatch, readMarkets, readSequence, simulateBatch } from "../../keeper/protocols/collateralParameters.ts";
import { readBatches, readEvents } from "../../keeper/protocols/events.ts";
import { figure } from "../../keeper/protocols/revert.ts";
import { numbersOf } from "../../keeper/protocols/words.ts";
import { CALM_LIMIT, withEntries } from "../support/entries.ts";
import { accountSetting } from "../support/parameters.ts";
import {
  AGGREGATE_BPS,
  apply,
  batchFor,
  CHAIN_ID,
  type ContractWorld,
  call,
  contractWorld,
  LIMITS,
  pass,
  setBudget,
  setMode,
  TRIP_BPS,
  USD,
} from "./contractWorld.ts";

let world: ContractWorld;
before(async () => {
  world = await contractWorld();
});
after(() => world.anvil.close());

const says = (code: ErrorCode, pattern: RegExp) => (error: unknown) =>
  error instanceof TonsorError && error.code === code && pattern.test(error.message);
const look = async (ids: readonly number[] = [1]) => read(await world.client.getBlockNumber(), ids);
const read = async (block: bigint, ids: readonly number[]) =>
  readMarkets(world.client, world.contract, block, ids, world.accounts.keeper.address);
const simulate = async (batch: Parameters<typeof simulateBatch>[3], from = world.accounts.keeper.address) =>
  simulateBatch(world.client, world.contract, from, batch);

test("markets are read at one block, with limits, and later blocks do not show", async () => {
  const before = await world.client.getBlockNumber();
  await apply(world, await batchFor(world, [{ initialBps: 2_400 }]));
  const then = await read(before, [1, 2]);
  const now = await look();
  assert.equal(then.writer.sequence, 0);
  assert.equal(now.writer.sequence, 1);
  assert.equal(now.chainId, CHAIN_ID);
  assert.deepEqual(
    then.markets.map((market) => market.storedInitialBps),
    [2_200, 2_200],
  );
  assert.equal(now.markets[0]?.initialBps, 2_400);
  assert.equal(now.markets[0]?.maintenanceTargetBps, 1_900);
  assert.equal(now.markets[0]?.maintenanceBps, 1_800);
  assert.deepEqual([now.markets[0]?.confidence, now.markets[0]?.sources], [29, 17]);
  const [one] = now.markets;
  assert.deepEqual([one?.limits, one?.limit, one?.lowestLimit], [LIMITS, CALM_LIMIT, limitOf(1_200)]);
  const { account, power, aggregateBps, tripBps, tightenOnly } = now.writer;
  assert.deepEqual([account, power], [world.accounts.keeper.address, "HOT"]);
  assert.deepEqual([aggregateBps, tripBps, tightenOnly], [AGGREGATE_BPS, TRIP_BPS, false]);
  assert.deepEqual([one?.generation, one?.heldUntil, one?.classHeldUntil], [16, 0, 0]);
  assert.equal(now.markets[0]?.pending, null);
});

test("a node of another chain is refused before any value is believed", async () => {
  const other = chainClient({ chainId: 1, rpc: world.anvil.url });
  await assert.rejects(
    readMarkets(other, world.contract, 1n, [1], world.accounts.keeper.address),
    says("WRONG_CHAIN", /given 31337; expected chain 1$/),
  );
});

test("an address without a contract is NOT_DEPLOYED, an unknown market and a dead node have their own names", async () => {
  const block = await world.client.getBlockNumber();
  const nobody = `0x${"12".repeat(20)}` as const;
  await assert.rejects(readMarkets(world.client, nobody, block, [1], nobody), says("NOT_DEPLOYED", /address/));
  await assert.rejects(read(block, [9]), says("TRANSACTION_FATAL", /UnknownMarket\(9\)/));
  const dead = chainClient({ chainId: CHAIN_ID, rpc: "http://127.0.0.1:1", timeoutMs: 500 });
  await assert.rejects(
    readMarkets(dead, world.contract, block, [1], nobody),
    says("RPC_FAILED", /^a call to the node of RPC_URL failed: /),
  );
});

test("a simulated batch says what it costs and which market it would leave, with given and allowed", async () => {
  await pass(world, 60);
  const batch = await batchFor(world, [{ initialBps: 2_450 }, { initialBps: 2_050 }]);
  const { gas, skipped } = await simulate(batch);
  assert.ok(gas > 30_000n && gas < 200_000n, String(gas));
  assert.deepEqual(skipped, [{ marketId: 2, reason: "GAP_TOO_SMALL", given: 2_050, allowed: 2_200 }]);
});

test("each refusal of a whole batch is told in words with both values", async () => {
  await pass(world, 60);
  const good = await batchFor(world, [{ initialBps: 2_450 }]);
  const { sequence } = good;
  await assert.rejects(
    simulate({ ...good, sequence: sequence + 4n }),
    says("TRANSACTION_REVERTED", new RegExp(`WrongSequence: given ${sequence + 4n}, the chain expects ${sequence}`)),
  );
  await assert.rejects(
    simulate({ ...good, deadline: 17 }),
    says("TRANSACTION_REVERTED", /DeadlinePassed: .* until 17, the block/),
  );
  await assert.rejects(
    simulate(await batchFor(world, [{ generation: 17 }])),
    says("TRANSACTION_REVERTED", /market 1 for WRONG_GENERATION: made before governance moved the market/),
  );
  await assert.rejects(simulate(withEntries(good, [])), says("BAD_ARGUMENT", /names no market/));
  await assert.rejects(
    simulate(await batchFor(world, [{ initialBps: 9_000 }])),
    says("TRANSACTION_REVERTED", /market 1 for TOO_TIGHT: one of the three numbers is tighter than governance's/),
  );
  const { trader } = world.accounts;
  await assert.rejects(
    simulate(good, trader.address),
    says("TRANSACTION_FATAL", new RegExp(`NotAllowed: ${trader.address} has no power`)),
  );
});

test("the events of a transaction give the batch back as it was sent, skipped markets with reason", async () => {
  await pass(world, 60);
  const batch = await batchFor(world, [{ initialBps: 2_450, sources: 49 }, { maintenanceTargetBps: 300 }]);
  const hash = await apply(world, batch);
  const [applied, ...more] = await readBatches(world.client, world.contract, { transactionHash: hash });
  assert.deepEqual(more, []);
  assert.ok(applied);
  const { sequence, evidence, modelVersion } = batch;
  assert.deepEqual(
    { sequence: applied.sequence, evidence: applied.evidence, modelVersion: applied.modelVersion },
    { sequence, evidence, modelVersion },
  );
  assert.equal(applied.writer, world.accounts.keeper.address);
  assert.deepEqual(applied.entries, onMinutes(batch.entries));
  const [skip, ...others] = applied.skipped;
  assert.deepEqual([skip?.marketId, skip?.reason, others], [2, "TOO_LOOSE", []]);
  assert.match(figure("TOO_LOOSE", skip?.given ?? 0), /^initial 2300, maintenance target 300, limit 12000 tokens$/);
  assert.match(figure("TOO_LOOSE", skip?.allowed ?? 0), /^initial 1000, maintenance target 700, limit 36000 tokens$/);
});

test("a span of blocks gives each batch its own updates and skipped markets, in order", async () => {
  const fromBlock = (await world.client.getBlockNumber()) + 1n;
  await pass(world, 60);
  const first = await batchFor(world, [{ initialBps: 2_460 }, { maintenanceTargetBps: 300 }]);
  await apply(world, first);
  await pass(world, 60);
  const second = await batchFor(world, [{ initialBps: 2_470 }, { maintenanceTargetBps: 8_000 }]);
  await apply(world, second);
  const toBlock = await world.client.getBlockNumber();
  const batches = await readBatches(world.client, world.contract, { fromBlock, toBlock });
  assert.deepEqual(
    batches.map((batch) => batch.sequence),
    [first.sequence, second.sequence],
  );
  assert.deepEqual(
    batches.map((batch) => batch.entries),
    [onMinutes(first.entries), onMinutes(second.entries)],
  );
  assert.deepEqual(
    batches.map((batch) => batch.skipped.map(({ reason, given }) => [reason, numbersOf(given).maintenanceTargetBps])),
    [[["TOO_LOOSE", 300]], [["TOO_TIGHT", 8_000]]],
  );
});

test("a transaction that the chain does not have is a wrong argument, one of another contract gives no batch", async () => {
  const missing = readBatches(world.client, world.contract, { transactionHash: `0x${"77".repeat(32)}` });
  await assert.rejects(missing, says("BAD_ARGUMENT", /no such transaction/));
  const block = await world.client.getBlock({ blockNumber: 1n });
  const [deployment] = block.transactions;
  assert.ok(deployment);
  assert.deepEqual(await readBatches(world.client, world.contract, { transactionHash: deployment }), []);
});

test("a batch that would trip its writer is not sent, whatever the keeper planned; short of that its tightenings do not wait", async () => {
  await pass(world, 60);
  await setBudget(world, 20, 40);
  const { markets } = await look();
  const initialBps = (markets[0]?.storedInitialBps ?? 0) - 21;
  const batch = await batchFor(world, [{ initialBps }, { initialBps: 2_700 }]);
  await assert.rejects(
    simulate(batch),
    says(
      "TRANSACTION_REFUSED",
      /market 1 would loosen by more than the writer has left, and trip it.*given 41; expected at most 40/,
    ),
  );
  for (const tripBps of [41, 0]) {
    await setBudget(world, 20, tripBps);
    assert.deepEqual(
      (await simulate(batch)).skipped.map(({ marketId, reason }) => [marketId, reason]),
      [[1, "AGGREGATE_SPENT"]],
    );
  }
  await setBudget(world, AGGREGATE_BPS);
  assert.deepEqual((await simulate(batch)).skipped, []);
});

test("what was spent in an earlier window is not spent in the window of the block", async () => {
  await pass(world, 8 * 3_600);
  const stored = async () => (await look()).markets[0]?.storedInitialBps ?? 0;
  await apply(world, await batchFor(world, [{ initialBps: 2_500 }]));
  await pass(world, 60);
  await apply(world, await batchFor(world, [{ initialBps: (await stored()) - 30 }]));
  const spent = await look();
  assert.deepEqual([spent.markets[0]?.spentBps, spent.writer.spentBps], [30, 30]);
  await pass(world, 8 * 3_600);
  const later = await look();
  assert.deepEqual([later.markets[0]?.spentBps, later.writer.spentBps], [0, 0]);
  assert.equal(later.writer.window, windowOf(minuteOf(later.blockTime)));
});

test("of a loosening that would be refused what tightens is applied, and both simulation and events say which market", async () => {
  await pass(world, 60);
  await apply(world, await batchFor(world, [{ initialBps: 2_600 }, { initialBps: 2_600 }]));
  await pass(world, 60);
  // Initial down by more than a step, the target up: with the flag the target alone is applied.
  const loosening = { initialBps: 2_450, maintenanceTargetBps: 2_000 };
  const batch = await batchFor(world, [
    { ...loosening, orTighter: true },
    { ...loosening, orTighter: false },
  ]);
  const simulation = await simulate(batch);
  const hash = await apply(world, batch);
  const [applied] = await readBatches(world.client, world.contract, { transactionHash: hash });
  assert.ok(applied);
  for (const { skipped, tightened } of [simulation, applied]) {
    assert.deepEqual(
      [tightened, skipped].map((list) => list.map(({ marketId, reason }) => [marketId, reason])),
      [[[1, "STEP_TOO_LARGE"]], [[2, "STEP_TOO_LARGE"]]],
    );
    const [{ given = 0, allowed = 0 } = {}] = tightened;
    assert.deepEqual([numbersOf(given).initialBps, numbersOf(allowed).initialBps], [2_450, 2_525]);
  }
  const { markets } = await look([1, 2]);
  assert.deepEqual(
    markets.map(({ storedInitialBps, maintenanceTargetBps }) => [storedInitialBps, maintenanceTargetBps]),
    [
      [2_600, 2_000],
      [2_600, 1_900],
    ],
  );
});

test("each writer has its own number: another's batches do not take the next one", async () => {
  const { governance, keeper, trader } = world.accounts;
  const args = [accountSetting(trader.address, "QUORUM", 100, 200)] as const;
  await call(world, governance.address, encodeFunctionData({ abi, functionName: "admit", args }));
  const before = await readSequence(world.client, world.contract, keeper.address);
  await pass(world, 60);
  const batch = { ...(await batchFor(world, [{ initialBps: 2_610, maintenanceTargetBps: 2_000 }])), sequence: 1n };
  const hash = await call(world, trader.address, encodeBatch(batch));
  const [applied] = await readBatches(world.client, world.contract, { transactionHash: hash });
  assert.deepEqual([applied?.writer, applied?.sequence], [trader.address, 1n]);
  assert.equal(await readSequence(world.client, world.contract, keeper.address), before);
  assert.equal(await readSequence(world.client, world.contract, trader.address), 1n);
  const ofTrader = await readMarkets(
    world.client,
    world.contract,
    await world.client.getBlockNumber(),
    [1],
    trader.address,
  );
  assert.deepEqual([ofTrader.writer.power, ofTrader.writer.sequence, ofTrader.writer.spentBps], ["QUORUM", 1, 0]);
});

test("every event that the contract has is read with its block's time, names and units", async () => {
  const { governance, guardian, trader, keeper } = world.accounts;
  const fromBlock = (await world.client.getBlockNumber()) + 1n;
  const act = (by: Hex, data: Parameters<typeof encodeFunctionData<typeof abi>>[0]) =>
    call(world, by, encodeFunctionData(data));
  await setMode(world, guardian.address, 1, 2);
  await act(guardian.address, { abi, functionName: "holdClass", args: [0] });
  await act(guardian.address, { abi, functionName: "haltWriter", args: [keeper.address] });
  const bounds = { lowestLimit: 900, highestLimit: limitOf(40_000) };
  const setting = { classId: 0, ...bounds, probe: `0x${"00".repeat(20)}` } as const;
  await act(governance.address, { abi, functionName: "changeMarket", args: [1, setting] });
  const values = { marketId: 1, initialBps: 2_700, maintenanceTargetBps: 2_050, limit: limitOf(9_000), until: 0 };
  await act(governance.address, { abi, functionName: "setManually", args: [[values]] });
  await act(governance.address, { abi, functionName: "delistMarket", args: [2] });
  await act(governance.address, { abi, functionName: "transferOwnership", args: [trader.address] });
  const toBlock = await world.client.getBlockNumber();
  const events = await readEvents(world.client, world.contract, { fromBlock, toBlock });
  const hours = (time: number) => timeOf((Math.floor(minuteOf(time) / 60) + 72) * 60);
  const times = events.map(({ time }) => time);
  const [t0 = 0, t1 = 0, t2 = 0] = times;
  assert.deepEqual(
    events.map(({ time: _, ...body }) => body),
    [
      { name: "ModeChanged", marketId: 1, mode: "FROZEN", by: guardian.address, until: hours(t0) },
      { name: "ClassHeld", classId: 0, until: hours(t1) },
      { name: "WriterHalted", account: keeper.address, until: hours(t2) },
      { name: "MarketChanged", marketId: 1, ...setting, generation: 16 },
      { name: "MarketOverridden", ...values },
      { name: "MarketDelisted", marketId: 2 },
      { name: "OwnershipTransferStarted", previousOwner: governance.address, newOwner: trader.address },
    ],
  );
  assert.deepEqual(times, times.toSorted());
  const view = await look([1, 2]);
  assert.deepEqual([view.markets[0]?.mode, view.markets[0]?.classHeldUntil], ["FROZEN", hours(t1)]);
  assert.equal(view.writer.haltedUntil, hours(t2));
  assert.deepEqual(
    [view.markets[1]?.generation, view.markets[1]?.mode],
    [0, "NO_NEW_RISK"],
    "read, though it has ended",
  );
  await assert.rejects(
    simulate(await batchFor(world, [{ initialBps: 2_800, maintenanceTargetBps: 2_050 }])),
    says("TRANSACTION_REVERTED", /WriterIsHalted: a guardian has halted/),
  );
});

test("the listing of a market, its class and its accounts are in the events of the contract's creation", async () => {
  const block = await world.client.getBlockNumber();
  const events = await readEvents(world.client, world.contract, { fromBlock: 0n, toBlock: block });
  const [listed] = events.filter(({ name }) => name === "MarketListed");
  const values = { classId: 0, initialBps: 2_200, maintenanceBps: 1_800, limit: CALM_LIMIT };
  const bounds = { lowestLimit: limitOf(1_200), highestLimit: limitOf(36_000) };
  assert.ok(listed?.name === "MarketListed");
  const { asOf, time, ...rest } = listed;
  const pair = { collateral: world.collaterals[0], debt: USD };
  assert.deepEqual(rest, { name: "MarketListed", marketId: 1, ...pair, ...values, ...bounds });
  assert.equal(asOf, timeOf(minuteOf(time) - LIMITS.maxAgeMinutes), "as old as the class takes");
  const [change] = events.filter(({ name }) => name === "ClassChanged");
  assert.deepEqual(change, { name: "ClassChanged", classId: 0, limits: LIMITS, time });
  const [account] = events.filter(({ name }) => name === "AccountChanged");
  const budgets = { aggregateBps: AGGREGATE_BPS, tripBps: TRIP_BPS };
  assert.deepEqual(account, {
    ...{ name: "AccountChanged", account: world.accounts.keeper.address, power: "HOT", ...budgets, time },
  });
});

/** Entries as they come back: of the time of the data the minute. */
function onMinutes(entries: readonly Entry[]): readonly Entry[] {
  return entries.map((entry) => ({ ...entry, asOf: timeOf(minuteOf(entry.asOf)) }));
}
