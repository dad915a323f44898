import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type PublicClient, parseTransaction } from "viem";
import type { Hex } from "../../keeper/domain/contract.ts";
import { Stopped, TonsorError } from "../../keeper/domain/errors.ts";
import { modeCall, setModes } from "../../keeper/submission/setModes.ts";
import { FakeChain, unsigned } from "./fakeChain.ts";

const CONTRACT = `0x${"c0".repeat(20)}` as const;
type Parts = Parameters<typeof setModes>[0];

/** A node that takes a transaction in the place of another for a tenth more, mines nothing, and a clock that its waits move. */
function world(change: Partial<Parts> = {}, broadcaster: Partial<Parts["broadcaster"]> = {}) {
  const pool = new Map<number, { readonly raw: Hex; readonly data: Hex; readonly maxFeePerGas: bigint }>();
  const clock = { ms: 0 };
  const pass = (ms: number) => {
    clock.ms += ms;
  };
  const take = async (raw: Hex) => {
    const { nonce = 0, data = "0x", maxFeePerGas = 0n } = parseTransaction(raw);
    const rival = pool.get(nonce);
    if (rival?.raw === raw) throw new Error("already known");
    if (maxFeePerGas * 10n < (rival?.maxFeePerGas ?? 0n) * 11n) throw new Error("replacement transaction underpriced");
    pool.set(nonce, { raw, data, maxFeePerGas });
  };
  const whole: Parts = {
    client: {
      chain: { id: 31_337 },
      getChainId: async () => 31_337,
      estimateContractGas: async () => 50_000n,
    } as unknown as PublicClient,
    contract: CONTRACT,
    account: unsigned,
    broadcaster: {
      ...new FakeChain().broadcaster,
      nonce: async (_, at) => (at === "pending" ? pool.size : 0),
      send: take,
      ...broadcaster,
    },
    fees: { maxFeePerGas: 1_000_000_000_000n, maxPriorityFeePerGas: 2n },
    gasMarginPercent: 20,
    receiptTimeoutSeconds: 5,
    clock: { now: () => clock.ms, sleep: async (ms) => pass(ms) },
    ...change,
  };
  const set = (marketIds: readonly number[], more: { nonce?: number; signal?: AbortSignal } = {}) =>
    setModes(
      whole,
      { marketIds, mode: "FROZEN", nonce: more.nonce ?? null },
      more.signal ?? new AbortController().signal,
    );
  const calls = () => [...pool].sort(([a], [b]) => a - b).map(([nonce, { data }]) => [nonce, data]);
  return { set, calls, pool, clock, take };
}
const outcomes = (rows: Awaited<ReturnType<typeof setModes>>) =>
  rows.map(({ marketId, outcome }) => [marketId, outcome]);

describe("closing of markets", () => {
  it("goes behind what waits, which may be the closing of another market", async () => {
    const { set, calls } = world();
    await set([1]);
    const [second] = await set([2]);
    assert.deepEqual(calls(), [
      [0, modeCall(1, "FROZEN")],
      [1, modeCall(2, "FROZEN")],
    ]);
    assert.deepEqual([second?.outcome, second?.hash?.length], ["WAITS", 66]);
    const detail = "no block had it within 5 s: with --nonce 1 the same takes its place, at twice the fee or more";
    assert.equal(second?.detail, detail);
  });

  it("takes the place of what waits from a nonce on, at twice the fee, and again and again, up to the cap", async () => {
    const { set, pool, calls } = world();
    await set([1, 2]);
    const fees = [pool.get(0)?.maxFeePerGas ?? 0n];
    for (let times = 0; times < 3; times++) {
      assert.deepEqual(outcomes(await set([1, 2], { nonce: 0 })), [
        [1, "WAITS"],
        [2, "WAITS"],
      ]);
      fees.push(pool.get(0)?.maxFeePerGas ?? 0n);
    }
    for (const [i, fee] of fees.slice(1).entries()) assert.ok(fee >= 2n * (fees[i] ?? 0n), `${fees}`);
    assert.deepEqual(calls(), [
      [0, modeCall(1, "FROZEN")],
      [1, modeCall(2, "FROZEN")],
    ]);
    const capped = world({ fees: { maxFeePerGas: 1_100_000_000n, maxPriorityFeePerGas: 1_000_000_000n } });
    await capped.set([1]);
    const [row] = await capped.set([2], { nonce: 0 });
    assert.equal(row?.outcome, "REFUSED");
    assert.match(row?.detail ?? "", /^the node does not take it at nonce 0 and \d+ wei per gas: UNDERPRICED: /);
    assert.deepEqual(capped.calls(), [[0, modeCall(1, "FROZEN")]]);
  });

  it("without a nonce takes nobody's place, though another program of this key was quicker", async () => {
    const { set, pool } = world({}, { nonce: async () => 0 });
    await set([1]);
    const before = pool.get(0);
    const [row] = await set([2]);
    assert.deepEqual([row?.outcome, row?.hash], ["REFUSED", null]);
    assert.deepEqual(pool.get(0), before);
  });

  it("offers twice at a nonce that is named though nothing is there, beyond the multiple of the market and not the cap", async () => {
    const fees = { maxFeePerGas: 1_000_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n };
    const [usual, named, bound] = [world({ fees }), world({ fees }), world({ fees: { ...fees, marketMultiple: 2n } })];
    await usual.set([1]);
    await named.set([1], { nonce: 0 });
    assert.ok((named.pool.get(0)?.maxFeePerGas ?? 0n) >= 2n * (usual.pool.get(0)?.maxFeePerGas ?? 1n));
    for (let times = 0; times < 4; times++) await bound.set([1], { nonce: 0 });
    assert.ok((bound.pool.get(0)?.maxFeePerGas ?? 0n) > 2n * 1_000_000_020n);
  });

  it("takes for sent what the node knows already", async () => {
    const { set } = world({}, { send: async () => Promise.reject(new Error("already known")) });
    assert.deepEqual(outcomes(await set([1])), [[1, "WAITS"]]);
  });

  it("waits no longer than it is told to for a node that hangs, and asks for all receipts at once", async () => {
    const asked: Hex[] = [];
    const { set, clock } = world(
      {},
      {
        receipt: async (hash) => {
          if (!asked.includes(hash)) asked.push(hash);
          if (asked.length % 3 === 0) clock.ms += 4_000;
          throw new TonsorError("RPC_FAILED", "no answer in time");
        },
      },
    );
    assert.deepEqual(
      outcomes(await set([1, 2, 3])),
      [1, 2, 3].map((id) => [id, "WAITS"]),
    );
    assert.ok(clock.ms < 20_000, `${clock.ms} ms`);
  });

  it("tells what was sent and what was not when it is stopped on the way, and stops at once", async () => {
    const stop = new AbortController();
    const { set, clock, take } = world(
      {},
      {
        send: async (raw) => {
          await take(raw);
          if (parseTransaction(raw).nonce === 1) stop.abort(new Stopped("SIGINT"));
        },
      },
    );
    const rows = await set([1, 2, 3, 4], { signal: stop.signal });
    assert.deepEqual(outcomes(rows), [
      [3, "UNSENT"],
      [4, "UNSENT"],
      [1, "WAITS"],
      [2, "WAITS"],
    ]);
    assert.equal(rows[0]?.detail, "it was stopped before this was sent");
    assert.equal(
      rows[2]?.detail,
      "stopped before a block had it: with --nonce 0 the same takes its place, at twice the fee or more",
    );
    assert.equal(clock.ms, 0);
    await assert.rejects(set([1], { signal: stop.signal }), Stopped);
  });

  it("tells what was sent when the key fails on the way, and throws when nothing was", async () => {
    let left = 1;
    const signTransaction: typeof unsigned.signTransaction = async (transaction) => {
      if (left-- > 0) return await unsigned.signTransaction(transaction);
      throw new TonsorError("SIGNER_FAILED", "SIGNER_SILENT: no answer in time");
    };
    const { set, calls } = world({ account: { ...unsigned, signTransaction } });
    const rows = await set([1, 2, 3]);
    assert.deepEqual(outcomes(rows), [
      [2, "UNSENT"],
      [3, "UNSENT"],
      [1, "WAITS"],
    ]);
    assert.deepEqual([rows[0]?.detail, rows[1]?.detail], Array(2).fill("SIGNER_SILENT: no answer in time"));
    assert.equal(calls().length, 1);
    await assert.rejects(set([2]), { code: "SIGNER_FAILED" });
  });

  it("leaves no gap behind one that the node does not take, and takes an unclear answer for sent", async () => {
    const { set, calls, take } = world(
      {},
      {
        send: async (raw) => {
          const { data } = parseTransaction(raw);
          if (data === modeCall(1, "FROZEN")) throw new Error("exceeds block gas limit");
          await take(raw);
          throw new Error("502 Bad Gateway");
        },
      },
    );
    assert.deepEqual(outcomes(await set([1, 2])), [
      [1, "REFUSED"],
      [2, "WAITS"],
    ]);
    assert.deepEqual(calls(), [[0, modeCall(2, "FROZEN")]]);
  });

  /** A node that holds two transactions of one key; `mines`: it has a receipt of what it took, and then room. */
  function narrow({ mines, nonce }: { readonly mines: boolean; readonly nonce?: Parts["broadcaster"]["nonce"] }) {
    const [taken, full]: [number[], number[]] = [[], []];
    let held = 0;
    const whole = world(
      {},
      {
        nonce: nonce ?? (async () => taken.length),
        send: async (raw) => {
          const at = parseTransaction(raw).nonce ?? 0;
          if (held === 2) full.push(at);
          if (held === 2) throw new Error("txpool is full");
          taken.push(at);
          held += 1;
        },
        receipt: async () => {
          if (!mines) return null;
          held = 0;
          return { success: true, blockNumber: 1n, blockHash: "0x", feeWei: 1n };
        },
      },
    );
    return { ...whole, taken, full };
  }

  it("hands over when blocks have the first what the node's pool had no room for, without a gap", async () => {
    const { set, taken, full } = narrow({ mines: true });
    const all = [1, 2, 3, 4, 5];
    assert.deepEqual(
      outcomes(await set(all)),
      all.map((id) => [id, "SET"]),
    );
    assert.deepEqual(
      [taken, full],
      [
        [0, 1, 2, 3, 4],
        [2, 4],
      ],
    );
    const inPlace = narrow({ mines: true, nonce: async () => assert.fail("the nonce was given") });
    assert.deepEqual(
      outcomes(await inPlace.set(all, { nonce: 7 })),
      all.map((id) => [id, "SET"]),
    );
    assert.deepEqual(inPlace.taken, [7, 8, 9, 10, 11]);
  });

  it("says what a full pool kept from being sent while no block has what it took, and what failed later", async () => {
    const { set, taken } = narrow({ mines: false });
    const rows = await set([1, 2, 3, 4]);
    assert.deepEqual(outcomes(rows).toSorted(), [
      [1, "WAITS"],
      [2, "WAITS"],
      [3, "UNSENT"],
      [4, "UNSENT"],
    ]);
    assert.match(
      rows.find(({ marketId }) => marketId === 4)?.detail ?? "",
      /^the node's pool holds no more of this key/,
    );
    assert.deepEqual(taken, [0, 1]);
    let asked = 0;
    const failing = narrow({
      mines: true,
      nonce: async () => {
        asked += 1;
        if (asked > 1) throw new TonsorError("RPC_FAILED", "the node is away");
        return 0;
      },
    });
    const told = await failing.set([1, 2, 3]);
    assert.deepEqual(outcomes(told).toSorted(), [
      [1, "SET"],
      [2, "SET"],
      [3, "UNSENT"],
    ]);
    assert.equal(told.find(({ marketId }) => marketId === 3)?.detail, "the node is away");
    const [only] = await world({}, { send: async () => Promise.reject(new Error("txpool is full")) }).set([1]);
    assert.deepEqual([only?.outcome, /FULL: txpool is full/.test(only?.detail ?? "")], ["REFUSED", true]);
  });

  it("sends nothing where the ether does not reach for all, or the network asks more than the cap", async () => {
    const most = 2n * 60_000n * 42n;
    const poor = world({}, { balance: async () => most - 1n });
    await assert.rejects(poor.set([1, 2]), { code: "TRANSACTION_REFUSED", message: new RegExp(`>= ${most} `) });
    const enough = world({}, { balance: async () => most });
    assert.equal((await enough.set([1, 2])).length, 2);
    const capped = world({ fees: { maxFeePerGas: 21n, maxPriorityFeePerGas: 2n } });
    await assert.rejects(capped.set([1]), { code: "FEE_CAP_EXCEEDED" });
    assert.deepEqual([poor.calls(), capped.calls()], [[], []]);
  });
});
