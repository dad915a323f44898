import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChainView } from "../../keeper/domain/cycle.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { joined } from "../../keeper/io/joined.ts";
import type { Call, Rpc } from "../../keeper/io/rpc.ts";
import { look } from "../../keeper/sources/sources.ts";
import { BLOCK } from "../support/fakePoolRpc.ts";
import { WETH } from "../support/shipped.ts";

const call = (data: `0x${string}`): Call => ({ to: `0x${"11".repeat(20)}`, data });

/** A contract of one word and a source of one, read through a node that writes down what it was asked. */
function world(answer: (calls: readonly Call[]) => void = () => undefined) {
  const asked: string[] = [];
  const rpc: Rpc = {
    chainId: 1,
    name: "node",
    async block(at) {
      asked.push(`block ${at}`);
      return BLOCK;
    },
    calls: joined(async (calls, at) => {
      asked.push(`${calls.map(({ data }) => data)} at ${at}`);
      answer(calls);
      return calls.map(({ data }) => ({ ok: true, data }));
    }),
  };
  const chain = {
    idOf: () => 1,
    has: () => true,
    async read(_: unknown, at: typeof BLOCK | "latest", signal?: AbortSignal) {
      assert.ok(at !== "latest");
      await rpc.calls([call("0x01")], at.number, signal);
      return { blockNumber: at.number } as ChainView;
    },
  };
  const sources = async (_: unknown, block: typeof BLOCK, now: number, signal: AbortSignal) => {
    // As sources are read, which end earlier than the cycle does.
    const until = AbortSignal.any([signal, AbortSignal.timeout(60_000)]);
    const faults = await rpc.calls([call("0x02")], block.number, until).then(
      () => [],
      () => ["UNREACHABLE"],
    );
    return new Map([[String(now), faults as never]]);
  };
  const lenders = async (block: bigint, signal?: AbortSignal) => {
    await rpc.calls([call("0x03")], block, signal);
    return [];
  };
  return { asked, parts: { rpc, chain, sources, lenders, now: () => 7 } };
}
const { signal } = new AbortController();

test("contract, sources and lenders are read at one block by one question, though they end at different times", async () => {
  const { asked, parts } = world();
  const { chain, observed } = await look(parts, [WETH], signal);
  assert.deepEqual(asked, ["block latest", "0x01,0x02,0x03 at 100"]);
  assert.deepEqual([chain.blockNumber, [...observed]], [BLOCK.number, [["7", []]]]);
});

test("what a node cannot answer of a source is that source's fault: the contract is read all the same", async () => {
  const { parts } = world((calls) => {
    if (calls.some(({ data }) => data === "0x02")) throw new TonsorError("RPC_FAILED", "no answer in time");
  });
  const { chain, observed } = await look(parts, [WETH], signal);
  assert.deepEqual([chain.blockNumber, [...observed.values()]], [BLOCK.number, [["UNREACHABLE"]]]);
});

test("no look without the contract", async () => {
  const { parts } = world((calls) => {
    if (calls.some(({ data }) => data === "0x01")) throw new TonsorError("RPC_FAILED", "no answer in time");
  });
  await assert.rejects(look(parts, [WETH], signal), { code: "RPC_FAILED" });
});
