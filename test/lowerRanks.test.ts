import assert from "node:assert/strict";
import { test } from "node:test";
import { lowerRanksFirst } from "../keeper/cycle.ts";
import type { ChainView } from "../keeper/domain/cycle.ts";
import { calmMarket } from "./support/onChain.ts";

const NOW = 1_770_000_000;
const MARKETS = new Map([
  ["WETH", calmMarket(NOW, { asOf: NOW - 3_600 })],
  ["WBTC", calmMarket(NOW, { asOf: NOW - 600 })],
]);
const CHAIN = { markets: MARKETS } as unknown as ChainView;
const STANDING = [...MARKETS].map(([name, { asOf }]) => [name, asOf] as const);
const signal = new AbortController().signal;

/** A keeper instance of this rank; what has changed of the times on chain at each read after a stage is given. */
function instance(rank: number, reads: readonly Readonly<Record<string, number>>[] = []) {
  const slept: number[] = [];
  const left = [...reads];
  const port = lowerRanksFirst({
    rank,
    stageMs: 15_000,
    sleep: async (ms) => void slept.push(ms),
    asOf: async () => new Map([...STANDING, ...Object.entries(left.shift() ?? {})]),
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

test("it yields as soon as newer data is on chain than it decided against, whoever sent it, and says of which market", async () => {
  const { port, slept } = instance(3, [{}, { WBTC: NOW - 540 }]);
  assert.equal(await port(CHAIN, signal), "another keeper instance has acted: newer data of WBTC is on chain");
  assert.equal(slept.length, 2);
});

test("older data on chain, which a node behind the others may answer, and a market of no concern are nobody's act", async () => {
  const { port, slept } = instance(2, [{ WETH: NOW - 3_660 }, { LINK: NOW }]);
  assert.equal(await port(CHAIN, signal), null);
  assert.equal(slept.length, 2);
});

test("stopped while it waits, it does not act", async () => {
  const { port } = instance(1);
  await assert.rejects(port(CHAIN, AbortSignal.abort(new Error("stopped by SIGTERM"))), /stopped by SIGTERM/);
});
