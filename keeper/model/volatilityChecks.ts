import { type Fault, fault } from "../domain/fault.ts";
import { percent } from "../domain/format.ts";
import type { Candle, PriceHistory, VolatilityIndex } from "../domain/observation.ts";

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
  return fault(
    "DISAGREES",
    source,
    `${percent(typical30d, 1)} on a typical day, options say ${percent(surface30d, 1)}`,
  );
}

/** FROZEN when the newest candles show no movement at all, else null: a stopped feed is not a calm market. */
export function frozenFault(history: PriceHistory): Fault | null {
  const last = history.candles.slice(-FROZEN_CANDLES);
  const price = last[0]?.[1];
  const still = ([, open, high, low, close]: Candle) => [open, high, low, close].every((value) => value === price);
  if (last.length < FROZEN_CANDLES || !last.every(still)) return null;
  return fault("FROZEN", history.source, `no movement in the last ${FROZEN_CANDLES} candles`);
}

/** The volatility, or null with a fault when no asset has ever had it. */
export function usableVolatility(value: number | null, name: string, source: string, faults: Fault[]): number | null {
  if (value === null || (value >= 0 && value <= MOST_VOLATILITY)) return value;
  faults.push(fault("UNIT_SUSPECT", source, `${name} ${percent(value, 1)}, at most ${percent(MOST_VOLATILITY, 1)}`));
  return null;
}
