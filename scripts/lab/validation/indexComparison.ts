import { impliedVolatility, volatilityAt } from "../../../keeper/model/options/surface.ts";
import { type IndexClose, nearestClose } from "./indexClose.ts";
import { modelFreeVariance, stripFromQuotes } from "./modelFreeVariance.ts";
import { correlation, mean, rootMeanSquare } from "./sampleStatistics.ts";
import type { FittedBoard } from "./surfaceFigures.ts";

/** One measure of 30-day volatility beside the index. */
type Agreement = {
  /** Moments compared. */
  readonly moments: number;
  /** Correlation of levels, and of changes from one compared moment to the next; null where undefined. */
  readonly correlation: number | null;
  readonly correlationOfChanges: number | null;
  /** Mean of measure - index, volatility points: the bias. */
  readonly biasVolPoints: number | null;
  /** Mean of ln(measure / index), a fraction: the bias in proportion. */
  readonly relativeBias: number | null;
  /** Root mean squared distance after the bias is taken off, volatility points. */
  readonly noiseVolPoints: number | null;
};

export type IndexComparison = { readonly atTheMoney: Agreement; readonly modelFree: Agreement };

const MONTH_YEARS = 30 / 365;

/**
 * 30-day volatility of each board, at the money from the fitted surface and model-free from the raw quotes (Cboe method,
 * total variance linear between expiries), against the recorded index at its close nearest in time, at most 6 h away.
 * The index is a variance-swap level, so the model-free one is the like-for-like comparison and at-the-money lies below it.
 */
export function indexComparison(boards: readonly FittedBoard[], closes: readonly IndexClose[]): IndexComparison {
  const against = (measure: (fitted: FittedBoard) => number | null): Agreement => {
    const pairs = boards.flatMap((fitted) => {
      const [own, published] = [measure(fitted), nearestClose(closes, fitted.board.eventTime)];
      return own === null || published === null ? [] : [[own, published] as const];
    });
    const differences = pairs.map(([own, published]) => 100 * (own - published));
    const bias = mean(differences);
    const changes = pairs.slice(1).map(([own, published], i) => {
      const [ownBefore, publishedBefore] = pairs[i] ?? [own, published];
      return [own - ownBefore, published - publishedBefore] as const;
    });
    return {
      moments: pairs.length,
      correlation: correlation(pairs),
      correlationOfChanges: correlation(changes),
      biasVolPoints: bias,
      relativeBias: mean(pairs.map(([own, published]) => Math.log(own / published))),
      noiseVolPoints: rootMeanSquare(differences.map((difference) => difference - (bias ?? 0))),
    };
  };
  return {
    atTheMoney: against(({ surface }) => impliedVolatility(surface, MONTH_YEARS)),
    modelFree: against(modelFree),
  };
}

/** 30-day model-free volatility of the expiries that were fitted, from their raw quotes. */
function modelFree({ board, surface }: FittedBoard): number | null {
  const quotes = Map.groupBy(board.quotes, (quote) => quote.expiry);
  const points = surface.slices.flatMap(({ expiry, years }) => {
    const found = modelFreeVariance(stripFromQuotes(quotes.get(expiry) ?? []), years, 0);
    return found === null ? [] : [{ years, totalVariance: found.variance * years }];
  });
  return volatilityAt(points, MONTH_YEARS);
}
