import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { encodeFunctionData } from "viem";
import { windowOf } from "../../keeper/domain/calendar.ts";
import { limitOf } from "../../keeper/domain/contract.ts";
import { type ErrorCode, TonsorError } from "../../keeper/domain/errors.ts";
import { openRpc } from "../../keeper/io/rpc.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../../keeper/protocols/abi.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { encodeBatch, readSequence, simulateBatch } from "../../keeper/protocols/collateralParameters.ts";
import { readBatches } from "../../keeper/protocols/events.ts";
import { readMarkets } from "../../keeper/protocols/readMarkets.ts";
import { numbersOf } from "../../keeper/protocols/words.ts";
import { CALM_LIMIT, withEntries } from "../support/entries.ts";
import { marketsAt } from "../support/marketsAt.ts";
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
  marketsAt(world.client, world.contract, ids, world.accounts.keeper.address, block);
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

test("all of it is one question of code sent along, and a second where a market is of a class that nobody expected", async () => {
  const { anvil, contract, accounts } = world;
  const node = chainClient({ chainId: CHAIN_ID, rpc: anvil.url });
  const asked: string[] = [];
  const request = ({ method, params }: { readonly method: string; readonly params?: unknown }) => {
    if (method !== "eth_chainId") asked.push(method);
    return node.request({ method, params } as never);
  };
  const rpc = openRpc({ url: { request }, chainId: CHAIN_ID });
  const at = { rpc, contract, block: await rpc.block("latest") };
  const read = async (...classIds: number[]) => readMarkets(at, [1, 2], accounts.keeper.address, classIds);
  const [expected, unexpected] = [await read(0), await read()];
  assert.deepEqual(asked, ["eth_getBlockByNumber", "eth_call", "eth_call", "eth_call"]);
  assert.deepEqual(expected, unexpected);
  // As viem reads each of them by itself.
  for (const [i, { initialBps, maintenanceBps }] of expected.markets.entries()) {
    const args = [i + 1] as const;
    const alone = await node.readContract({ address: contract, abi, functionName: "haircuts", args });
    assert.deepEqual([initialBps, maintenanceBps], [alone.initialBps, alone.maintenanceBps]);
  }
});

test("a node of another chain is refused before any value is believed", async () => {
  const other = chainClient({ chainId: 1, rpc: world.anvil.url });
  await assert.rejects(
    marketsAt(other, world.contract, [1], world.accounts.keeper.address, 1n),
    says("WRONG_CHAIN", /given 31337; expected 1$/),
  );
});

test("an address without a contract is NOT_DEPLOYED, a dead node RPC_FAILED, and an unknown market is left out", async () => {
  const block = await world.client.getBlockNumber();
  const nobody = `0x${"12".repeat(20)}` as const;
  await assert.rejects(marketsAt(world.client, nobody, [1], nobody), says("NOT_DEPLOYED", /address/));
  const { markets } = await read(block, [2, 9, 1]);
  assert.deepEqual(
    markets.map(({ marketId }) => marketId),
    [2, 1],
  );
  const dead = chainClient({ chainId: CHAIN_ID, rpc: "http://127.0.0.1:1", timeoutMs: 500 });
  await assert.rejects(marketsAt(dead, world.contract, [1], nobody), says("RPC_FAILED", /127\.0\.0\.1:1: /));
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
  assert.equal(later.writer.window, windowOf(later.blockTime));
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

test("an entry that lands as far as it tightens loosens nothing, whatever is wrong with its data", async () => {
  await pass(world, 3_700);
  await apply(world, await batchFor(world, [{ initialBps: 2_700 }, { initialBps: 2_700 }]));
  const [before] = (await look()).markets;
  assert.ok(before);
  const numbers = (one = before) => [one.storedInitialBps, one.maintenanceTargetBps, one.limit, one.asOf];
  // Looser in initial, tighter in its target; market 2 keeps the batch from being refused as a whole.
  const mixed = { initialBps: 2_690, maintenanceTargetBps: 1_950, orTighter: true };
  for (const [reason, change] of [
    ["ASOF_IN_FUTURE", { asOf: before.asOf + 3_600 }],
    ["ASOF_TOO_OLD", { asOf: before.asOf - 3_660 }],
    ["WRONG_GENERATION", { generation: 17 }],
  ] as const) {
    const batch = await batchFor(world, [{ ...mixed, ...change }, { initialBps: 2_700 }]);
    const { skipped, tightened } = await simulate(batch);
    assert.deepEqual([skipped.map((one) => one.reason), tightened], [[reason], []]);
    await apply(world, batch);
    assert.deepEqual(numbers((await look()).markets[0]), numbers(), reason);
  }
  const stale = await batchFor(world, [{ ...mixed, asOf: before.asOf - 60 }]);
  assert.deepEqual(
    (await simulate(stale)).tightened.map(({ reason }) => reason),
    ["ASOF_NOT_INCREASING"],
  );
  await apply(world, stale);
  const [after] = (await look()).markets;
  assert.deepEqual(numbers(after), [2_700, 1_950, before.limit, before.asOf], "its target alone, and no older");
  const near = await batchFor(world, [{ initialBps: 2_259, maintenanceTargetBps: 1_960, orTighter: true }]);
  assert.deepEqual(
    (await simulate(near)).tightened.map(({ reason }) => reason),
    ["GAP_TOO_SMALL"],
  );
  await apply(world, near);
  assert.deepEqual(
    numbers((await look()).markets[0]).slice(0, 2),
    [2_700, 1_960],
    "the gap stands in no tightening's way",
  );
});

test("each writer has its own number: another's batches do not take the next one", async () => {
  const { governance, keeper, trader } = world.accounts;
  const args = [accountSetting(trader.address, "QUORUM", 100, 200)] as const;
  await call(world, governance.address, encodeFunctionData({ abi, functionName: "admit", args }));
  const before = await readSequence(world.client, world.contract, keeper.address);
  await pass(world, 60);
  const batch = { ...(await batchFor(world, [{ initialBps: 2_710, maintenanceTargetBps: 2_000 }])), sequence: 1n };
  const hash = await call(world, trader.address, encodeBatch(batch));
  const [applied] = await readBatches(world.client, world.contract, { transactionHash: hash });
  assert.deepEqual([applied?.writer, applied?.sequence], [trader.address, 1n]);
  assert.equal(await readSequence(world.client, world.contract, keeper.address), before);
  assert.equal(await readSequence(world.client, world.contract, trader.address), 1n);
  const ofTrader = await marketsAt(world.client, world.contract, [1], trader.address);
  assert.deepEqual([ofTrader.writer.power, ofTrader.writer.sequence, ofTrader.writer.spentBps], ["QUORUM", 1, 0]);
});

test("what was refused before in the window counts towards the trip too", async () => {
  await pass(world, 8 * 3_600);
  await apply(world, await batchFor(world, [{ initialBps: 2_700 }, { initialBps: 2_700 }]));
  await setBudget(world, 20, 60);
  // Ten minutes: refusals against numbers that another key may just have moved do not count.
  await pass(world, 700);
  await apply(world, await batchFor(world, [{ initialBps: 2_679 }, { initialBps: 2_710 }]));
  assert.equal((await look()).writer.refusedBps, 21);
  await pass(world, 60);
  const again = await batchFor(world, [{ initialBps: 2_679 }, { initialBps: 2_720 }]);
  await assert.rejects(simulate(again), says("TRANSACTION_REFUSED", /given 62; expected at most 60/));
});

test("what a market spent is of the window in which it was written, whatever the time of the data", async () => {
  await setBudget(world, AGGREGATE_BPS);
  await pass(world, 8 * 3_600);
  await apply(world, await batchFor(world, [{ initialBps: 2_800 }]));
  const { blockTime } = await look();
  let next = blockTime + 1_200;
  while (windowOf(next) === windowOf(next - 60)) next += 60;
  await pass(world, next + 120 - blockTime);
  await apply(world, await batchFor(world, [{ initialBps: 2_790, asOf: next - 600 }]));
  const [market] = (await look()).markets;
  assert.deepEqual([market?.spentBps, windowOf(market?.asOf ?? 0)], [10, windowOf(next) - 1]);
});

test("values are those that consumers read at the block, aged and closed, beside what is stored", async () => {
  await apply(world, await batchFor(world, [{ initialBps: 5_000, maintenanceTargetBps: 2_500 }]));
  const [before] = (await look()).markets;
  const { guardian } = world.accounts;
  await call(world, guardian.address, encodeFunctionData({ abi, functionName: "holdClass", args: [0] }));
  await pass(world, 15 * 3_600);
  const [stale] = (await look()).markets;
  assert.ok(before && stale);
  assert.deepEqual([stale.storedInitialBps, stale.initialBps > 5_000, stale.mode], [5_000, true, "NORMAL"]);
  assert.ok(stale.maintenanceBps > before.maintenanceBps && stale.maintenanceBps < 2_500, "on its way, 10 bp a day");
  assert.ok(stale.classHeldUntil > 0 && before.classHeldUntil === 0);
  await setMode(world, guardian.address, 1, 2);
  assert.equal((await look()).markets[0]?.mode, "FROZEN");
});
