import assert from "node:assert/strict";
import { test } from "node:test";
import type { Candle } from "../../../../keeper/domain/observation.ts";
import { believedPrice } from "../../../../keeper/model/history/believedPrice.ts";
import { believedPrices } from "../../../../scripts/lab/validation/backtest/believedPrices.ts";
import { historyUntil, priceSeries } from "../../../../scripts/lab/validation/backtest/priceSeries.ts";
import { restless } from "./support.ts";

const RULES = { atOnce: 0.25, perDay: 0.1 };
const HOUR = 3_600;

/** A random walk that loses half of its value for two days, is pumped sixfold for a week, and misses a day of candles. */
function eventful(): readonly Candle[] {
  const scale = (n: number) => (n >= 700 && n < 748 ? 0.5 : n >= 1_400 && n < 1_568 ? 6 : 1);
  const moved = restless(2_600).map(([time, open, high, low, close, volume], n): Candle => {
    const by = scale(n);
    return [time, open * by, high * by, low * by, close * by, volume];
  });
  return moved.filter((_, n) => n < 900 || n >= 924);
}

test("believed prices in one pass are those of the live function at every close, to the bit", () => {
  const series = priceSeries("TEST", HOUR, eventful());
  const all = believedPrices(series, RULES);
  let bound = 0;
  for (const [i, now] of series.closeTimes.entries()) {
    const live = believedPrice(historyUntil(series, i), now, RULES);
    assert.equal(all[i], live ?? Number.NaN, `close ${i}`);
    if ((live ?? Number.POSITIVE_INFINITY) < (series.closes[i] ?? 0)) bound += 1;
  }
  // The pump, and the way back from the loss.
  assert.ok(bound > 168 && bound < 400, `${bound}`);
});
