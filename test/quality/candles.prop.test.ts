import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Candle } from "../../keeper/domain/observation.ts";
import { judgeCandles } from "../../keeper/quality/candles.ts";
import { endOf, historyOf, walk } from "../support/candles.ts";

const CLEAN = walk(200, () => 0.5, 7);
const LAST = CLEAN.length - 1;

const at = fc.integer({ min: 60, max: LAST });
const factor = fc
  .tuple(fc.boolean(), fc.double({ min: 0.05, max: 0.5, noNaN: true }))
  .map(([up, size]) => (up ? 1 + size : 1 - size));

/** The walk as known `since` bars after bar `from`, with bars of it multiplied; their next open too where that was traded. */
function known(from: number, to: number, by: number, since: number, traded: boolean): readonly Candle[] {
  return CLEAN.slice(0, from + since + 1).map(([time, open, high, low, close, volume], i) => {
    const own = traded && i > from && i <= to ? open * by : open;
    const end = i >= from && i < to ? close * by : close;
    return [time, own, Math.max(high, own, end), Math.min(low, own, end), end, volume];
  });
}

function judged(candles: readonly Candle[], prices: readonly number[]) {
  const now = endOf(candles) + 60;
  const said = prices.map((price, i) => ({ source: `source ${i}`, price, time: now }));
  return judgeCandles(historyOf(candles), [], said, now);
}

describe("one venue's closes", () => {
  it("10 000 times wrong by 5 to 50 % for one bar or two: none of 7 % enters, and of 500 less than one", () => {
    let masked = 0;
    const wrong = fc.record({
      at,
      by: factor,
      bars: fc.integer({ min: 1, max: 2 }),
      since: fc.integer({ min: 0, max: 30 }),
      traded: fc.boolean(),
    });
    fc.assert(
      fc.property(wrong, ({ at: from, by, bars, since, traded }) => {
        const candles = known(from, from + bars, by, Math.min(since, LAST - from), traded);
        const honest = CLEAN[candles.length - 1]?.[4] ?? 0;
        const { history, faults } = judged(candles, [honest * 1.001, honest * 0.999]);
        // An hour's own move may hide what is left of 5 %: that much and no more.
        if (faults.length === 0 && Math.abs(by - 1) < 0.07) return void masked++;
        assert.ok(faults.length > 0, "named");
        for (const [time, , , , close] of history.candles) {
          const real = CLEAN.find((candle) => candle[0] === time)?.[4] ?? 0;
          assert.ok(Math.abs(close / real - 1) < 0.03, `${close} for ${real}`);
        }
      }),
      { numRuns: 10_000, seed: 1 },
    );
    assert.ok(masked <= 20, `${masked} masked`);
  });

  it("count at once when they crash and one other source follows, and one bar later when none answers", () => {
    fc.assert(
      fc.property(at, factor, fc.integer({ min: 0, max: 3 }), (from, by, since) => {
        const candles = known(from, LAST + 1, by, Math.min(since, LAST - from), true);
        const price = candles.at(-1)?.[4] ?? 0;
        assert.equal(judged(candles, [price / by, price]).history.candles.at(-1)?.[4], price);
        if (candles.length - 1 > from) assert.equal(judged(candles, []).history.candles.at(-1)?.[4], price);
      }),
      { numRuns: 1_000, seed: 2 },
    );
  });
});
