import { YEAR_SECONDS } from "../../domain/calendar.ts";
import { requireRange } from "../../domain/errors.ts";
import { type Fault, fault } from "../../domain/fault.ts";
import type { OptionBoard } from "../../domain/observation.ts";
import { scaleLoss } from "../haircut.ts";
import {
  cleanQuotes,
  type ExpiryQuotes,
  type QuotedPoint,
  type QuoteRules,
  SHORTEST_EXPIRY_YEARS,
} from "./optionQuotes.ts";
import { riskNeutralShortfall } from "./riskNeutralTail.ts";
import { domainProblem, fitSvi, rmseVolPoints, type SviParameters, totalVariance } from "./svi.ts";
import { type ButterflyCheck, calendarGap, checkButterfly, refitWithoutButterfly } from "./sviRefit.ts";

export type SurfaceRules = QuoteRules & {
  /** Largest root mean squared fit error, in volatility points. */
  readonly maxFitErrorVolPoints: number;
};

/** The fitted smile of one expiry. */
export type Slice = {
  readonly expiry: number;
  /** ACT/365 years from the board's event time to expiry. */
  readonly years: number;
  readonly forwardUsd: number;
  readonly points: readonly QuotedPoint[];
  readonly parameters: SviParameters;
  /** Root mean squared error over the points, volatility points. */
  readonly rmseVolPoints: number;
  /** Share of the points where the smile lies between bid and ask. */
  readonly insideSpreadShare: number;
  /** Butterfly test of the fit as found, and of the smile as used, which is always free. */
  readonly arbitrageBefore: ButterflyCheck;
  readonly arbitrageAfter: ButterflyCheck;
  readonly repaired: boolean;
  /** At-the-money-forward volatility, a fraction a year. */
  readonly atmVol: number;
};

/** All fitted expiries of one board, in order of time, with what was held back and why. */
export type Surface = {
  readonly source: string;
  readonly eventTime: number;
  readonly slices: readonly Slice[];
  readonly faults: readonly Fault[];
  /** [0, 1], see `surfaceConfidence`. */
  readonly confidence: number;
};

/** Strikes of a slice for full confidence, and what a repair costs. */
const FULL_STRIKES = 8;
const REPAIRED = 0.9;
/** Least share of the quotes that a repaired smile lies within. */
const LEAST_MET_SHARE = 0.5;
/** Expiries that count for confidence: those a liquidation horizon can touch. */
const NEAR_YEARS = 45 / 365;

/**
 * The volatility surface of a board: every expiry cleaned, fitted, tested for butterfly arbitrage and if need be fitted
 * again without it, on its own. An expiry that cannot be used, or whose second fit lies within fewer than half of its quotes,
 * becomes a fault and the rest goes on. `now` only decides which expiries are too close; times to
 * expiry run from the board's event time, when its prices were made.
 */
export function fitSurface(board: OptionBoard, now: number, rules: SurfaceRules): Surface {
  const { expiries, faults } = cleanQuotes(board, now, rules);
  const found: Fault[] = [...faults];
  const slices: Slice[] = [];
  for (const quotes of expiries) {
    const fitted = fitSlice(quotes, rules);
    const name = new Date(quotes.expiry * 1000).toISOString().slice(0, 16);
    if (typeof fitted === "string") {
      found.push(fault("BAD_FIT", board.source, `${name}: ${fitted}`, quotes.points.length));
      continue;
    }
    slices.push(fitted);
  }
  found.push(...calendarFaults(board.source, slices));
  const expected = [...new Set(board.quotes.map((quote) => quote.expiry))].filter((expiry) => isNear(expiry, now));
  return {
    source: board.source,
    eventTime: board.eventTime,
    slices,
    faults: found,
    confidence: surfaceConfidence(slices, expected),
  };
}

/**
 * At-the-money implied volatility (a fraction a year) from now to the horizon, or null without a usable slice.
 * Interpolates total variance; a later slice with less total variance than an earlier one does not lower it.
 */
export function impliedVolatility(surface: Surface, horizonYears: number): number | null {
  return volatilityAt(
    surface.slices.map(({ years, parameters }) => ({ years, totalVariance: totalVariance(parameters, 0) })),
    horizonYears,
  );
}

/**
 * Risk-neutral expected shortfall over the horizon as a fraction of the price, at `level` (0.99 = mean of the worst 1 %),
 * or null without a slice at least 12 h away. Taken from the first such slice that reaches the horizon (the last one when
 * none does), and carried to the horizon by the square root of time in logarithms. Below
 * the lowest quoted strike the smile is taken as flat (see `riskNeutralShortfall`).
 */
export function riskNeutralLoss(surface: Surface, level: number, horizonYears: number): number | null {
  requireRange("level", level, 0, 1, { openLow: true, openHigh: true });
  requireRange("horizonYears", horizonYears, 0, 100, { openLow: true });
  const usable = surface.slices.filter((slice) => slice.years >= SHORTEST_EXPIRY_YEARS);
  const slice = usable.find(({ years }) => years >= horizonYears) ?? usable.at(-1);
  if (slice === undefined) return null;
  const loss = riskNeutralShortfall(slice.parameters, 1 - level, slice.points[0]?.k);
  return loss === null ? null : scaleLoss(loss, Math.sqrt(horizonYears / slice.years));
}

/**
 * Confidence in a surface, [0, 1]: the mean over the board's expiries of the next 45 days, where a slice counts
 * min(strikes / 8, 1), times 0.9 when it had to be repaired, and a missing one counts zero.
 */
function surfaceConfidence(slices: readonly Slice[], expectedExpiries: readonly number[]): number {
  if (slices.length === 0 || expectedExpiries.length === 0) return 0;
  let sum = 0;
  for (const expiry of expectedExpiries) {
    const slice = slices.find((each) => each.expiry === expiry);
    if (slice === undefined) continue;
    sum += (slice.repaired ? REPAIRED : 1) * Math.min(slice.points.length / FULL_STRIKES, 1);
  }
  return sum / expectedExpiries.length;
}

function fitSlice({ expiry, years, forwardUsd, points }: ExpiryQuotes, rules: SurfaceRules): Slice | string {
  const fit = fitSvi(points, years);
  const limit = rules.maxFitErrorVolPoints;
  const problem = domainProblem(fit.parameters);
  if (problem !== null) return `outside the SVI domain: ${problem}`;
  if (!(fit.rmseVolPoints <= limit)) {
    return `fit error ${fit.rmseVolPoints.toFixed(2)} vol points, at most ${limit}`;
  }
  const arbitrageBefore = checkButterfly(fit.parameters);
  const repaired = !arbitrageBefore.free;
  const parameters = repaired ? refitWithoutButterfly(fit.parameters, points, years) : fit.parameters;
  if (parameters === null)
    return `butterfly, least g = ${arbitrageBefore.minimumG.toFixed(4)}, and no smile without it`;
  const error = rmseVolPoints(parameters, points, years);
  const inside = points.filter(({ k, bidVol, askVol }) => {
    const vol = Math.sqrt(totalVariance(parameters, k) / years);
    return vol >= bidVol && vol <= askVol;
  });
  if (repaired && !(error <= limit && inside.length >= LEAST_MET_SHARE * points.length)) {
    const met = `${inside.length} of ${points.length} quotes met, error ${error.toFixed(2)} vol points`;
    return `without butterfly ${met}; at least half and at most ${limit}`;
  }
  return {
    expiry,
    years,
    forwardUsd,
    points,
    parameters,
    rmseVolPoints: error,
    insideSpreadShare: inside.length / points.length,
    arbitrageBefore,
    arbitrageAfter: repaired ? checkButterfly(parameters) : arbitrageBefore,
    repaired,
    atmVol: Math.sqrt(totalVariance(parameters, 0) / years),
  };
}

/** One fault for each pair of neighbouring slices that cross where both are quoted. */
function calendarFaults(source: string, slices: readonly Slice[]): readonly Fault[] {
  return slices.flatMap((later, i) => {
    const earlier = slices[i - 1];
    if (earlier === undefined) return [];
    const low = Math.max(earlier.points[0]?.k ?? 0, later.points[0]?.k ?? 0);
    const high = Math.min(earlier.points.at(-1)?.k ?? 0, later.points.at(-1)?.k ?? 0);
    const { gap, atLogMoneyness } = calendarGap(earlier.parameters, later.parameters, low, high);
    if (gap >= 0) return [];
    const name = new Date(later.expiry * 1000).toISOString().slice(0, 16);
    const detail = `${name}: calendar, total variance ${gap.toExponential(2)} against the expiry before, at ln(K/F) = ${atLogMoneyness.toFixed(3)}`;
    return [fault("ARBITRAGE", source, detail, 1)];
  });
}

function isNear(expiry: number, now: number): boolean {
  const years = (expiry - now) / YEAR_SECONDS;
  return years >= SHORTEST_EXPIRY_YEARS && years <= NEAR_YEARS;
}

/** Total variance (volatility squared times years) at one expiry. */
type TotalVariancePoint = { readonly years: number; readonly totalVariance: number };

/**
 * Total variance at a horizon of `years`, or null without a usable expiry (12 h and more away). Linear in time between expiries;
 * flat forward variance before the first; after the last, its volatility holds. Of total variance that falls from one expiry to
 * the next (calendar arbitrage) the earlier, higher value is carried on.
 * @example totalVarianceAt([{ years: 0.1, totalVariance: 0.036 }, { years: 0.2, totalVariance: 0.05 }], 0.15) // 0.043
 */
function totalVarianceAt(points: readonly TotalVariancePoint[], years: number): number | null {
  requireRange("years", years, 0, 100);
  const curve = withoutDecrease(points);
  const first = curve[0];
  const last = curve.at(-1);
  if (first === undefined || last === undefined) return null;
  if (years <= first.years) return (first.totalVariance * years) / first.years;
  if (years >= last.years) return (last.totalVariance * years) / last.years;
  const next = curve.findIndex((point) => point.years >= years);
  const after = curve[next] ?? last;
  const before = curve[next - 1] ?? first;
  const share = (years - before.years) / (after.years - before.years);
  return before.totalVariance + share * (after.totalVariance - before.totalVariance);
}

/**
 * Annualised volatility (a fraction) of the span from now to `years`, or null without a usable expiry. Interpolates total
 * variance, never volatility.
 * @example volatilityAt([{ years: 0.1, totalVariance: 0.036 }], 1 / 365) // 0.6: flat before the first expiry
 */
export function volatilityAt(points: readonly TotalVariancePoint[], years: number): number | null {
  requireRange("years", years, 0, 100, { openLow: true });
  const total = totalVarianceAt(points, years);
  return total === null ? null : Math.sqrt(total / years);
}

/** Usable points in order of time, each at least as high as the one before. */
function withoutDecrease(points: readonly TotalVariancePoint[]): readonly TotalVariancePoint[] {
  const usable = points
    .filter((point) => point.years >= SHORTEST_EXPIRY_YEARS)
    .toSorted((left, right) => left.years - right.years);
  let highest = 0;
  return usable.map(({ years, totalVariance }) => {
    highest = Math.max(highest, totalVariance);
    return { years, totalVariance: highest };
  });
}
