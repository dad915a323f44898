import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { PoolState } from "../../../keeper/domain/observation.ts";
import type { Rpc } from "../../../keeper/io/rpc.ts";
import { uniswapV3 } from "../../../keeper/venues/uniswapV3/uniswapV3.ts";
import type { PoolRef } from "../../../keeper/venues/venue.ts";
import { addressOf, BLOCK, fakePoolRpc } from "../../support/fakePoolRpc.ts";
import { arbitraryPool, poolOfPositions } from "../../support/pools.ts";

const tokens = {
  token0: { address: addressOf(10), symbol: "USDC", decimals: 6 },
  token1: { address: addressOf(11), symbol: "WETH", decimals: 18 },
};
const calm = poolOfPositions({ feePips: 500, tickSpacing: 10, address: addressOf(1), ...tokens }, [
  { lower: -887_270, upper: 887_270, liquidity: 10n ** 15n },
  { lower: -500, upper: 300, liquidity: 10n ** 18n },
]);
const other: PoolState = { ...calm, pool: addressOf(2), feePips: 3000, tickSpacing: 10 };
const ref = (pool: PoolState, name = "USDC/WETH-0.05%"): PoolRef => ({ name, address: pool.pool as `0x${string}` });

test("a pool is read as it stands, with its block's number and time", async () => {
  const [observed] = await uniswapV3.pools(fakePoolRpc([calm]))([ref(calm)], BLOCK);
  const source = "uniswapV3:USDC/WETH-0.05%";
  const observation = { ...calm, source, blockNumber: BLOCK.number, eventTime: BLOCK.timestamp };
  assert.deepEqual(observed, { source, observation, faults: [] });
});

test("any consistent pool comes out as it went in", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryPool(), async (generated) => {
      fc.pre(generated.ticks.length > 0);
      const state = { ...generated, pool: addressOf(3), ...tokens };
      const [observed] = await uniswapV3.pools(fakePoolRpc([state]))([ref(state)], BLOCK);
      assert.deepEqual(observed?.faults, []);
      assert.deepEqual(observed?.observation?.ticks, state.ticks);
      assert.equal(observed?.observation?.liquidity, state.liquidity);
    }),
    { numRuns: 25 },
  );
});

test("what never changes of a pool is asked once; everything else each time", async () => {
  const rpc = fakePoolRpc([calm]);
  const venue = uniswapV3.pools(rpc);
  await venue([ref(calm)], BLOCK);
  const first = rpc.asked.length;
  await venue([ref(calm)], BLOCK);
  const second = rpc.asked.slice(first);
  assert.equal(first - second.length, 8, "fee, spacing, two tokens, two symbols, two decimals");
  assert.ok(second.includes("slot0") && !second.includes("fee"));
});

test("several pools are read at once, and one that is not there costs only itself", async () => {
  const venue = uniswapV3.pools(fakePoolRpc([calm, other]));
  const observed = await venue([ref(calm, "a"), { name: "b", address: addressOf(99) }, ref(other, "c")], BLOCK);
  assert.deepEqual(
    observed.map((one) => one.observation?.feePips ?? one.faults[0]?.code),
    [500, "SCHEMA", 3000],
  );
  assert.match(observed[1]?.faults[0]?.detail ?? "", /no such contract/);
});

test("a call that reverts is the pool's fault and named", async () => {
  const rpc = fakePoolRpc([calm], (call, result) =>
    call === "slot0" ? { ok: false, reason: "execution reverted" } : result,
  );
  const [observed] = await uniswapV3.pools(rpc)([ref(calm)], BLOCK);
  assert.equal(observed?.faults[0]?.code, "VENUE_ERROR");
  assert.match(observed?.faults[0]?.detail ?? "", /slot0 reverted: execution reverted/);
});

test("a contract of another kind is refused, with what it said", async () => {
  const odd = fakePoolRpc([{ ...calm, feePips: 0 }]);
  const [observed] = await uniswapV3.pools(odd)([ref(calm)], BLOCK);
  assert.equal(observed?.faults[0]?.code, "INCONSISTENT");
  assert.match(observed?.faults[0]?.detail ?? "", /fee 0/);
});

test("truncated bytes in any answer are SCHEMA", async () => {
  for (const call of ["slot0", "liquidity", "tickBitmap 0", "ticks 300", "symbol", "fee"]) {
    const rpc = fakePoolRpc([calm], (name, result) =>
      name === call && result.ok ? { ok: true, data: result.data.slice(0, 34) as `0x${string}` } : result,
    );
    const [observed] = await uniswapV3.pools(rpc)([ref(calm)], BLOCK);
    assert.equal(observed?.observation, null);
    assert.equal(observed?.faults[0]?.code, "SCHEMA", call);
  }
});

test("a tick whose answer comes from another block than the rest is INCONSISTENT", async () => {
  const later = fakePoolRpc([
    { ...calm, ticks: calm.ticks.map((t) => (t.index === -500 ? { ...t, liquidityNet: 7n } : t)) },
  ]);
  const mixed: Rpc = {
    ...fakePoolRpc([calm]),
    calls: (calls, at) => (calls.length === 4 ? later : fakePoolRpc([calm])).calls(calls, at),
  };
  const [observed] = await uniswapV3.pools(mixed)([ref(calm)], BLOCK);
  assert.equal(observed?.faults[0]?.code, "INCONSISTENT");
});

test("a node that fails is UNREACHABLE for the pool; a node of another chain stops everything", async () => {
  const failing = (error: Error): Rpc => ({ ...fakePoolRpc([calm]), calls: () => Promise.reject(error) });
  const [observed] = await uniswapV3.pools(failing(new TonsorError("RPC_FAILED", "timed out")))([ref(calm)], BLOCK);
  assert.deepEqual(
    observed?.faults.map(({ code, detail }) => [code, detail]),
    [["UNREACHABLE", "timed out"]],
  );
  const wrong = failing(new TonsorError("WRONG_CHAIN", "chain 1"));
  await assert.rejects(uniswapV3.pools(wrong)([ref(calm)], BLOCK), { code: "WRONG_CHAIN" });
});
