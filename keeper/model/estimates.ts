import type { OptionBoard, PoolState, PriceHistory, RoutePool } from "../domain/observation.ts";
import type { PriceRiseParameters } from "../domain/parameters.ts";
import { poolCurve } from "./depth/route.ts";
import type { SellCurve } from "./depth/sellCurve.ts";
import { boundedPool } from "./depth/uniswapV3Curve.ts";
import { believedPrice } from "./history/believedPrice.ts";
import { type HistoryVolatility, historyVolatility } from "./history/historyVolatility.ts";
import { fitSurface, type Surface, type SurfaceRules } from "./options/surface.ts";

/**
 * What sources say by themselves at one moment, whichever market asks: boards are fitted, histories read and pools turned
 * into curves when they are first asked for, and handed on. A cycle makes one of these for all its markets, which share a
 * handful of sources; the numbers are the same with one for each market.
 */
export type Estimates = {
  /** Unix seconds. */
  readonly now: number;
  surface(board: OptionBoard, rules: SurfaceRules): Surface;
  history(history: PriceHistory): HistoryVolatility;
  /** `believedPrice`. */
  believed(history: PriceHistory, rules: PriceRiseParameters): number | null;
  /** `boundedPool`. */
  bounded(pool: PoolState, limit: bigint): PoolState;
  /** `poolCurve`. */
  curve(pool: RoutePool, sold: number, bought: number): SellCurve;
  /** What else follows from sources alone and from what `key` stands for. */
  shared<Result>(sources: readonly object[], key: string, work: () => Result): Result;
};

/** Estimates at `now` (Unix seconds), none of them worked out yet. */
export function estimatesAt(now: number): Estimates {
  const surface = once((board: OptionBoard, rules: SurfaceRules) => fitSurface(board, now, rules));
  const history = once((candles: PriceHistory) => closedVolatility(candles, now));
  const believed = once((candles: PriceHistory, rules: PriceRiseParameters) => believedPrice(candles, now, rules));
  const bounded = once(boundedPool);
  const curve = once(poolCurve);
  const numbers = new Map<object, number>();
  const works = once((_: object, work: () => unknown) => work());
  return {
    now,
    surface(board, { maxOptionSpread, minStrikes, maxFitErrorVolPoints }) {
      const rules = { maxOptionSpread, minStrikes, maxFitErrorVolPoints };
      return surface(Object.values(rules).join(), board, rules);
    },
    history: (candles) => history("", candles),
    believed: (candles, rules) => believed(`${rules.atOnce},${rules.perDay}`, candles, rules),
    bounded: (pool, limit) => bounded(`${limit}`, pool, limit),
    curve: (pool, sold, bought) => curve(`${sold},${bought}`, pool, sold, bought),
    shared<Result>(sources: readonly object[], key: string, work: () => Result) {
      for (const source of sources) if (!numbers.has(source)) numbers.set(source, numbers.size);
      const known = sources.map((source) => numbers.get(source));
      return works(`${known.join()};${key}`, works, work) as Result;
    },
  };
}

/** What was last read of candles, of which history and when. */
const lastRead = new WeakMap<
  PriceHistory["candles"],
  { readonly of: PriceHistory; readonly at: number; readonly says: HistoryVolatility }
>();
/** All that is read of a history beside its candles. */
const READ_OF = ["source", "intervalSeconds", "eventTime", "before"] as const;

/** `historyVolatility`; of candles that have all closed it follows no moment, and is the same until there are others. */
function closedVolatility(history: PriceHistory, now: number): HistoryVolatility {
  const known = lastRead.get(history.candles);
  if (known !== undefined && now >= known.at && READ_OF.every((name) => known.of[name] === history[name])) {
    return known.says;
  }
  const says = historyVolatility(history, now);
  const isClosed = !says.faults.some(({ code }) => code === "FUTURE");
  if (isClosed) lastRead.set(history.candles, { of: history, at: now, says });
  return says;
}

/** `work` done once for each source (by identity) and `key`, which stands for its further arguments. */
function once<Source extends object, Rest extends unknown[], Result>(work: (source: Source, ...rest: Rest) => Result) {
  const done = new Map<Source, Map<string, Result>>();
  return (key: string, source: Source, ...rest: Rest): Result => {
    const ofSource = done.get(source) ?? new Map<string, Result>();
    done.set(source, ofSource);
    const result = ofSource.get(key) ?? work(source, ...rest);
    ofSource.set(key, result);
    return result;
  };
}
