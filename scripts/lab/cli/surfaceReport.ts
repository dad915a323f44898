import { isoTime } from "../../../keeper/domain/calendar.ts";
import type { OptionBoard } from "../../../keeper/domain/observation.ts";
import { DEFAULT_QUALITY } from "../../../keeper/markets/defaults.ts";
import { riskNeutralQuantile, riskNeutralShortfall } from "../../../keeper/model/options/riskNeutralTail.ts";
import { fitSurface, impliedVolatility, type Slice, type SurfaceRules } from "../../../keeper/model/options/surface.ts";
import { modelFreeVariance, stripFromQuotes } from "../validation/modelFreeVariance.ts";

/** Everything `surface` says about one board; field names carry the unit, losses are fractions of the forward. */
export type BoardReport = {
  readonly source: string;
  readonly currency: string;
  readonly eventTime: string;
  readonly indexUsd: number;
  /** [0, 1] */
  readonly confidence: number;
  /** At-the-money volatility, a fraction a year, by horizon in days; null without a usable slice. */
  readonly atmVolatilityByDays: Readonly<Record<string, number | null>>;
  readonly expiries: readonly ExpiryReport[];
  readonly faults: readonly { readonly code: string; readonly detail: string; readonly count: number | null }[];
};

export type ExpiryReport = {
  readonly expiry: string;
  readonly yearsToExpiry: number;
  readonly forwardUsd: number;
  readonly points: number;
  /** w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)), total variance against ln(K/F). */
  readonly svi: Slice["parameters"];
  readonly rmseVolPoints: number;
  readonly insideSpreadShare: number;
  /** Least g(k); negative is butterfly arbitrage. */
  readonly butterflyMinimumBefore: number;
  readonly butterflyMinimumAfter: number;
  readonly repaired: boolean;
  readonly atmVolatility: number;
  /** By the Cboe method on the same quotes, independent of SVI; null where the strip is too thin. */
  readonly modelFreeVolatility: number | null;
  /** To expiry, risk-neutral; null for a slice that is not free of arbitrage. */
  readonly quantile1PercentLoss: number | null;
  readonly expectedShortfall1PercentLoss: number | null;
};

export type SurfaceReport = { readonly rules: SurfaceRules; readonly boards: readonly BoardReport[] };

const HORIZON_DAYS = [1, 7, 30, 90];
const TAIL = 0.01;

/**
 * The fitted surface of each board, as plain data: what `surface` prints and returns as JSON.
 * @param now Unix seconds deciding which expiries are too close; the board's own time when absent
 * @example surfaceReport(board).boards[0].atmVolatilityByDays["30"] // 0.5592 of a board made of that smile
 */
export function surfaceReport(
  boards: OptionBoard | readonly OptionBoard[],
  now?: number,
  rules: SurfaceRules = DEFAULT_QUALITY,
): SurfaceReport {
  const list = "quotes" in boards ? [boards] : boards;
  const { maxOptionSpread, minStrikes, maxFitErrorVolPoints } = rules;
  return {
    rules: { maxOptionSpread, minStrikes, maxFitErrorVolPoints },
    boards: list.map((board) => reportBoard(board, now ?? board.eventTime, rules)),
  };
}

function reportBoard(board: OptionBoard, now: number, rules: SurfaceRules): BoardReport {
  const surface = fitSurface(board, now, rules);
  return {
    source: board.source,
    currency: board.currency,
    eventTime: isoTime(board.eventTime),
    indexUsd: board.indexUsd,
    confidence: surface.confidence,
    atmVolatilityByDays: Object.fromEntries(
      HORIZON_DAYS.map((days) => [String(days), impliedVolatility(surface, days / 365)]),
    ),
    expiries: surface.slices.map((slice) => reportSlice(slice, board)),
    faults: surface.faults.map(({ code, detail, count }) => ({ code, detail, count: count ?? null })),
  };
}

function reportSlice(slice: Slice, board: OptionBoard): ExpiryReport {
  const strip = stripFromQuotes(board.quotes.filter((quote) => quote.expiry === slice.expiry));
  const modelFree = modelFreeVariance(strip, slice.years, 0);
  const quantile = riskNeutralQuantile(slice.parameters, TAIL);
  return {
    expiry: isoTime(slice.expiry),
    yearsToExpiry: slice.years,
    forwardUsd: slice.forwardUsd,
    points: slice.points.length,
    svi: slice.parameters,
    rmseVolPoints: slice.rmseVolPoints,
    insideSpreadShare: slice.insideSpreadShare,
    butterflyMinimumBefore: slice.arbitrageBefore.minimumG,
    butterflyMinimumAfter: slice.arbitrageAfter.minimumG,
    repaired: slice.repaired,
    atmVolatility: slice.atmVol,
    modelFreeVolatility: modelFree === null ? null : Math.sqrt(Math.max(modelFree.variance, 0)),
    quantile1PercentLoss: quantile === null ? null : -Math.expm1(quantile),
    expectedShortfall1PercentLoss: riskNeutralShortfall(slice.parameters, TAIL),
  };
}
