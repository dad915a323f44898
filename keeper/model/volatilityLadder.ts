import { requireRange } from "../domain/errors.ts";
import { type Fault, fault } from "../domain/fault.ts";
import { percent } from "../domain/format.ts";
import type { Candle, PriceHistory, VolatilityIndex } from "../domain/observation.ts";
import type { ModelParameters } from "../domain/parameters.ts";
import type { LadderLevel, VolatilityRisk } from "../domain/risk.ts";

type ShownSource = "implied" | "riskNeutral" | "index" | "transferImplied" | "transferRealised" | PhysicalSource;
type PhysicalSource = "har" | "ewma" | "longRun" | "realised";
/** Volatility by source, annualised fractions; null where a source had nothing to say. `range` is of a month, and not shown. */
export type VolatilitySources = Pick<VolatilityRisk, ShownSource> & { readonly range: number | null };

/** No source says anything. */
export const NO_SOURCES: VolatilitySources = {
  implied: null,
  riskNeutral: null,
  index: null,
  transferImplied: null,
  transferRealised: null,
  har: null,
  ewma: null,
  longRun: null,
  realised: null,
  range: null,
};

/** Names of all sources, in the order of `NO_SOURCES`. */
const SOURCE_NAMES = Object.keys(NO_SOURCES) as readonly (keyof VolatilitySources)[];

/**
 * The same sources with zero turned into null (no data is not zero risk) and every number checked to be an annualised
 * fraction in [0, 10]. @throws OUT_OF_RANGE naming the source
 */
function checkedSources(sources: VolatilitySources): VolatilitySources {
  const checked: { -readonly [K in keyof VolatilitySources]: number | null } = { ...NO_SOURCES };
  for (const name of SOURCE_NAMES) {
    const value = sources[name];
    checked[name] = value === null || value === 0 ? null : requireRange(name, value, 0, 10);
  }
  return checked;
}

/** Volatility by source with what decides how far each is trusted. */
type VolatilityInputs = VolatilitySources & {
  /** Confidence in the options data, [0, 1]. */
  readonly confidence: number;
  /** Days of price history. */
  readonly historyDays: number;
  /** Last good values still within their hold time (2 h), by source; leave out what is older. */
  readonly held?: Partial<VolatilitySources>;
};

/** Least confidence at which implied volatility is a floor by itself. */
const IMPLIED_FLOOR_CONFIDENCE = 0.8;
/** Days of history from which governance's weight of implied volatility is used; before, one half. */
export const WEIGHT_HISTORY_DAYS = 180;
/** Largest ratio by which a transferred volatility may exceed the collateral's own realised one. */
const TRANSFER_RATIO = { least: 1, most: 1.5 } as const;

/**
 * The volatility that haircuts use, with the rung of the source ladder it rests on (MODEL.md section 1):
 *
 * pooled = exp(w ln IV + (1-w) ln HAR)
 * used   = multiplier(level) * max(pooled, kappa min(IV, RND) if confidence >= 0.8, 0.9 EWMA, 0.6 long run)
 *
 * | level | implied side | needs | multiplier |
 * |---|---|---|---|
 * | L1 | surface | log-HAR | 1 |
 * | L2 | surface without log-HAR, or the index | - | 1.05 |
 * | L3 | transferred: own realised * clamp(IV_ref / RV_ref, 1, 1.5) | realised of both | 1.15 |
 * | L4 | - | log-HAR, EWMA, realised or range | 1.20 |
 * | L6 | `staticVolatility` | - | 1 |
 *
 * The physical side is the first of log-HAR, EWMA, realised, range. Zero counts as missing.
 *
 * `used` is the largest over every set of sources between the current ones and those filled from what is held, at confidence 1
 * where something was filled; L6 counts only where none of them rests on another rung. So losing sources whose values are held
 * never lowers it, one after the other or at once. What is not held any more is unknown: then only the multiplier rises, and the
 * policy loosens nothing at low confidence. Nor does a hold cover a fall of confidence alone: the implied floor rests then.
 * @example poolVolatility({ ...NO_SOURCES, implied: 0.64, har: 0.49, confidence: 0.5, historyDays: 400 }, DEFAULT_MODEL)
 * .used // 0.56
 */
export function poolVolatility(inputs: VolatilityInputs, parameters: ModelParameters): VolatilityRisk {
  requireRange("confidence", inputs.confidence, 0, 1);
  requireRange("historyDays", inputs.historyDays, 0, 1e6);
  const weight = inputs.historyDays < WEIGHT_HISTORY_DAYS ? 0.5 : clamp(parameters.impliedWeight, 0.2, 0.8);
  const current = checkedSources(inputs);
  const held = inputs.held === undefined ? NO_SOURCES : checkedSources({ ...NO_SOURCES, ...inputs.held });
  let winner = climb(current, inputs.confidence, weight, parameters);
  const { level } = winner;
  const fillable = SOURCE_NAMES.filter((name) => current[name] === null && held[name] !== null);
  for (const names of subsets(fillable)) {
    const filled = Object.fromEntries(names.map((name) => [name, held[name]]));
    const mixed = climb({ ...current, ...filled }, 1, weight, parameters);
    // Governance's number for the unknown yields to anything that was measured a moment ago, and never to less.
    if (mixed.level !== "L6" && (winner.level === "L6" || mixed.used > winner.used))
      winner = { ...mixed, binding: "held" };
  }
  const { implied, riskNeutral, index, transferImplied, transferRealised, realised, har, ewma, longRun } = current;
  const shown = level === "L6" ? winner.level : level;
  return {
    ...winner,
    level: shown,
    implied,
    riskNeutral,
    index,
    transferImplied,
    transferRealised,
    realised,
    har,
    ewma,
    longRun,
  };
}

type Rung = Pick<VolatilityRisk, "level" | "pooled" | "multiplier" | "used" | "binding">;

/** The best rung these sources reach. */
function climb(s: VolatilitySources, confidence: number, weight: number, parameters: ModelParameters): Rung {
  const physical = s.har ?? s.ewma ?? s.realised ?? s.range;
  const listed = s.implied ?? s.index;
  if (listed !== null) {
    const level = s.implied !== null && s.har !== null ? "L1" : "L2";
    const trusted = Math.min(listed, s.riskNeutral ?? listed);
    const floor = confidence >= IMPLIED_FLOOR_CONFIDENCE ? parameters.impliedFloor * trusted : 0;
    return rung(level, pool(listed, physical ?? listed, weight), floor, s, parameters);
  }
  const transferred = transfer(s);
  if (transferred !== null) return rung("L3", pool(transferred, physical ?? transferred, weight), 0, s, parameters);
  if (physical !== null) return rung("L4", physical, 0, s, parameters);
  return rung("L6", parameters.staticVolatility, 0, s, parameters);
}

function rung(level: LadderLevel, pooled: number, floor: number, s: VolatilitySources, p: ModelParameters): Rung {
  const multiplier = p.ladderMultipliers[Number(level.slice(1)) - 1] ?? 1;
  const ewma = p.ewmaFloor * (s.ewma ?? 0);
  const longRun = p.longRunFloor * (s.longRun ?? 0);
  let [binding, value]: [string, number] = [level === "L6" ? "static" : "pooled", pooled];
  if (floor > value) [binding, value] = ["impliedFloor", floor];
  if (ewma > value) [binding, value] = ["ewmaFloor", ewma];
  if (longRun > value) [binding, value] = ["longRunFloor", longRun];
  return { level, pooled, multiplier, used: multiplier * value, binding };
}

/** Every subset but the empty one; at most 2^10. */
function subsets<T>(items: readonly T[]): readonly (readonly T[])[] {
  let all: T[][] = [[]];
  for (const item of items) all = [...all, ...all.map((subset) => [...subset, item])];
  return all.slice(1);
}

/** Implied volatility borrowed from a listed underlying, scaled by the two realised ones; null when either is missing. */
function transfer(s: VolatilitySources): number | null {
  const own = s.realised ?? s.ewma ?? s.range ?? s.har;
  if (s.transferImplied === null || s.transferRealised === null || own === null) return null;
  return own * clamp(s.transferImplied / s.transferRealised, TRANSFER_RATIO.least, TRANSFER_RATIO.most);
}

function pool(implied: number, physical: number, weight: number): number {
  return Math.exp(weight * Math.log(implied) + (1 - weight) * Math.log(physical));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** A fall of implied volatility below this share of what was seen less than the hold time ago is not believed yet. */
const LARGEST_DROP = 0.8;
/** Two sources of volatility further apart than this factor contradict each other. Surface and DVOL of recorded boards lie
 * within 1.25 of each other, the index a day old. */
const INDEX_FACTOR = 1.5;
/** A typical day of the month below this share of implied volatility: nobody pays four times the risk, candles are wrong. */
const LEAST_REALISED_SHARE = 0.25;
/** Hours without any movement at all after which a history counts as frozen: real prices move within one. */
const FROZEN_CANDLES = 3;
/** Largest volatility that is a number of this world, a fraction a year. */
const MOST_VOLATILITY = 10;

/** JUMP when implied volatility fell too far too fast, else null. */
export function dropFault(source: string, implied: number | null, last: number | null): Fault | null {
  if (implied === null || last === null || implied >= LARGEST_DROP * last) return null;
  const seen = `${percent(implied, 1)} after ${percent(last, 1)}`;
  return fault("JUMP", source, `implied volatility ${seen}: the last value is held until the fall has lasted`);
}

/** DISAGREES when the surface and the published index, both of 30 days, contradict each other, else null. */
export function indexFault(surface30d: number | null, index: VolatilityIndex | null): Fault | null {
  const close = index?.closes.at(-1)?.[1];
  if (surface30d === null || index === null || close === undefined) return null;
  if (Math.max(surface30d / close, close / surface30d) <= INDEX_FACTOR) return null;
  return fault("DISAGREES", index.source, `${percent(close, 1)}, the options of 30 days say ${percent(surface30d, 1)}`);
}

/** DISAGREES when the days of a month are far calmer than the options of a month, else null. */
export function calmFault(source: string, typical30d: number | null, surface30d: number | null): Fault | null {
  if (typical30d === null || surface30d === null || typical30d >= LEAST_REALISED_SHARE * surface30d) return null;
  const seen = `${percent(typical30d, 1)} on a typical day, options say ${percent(surface30d, 1)}`;
  return fault("DISAGREES", source, seen);
}

/** FROZEN when the newest candles, three or `count`, show no movement at all, else null: a stopped feed is not a calm market. */
export function frozenFault(history: PriceHistory, count = FROZEN_CANDLES): Fault | null {
  const last = history.candles.slice(-count);
  const price = last[0]?.[1];
  const still = ([, open, high, low, close]: Candle) => [open, high, low, close].every((value) => value === price);
  if (last.length < count || !last.every(still)) return null;
  return fault("FROZEN", history.source, `no movement in the last ${count} candles`);
}

/** The volatility, or null with a fault when no asset has ever had it. */
export function usableVolatility(value: number | null, name: string, source: string, faults: Fault[]): number | null {
  if (value === null || (value >= 0 && value <= MOST_VOLATILITY)) return value;
  faults.push(fault("UNIT_SUSPECT", source, `${name} ${percent(value, 1)}, at most ${percent(MOST_VOLATILITY, 1)}`));
  return null;
}
