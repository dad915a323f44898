import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeAbiParameters, type Hex, keccak256, parseAbiParameters, toHex } from "viem";
import type { PoolState } from "../../../keeper/domain/observation.ts";
import type { CallResult, Rpc } from "../../../keeper/io/rpc.ts";
import { type KnownTicks, readLens } from "../../../keeper/venues/uniswapV3/parse.ts";
import { uniswapV3 } from "../../../keeper/venues/uniswapV3/uniswapV3.ts";
import { addressOf, BLOCK, fakePoolRpc } from "../../support/fakePoolRpc.ts";
import { poolOfPositions } from "../../support/pools.ts";

const POOL = poolOfPositions({ feePips: 500, tickSpacing: 10, address: addressOf(1) }, [
  { lower: -887_270, upper: 887_270, liquidity: 10n ** 15n },
  { lower: -500, upper: 300, liquidity: 10n ** 18n },
]);
const HEAD = encodeAbiParameters(parseAbiParameters("uint160, int24, uint128"), [
  POOL.sqrtPriceX96,
  POOL.tick,
  POOL.liquidity,
]);

const packed = ({ ticks }: Pick<PoolState, "ticks">): Hex =>
  `0x${ticks
    .map(({ index, liquidityNet: net }) =>
      [
        toHex(BigInt.asUintN(24, BigInt(index)), { size: 3 }),
        toHex(BigInt.asUintN(128, net), { size: 16 }),
        toHex(net < 0n ? -net : net, { size: 16 }),
      ]
        .map((part) => part.slice(2))
        .join(""),
    )
    .join("")}`;
/** What the lens answers of a pool to someone who knows `hash`. */
function answerOf(pool: Pick<PoolState, "ticks">, hash?: Hex): Hex {
  const body = packed(pool);
  return hash === keccak256(body) ? `${HEAD}00` : `${HEAD}01${body.slice(2)}`;
}
const read = (data: Hex, known?: KnownTicks) => readLens({ ok: true, data }, known);

describe("an answer of the lens", () => {
  const first = read(answerOf(POOL)) ?? assert.fail("a good answer");

  it("holds price, liquidity and all ticks, and their hash", () => {
    assert.deepEqual([first.sqrtPriceX96, first.tick, first.liquidity], [POOL.sqrtPriceX96, POOL.tick, POOL.liquidity]);
    assert.deepEqual(
      first.ticks.map(({ index, liquidityNet }) => ({ index, liquidityNet })),
      POOL.ticks.map(({ index, liquidityNet }) => ({ index, liquidityNet })),
    );
    assert.equal(first.hash, keccak256(packed(POOL)));
  });

  it("says that the ticks are the known ones only to who knows some", () => {
    assert.deepEqual(read(answerOf(POOL, first.hash), first), first);
    assert.equal(read(answerOf(POOL, first.hash)), null);
  });

  it("is none where anything of its form is wrong", () => {
    const good = answerOf(POOL);
    const wrong: Record<string, Hex> = {
      "half a tick": good.slice(0, -2) as Hex,
      "a byte more": `${good}00`,
      "another flag": `${HEAD}02${good.slice(HEAD.length + 2)}`,
      "no flag": HEAD,
      "half a head": HEAD.slice(0, 100) as Hex,
      "ticks that it says are known": `${HEAD}00${good.slice(HEAD.length + 2)}`,
      nothing: "0x",
    };
    for (const [what, data] of Object.entries(wrong)) assert.equal(read(data, first), null, what);
    assert.equal(readLens({ ok: false, reason: "execution reverted" }, first), null);
    assert.equal(readLens(undefined, first), null);
  });
});

describe("a pool that is read through the lens", () => {
  /** A node that also runs the lens; `lens` may answer in its place. */
  function node(pool: PoolState, lens: (hash: Hex) => CallResult): Rpc & { asked: number; single: readonly string[] } {
    const plain = fakePoolRpc([pool]);
    const rpc = { ...plain, asked: 0, single: plain.asked };
    rpc.calls = async (calls, ...at) => {
      const [{ code, data } = { data: "0x" as Hex, code: undefined }] = calls;
      if (code === undefined) return plain.calls(calls, ...at);
      rpc.asked += 1;
      return [lens(`0x${data.slice(-64)}`)];
    };
    return rpc;
  }
  const at = [{ name: "USDC/WETH-0.05%", address: POOL.pool as Hex }] as const;
  const tokens = {
    token0: { address: addressOf(10), symbol: "USDC", decimals: 6 },
    token1: { address: addressOf(11), symbol: "WETH", decimals: 18 },
  };
  const pool = { ...POOL, ...tokens };

  it("is what it is call by call, and nothing of it is asked beside", async () => {
    const rpc = node(pool, (hash) => ({ ok: true, data: answerOf(pool, hash) }));
    const venue = uniswapV3.pools(rpc);
    const [first] = await venue(at, BLOCK);
    const [plain] = await uniswapV3.pools(fakePoolRpc([pool]))(at, BLOCK);
    assert.deepEqual([first, (await venue(at, BLOCK))[0]], [plain, plain]);
    assert.ok(!rpc.single.includes("slot0"));
  });

  it("is read call by call where it answers nothing that counts, and after thirty times in a row only so", async () => {
    const rpc = node(pool, () => ({ ok: false, reason: "execution reverted" }));
    const venue = uniswapV3.pools(rpc);
    const [plain] = await uniswapV3.pools(fakePoolRpc([pool]))(at, BLOCK);
    for (let look = 0; look < 32; look++) assert.deepEqual((await venue(at, BLOCK))[0], plain);
    assert.equal(rpc.asked, 30);
  });

  it("has the fault that its ticks have, whoever lists them: those that do not add up, and too many", async () => {
    const lying = { ticks: POOL.ticks.slice(1) };
    const [wrong] = await uniswapV3.pools(node(pool, () => ({ ok: true, data: answerOf(lying) })))(at, BLOCK);
    assert.deepEqual([wrong?.observation, wrong?.faults[0]?.code], [null, "INCONSISTENT"]);
    const many = { ticks: Array.from({ length: 20_001 }, (_, i) => ({ index: i * 10, liquidityNet: 0n })) };
    const full = node({ ...pool, ...many }, () => ({ ok: true, data: answerOf(many) }));
    const [flooded] = await uniswapV3.pools(full)(at, BLOCK);
    assert.deepEqual([flooded?.observation, flooded?.faults[0]?.code], [null, "TOO_LARGE"]);
    assert.ok(full.single.includes("slot0"), "asked once more, call by call, which tells why");
  });
});
