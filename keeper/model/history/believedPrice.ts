import { DAY_SECONDS } from "../../domain/calendar.ts";
import { requireAmount } from "../../domain/errors.ts";
import type { PriceHistory } from "../../domain/observation.ts";
import type { PriceRiseParameters } from "../../domain/parameters.ts";

/** Closes older than this bound nothing: at 10 % a day the price may since have risen 300-fold. */
export const PRICE_MEMORY_SECONDS = 60 * DAY_SECONDS;

/**
 * Highest price that may be lent against in full, USD: the least, over the closes of the last 60 days, of what a price that
 * was there then may have become, `close (1 + atOnce) (1 + perDay)^days`. So the value that is lent against rises by at most
 * `perDay` a day above what it has been, after `atOnce`, whatever the price does; and it falls with the price at once.
 *
 * A close counts as the higher of itself and the one before it, so that one wrong print binds nothing. Closes later than
 * `now` are not read. Null with fewer than two.
 * Source: the stable price of Mango v4, written after its token was pumped 24-fold in October 2022.
 * @param now Unix seconds
 * @example believedPrice(twoClosesOf100ADayAgo, now, { atOnce: 0.25, perDay: 0.1 }) // 137.5
 */
export function believedPrice(history: PriceHistory, now: number, rules: PriceRiseParameters): number | null {
  requireAmount("priceRise.atOnce", rules.atOnce);
  requireAmount("priceRise.perDay", rules.perDay);
  const { candles, intervalSeconds } = history;
  let least: number | null = null;
  // The close that followed the one examined, and when.
  let [after, afterTime] = [Number.NaN, 0];
  for (let i = candles.length - 1; i >= 0; i--) {
    const candle = candles[i];
    if (candle === undefined) continue;
    const [closed, close] = [candle[0] + intervalSeconds, candle[4]];
    if (now - closed > PRICE_MEMORY_SECONDS) break;
    if (closed > now || !(close > 0 && Number.isFinite(close))) continue;
    const held = Math.max(close, after);
    // It can only have risen since: a higher one than the least so far bounds nothing.
    if (!Number.isNaN(held) && (least === null || held * (1 + rules.atOnce) < least)) {
      const allowed = mayHaveBecome(held, afterTime, now, rules.atOnce, rules.perDay);
      if (least === null || allowed < least) least = allowed;
    }
    [after, afterTime] = [close, closed];
  }
  return least;
}

/** What a price of `then` may have become by `now`, USD. */
export function mayHaveBecome(priceUsd: number, then: number, now: number, atOnce: number, perDay: number): number {
  return priceUsd * (1 + atOnce) * (1 + perDay) ** ((now - then) / DAY_SECONDS);
}
