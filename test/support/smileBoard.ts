import { YEAR_SECONDS } from "../../keeper/domain/calendar.ts";
import type { OptionBoard, OptionQuote } from "../../keeper/domain/observation.ts";
import { type SviParameters, totalVariance } from "../../keeper/model/options/svi.ts";
import { blackPrice } from "../../scripts/lab/blackPrice.ts";

/** A calm smile of about 60 % a year at one month, with the put skew of a coin. */
export const CALM: SviParameters = { a: 0.005, b: 0.1, rho: -0.3, m: 0.02, sigma: 0.2 };
export const EVENT_TIME = Date.parse("2026-01-28T04:00:00Z") / 1000;

/** The smile of `parameters` stretched to `days`, so that its at-the-money volatility stays what it is at 30 days. */
export function atDays(days: number, parameters: SviParameters = CALM): SviParameters {
  const scale = days / 30;
  const root = Math.sqrt(scale);
  const { a, b, rho, m, sigma } = parameters;
  return { a: a * scale, b: b * root, rho, m: m * root, sigma: sigma * root };
}

/** A board whose quotes lie on given smiles; thirteen strikes, spread in volatility. */
export function smileBoard({
  days = [2, 7, 30],
  forwardUsd = 3000,
  halfSpreadVol = 0.005,
  smile = atDays,
  deviations = 2,
}: {
  readonly days?: readonly number[];
  readonly forwardUsd?: number;
  readonly halfSpreadVol?: number;
  readonly smile?: (days: number) => SviParameters;
  /** Strikes reach this many standard deviations from the forward. */
  readonly deviations?: number;
} = {}): OptionBoard {
  const quotes = days.flatMap((each) => {
    const expiry = EVENT_TIME + Math.round(each * 86_400);
    const years = (expiry - EVENT_TIME) / YEAR_SECONDS;
    const parameters = smile(each);
    const step = (Math.sqrt(totalVariance(parameters, 0)) * deviations) / 6;
    return Array.from({ length: 13 }, (_, i) => (i - 6) * step).flatMap((k) =>
      (["call", "put"] as const).map((kind) =>
        quoteAt(kind, k, { expiry, years, forwardUsd, halfSpreadVol }, parameters),
      ),
    );
  });
  return {
    kind: "optionBoard",
    source: "test:ETH:options",
    currency: "ETH",
    eventTime: EVENT_TIME,
    indexUsd: forwardUsd,
    quotes,
  };
}

/** The board with each quote changed by `change`. */
export function withQuotes(board: OptionBoard, change: (quote: OptionQuote) => OptionQuote | readonly OptionQuote[]) {
  return { ...board, quotes: board.quotes.flatMap(change) };
}

function quoteAt(
  kind: "call" | "put",
  k: number,
  at: { readonly expiry: number; readonly years: number; readonly forwardUsd: number; readonly halfSpreadVol: number },
  parameters: SviParameters,
): OptionQuote {
  const { expiry, years, forwardUsd, halfSpreadVol } = at;
  const vol = Math.sqrt(totalVariance(parameters, k) / years);
  const coin = (volatility: number) => blackPrice({ kind, forward: 1, strike: Math.exp(k), years, volatility });
  return {
    instrument: `ETH-TEST-${k.toFixed(4)}-${kind}`,
    expiry,
    strike: forwardUsd * Math.exp(k),
    kind,
    bidCoin: coin(vol - halfSpreadVol),
    askCoin: coin(vol + halfSpreadVol),
    markCoin: coin(vol),
    markIv: vol,
    forwardUsd,
    openInterest: 10,
  };
}
