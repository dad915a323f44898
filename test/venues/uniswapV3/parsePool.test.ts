import assert from "node:assert/strict";
import test from "node:test";
import { parsePool, setBits, wordRange } from "../../../keeper/venues/uniswapV3/parse.ts";
import { addressOf, BLOCK } from "../../support/fakePoolRpc.ts";

type RawPool = Parameters<typeof parsePool>[0];
const CALM: RawPool = {
  source: "uniswapV3:test",
  pool: addressOf(1),
  block: BLOCK,
  token0: { address: addressOf(10), symbol: "USDC", decimals: 6 },
  token1: { address: addressOf(11), symbol: "WETH", decimals: 18 },
  feePips: 500,
  tickSpacing: 10,
  sqrtPriceX96: 2n ** 96n,
  tick: 0,
  liquidity: 100n,
  ticks: [
    { index: -10, liquidityNet: 100n, liquidityGross: 100n },
    { index: 10, liquidityNet: -100n, liquidityGross: 100n },
  ],
};

test("a pool whose parts agree is an observation without faults", () => {
  const { observation, faults } = parsePool(CALM);
  assert.deepEqual(faults, []);
  assert.equal(observation?.blockNumber, BLOCK.number);
  assert.equal(observation?.eventTime, BLOCK.timestamp);
  assert.deepEqual(observation?.ticks[0], { index: -10, liquidityNet: 100n });
});

test("on its way down a swap may leave the price on the upper end of the tick", () => {
  assert.deepEqual(parsePool({ ...CALM, tick: -1 }).faults, []);
  assert.deepEqual(parsePool({ ...CALM, sqrtPriceX96: 79228162514264337593543950335n, tick: -1 }).faults, []);
});

test("a pool with no liquidity in range is a pool: it has no depth, and that is a fact", () => {
  const apart = [
    { index: 10, liquidityNet: 5n, liquidityGross: 5n },
    { index: 20, liquidityNet: -5n, liquidityGross: 5n },
  ];
  assert.deepEqual(parsePool({ ...CALM, liquidity: 0n, ticks: apart }).faults, []);
});

const [low, high] = CALM.ticks;
assert.ok(low !== undefined && high !== undefined);

for (const [what, changes, code, detail] of [
  ["never given a price", { sqrtPriceX96: 0n }, "NOT_POSITIVE", /never given a price/],
  ["a price below v3-core's range", { sqrtPriceX96: 1n }, "INCONSISTENT", /outside of the range/],
  ["a price above v3-core's range", { sqrtPriceX96: 2n ** 160n }, "INCONSISTENT", /outside of the range/],
  ["a tick above the price", { tick: 1 }, "INCONSISTENT", /tick 1, but the price lies at 0\.000/],
  ["a tick below the price", { tick: -2 }, "INCONSISTENT", /tick -2/],
  ["no ticks at all", { ticks: [], liquidity: 0n }, "EMPTY", /no initialised tick/],
  ["the same tick twice", { ticks: [low, low, high] }, "DUPLICATE", /tick -10 twice/],
  ["ticks that fall", { ticks: [high, low] }, "OUT_OF_ORDER", /tick -10 after 10/],
  ["a tick off the spacing", { ticks: [{ ...low, index: -15 }, high] }, "INCONSISTENT", /-15 is no multiple/],
  ["a tick beyond the last", { ticks: [low, { ...high, index: 887_280 }] }, "INCONSISTENT", /outside of/],
  ["a tick without gross", { ticks: [{ ...low, liquidityGross: 0n }, high] }, "INCONSISTENT", /against gross 0/],
  ["net above gross", { ticks: [low, { ...high, liquidityGross: 99n }] }, "INCONSISTENT", /net -100 against gross 99/],
  [
    "ticks that do not add up to the liquidity",
    { liquidity: 101n },
    "INCONSISTENT",
    /add up to 100 in range, the pool says 101/,
  ],
  [
    "ticks that leave something over",
    { ticks: [low, { ...high, liquidityNet: -99n }] },
    "INCONSISTENT",
    /1 left above/,
  ],
  [
    "liquidity below zero",
    {
      ticks: [
        { ...low, liquidityNet: -100n },
        { ...high, liquidityNet: 100n },
      ],
    },
    "INCONSISTENT",
    /below zero/,
  ],
  ["tokens in the wrong order", { token0: CALM.token1, token1: CALM.token0 }, "INCONSISTENT", /must sort before/],
  ["absurd decimals", { token1: { ...CALM.token1, decimals: 77 } }, "INCONSISTENT", /WETH has 77 decimals/],
] as const) {
  test(`${what} is ${code} and gives no observation`, () => {
    const { observation, faults } = parsePool({ ...CALM, ...changes });
    assert.equal(observation, null);
    assert.equal(faults.length, 1);
    assert.equal(faults[0]?.code, code);
    assert.equal(faults[0]?.source, "uniswapV3:test");
    assert.match(faults[0]?.detail ?? "", detail);
  });
}

test("the words of the bitmap cover every usable tick of every spacing", () => {
  assert.equal(wordRange(60).length, 116);
  for (const spacing of [1, 10, 60, 200]) {
    const last = Math.floor(887_272 / spacing);
    const words = wordRange(spacing);
    assert.equal(words[0], Math.floor(-last / 256));
    assert.equal(words.at(-1), Math.floor(last / 256));
  }
});

test("the example: set bits are ticks in units of the spacing, also in words below zero", () => {
  assert.deepEqual(setBits(0b101n, 0, 10), [0, 20]);
  assert.deepEqual(setBits((1n << 255n) | 1n, -1, 60), [-15_360, -60]);
  assert.deepEqual(setBits(0n, 3, 10), []);
});
