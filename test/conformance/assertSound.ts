import assert from "node:assert/strict";
import type { Observation } from "../../keeper/domain/observation.ts";

/** Every number of an observation is finite and every volatility a fraction in (0, 10]. */
export function assertSound(observation: Observation | null): void {
  if (observation === null) return;
  const finite = (...values: readonly (number | null)[]) => {
    for (const value of values)
      assert.ok(value === null || Number.isFinite(value), `${value} in ${observation.source}`);
  };
  const volatility = (value: number | null) => {
    assert.ok(value === null || (value > 0 && value <= 10), `volatility ${value} in ${observation.source}`);
  };
  finite(observation.eventTime);
  if (observation.kind === "optionBoard") {
    finite(observation.indexUsd);
    assert.equal(new Set(observation.quotes.map((quote) => quote.instrument)).size, observation.quotes.length);
    for (const quote of observation.quotes) {
      finite(quote.bidCoin, quote.askCoin, quote.markCoin, quote.forwardUsd, quote.openInterest, quote.strike);
      volatility(quote.markIv);
      assert.ok(quote.markCoin > 0 && quote.forwardUsd > 0 && quote.openInterest >= 0);
      assert.ok((quote.bidCoin ?? 0) <= (quote.askCoin ?? Number.POSITIVE_INFINITY));
    }
  } else if (observation.kind === "volatilityIndex") {
    for (const [time, vol] of observation.closes) {
      finite(time);
      volatility(vol);
    }
    assertAscending(observation.closes.map(([time]) => time));
  } else if (observation.kind === "priceHistory") {
    for (const candle of observation.candles) {
      finite(...candle);
      assert.ok(Math.min(candle[1], candle[2], candle[3], candle[4]) > 0 && candle[5] >= 0);
      assert.ok(candle[3] <= candle[1] && candle[1] <= candle[2] && candle[3] <= candle[4] && candle[4] <= candle[2]);
    }
    assertAscending(observation.candles.map(([time]) => time));
  }
}

function assertAscending(times: readonly number[]): void {
  for (let at = 1; at < times.length; at += 1)
    assert.ok((times[at - 1] ?? 0) < (times[at] ?? 0), "times not ascending");
}
