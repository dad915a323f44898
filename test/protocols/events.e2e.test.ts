import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { encodeFunctionData } from "viem";
import { minuteOf, timeOf } from "../../keeper/domain/calendar.ts";
import { type Entry, type Hex, limitOf } from "../../keeper/domain/contract.ts";
import { USD } from "../../keeper/markets/limits.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../../keeper/protocols/abi.ts";
import { simulateBatch } from "../../keeper/protocols/collateralParameters.ts";
import { readBatches } from "../../keeper/protocols/events.ts";
import { figure } from "../../keeper/protocols/onChain.ts";
import { numbersOf } from "../../keeper/protocols/words.ts";
import { onChainMarket } from "../../scripts/lab/contractModel/read.ts";
import { readEvents } from "../../scripts/lab/contractModel/readEvents.ts";
import { rebuildFromEvents } from "../../scripts/lab/contractModel/rebuild.ts";
import { CALM_LIMIT } from "../support/entries.ts";
import { marketsAt } from "../support/marketsAt.ts";
import {
  AGGREGATE_BPS,
  apply,
  batchFor,
  type ContractWorld,
  call,
  contractWorld,
  LIMITS,
  pass,
  setMode,
  TRIP_BPS,
} from "./contractWorld.ts";

let world: ContractWorld;
before(async () => {
  world = await contractWorld();
});
after(() => world.anvil.close());

const look = async (ids: readonly number[]) =>
  marketsAt(world.client, world.contract, ids, world.accounts.keeper.address);

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

test("a transaction that the chain does not have is unknown, one of another contract gives no batch", async () => {
  const missing = readBatches(world.client, world.contract, { transactionHash: `0x${"77".repeat(32)}` });
  await assert.rejects(missing, { code: "UNKNOWN_TRANSACTION", message: /no such transaction/ });
  const block = await world.client.getBlock({ blockNumber: 1n });
  const [deployment] = block.transactions;
  assert.ok(deployment);
  assert.deepEqual(await readBatches(world.client, world.contract, { transactionHash: deployment }), []);
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

test("events alone rebuild what is read: updates, skips, limits, accounts and every change of mode", async () => {
  const { guardian, governance, keeper } = world.accounts;
  await pass(world, 60);
  const raised = [{ initialBps: 2_600, maintenanceTargetBps: 1_850 }, { initialBps: 3_000 }];
  await apply(world, await batchFor(world, raised));
  await pass(world, 9_345);
  await setMode(world, guardian.address, 1, 2);
  await pass(world, 777);
  const loosened = [
    { initialBps: 2_550, limit: CALM_LIMIT + 40 },
    { initialBps: 2_950, maintenanceTargetBps: 2_000 },
    { marketId: 1, initialBps: 2_400, maintenanceTargetBps: 1_900, orTighter: true },
  ];
  await apply(world, await batchFor(world, loosened));
  await pass(world, 4_321);
  await setMode(world, governance.address, 1, 0);
  await setMode(world, guardian.address, 2, 1);

  const blockNumber = await world.client.getBlockNumber();
  const events = await readEvents(world.client, world.contract, { fromBlock: 0n, toBlock: blockNumber });
  assert.ok(events.some(({ name }) => name === "LooseningSkipped"));
  const rebuilt = rebuildFromEvents(events);
  const view = await look([1, 2]);
  for (const market of view.markets) {
    assert.deepEqual(onChainMarket(rebuilt, market.marketId, view.blockTime, keeper.address), market);
  }
  assert.deepEqual(
    view.markets.map(({ mode }) => mode),
    ["NORMAL", "NO_NEW_RISK"],
  );
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
  const batch = await batchFor(world, [{ initialBps: 2_800, maintenanceTargetBps: 2_050 }]);
  await assert.rejects(simulateBatch(world.client, world.contract, keeper.address, batch), {
    ...{ code: "TRANSACTION_REVERTED", message: /WriterIsHalted: a guardian has halted/ },
  });
});

/** Entries as they come back: of the time of the data the minute. */
function onMinutes(entries: readonly Entry[]): readonly Entry[] {
  return entries.map((entry) => ({ ...entry, asOf: timeOf(minuteOf(entry.asOf)) }));
}
