import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import { impliedVolatility, riskNeutralLoss } from "../../../keeper/model/options/surface.ts";
import type { FittedBoard } from "./surfaceFigures.ts";

/** At-the-money volatility, fractions a year, at 1, 7, 30 and 90 days. */
type TermStructure = Readonly<Record<1 | 7 | 30 | 90, number | null>>;

/** The moment at which 7-day volatility stood highest above 30-day volatility, and how the surface behaved. */
export type SteepestInversion = {
  /** Unix seconds. */
  readonly time: number;
  readonly atmByDays: TermStructure;
  /** About a week before: the last snapshot at least six days earlier; null without one. */
  readonly weekBefore: { readonly time: number; readonly atmByDays: TermStructure } | null;
  readonly slices: number;
  readonly repaired: number;
  /** Slices of which the used smile still has butterfly arbitrage, and pairs that cross. */
  readonly arbitrage: number;
  /** Mean fit error, volatility points. */
  readonly fitError: number;
  readonly confidence: number;
  /** Risk-neutral expected shortfall at 99 % over one day, a fraction. */
  readonly oneDayLoss: number | null;
  /** Moments of the recording whose 7-day volatility lies above the 30-day one. */
  readonly invertedShare: number;
};

const TAIL_LEVEL = 0.99;
const DAY_YEARS = 1 / 365;
const WEEK_SECONDS = 6 * DAY_SECONDS;

/** The steepest inversion among boards of one currency, ascending in time; null without a usable surface. */
export function steepestInversion(boards: readonly FittedBoard[]): SteepestInversion | null {
  const steepness = boards.map(({ surface }) => {
    const [week, month] = [impliedVolatility(surface, 7 / 365), impliedVolatility(surface, 30 / 365)];
    return week === null || month === null ? 0 : week / month;
  });
  const most = Math.max(...steepness);
  const found = boards[steepness.indexOf(most)];
  if (found === undefined || most === 0) return null;
  const { surface, board } = found;
  const earlier = boards.findLast((each) => each.board.eventTime <= board.eventTime - WEEK_SECONDS);
  const { slices } = surface;
  return {
    time: board.eventTime,
    atmByDays: termStructure(found),
    weekBefore: earlier === undefined ? null : { time: earlier.board.eventTime, atmByDays: termStructure(earlier) },
    slices: slices.length,
    repaired: slices.filter(({ repaired }) => repaired).length,
    arbitrage: surface.faults.filter(({ code }) => code === "ARBITRAGE").length,
    fitError: slices.reduce((sum, slice) => sum + slice.rmseVolPoints, 0) / slices.length,
    confidence: surface.confidence,
    oneDayLoss: riskNeutralLoss(surface, TAIL_LEVEL, DAY_YEARS),
    invertedShare: steepness.filter((ratio) => ratio > 1).length / boards.length,
  };
}

function termStructure({ surface }: FittedBoard): TermStructure {
  const at = (days: number) => impliedVolatility(surface, days * DAY_YEARS);
  return { 1: at(1), 7: at(7), 30: at(30), 90: at(90) };
}
