import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { minuteOf, windowOf } from "../../keeper/domain/calendar.ts";
import { updatesOf } from "../../keeper/domain/contract.ts";
import { type ErrorCode, TonsorError } from "../../keeper/domain/errors.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { readMarkets, simulateBatch } from "../../keeper/protocols/collateralParameters.ts";
import { readBatches, readEvents } from "../../keeper/protocols/events.ts";
import { onChainMarket } from "../../scripts/lab/contractModel/effective.ts";
import { rebuildFromEvents } from "../../scripts/lab/contractModel/rebuild.ts";
import { withUpdates } from "../support/entries.ts";
import {
  AGGREGATE_BPS,
  apply,
  batchFor,
  CHAIN_ID,
  type ContractWorld,
  contractWorld,
  LIMITS,
  PROFILE,
  pass,
  setAggregate,
  setMode,
} from "./contractWorld.ts";

let world: ContractWorld;
before(async () => {
  world = await contractWorld();
});
after(() => world.anvil.close());

const says = (code: ErrorCode, pattern: RegExp) => (error: unknown) =>
  error instanceof TonsorError && error.code === code && pattern.test(error.message);
const simulate = async (batch: Parameters<typeof simulateBatch>[3], from = world.accounts.keeper.address) =>
  simulateBatch(world.client, world.contract, from, batch);

test("markets are read at one block, with limits, and later blocks do not show", async () => {
  const before = await world.client.getBlockNumber();
  await apply(world, await batchFor(world, [{ initialBps: 2_400 }]));
  const then = await readMarkets(world.client, world.contract, before, [1, 2]);
  const now = await readMarkets(world.client, world.contract, await world.client.getBlockNumber(), [1]);
  assert.equal(then.sequence, 0n);
  assert.equal(now.sequence, 1n);
  assert.equal(now.chainId, CHAIN_ID);
  assert.deepEqual(
    then.markets.map((market) => market.storedInitialBps),
    [2_200, 2_200],
  );
  assert.equal(now.markets[0]?.initialBps, 2_400);
  assert.equal(now.markets[0]?.maintenanceTargetBps, 1_900);
  assert.equal(now.markets[0]?.maintenanceBps, 1_800);
  assert.deepEqual([now.markets[0]?.confidence, now.markets[0]?.sources], [29, 17]);
  assert.deepEqual([now.markets[0]?.limits, now.markets[0]?.profile], [LIMITS, PROFILE]);
  assert.deepEqual([now.door.generation, now.door.aggregateBps, now.door.tightenOnly], [2, AGGREGATE_BPS, false]);
  assert.equal(now.markets[0]?.pending, null);
});

test("a node of another chain is refused before any value is believed", async () => {
  const other = chainClient({ chainId: 1, rpc: world.anvil.url });
  await assert.rejects(
    readMarkets(other, world.contract, 1n, [1]),
    says("WRONG_CHAIN", /given 31337; expected chain 1$/),
  );
});

test("an address without a contract is NOT_DEPLOYED, an unknown market and a dead node have their own names", async () => {
  const block = await world.client.getBlockNumber();
  const nobody = `0x${"12".repeat(20)}` as const;
  await assert.rejects(readMarkets(world.client, nobody, block, [1]), says("NOT_DEPLOYED", /address/));
  await assert.rejects(
    readMarkets(world.client, world.contract, block, [9]),
    says("TRANSACTION_FATAL", /UnknownMarket\(9\)/),
  );
  const dead = chainClient({ chainId: CHAIN_ID, rpc: "http://127.0.0.1:1", timeoutMs: 500 });
  await assert.rejects(
    readMarkets(dead, world.contract, block, [1]),
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
    simulate({ ...good, generation: 7 }),
    says("TRANSACTION_REVERTED", /WrongGeneration: made for listings 7, the chain is at 2/),
  );
  await assert.rejects(simulate(withUpdates(good, [])), says("TRANSACTION_FATAL", /EmptyBatch/));
  await assert.rejects(
    simulate(await batchFor(world, [{ initialBps: 9_000 }])),
    says("TRANSACTION_REVERTED", /market 1 for INITIAL_OUT_OF_BOUNDS: initial haircut outside/),
  );
  await assert.rejects(
    simulate(good, world.accounts.trader.address),
    says("TRANSACTION_FATAL", /does not hold KEEPER_ROLE/),
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
  assert.equal(applied.sender, world.accounts.keeper.address);
  assert.deepEqual(applied.updates, updatesOf(batch.entries));
  assert.deepEqual(applied.skipped, [{ marketId: 2, reason: "MAINTENANCE_OUT_OF_BOUNDS", given: 300, allowed: 700 }]);
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
    batches.map((batch) => batch.updates),
    [updatesOf(first.entries), updatesOf(second.entries)],
  );
  assert.deepEqual(
    batches.map((batch) => batch.skipped.map((market) => market.given)),
    [[300], [8_000]],
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

test("a batch that would trip the breaker is not sent, whatever the keeper planned", async () => {
  await pass(world, 60);
  await setAggregate(world, 20);
  const { markets } = await readMarkets(world.client, world.contract, await world.client.getBlockNumber(), [1]);
  const initialBps = (markets[0]?.storedInitialBps ?? 0) - 21;
  const batch = await batchFor(world, [{ initialBps }]);
  await assert.rejects(
    simulate(batch),
    says("TRANSACTION_REFUSED", /market 1 would put the contract into tighten-only mode/),
  );
  await setAggregate(world, AGGREGATE_BPS);
  assert.deepEqual((await simulate(batch)).skipped, []);
});

test("what was spent in an earlier window is not spent in the window of the block", async () => {
  await pass(world, 8 * 3_600);
  const stored = async () => {
    const { markets } = await readMarkets(world.client, world.contract, await world.client.getBlockNumber(), [1]);
    return markets[0]?.storedInitialBps ?? 0;
  };
  await apply(world, await batchFor(world, [{ initialBps: 2_500 }]));
  await pass(world, 60);
  await apply(world, await batchFor(world, [{ initialBps: (await stored()) - 30 }]));
  const look = async () => readMarkets(world.client, world.contract, await world.client.getBlockNumber(), [1]);
  const spent = await look();
  assert.deepEqual([spent.markets[0]?.spentBps, spent.door.spentBps], [30, 30]);
  await pass(world, 8 * 3_600);
  const later = await look();
  assert.deepEqual([later.markets[0]?.spentBps, later.door.spentBps], [0, 0]);
  assert.equal(later.door.window, windowOf(minuteOf(later.blockTime)));
});

test("events alone rebuild what is read: updates, skips, limits and every change of mode", async () => {
  const { guardian, governance } = world.accounts;
  await pass(world, 5_000);
  const raised = [{ initialBps: 2_600, maintenanceTargetBps: 1_850 }, { initialBps: 3_000 }];
  await apply(world, await batchFor(world, raised));
  await pass(world, 12_345);
  await setMode(world, guardian.address, 1, 2);
  await pass(world, 777);
  const loosened = [{ initialBps: 2_550 }, { initialBps: 2_950, maintenanceTargetBps: 2_000 }];
  await apply(world, await batchFor(world, loosened));
  await pass(world, 4_321);
  await setMode(world, governance.address, 1, 0);
  await setMode(world, guardian.address, 2, 1);

  const blockNumber = await world.client.getBlockNumber();
  const events = await readEvents(world.client, world.contract, { fromBlock: 0n, toBlock: blockNumber });
  const rebuilt = rebuildFromEvents(events);
  const view = await readMarkets(world.client, world.contract, blockNumber, [1, 2]);
  for (const market of view.markets) {
    assert.deepEqual(onChainMarket(rebuilt, market.marketId, view.blockTime), market);
  }
  assert.deepEqual(
    view.markets.map(({ mode }) => mode),
    ["NORMAL", "NO_NEW_RISK"],
  );
});
