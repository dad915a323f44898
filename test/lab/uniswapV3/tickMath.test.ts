import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { MAX_TICK, MIN_TICK } from "../../../keeper/model/depth/uniswapV3Curve.ts";
import {
  getSqrtRatioAtTick,
  getTickAtSqrtRatio,
  MAX_SQRT_RATIO,
  MIN_SQRT_RATIO,
} from "../../../scripts/lab/uniswapV3/tickMath.ts";

test("known answer 17: the square-root price at five ticks is that of v3-core", () => {
  assert.equal(getSqrtRatioAtTick(50), 79426470787362580746886972461n);
  assert.equal(getSqrtRatioAtTick(-50), 79030349367926598376800521322n);
  assert.equal(getSqrtRatioAtTick(500), 81233731461783161732293370115n);
  assert.equal(getSqrtRatioAtTick(50000), 965075977353221155028623082916n);
  assert.equal(getSqrtRatioAtTick(-500000), 1101692437043807371n);
});

test("the lowest and the highest tick give the bounds of the price", () => {
  assert.equal(getSqrtRatioAtTick(MIN_TICK), MIN_SQRT_RATIO);
  assert.equal(getSqrtRatioAtTick(MAX_TICK), MAX_SQRT_RATIO);
  assert.equal(getTickAtSqrtRatio(MIN_SQRT_RATIO), MIN_TICK);
  assert.equal(getTickAtSqrtRatio(MAX_SQRT_RATIO - 1n), MAX_TICK - 1);
});

test("the tick of a price is the greatest whose price is not above it, up to one unit of the last place", () => {
  fc.assert(
    fc.property(fc.integer({ min: MIN_TICK + 1, max: MAX_TICK - 1 }), (tick) => {
      const price = getSqrtRatioAtTick(tick);
      assert.equal(getTickAtSqrtRatio(price), tick);
      assert.equal(getTickAtSqrtRatio(price - 1n), tick - 1);
      assert.equal(getTickAtSqrtRatio(price + 1n), tick);
    }),
  );
});

test("a tick or price outside the range is refused with the range in the message", () => {
  for (const tick of [MIN_TICK - 1, MAX_TICK + 1, 0.5, Number.NaN]) {
    assert.throws(() => getSqrtRatioAtTick(tick), { code: "OUT_OF_RANGE", message: /tick.*\[-887272, 887272\]/ });
  }
  for (const price of [0n, MIN_SQRT_RATIO - 1n, MAX_SQRT_RATIO]) {
    assert.throws(() => getTickAtSqrtRatio(price), { code: "OUT_OF_RANGE", message: /4295128739/ });
  }
});

test("a ratio seen before is the same again, also for ticks that share a place in the memory", () => {
  const ticks = [0, 8_192, -8_192, 16_384, 887_272, -887_272, 50, 50 - 8_192, 50 + 8_192];
  const first = ticks.map((tick) => getSqrtRatioAtTick(tick));
  assert.deepEqual(
    ticks.map((tick) => getSqrtRatioAtTick(tick)),
    first,
  );
  assert.deepEqual(
    ticks.toReversed().map((tick) => getSqrtRatioAtTick(tick)),
    first.toReversed(),
  );
  assert.equal(new Set(first).size, ticks.length);
  assert.equal(getSqrtRatioAtTick(50), 79426470787362580746886972461n);
});

test("prices between two ticks belong to the lower one, however near to either", () => {
  for (const tick of [-887_272, -500_000, -1, 0, 1, 195_000, 887_270]) {
    const [low, high] = [getSqrtRatioAtTick(tick), getSqrtRatioAtTick(tick + 1)];
    for (const share of [1n, 10n, 9_999n, 10_001n, 50_000n, 99_990n, 99_999n]) {
      const price = low + ((high - low) * share) / 100_000n;
      assert.equal(getTickAtSqrtRatio(price), tick, `${share} of the way from ${tick}`);
    }
  }
});
