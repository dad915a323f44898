import { HOUR_SECONDS } from "../domain/calendar.ts";
import { type Fault, fault } from "../domain/fault.ts";
import { percent } from "../domain/format.ts";
import type { Observation, Observed, PoolMemory, PoolState, RoutePool } from "../domain/observation.ts";
import type { PoolMemoryParameters } from "../domain/parameters.ts";
import { boardFinding, positiveFinding, type QuoteFinding } from "../domain/quoteRules.ts";
import { curveProbeFault } from "../model/depth/curveOut.ts";
import { boundedPool } from "../model/depth/uniswapV3Curve.ts";

type Kind = Observation["kind"];
type OfKind<K extends Kind> = Extract<Observation, { kind: K }>;

/** Ages that are accepted at `now`, Unix seconds and seconds. */
type AgeLimits = { readonly now: number; readonly maxAgeSeconds: number; readonly maxFutureSeconds: number };

/** What came of one source that a market asks for. */
export type Asked<T extends Observation = Observation> = {
  readonly source: string;
  /** The observation if it is fresh and can mean what it says; else null, and a fault says why. */
  readonly accepted: T | null;
  /** What came, accepted or not; null where nothing did. */
  readonly seen: T | null;
  /** Those that came with it first. */
  readonly faults: readonly Fault[];
};

/**
 * One source by its name, judged by itself. UNREACHABLE when it was never asked, which an observation of another kind under
 * its name counts as; STALE or FUTURE by the venue's own clock; and a fault when it cannot mean what it says, whatever the
 * other sources say (adapters refuse most of that; it is asked again because everything after it takes numbers for numbers).
 * @param kinds what is wanted under that name
 */
export function ask<K extends Kind>(
  observed: readonly Observed[],
  kinds: readonly K[],
  source: string,
  limits: AgeLimits,
): Asked<OfKind<K>> {
  const found = observed.find((one) => one.source === source);
  if (found === undefined || !isWanted(found, kinds)) {
    return { source, accepted: null, seen: null, faults: [fault("UNREACHABLE", source, "was not observed")] };
  }
  const { observation, faults } = found;
  if (observation === null) return { source, accepted: null, seen: null, faults };
  const wrong = ageFault(observation, limits) ?? implausibility(observation);
  return wrong === null
    ? { source, accepted: observation, seen: observation, faults }
    : { source, accepted: null, seen: observation, faults: [...faults, wrong] };
}

function isWanted<K extends Kind>(one: Observed, kinds: readonly K[]): one is Observed<OfKind<K>> {
  return one.observation === null || (kinds as readonly Kind[]).includes(one.observation.kind);
}

function ageFault({ source, eventTime }: Observation, { now, maxAgeSeconds, maxFutureSeconds }: AgeLimits) {
  const age = now - eventTime;
  if (!Number.isFinite(age)) return fault("NOT_FINITE", source, `event time ${eventTime}`);
  if (age > maxAgeSeconds) return fault("STALE", source, `age ${Math.round(age)} s, limit ${maxAgeSeconds} s`);
  if (-age <= maxFutureSeconds) return null;
  return fault("FUTURE", source, `${Math.round(-age)} s ahead of now, limit ${maxFutureSeconds} s`);
}

/** The fault of an observation that cannot mean what it says, or null. */
export function implausibility(observation: Observation): Fault | null {
  const found = findingOf(observation);
  return found === null ? null : fault(found[0], observation.source, found[1]);
}

/** Published volatility indices have been between 0.3 and 3; outside of this the unit is in doubt. */
const INDEX_RANGE = { least: 0.05, most: 5 };

function findingOf(observation: Observation): QuoteFinding | null {
  switch (observation.kind) {
    case "optionBoard":
      return boardFinding(observation);
    case "volatilityIndex": {
      const last = observation.closes.at(-1)?.[1];
      if (last === undefined) return ["EMPTY", "no close"];
      const { least, most } = INDEX_RANGE;
      if (last >= least && last <= most) return null;
      const expected = `expected a fraction in [${least}, ${most}]`;
      return positiveFinding("index", last) ?? ["UNIT_SUSPECT", `volatility ${last}, ${expected}`];
    }
    case "priceHistory": {
      const last = observation.candles.at(-1)?.[4];
      return last === undefined ? ["EMPTY", "no candle"] : positiveFinding("last close", last);
    }
    case "exchangeRate":
      return positiveFinding("exchange rate", Number(observation.answer));
    case "priceFeed":
      return positiveFinding("price", observation.priceUsd);
    case "orderBook": {
      const [bid, ask] = [observation.bids[0]?.[0], observation.asks[0]?.[0]];
      if (bid === undefined || ask === undefined) return ["EMPTY", "a book without a bid or an ask"];
      const wrong = positiveFinding("best bid", bid) ?? positiveFinding("best ask", ask);
      return wrong ?? (bid < ask ? null : ["CROSSED", "bid above ask"]);
    }
    case "poolMemory":
      if (observation.stretches.length === 0) return ["EMPTY", "a memory without a stretch"];
      return observation.whole.harmonicLiquidity > 0n ? null : ["NOT_POSITIVE", "no liquidity on average"];
    case "stableSwapPool":
    case "cryptoSwapPool": {
      if (observation.coins.some((coin) => coin.balance <= 0n)) return ["NOT_POSITIVE", "the pool lacks a coin"];
      const lie = curveProbeFault(observation);
      return lie === null ? null : [lie.code, lie.detail];
    }
    case "pool":
      return observation.sqrtPriceX96 > 0n ? null : ["NOT_POSITIVE", "the pool has no price"];
  }
}

/**
 * Confidence in a reading, a number in [0, 1]: the *product* of how many sources live, how old the data is and how many
 * strikes stand behind it, so that one bad factor is enough to lower it (MODEL.md section 1).
 * @param live sources accepted, of `expected` > 0  @param strikes of the thinnest slice used
 * @example confidence(2, 3, 20, 5) // 0.2778
 */
export function confidence(live: number, expected: number, ageSeconds: number, strikes: number): number {
  const share = expected > 0 ? Math.min(live / expected, 1) : 0;
  const age = Math.min(Math.max(1 - ageSeconds / 60, 0), 1);
  return share * age * Math.min(Math.max(strikes, 0) / 8, 1);
}

const LN_TICK = Math.log1p(1e-4);

/**
 * A route held against what its Uniswap pools remember of themselves: each pool with no more liquidity than the harmonic
 * mean of its window (`boundedPool`), and a fault for each whose price is further from the average of its youngest stretch
 * than `maxFromAverage` (OFF_AVERAGE) or whose liquidity is more than `maxOverAverage` times that mean (MOMENTARY): both may
 * be made for the moment. Then nothing is loosened, and no more depth counted than before (`depthRisk`). A pool without a
 * memory stays as it is.
 */
export function againstMemory(
  route: readonly (readonly RoutePool[])[],
  memories: readonly PoolMemory[],
  parameters: PoolMemoryParameters,
  bounded = boundedPool,
): { readonly route: readonly (readonly RoutePool[])[]; readonly faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const held = route.map((hop) =>
    hop.map((pool) => {
      const memory = memories.find((one) => one.pool === pool.pool);
      if (pool.kind !== "pool" || memory === undefined) return pool;
      faults.push(...faultsOf(pool, memory, parameters));
      return bounded(pool, memory.whole.harmonicLiquidity);
    }),
  );
  return { route: held, faults };
}

function faultsOf(pool: PoolState, memory: PoolMemory, limits: PoolMemoryParameters): readonly Fault[] {
  const found: Fault[] = [];
  const last = memory.stretches.at(-1) ?? memory.whole;
  // The mean tick is rounded down by up to one tick: half of one is its middle.
  const distance = Math.abs(
    Math.expm1(2 * Math.log(Number(pool.sqrtPriceX96) / 2 ** 96) - (last.meanTick + 0.5) * LN_TICK),
  );
  if (!(distance <= limits.maxFromAverage)) {
    const seen = `${percent(distance)} from the average of ${last.to - last.from} s, limit ${percent(limits.maxFromAverage)}`;
    found.push(fault("OFF_AVERAGE", pool.source, seen));
  }
  const multiple = Number(pool.liquidity) / Number(memory.whole.harmonicLiquidity);
  if (!(multiple <= limits.maxOverAverage)) {
    const hours = ((memory.whole.to - memory.whole.from) / HOUR_SECONDS).toFixed(1);
    const seen = `${multiple.toFixed(1)} times the harmonic mean of ${hours} h, limit ${limits.maxOverAverage}`;
    found.push(fault("MOMENTARY", pool.source, seen));
  }
  return found;
}
