import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import type { OptionBoard } from "../../../keeper/domain/observation.ts";
import type { Slice } from "../../../keeper/model/options/surface.ts";
import { totalVariance } from "../../../keeper/model/options/svi.ts";
import { quantile, rootMeanSquare } from "./sampleStatistics.ts";
import type { FittedBoard } from "./surfaceFigures.ts";

/** How much of the movement of a fitted smile is not the market's. Volatility points, root mean square. */
type Movement = {
  /** Expiries seen in two consecutive snapshots. */
  readonly pairs: number;
  /** Movement of the fitted volatility, and of the venue's own mark volatility at the same place. */
  readonly fitted: number | null;
  readonly marks: number | null;
  /** Movement of the difference between the two: what the fit adds. */
  readonly added: number | null;
  /** The same without the worst 1 %: its 99 % quantile in absolute value. */
  readonly addedP99: number | null;
};

export type SurfaceStability = {
  /** At the money, and one deviation below it, where puts set the tail. */
  readonly atTheMoney: Movement;
  readonly oneDeviationBelow: Movement;
};

/** Snapshots further apart than this are not neighbours. */
const LONGEST_GAP_SECONDS = 30 * HOUR_SECONDS;
/** A place counts when the marks around it are no further apart than this in ln(K/F). */
const WIDEST_BRACKET = 0.25;

type Change = { readonly fitted: number; readonly marks: number };

/**
 * Stability from snapshot to snapshot. Volatilities do move in a day, so a plain difference says nothing about a fit. What
 * does is the distance between the smile and the venue's marks (interpolated between the two strikes around the place):
 * a stable method keeps it constant. `boards` are of one currency, ascending in time.
 */
export function surfaceStability(boards: readonly FittedBoard[]): SurfaceStability {
  const changes = { atTheMoney: [] as Change[], oneDeviationBelow: [] as Change[] };
  for (const [i, later] of boards.entries()) {
    const earlier = boards[i - 1];
    if (earlier === undefined || later.board.eventTime - earlier.board.eventTime > LONGEST_GAP_SECONDS) continue;
    for (const slice of later.surface.slices) {
      const before = earlier.surface.slices.find(({ expiry }) => expiry === slice.expiry);
      if (before === undefined) continue;
      for (const [name, deviations] of [
        ["atTheMoney", 0],
        ["oneDeviationBelow", 1],
      ] as const) {
        const change = changeAt(earlier.board, before, later.board, slice, deviations);
        if (change !== null) changes[name].push(change);
      }
    }
  }
  return { atTheMoney: movement(changes.atTheMoney), oneDeviationBelow: movement(changes.oneDeviationBelow) };
}

function movement(changes: readonly Change[]): Movement {
  const added = changes.map(({ fitted, marks }) => fitted - marks);
  return {
    pairs: changes.length,
    fitted: rootMeanSquare(changes.map(({ fitted }) => fitted)),
    marks: rootMeanSquare(changes.map(({ marks }) => marks)),
    added: rootMeanSquare(added),
    addedP99: quantile(added.map(Math.abs), 0.99),
  };
}

/** Change in volatility points at the place `deviations` below the money, each time by that time's own deviation. */
function changeAt(
  boardBefore: OptionBoard,
  before: Slice,
  boardAfter: OptionBoard,
  after: Slice,
  deviations: number,
): Change | null {
  const [first, second] = [seenAt(boardBefore, before, deviations), seenAt(boardAfter, after, deviations)];
  if (first === null || second === null) return null;
  return { fitted: 100 * (second.fitted - first.fitted), marks: 100 * (second.mark - first.mark) };
}

function seenAt(board: OptionBoard, slice: Slice, deviations: number) {
  const k = -deviations * Math.sqrt(totalVariance(slice.parameters, 0));
  const mark = markAt(board, slice, k);
  return mark === null ? null : { fitted: Math.sqrt(totalVariance(slice.parameters, k) / slice.years), mark };
}

/** The venue's mark volatility at ln(K/F) = k, linear between the two strikes around it; null where they are far apart. */
function markAt(board: OptionBoard, { expiry, forwardUsd }: Slice, k: number): number | null {
  let [below, above]: (readonly [number, number] | null)[] = [null, null];
  for (const quote of board.quotes) {
    if (quote.expiry !== expiry || quote.markIv === null || !(quote.markIv > 0)) continue;
    const at = Math.log(quote.strike / forwardUsd);
    if (at <= k && (!below || at > below[0])) below = [at, quote.markIv];
    if (at >= k && (!above || at < above[0])) above = [at, quote.markIv];
  }
  if (!below || !above || above[0] - below[0] > WIDEST_BRACKET) return null;
  const share = above[0] === below[0] ? 0 : (k - below[0]) / (above[0] - below[0]);
  return below[1] + share * (above[1] - below[1]);
}
