import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeFunctionData } from "viem";
import type { Hex } from "../../keeper/domain/contract.ts";
import type { ChainView } from "../../keeper/domain/cycle.ts";
import type { OnChainMarket } from "../../keeper/domain/decision.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { LenderReading } from "../../keeper/domain/lender.ts";
import { AGENT_ABI } from "../../keeper/protocols/agentCalls.ts";
import { manageOpen, moveOpen } from "../../keeper/submission/manage.ts";
import { reconcile } from "../../keeper/submission/reconcile.ts";
import { draftOf, sendTimes } from "../../keeper/submission/send.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { type LenderParts, syncLenders } from "../../keeper/submission/syncLenders.ts";
import { CALM_LIMIT } from "../support/entries.ts";
import { FakeChain, unsigned } from "./fakeChain.ts";
import { contextFor, journalFor, LIMITS, LOOSENING, submissionFor, TIGHTENING } from "./submissionWorld.ts";

const TO = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const MARKET = {
  ...{ initialBps: 2_000, storedInitialBps: 2_000, maintenanceBps: 1_700, maintenanceTargetBps: 1_700 },
  ...{ limit: CALM_LIMIT, mode: "NORMAL" },
} as OnChainMarket;

const assetOf = (n: number): Hex => `0x${String(n + 1).repeat(40)}`;
const [ONE, OTHER] = [`0x${"bb".repeat(20)}`, `0x${"cc".repeat(20)}`] as const;

/** Markets of agents that would set the LTV from 80 % to this, 79 % where nothing is said, and a chain that mines when it is told. */
function world(
  rows: readonly {
    readonly agent: Hex;
    readonly market?: string;
    readonly ltvBps?: number;
    readonly due?: readonly number[];
  }[] = [{ agent: ONE }],
) {
  const chain = new FakeChain();
  const journal = journalFor(TO);
  const clock = { ms: 0 };
  let due = true;
  const context = {
    ...contextFor(journal, "http://127.0.0.1:1", `0x${"11".repeat(32)}`),
    account: unsigned,
    broadcaster: chain.broadcaster,
    now: () => chain.time,
    sends: sendTimes(() => clock.ms),
    fees: { maxFeePerGas: 5_000n, maxPriorityFeePerGas: 1n },
    limits: { ...LIMITS, receiptTimeoutSeconds: 0 },
  };
  const readings = () =>
    rows.map(({ agent, market = "WETH", ltvBps = 7_900, due: keys = [] }, n): LenderReading => {
      const has = { ltvBps: 8_000, thresholdBps: 8_300, supplyCap: 9, bonusBps: 10_500, frozen: false };
      return {
        ...{
          lender: `Aave ${n}`,
          market,
          agent,
          asset: assetOf(n),
          has,
          stepFrom: 0,
          ...{ stepSeconds: 14_400, stepBps: 25 },
          fault: null,
        },
        collateral: { ltvBps, thresholdBps: 8_300, changes: due && ltvBps !== 8_000 },
        cap: { supplyCap: 9, changes: false },
        due: keys,
      };
    });
  const view = () =>
    ({
      blockNumber: chain.height,
      blockTime: chain.time,
      markets: new Map(["WETH", "WBTC", "LINK"].map((name) => [name, MARKET])),
    }) as unknown as ChainView;
  const parts: LenderParts = {
    store: journal,
    now: () => chain.time,
    patienceSeconds: 0,
    read: async () => ({ chain: view(), lenders: readings() }),
    simulate: async () => ({ gas: 80_000n, changed: 1 }),
  };
  const tick = journal.recordTick({ now: 1, blockNumber: null, markets: [] });
  return {
    ...{ chain, journal, clock, context, parts },
    settled: () => {
      due = false;
    },
    sync: async (held: string | null = null, more: Partial<LenderParts> = {}) =>
      syncLenders({ chain: view(), lenders: readings() }, { tick, held }, { ...parts, ...more }, context),
    manage: () => manageOpen([chain.current], context),
    batch: (values = TIGHTENING) => {
      const submission = submissionFor(journal, TO, 1, chain.time + 300, values);
      chain.batches.set(submission.data, submission.batch);
      return submitBatch(submission, context);
    },
    newest: () => journal.openIntents().at(-1),
  };
}

test("while no block has it, it stays due in words, and nothing more is sent", async () => {
  const w = world();
  const [first] = await w.sync();
  assert.deepEqual([first?.state, first?.tried, w.newest()?.kind], ["DUE", null, "SYNC"]);
  const [second] = await w.sync();
  assert.deepEqual([second?.state, second?.detail], ["DUE", "another transaction waits for a block"]);
  assert.equal(w.journal.recentIntents(9).length, 1);
});

test("cancelled, it is due again in the next cycle, not in an hour", async () => {
  const w = world();
  await w.sync();
  const moved = await moveOpen("cancel", w.context, () => undefined);
  assert.deepEqual([moved.nonce, w.newest()?.kind], [0, "CANCEL"]);
  w.chain.mine(1);
  await reconcile(w.context);
  assert.deepEqual(
    w.journal.recentIntents(9).map(({ kind, status }) => `${kind} ${status}`),
    ["CANCEL CONFIRMED", "SYNC SUPERSEDED"],
  );
  await w.sync();
  assert.deepEqual([w.newest()?.kind, w.newest()?.nonce], ["SYNC", 1]);
});

test("bumped, it is the same calls at higher fees, and stays one of the lenders'", async () => {
  const w = world();
  await w.sync();
  const [first] = w.journal.openIntents();
  await moveOpen("bump", w.context, () => undefined);
  const [, second] = w.journal.openIntents();
  assert.deepEqual([second?.kind, second?.replaces, second?.to], ["SYNC", first?.id, first?.to]);
  assert.ok((second?.maxFeePerGas ?? 0n) > (first?.maxFeePerGas ?? 0n));
  w.chain.mine(0);
  w.settled();
  const [state] = await reconcile(w.context).then(() => w.sync());
  assert.deepEqual([state?.state, state?.since], ["AGREES", null]);
  assert.equal(w.journal.spentSince(unsigned.address, 0, "others"), 0n);
});

test("nobody raises it by itself; long past its deadline its nonce is freed", async () => {
  const w = world();
  await w.sync();
  w.clock.ms = 1e9;
  assert.equal(await w.manage(), null);
  w.chain.time += w.context.limits.deadlineSeconds + w.context.limits.cancelAfterSeconds;
  assert.equal(await w.manage(), null);
  w.chain.time += 1;
  assert.match((await w.manage()) ?? "", /nonce 0 is freed/);
});

test("a batch that tightens takes its nonce at once, any other once it is overdue", async () => {
  const w = world();
  await w.sync();
  await assert.rejects(w.batch(LOOSENING), /an earlier transaction is still in flight/);
  const batch = await w.batch();
  assert.deepEqual([batch.kind, batch.nonce, batch.replaces], ["BATCH", 0, 1]);

  const other = world();
  await other.sync();
  other.clock.ms = 30_000;
  assert.deepEqual([(await other.batch(LOOSENING)).nonce], [0]);
});

test("one that a block took meanwhile holds no batch back", async () => {
  const w = world();
  await w.sync();
  w.chain.mine(0);
  const batch = await w.batch();
  assert.deepEqual([batch.kind, batch.nonce, batch.replaces], ["BATCH", 1, null]);
  assert.equal(w.journal.intent(1).status, "CONFIRMED");
});

test("that of a key which signs no more hides no batch and holds no lender back", async () => {
  const w = world();
  await w.sync();
  const old = w.journal.openIntents()[0];
  const rotated = { ...w.context, account: { ...unsigned, address: `0x${"77".repeat(20)}` as const } };
  const [state] = await syncLenders(await w.parts.read(rotated.signal), { tick: 1, held: null }, w.parts, rotated);
  assert.doesNotMatch(state?.detail ?? "", /another transaction/);
  w.chain.time = (old?.batch.deadline ?? 0) + w.context.limits.cancelAfterSeconds + 1;
  await manageOpen([w.chain.current], rotated);
  assert.equal(w.journal.intent(1).status, "DROPPED");
});

test("what waits for a batch stays what it will be while lenders are brought up by another key", async () => {
  const w = world();
  await w.batch();
  assert.equal(w.journal.pending().get(1)?.initialBps, TIGHTENING.initialBps);
  const rotated = { ...w.context, account: { ...unsigned, address: `0x${"77".repeat(20)}` as const } };
  w.chain.pool.clear();
  await syncLenders(await w.parts.read(rotated.signal), { tick: 1, held: null }, w.parts, rotated);
  assert.equal(w.newest()?.kind, "SYNC");
  assert.equal(w.journal.pending().get(1)?.initialBps, TIGHTENING.initialBps);
});

test("a revert in a block is a refusal with its hash, paid for once an hour", async () => {
  const w = world();
  const { send, receipt } = w.chain.broadcaster;
  const broadcaster = {
    ...w.chain.broadcaster,
    send: async (raw: `0x${string}`) => {
      await send(raw);
      w.chain.mine(0);
    },
    receipt: async (hash: `0x${string}`) => {
      const found = await receipt(hash);
      return found && { ...found, success: false };
    },
  };
  const sync = async () => {
    const seen = await w.parts.read(w.context.signal);
    return (await syncLenders(seen, { tick: 1, held: null }, w.parts, { ...w.context, broadcaster }))[0];
  };
  const first = await sync();
  const [reverted] = w.journal.recentIntents(1);
  assert.deepEqual([reverted?.status, first?.state], ["REVERTED", "REFUSED"]);
  assert.equal(first?.detail, `REVERTED: ${reverted?.transactionHash}`);
  w.chain.time += 3_500;
  assert.equal((await sync())?.state, "REFUSED");
  assert.equal(w.journal.recentIntents(9).length, 1);
  w.chain.time += 101;
  await sync();
  assert.equal(w.journal.recentIntents(9).length, 2);
});

test("what the agents ask for too much gas for is not paid, and a lender that is refused stops no other", async () => {
  const w = world([{ agent: ONE }, { agent: OTHER }]);
  const simulate: LenderParts["simulate"] = async ({ agent }) => {
    if (agent === ONE) return { gas: 1_000_001n, changed: 1 };
    return { gas: 1_000_000n, changed: 1 };
  };
  const [greedy, other] = await w.sync(null, { simulate });
  assert.deepEqual([greedy?.state, other?.state], ["REFUSED", "DUE"]);
  assert.match(greedy?.detail ?? "", /sync: it takes too much gas; given 1000001; expected <= 1000000$/);
  assert.deepEqual([w.journal.recentIntents(9).length, w.newest()?.to], [1, OTHER]);
});

test("what nobody would change is not sent, and a node that fails is no refusal", async () => {
  const w = world();
  const [still] = await w.sync(null, { simulate: async () => ({ gas: 50_000n, changed: 0 }) });
  assert.deepEqual([still?.state, still?.tried, w.newest()], ["DUE", null, undefined]);
  assert.equal(still?.detail, "asked for it, its agent changes nothing");
  const fails = async () => Promise.reject(new TonsorError("RPC_FAILED", "eth_call: no answer"));
  const [silent] = await w.sync(null, { simulate: fails });
  assert.deepEqual([silent?.state, silent?.detail, silent?.tried], ["DUE", "eth_call: no answer", null]);
});

test("a look older than the key's last block is not acted on: it is taken again, or left where the node lags", async () => {
  const w = world();
  await w.sync();
  w.chain.mine(0);
  await reconcile(w.context);
  w.settled();
  const before = w.journal.lenderStates();
  const old = { ...(await w.parts.read(w.context.signal)) };
  const stale = { ...old, chain: { ...old.chain, blockNumber: 0n } };
  const lagging: LenderParts = { ...w.parts, read: async () => stale };
  assert.deepEqual(await syncLenders(stale, { tick: 1, held: null }, lagging, w.context), before);
  const [state] = await syncLenders(stale, { tick: 1, held: null }, w.parts, w.context);
  assert.equal(state?.state, "AGREES");
});

test("agents that tighten come first, and at one agent what tightens; what only loosens is no tightening", async () => {
  const w = world([
    { agent: ONE, ltvBps: 8_100 },
    { agent: OTHER, ltvBps: 8_100 },
    { agent: OTHER, market: "WBTC", ltvBps: 7_900 },
  ]);
  const states = await w.sync();
  const [intent] = w.journal.openIntents();
  assert.ok(intent !== undefined);
  assert.deepEqual(
    [intent.to, intent.tightens, states[0]?.detail],
    [OTHER, true, "another transaction waits for a block"],
  );
  const { args } = decodeFunctionData({ abi: AGENT_ABI, data: draftOf(intent).data });
  const [datas] = (args ?? []) as unknown as readonly [readonly Hex[]];
  const assets = datas.map((data) => decodeFunctionData({ abi: AGENT_ABI, data }).args?.[0]);
  assert.deepEqual(assets, [assetOf(2), assetOf(1)]);

  const loosening = world([{ agent: ONE, ltvBps: 8_100 }]);
  await loosening.sync();
  assert.equal(loosening.newest()?.tightens, false);
});

test("gas is bounded for each call and not for all, and a transaction has the margin that is configured", async () => {
  const w = world([{ agent: ONE }, { agent: ONE, market: "WBTC" }]);
  await w.sync(null, { simulate: async () => ({ gas: 2_000_000n, changed: 2 }) });
  const margin = BigInt(100 + w.context.limits.gasMarginPercent);
  assert.equal(w.newest()?.gasLimit, (2_000_000n * margin) / 100n);
});

test("fifty calls are one transaction: what tightens first, old configurations last, and whom it leaves out is due again", async () => {
  const keys = Array.from({ length: 60 }, (_, key) => key);
  const w = world([
    { agent: ONE, ltvBps: 8_100, due: keys },
    { agent: ONE, market: "WBTC", due: keys },
    { agent: ONE, market: "LINK", due: keys, ltvBps: 8_000 },
  ]);
  const { send } = w.chain.broadcaster;
  const broadcaster = {
    ...w.chain.broadcaster,
    send: async (raw: `0x${string}`) => {
      await send(raw);
      w.chain.mine(0);
    },
  };
  const seen = await w.parts.read(w.context.signal);
  const states = await syncLenders(seen, { tick: 1, held: null }, w.parts, { ...w.context, broadcaster });
  assert.deepEqual(
    states.map(({ state, tried }) => `${state} ${tried === null ? "untried" : "tried"}`),
    ["WAITS tried", "WAITS tried", "DUE untried"],
  );
  const [intent] = w.journal.recentIntents(1);
  assert.ok(intent !== undefined);
  const { args } = decodeFunctionData({ abi: AGENT_ABI, data: draftOf(intent).data });
  const calls = ((args ?? []) as unknown as readonly [readonly Hex[]])[0].map((data) =>
    decodeFunctionData({ abi: AGENT_ABI, data }),
  );
  assert.equal(calls.length, 50);
  assert.deepEqual(
    calls.slice(0, 2).map((call) => [call.functionName, call.args?.[0]]),
    [
      ["sync", assetOf(1)],
      ["sync", assetOf(0)],
    ],
  );
  assert.deepEqual(calls[2]?.args, [assetOf(0), 0]);
});

/** A chain that mines what is sent, and what the calls of the last transaction were, by market. */
function mining(w: ReturnType<typeof world>) {
  const { send } = w.chain.broadcaster;
  const broadcaster = {
    ...w.chain.broadcaster,
    send: async (raw: Hex) => {
      await send(raw);
      w.chain.mine(0);
    },
  };
  const sync = async (simulate: LenderParts["simulate"]) => {
    const seen = await w.parts.read(w.context.signal);
    return await syncLenders(seen, { tick: 1, held: null }, { ...w.parts, simulate }, { ...w.context, broadcaster });
  };
  const called = () => {
    const [intent] = w.journal.recentIntents(1);
    assert.ok(intent !== undefined);
    const { args } = decodeFunctionData({ abi: AGENT_ABI, data: draftOf(intent).data });
    const [datas] = (args ?? []) as unknown as readonly [readonly Hex[]];
    return datas.map((data) => {
      const call = decodeFunctionData({ abi: AGENT_ABI, data });
      return `${call.functionName} ${String(call.args?.[0]).slice(-1)}`;
    });
  };
  return { sync, called };
}

test("what passes alone and not together is sent one by one, the most urgent first, and the rest in the next cycle", async () => {
  const w = world([
    { agent: ONE, ltvBps: 8_100 },
    { agent: ONE, market: "WBTC" },
  ]);
  const { sync, called } = mining(w);
  let asked = 0;
  const simulate: LenderParts["simulate"] = async ({ calls }) => {
    asked += 1;
    if (calls.length > 1) throw new TonsorError("TRANSACTION_REVERTED", "Twice()");
    return { gas: 80_000n, changed: 1 };
  };
  const first = await sync(simulate);
  assert.deepEqual([called(), asked], [["sync 2"], 4]);
  assert.deepEqual([first.map(({ state }) => state), w.newest()], [["DUE", "WAITS"], undefined]);
  const second = await sync(simulate);
  assert.deepEqual([called(), second.map(({ state }) => state)], [["sync 1"], ["WAITS", "WAITS"]]);
});

test("what no one transaction holds goes in several, also where the node only fails at it, and what tightens first", async () => {
  const keys = Array.from({ length: 48 }, (_, key) => key);
  const tooMuch = async () => ({ gas: 10_000_001n, changed: 1 });
  const fails = async () => Promise.reject(new TonsorError("RPC_FAILED", "gas required exceeds allowance"));
  for (const whole of [tooMuch, fails]) {
    const w = world([
      { agent: ONE, ltvBps: 8_000, due: keys },
      { agent: ONE, market: "WBTC" },
    ]);
    const { sync, called } = mining(w);
    const simulate: LenderParts["simulate"] = async ({ calls }) =>
      calls.length === 49 ? await whole() : { gas: 900_000n * BigInt(calls.length), changed: 1 };
    await sync(simulate);
    assert.deepEqual([called().length, called()[0]], [11, "sync 2"]);
  }
});

test("a node that fails is asked twice at the most, however much is due", async () => {
  const w = world([{ agent: ONE }, { agent: ONE, market: "WBTC" }]);
  let asked = 0;
  const simulate = async () => {
    asked += 1;
    return await Promise.reject(new TonsorError("RPC_FAILED", "eth_call: no answer"));
  };
  const states = await w.sync(null, { simulate });
  assert.deepEqual(
    [states.map(({ state, tried }) => [state, tried]), asked],
    [
      [
        ["DUE", null],
        ["DUE", null],
      ],
      2,
    ],
  );
});
