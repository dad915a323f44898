import { YEAR_HOURS } from "../domain/calendar.ts";
import type { MarketHistory } from "../domain/decision.ts";
import { type Fault, fault } from "../domain/fault.ts";
import { lowerMedian, upperMedian } from "../domain/numbers.ts";
import type { OptionBoard, PriceHistory, VolatilityIndex } from "../domain/observation.ts";
import { isClaimOnDebt, type MarketParameters, type ModelParameters } from "../domain/parameters.ts";
import type { Readings, VolatilityRisk } from "../domain/risk.ts";
import type { Estimates } from "./estimates.ts";
import type { HistoryVolatility } from "./history/historyVolatility.ts";
import { esMultiplier } from "./numerics/distributions.ts";
import { impliedVolatility, riskNeutralLoss, type Surface } from "./options/surface.ts";
import {
  calmFault,
  dropFault,
  frozenFault,
  indexFault,
  NO_SOURCES,
  poolVolatility,
  usableVolatility,
  type VolatilitySources,
} from "./volatilityLadder.ts";

/** Horizon of volatility indices, and of what realised volatility is compared with. */
const MONTH_YEARS = 30 / 365;
/** A board this old says nothing of now any more, seconds. */
const BOARD_SECONDS = 60;
/** A ratio stands still for longer than a price before that is a fault: a claim may trade at its claim for hours. */
const STILL_RATIO_CANDLES = 48;

/** What boards, candles and memory say together. */
type MeasuredVolatility = {
  readonly volatility: VolatilityRisk;
  /** Loss over `minimumHorizonHours` that the options price, a fraction; null without a usable surface. */
  readonly riskNeutralLoss: number | null;
  /** Median of the last month, USD; 0 where it is unknown. No number follows it. */
  readonly dailyVolumeUsd: number;
  /** What the surfaces take off the confidence in the readings, a factor in [0, 1]. */
  readonly confidence: number;
  /** Whether a held value replaces a source that is missing. */
  readonly isHeld: boolean;
  readonly faults: readonly Fault[];
};

/**
 * Volatility by source and rung of the ladder: candles are read, boards fitted, both held against each other and against
 * what was seen a moment ago, what is missing filled from what may be held, and all of it pooled.
 */
export function measureVolatility(
  readings: Readings,
  history: MarketHistory,
  market: MarketParameters,
  estimates: Estimates,
): MeasuredVolatility {
  const { model, quality } = market;
  const horizonYears = model.minimumHorizonHours / YEAR_HOURS;
  const isOnDebt = isClaimOnDebt(market);
  const past = readPast(readings.history, estimates, isOnDebt ? STILL_RATIO_CANDLES : undefined);
  const isSame = readings.transferHistory === readings.history;
  const transferPast = isSame ? past : readPast(readings.transferHistory, estimates);
  const options = readOptions(readings, market, estimates);
  const last = lastImplied(history, quality.holdSeconds, estimates.now);
  const seen = upperMedian(options.own.map((surface) => impliedVolatility(surface, horizonYears)));
  const dropped = dropFault(options.own[0]?.source ?? "", seen, last);
  const surface30d = upperMedian(options.listed.map((surface) => impliedVolatility(surface, MONTH_YEARS)));
  const doubts = [
    dropped,
    indexFault(surface30d, readings.index),
    calmFault(readings.history?.source ?? "", past.says?.typical30d ?? null, surface30d),
  ].filter((found) => found !== null);

  const implied = dropped === null ? seen : null;
  const held = heldSources(history, implied === null ? last : null, quality.holdSeconds, estimates.now);
  const losses = options.own.map((surface) => riskNeutralLoss(surface, model.tailLevel, horizonYears));
  const loss = dropped === null ? upperMedian(losses) : null;
  const volatility = poolVolatility(
    {
      implied,
      held,
      riskNeutral: volatilityOfLoss(loss, horizonYears, model),
      index: indexVolatility(readings.index, quality.holdSeconds, estimates.now),
      transferImplied: options.transferred === null ? null : impliedVolatility(options.transferred, horizonYears),
      transferRealised: transferPast.says?.realised30d ?? null,
      ...physicalSources(past.says),
      confidence: upperMedian(options.own.map((surface) => freshConfidence(surface, estimates.now))) ?? 0,
      historyDays: past.says?.days ?? 0,
    },
    model,
  );
  return {
    // What governance states is of prices, not of a ratio.
    volatility: past.says === null || isOnDebt ? volatility : { ...volatility, historyDays: past.says.days },
    riskNeutralLoss: loss,
    dailyVolumeUsd: past.says?.dailyVolumeUsd ?? 0,
    confidence: lowerMedian(options.listed.map((surface) => surface.confidence)) ?? (isOnDebt ? 1 : 0),
    isHeld: Object.keys(held).some((name) => volatility[name as keyof typeof volatility] === null),
    faults: [...past.faults, ...(isSame ? [] : transferPast.faults), ...options.faults, ...doubts],
  };
}

/** Volatility of a claim's ratio by its own history alone (L4), and what is wrong with that; null where it says too little. */
export function ratioVolatility(
  history: PriceHistory | null,
  model: ModelParameters,
  estimates: Estimates,
): { readonly volatility: VolatilityRisk | null; readonly faults: readonly Fault[] } {
  const { says, faults } = readPast(history, estimates, STILL_RATIO_CANDLES);
  const sources = { ...NO_SOURCES, ...physicalSources(says) };
  const volatility = poolVolatility({ ...sources, confidence: 0, historyDays: says?.days ?? 0 }, model);
  return { volatility: volatility.level === "L6" ? null : volatility, faults };
}

/** What a price history says, less what no asset has ever had, and what is wrong with it. */
type Past = { readonly says: HistoryVolatility | null; readonly faults: readonly Fault[] };

function readPast(history: PriceHistory | null, estimates: Estimates, stillCandles?: number): Past {
  if (history === null) return { says: null, faults: [] };
  const found = estimates.history(history);
  const frozen = frozenFault(history, stillCandles);
  const faults = [...found.faults, ...(frozen === null ? [] : [frozen])];
  if (!(found.dailyVolumeUsd > 0)) faults.push(fault("EMPTY", history.source, "no volume in the last 30 days"));
  const usable = (name: "har" | "ewma" | "longRun" | "realised30d" | "range") =>
    usableVolatility(found[name], name, history.source, faults);
  const [har, ewma, longRun] = [usable("har"), usable("ewma"), usable("longRun")];
  const [realised30d, range] = [usable("realised30d"), usable("range")];
  return { says: { ...found, har, ewma, longRun, realised30d, range }, faults };
}

function physicalSources(
  past: HistoryVolatility | null,
): Pick<VolatilitySources, "har" | "ewma" | "longRun" | "realised" | "range"> {
  if (past === null) return { har: null, ewma: null, longRun: null, realised: null, range: null };
  const { har, ewma, longRun, realised30d, range } = past;
  return { har, ewma, longRun, realised: realised30d, range };
}

/** The surfaces of the accepted boards, and what is wrong with them. */
type Options = {
  /** Of the collateral itself, the preferred venue's first. */
  readonly own: readonly Surface[];
  /** Of the listed underlying used in its place. */
  readonly transferred: Surface | null;
  /** Those that speak for the collateral: its own, or the transferred one where it has none. */
  readonly listed: readonly Surface[];
  readonly faults: readonly Fault[];
};

function readOptions(readings: Readings, { quality }: MarketParameters, estimates: Estimates): Options {
  const fitted = (board: OptionBoard | null) => (board === null ? [] : [estimates.surface(board, quality)]);
  const own = [readings.options, ...(readings.otherOptions ?? [])].flatMap(fitted);
  const transferred = fitted(readings.transferOptions);
  const faults = [...own, ...transferred].flatMap((surface) => surface.faults);
  return { own, transferred: transferred[0] ?? null, listed: own.length > 0 ? own : transferred, faults };
}

/** Confidence in a surface that fades to nothing while its board grows a minute old. */
function freshConfidence(surface: Surface, now: number): number {
  const age = Math.max(0, now - surface.eventTime);
  return surface.confidence * Math.max(0, 1 - age / BOARD_SECONDS);
}

/** Last good implied volatility while it may stand in for a missing or a doubtful one. */
function lastImplied({ lastImplied: last }: MarketHistory, holdSeconds: number, now: number): number | null {
  return last !== null && now - last.time <= holdSeconds ? last.vol : null;
}

/** Last good values that may still stand in for a missing source. */
function heldSources(
  history: MarketHistory,
  implied: number | null,
  holdSeconds: number,
  now: number,
): Partial<VolatilitySources> {
  const young = history.lastVolatility.filter(([, time]) => now - time <= holdSeconds);
  return {
    ...Object.fromEntries(young.map(([source, , vol]) => [source, vol])),
    ...(implied === null ? {} : { implied }),
  };
}

/** The index as a source: only while young enough (an older one is a check for people, see DECISIONS D6). */
function indexVolatility(index: VolatilityIndex | null, holdSeconds: number, now: number): number | null {
  const last = index?.closes.at(-1);
  return last !== undefined && now - last[0] <= holdSeconds ? last[1] : null;
}

/** The volatility whose Student expected shortfall over the horizon is this loss. */
function volatilityOfLoss(loss: number | null, horizonYears: number, model: ModelParameters): number | null {
  if (loss === null || !(loss < 1)) return null;
  return -Math.log(1 - loss) / (esMultiplier(model.tailLevel, model.degreesOfFreedom) * Math.sqrt(horizonYears));
}
