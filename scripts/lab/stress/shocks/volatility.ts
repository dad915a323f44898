import { YEAR_SECONDS } from "../../../../keeper/domain/calendar.ts";
import type { Observation, OptionBoard, OptionQuote } from "../../../../keeper/domain/observation.ts";
import { HIGHEST_VOLATILITY, impliedVolatility } from "../../../../keeper/model/options/impliedVolatility.ts";
import { blackPrice } from "../../blackPrice.ts";

/**
 * The observation when options of every strike and expiry are priced at `times` their volatility, at most 500 %, with
 * spreads in proportion, and the volatility index closes at so many times its value. Candles stay: what has been realised
 * does not change in a moment.
 */
export function withVolatility(one: Observation, times: number): Observation {
  if (one.kind === "optionBoard") return { ...one, quotes: one.quotes.map((quote) => repriced(quote, one, times)) };
  if (one.kind !== "volatilityIndex") return one;
  return { ...one, closes: one.closes.map(([time, vol], i) => [time, i < one.closes.length - 1 ? vol : times * vol]) };
}

function repriced(quote: OptionQuote, board: OptionBoard, times: number): OptionQuote {
  const { kind, strike, forwardUsd, markCoin, expiry } = quote;
  const years = (expiry - board.eventTime) / YEAR_SECONDS;
  if (!(years > 0 && forwardUsd > 0 && markCoin > 0)) return quote;
  const option = { kind, forward: 1, strike: strike / forwardUsd, years };
  const solved = quote.markIv === null ? impliedVolatility({ ...option, price: markCoin }) : null;
  const vol = quote.markIv ?? (solved?.ok === true ? solved.vol : null);
  if (vol === null) return quote;
  const volatility = Math.min(HIGHEST_VOLATILITY, times * vol);
  const mark = blackPrice({ ...option, volatility });
  const scaled = (price: number | null) => (price === null ? null : (price / markCoin) * mark);
  return {
    ...quote,
    markCoin: mark,
    markIv: quote.markIv === null ? null : volatility,
    bidCoin: scaled(quote.bidCoin),
    askCoin: scaled(quote.askCoin),
  };
}
