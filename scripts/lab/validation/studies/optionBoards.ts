import { DAY_SECONDS, HOUR_SECONDS } from "../../../../keeper/domain/calendar.ts";
import { NO_HISTORY } from "../../../../keeper/domain/decision.ts";
import type { OptionBoard } from "../../../../keeper/domain/observation.ts";
import type { MarketParameters } from "../../../../keeper/domain/parameters.ts";
import type { Readings } from "../../../../keeper/domain/risk.ts";
import { measureRisk } from "../../../../keeper/model/risk.ts";
import { target } from "../../../../keeper/model/target.ts";
import { type Coverage, coverage } from "../backtest/coverage.ts";
import { Outcomes } from "../backtest/outcomes.ts";
import { historyUntil, type PriceSeries } from "../backtest/priceSeries.ts";
import { modelLaw, windowsOf } from "../backtest/windows.ts";

/** What the top rung, with a real options board, said at each recorded moment. Annualised fractions and fractions. */
type BoardPoint = {
  readonly time: number;
  readonly level: string;
  readonly implied: number | null;
  readonly har: number | null;
  readonly used: number;
  /** The same moment with the board taken away: what the next rung would have said. */
  readonly usedWithout: number;
  readonly riskNeutralLoss: number | null;
  readonly loss: number;
  readonly lossBinding: string;
  readonly maintenance: number;
  readonly initial: number;
  readonly fall: number | null;
};

export type BoardStudy = {
  readonly currency: string;
  readonly boards: number;
  /** Windows at least a day apart, so that none overlaps another. */
  readonly apart: number;
  readonly coverage: Coverage;
  readonly coverageWithout: Coverage;
  /** Windows whose fall was beyond the whole loss allowed for. */
  readonly beyondLoss: number;
  readonly points: readonly BoardPoint[];
};

const HOURS = 24;

/**
 * Runs the live `measureRisk` and `target` on every recorded board of one currency, with the candles closed by then, and
 * looks at the 24 hours that followed. Depth is left out (none was recorded), so only volatility and tails are judged.
 */
export function boardStudy(
  currency: string,
  boards: readonly OptionBoard[],
  series: PriceSeries,
  market: MarketParameters,
  seed: number,
): BoardStudy {
  const lookup = new Outcomes(series);
  const own = boards.filter((board) => board.currency === currency).sort((a, b) => a.eventTime - b.eventTime);
  const found = own.flatMap((board) => {
    const last = lastClosed(series, board.eventTime);
    if (last < 0 || board.eventTime - (series.closeTimes[last] ?? 0) > 2 * HOUR_SECONDS) return [];
    return [{ point: pointOf(board, series, last, market, lookup), at: series.closeTimes[last] ?? 0 }];
  });
  // The first, and then each that starts when the window before it is over.
  let free = 0;
  const apart = found.filter(({ at, point }) => {
    if (at < free || point.fall === null) return false;
    free = at + DAY_SECONDS;
    return true;
  });
  const law = modelLaw(market.model);
  const judge = (volatility: (point: BoardPoint) => number) => {
    const outcomes = apart.map(({ point }) => ({ fall: point.fall ?? 0, worstFall: point.fall ?? 0 }));
    const time = Float64Array.from(apart.keys(), (n) => n * DAY_SECONDS);
    const values = Float64Array.from(apart, ({ point }) => volatility(point));
    return coverage(windowsOf(time, values, outcomes, HOURS, law), HOURS, law, seed);
  };
  return {
    currency,
    boards: found.length,
    apart: apart.length,
    coverage: judge((point) => point.used),
    coverageWithout: judge((point) => point.usedWithout),
    beyondLoss: apart.filter(({ point }) => (point.fall ?? 0) > point.loss).length,
    points: found.map(({ point }) => point),
  };
}

function pointOf(
  board: OptionBoard,
  series: PriceSeries,
  last: number,
  market: MarketParameters,
  lookup: Outcomes,
): BoardPoint {
  const now = board.eventTime;
  const readings: Readings = {
    asOf: now,
    priceUsd: board.indexUsd,
    options: board,
    index: null,
    history: historyUntil(series, last),
    transferOptions: null,
    transferHistory: null,
    route: [],
    feed: null,
    faults: [],
    confidence: 1,
    sources: 0,
  };
  const withDepth = (seen: ReturnType<typeof measureRisk>) => {
    const depth = 0.15 * market.model.supplyCapUsd;
    return {
      ...seen,
      depth: { ...seen.depth, nowUsd: depth, robustUsd: depth },
      dailyVolumeUsd: 2 * market.model.supplyCapUsd,
    };
  };
  const risk = withDepth(measureRisk(readings, NO_HISTORY, market, now));
  const without = measureRisk({ ...readings, options: null }, NO_HISTORY, market, now);
  const said = target(risk, market.model);
  return {
    time: now,
    level: risk.volatility.level,
    implied: risk.volatility.implied,
    har: risk.volatility.har,
    used: risk.volatility.used,
    usedWithout: without.volatility.used,
    riskNeutralLoss: risk.tail.riskNeutral,
    loss: said.initialTerms.loss,
    lossBinding: said.initialTerms.lossBinding,
    maintenance: said.maintenance,
    initial: said.initial,
    fall: lookup.after(last, HOURS)?.fall ?? null,
  };
}

function lastClosed(series: PriceSeries, now: number): number {
  let [low, high] = [0, series.closeTimes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((series.closeTimes[middle] ?? 0) <= now) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
