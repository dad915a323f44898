import type { OptionBoard, PriceHistory } from "../domain/observation.ts";
import { type HistoryVolatility, historyVolatility } from "./history/historyVolatility.ts";
import { fitSurface, type Surface, type SurfaceRules } from "./options/surface.ts";

/**
 * What sources say by themselves at one moment, whichever market asks: each board is fitted and each history read once, when
 * it is first asked for, and handed on. A cycle makes one of these and passes it to all its markets, which share a handful
 * of boards and histories; the numbers are the same with one for each market.
 */
export type Estimates = {
  /** Unix seconds. */
  readonly now: number;
  surface(board: OptionBoard, rules: SurfaceRules): Surface;
  history(history: PriceHistory): HistoryVolatility;
};

/** Estimates at `now` (Unix seconds), none of them worked out yet. */
export function estimatesAt(now: number): Estimates {
  const surfaces = new Map<OptionBoard, Map<string, Surface>>();
  const histories = new Map<PriceHistory, HistoryVolatility>();
  return {
    now,
    surface(board, rules) {
      const { maxOptionSpread, minStrikes, maxFitErrorVolPoints } = rules;
      const fitted = surfaces.get(board) ?? new Map<string, Surface>();
      surfaces.set(board, fitted);
      const key = [maxOptionSpread, minStrikes, maxFitErrorVolPoints].join();
      const surface = fitted.get(key) ?? fitSurface(board, now, rules);
      fitted.set(key, surface);
      return surface;
    },
    history(history) {
      const read = histories.get(history) ?? historyVolatility(history, now);
      histories.set(history, read);
      return read;
    },
  };
}
