import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChainView } from "../../keeper/cycle.ts";
import { standBack } from "../../keeper/submission/standBack.ts";

const CHAIN = { sequence: 7n } as ChainView;
const signal = new AbortController().signal;

/** A replica of this rank; the chain's sequence at each look after a stage is given. */
function replica(rank: number, sequences: readonly bigint[] = []) {
  const slept: number[] = [];
  const left = [...sequences];
  const port = standBack({
    rank,
    stageMs: 15_000,
    sleep: async (ms) => void slept.push(ms),
    sequence: async () => left.shift() ?? 7n,
  });
  return { port, slept };
}

test("rank 0 acts at once, without a wait and without a look", async () => {
  const { port, slept } = replica(0);
  assert.equal(await port(CHAIN, signal), null);
  assert.deepEqual(slept, []);
});

test("rank r waits r stages, and acts when nobody has", async () => {
  const { port, slept } = replica(3);
  assert.equal(await port(CHAIN, signal), null);
  assert.deepEqual(slept, [15_000, 15_000, 15_000]);
});

test("it gives way as soon as another has acted, and says what stands", async () => {
  const { port, slept } = replica(3, [7n, 8n]);
  assert.equal(await port(CHAIN, signal), "another replica has acted: sequence 8 stands");
  assert.equal(slept.length, 2);
});

test("stopped while it waits, it does not act", async () => {
  const { port } = replica(1);
  await assert.rejects(port(CHAIN, AbortSignal.abort(new Error("stopped by SIGTERM"))), /stopped by SIGTERM/);
});
