import type { FaultCode } from "../../../keeper/domain/fault.ts";
import type { OptionBoard } from "../../../keeper/domain/observation.ts";
import { fitSurface, type Surface, type SurfaceRules } from "../../../keeper/model/options/surface.ts";
import type { IndexClose } from "./indexClose.ts";
import { type IndexComparison, indexComparison } from "./indexComparison.ts";
import { quantile } from "./sampleStatistics.ts";
import { type SteepestInversion, steepestInversion } from "./steepestInversion.ts";
import { type SurfaceStability, surfaceStability } from "./surfaceStability.ts";

/** A recorded board with the surface fitted to it. */
export type FittedBoard = { readonly board: OptionBoard; readonly surface: Surface };

type SurfaceFiguresInput = {
  /** Boards of any currencies and times, in any order. */
  readonly boards: readonly OptionBoard[];
  /** Recorded volatility index by currency; a currency may be missing. */
  readonly index: Readonly<Record<string, readonly IndexClose[]>>;
  /** The rules a market fits with: its `quality` parameters. */
  readonly rules: SurfaceRules;
};

/** How good the surfaces of a recording are. Errors and distances in volatility points, shares are fractions. */
export type SurfaceFigures = {
  /** Distinct times, boards (one for each time and currency), fitted expiries and the quotes they were fitted to. */
  readonly moments: number;
  readonly boards: number;
  readonly slices: number;
  readonly points: number;
  /** Boards without a single fitted expiry. */
  readonly boardsWithoutSlice: number;
  /** Faults by code: how often one was raised, not how many quotes it hit. */
  readonly faults: Readonly<Partial<Record<FaultCode, number>>>;
  /** Root mean squared error of a slice: its distribution over all slices. */
  readonly fitError: { readonly median: number | null; readonly p99: number | null; readonly largest: number | null };
  /** Share of all points where the smile lies between bid and ask. */
  readonly insideSpreadShare: number;
  readonly arbitrage: {
    /** Slices with butterfly arbitrage as fitted, and as used. */
    readonly butterflyBefore: number;
    readonly butterflyAfter: number;
    readonly repaired: number;
    /** Pairs of neighbouring expiries whose smiles cross where both are quoted. */
    readonly calendarCrossings: number;
    /** Pairs whose at-the-money total variance falls with time before the earlier one is carried on (see surface.ts). */
    readonly calendarAtTheMoney: number;
  };
  readonly byCurrency: Readonly<Record<string, CurrencyFigures>>;
};

type CurrencyFigures = {
  readonly boards: number;
  /** 30-day at-the-money and model-free volatility against the recorded index; null without one. */
  readonly index: IndexComparison | null;
  readonly stability: SurfaceStability;
  readonly inversion: SteepestInversion | null;
};

/**
 * Figures of every surface fitted to a recording: fit, arbitrage, distance to the published index, stability from one
 * snapshot to the next, and the steepest inversion of the term structure. Each board is fitted at its own event time,
 * with nothing later in sight. Pure; about 7 ms a board.
 * @example surfaceFigures({ boards, index: { ETH: dvol }, rules: market.quality }).fitError.median // 0.20
 */
export function surfaceFigures({ boards, index, rules }: SurfaceFiguresInput): SurfaceFigures {
  const fitted = boards
    .toSorted((left, right) => left.eventTime - right.eventTime)
    .map((board): FittedBoard => ({ board, surface: fitSurface(board, board.eventTime, rules) }));
  const slices = fitted.flatMap(({ surface }) => surface.slices);
  const points = slices.reduce((sum, slice) => sum + slice.points.length, 0);
  const inside = slices.reduce((sum, slice) => sum + slice.insideSpreadShare * slice.points.length, 0);
  const errors = slices.map((slice) => slice.rmseVolPoints);
  const faults: Partial<Record<FaultCode, number>> = {};
  for (const { code } of fitted.flatMap(({ surface }) => surface.faults)) faults[code] = (faults[code] ?? 0) + 1;
  const currencies = [...new Set(boards.map((board) => board.currency))].sort();
  return {
    moments: new Set(boards.map((board) => board.eventTime)).size,
    boards: boards.length,
    slices: slices.length,
    points,
    boardsWithoutSlice: fitted.filter(({ surface }) => surface.slices.length === 0).length,
    faults,
    fitError: { median: quantile(errors, 0.5), p99: quantile(errors, 0.99), largest: quantile(errors, 1) },
    insideSpreadShare: points === 0 ? 0 : inside / points,
    arbitrage: {
      butterflyBefore: slices.filter((slice) => !slice.arbitrageBefore.free).length,
      butterflyAfter: slices.filter((slice) => !slice.arbitrageAfter.free).length,
      repaired: slices.filter((slice) => slice.repaired).length,
      calendarCrossings: fitted.reduce((sum, { surface }) => sum + calendarCrossings(surface), 0),
      calendarAtTheMoney: fitted.reduce((sum, { surface }) => sum + fallingAtTheMoney(surface), 0),
    },
    byCurrency: Object.fromEntries(
      currencies.map((currency) => {
        const own = fitted.filter(({ board }) => board.currency === currency);
        const closes = index[currency];
        const figures: CurrencyFigures = {
          boards: own.length,
          index: closes === undefined ? null : indexComparison(own, closes),
          stability: surfaceStability(own),
          inversion: steepestInversion(own),
        };
        return [currency, figures];
      }),
    ),
  };
}

/** Every arbitrage fault that is not the butterfly of one slice is a crossing of two. */
function calendarCrossings({ faults, slices }: Surface): number {
  const found = faults.filter(({ code }) => code === "ARBITRAGE").length;
  return found - slices.filter((slice) => !slice.arbitrageAfter.free).length;
}

function fallingAtTheMoney({ slices }: Surface): number {
  return slices.filter((slice, i) => {
    const earlier = slices[i - 1];
    return earlier !== undefined && slice.atmVol ** 2 * slice.years < earlier.atmVol ** 2 * earlier.years;
  }).length;
}
