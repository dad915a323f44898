import assert from "node:assert/strict";
import { test } from "node:test";
import { lowerRanksFirst } from "../keeper/cycle.ts";
import type { ChainView } from "../keeper/domain/cycle.ts";

const CHAIN = { sequence: 7n } as ChainView;
const signal = new AbortController().signal;

/** A keeper instance of this rank; the chain's sequence at each read after a stage is given. */
function instance(rank: number, sequences: readonly bigint[] = []) {
  const slept: number[] = [];
  const left = [...sequences];
  const port = lowerRanksFirst({
    rank,
    stageMs: 15_000,
    sleep: async (ms) => void slept.push(ms),
    sequence: async () => left.shift() ?? 7n,
  });
  return { port, slept };
}

test("rank 0 acts at once, without a wait and without a read", async () => {
  const { port, slept } = instance(0);
  assert.equal(await port(CHAIN, signal), null);
  assert.deepEqual(slept, []);
});

test("rank r waits r stages, and acts when nobody has", async () => {
  const { port, slept } = instance(3);
  assert.equal(await port(CHAIN, signal), null);
  assert.deepEqual(slept, [15_000, 15_000, 15_000]);
});

test("it yields as soon as another has acted, and says which sequence is on chain", async () => {
  const { port, slept } = instance(3, [7n, 8n]);
  assert.equal(await port(CHAIN, signal), "another keeper instance has acted: sequence 8 is on chain");
  assert.equal(slept.length, 2);
});

test("stopped while it waits, it does not act", async () => {
  const { port } = instance(1);
  await assert.rejects(port(CHAIN, AbortSignal.abort(new Error("stopped by SIGTERM"))), /stopped by SIGTERM/);
});
