import { HOUR_SECONDS, YEAR_HOURS } from "../../../../keeper/domain/calendar.ts";
import type { Risk, VolatilityRisk } from "../../../../keeper/domain/risk.ts";
import { target as targetOf } from "../../../../keeper/model/target.ts";
import { believedPrices } from "./believedPrices.ts";
import { ChainPath } from "./chainPath.ts";
import { claimRisks } from "./claimRisk.ts";
import { depthAt } from "./depthSeries.ts";
import { type Estimates, estimatesOf } from "./estimates.ts";
import { indexAt } from "./indexSeries.ts";
import { baselines, METHOD_NAMES, type Method, tailMultiple } from "./methods.ts";
import { bestVolatility, type Known, physicalAt, RUNGS, type Rung, rungVolatility } from "./rungs.ts";
import type { World } from "./world.ts";

/** Everything a walk forward says, one entry per origin: the close of a candle at which the model had enough history. */
export type Walk = {
  /** Candle that has just closed. */
  readonly origin: Int32Array;
  readonly time: Float64Array;
  /** Rung the live ladder stood on, 1 for L1. */
  readonly level: Uint8Array;
  /** Volatility in use, and that of each rung taken alone; annualised, NaN where a rung had no sources. */
  readonly used: Float64Array;
  readonly rungs: Readonly<Record<Rung, Float64Array>>;
  readonly ewma: Float64Array;
  readonly realised: Float64Array;
  readonly longRun: Float64Array;
  /** Volatility that maintenance and initial follow. */
  readonly slow: Float64Array;
  readonly today: Float64Array;
  /** What the model was given, USD. */
  readonly depthUsd: Float64Array;
  readonly dailyVolumeUsd: Float64Array;
  /** Price loss L that maintenance allows for. */
  readonly loss: Float64Array;
  /** Exposure limit over the supply cap: as the model says, above 1 where the cap is less, and on chain. */
  readonly limitOverCap: Float64Array;
  readonly chainLimitOverCap: Float64Array;
  /** Haircuts by rule, fractions; NaN where a rule has none. */
  readonly maintenance: Readonly<Record<Method, Float64Array>>;
  readonly initial: Readonly<Record<Method, Float64Array>>;
  /** Transactions the policy sent, and when the daily-rise limit was exceeded (Unix seconds). */
  readonly updates: number;
  readonly trips: readonly number[];
};

/** Origins between two words of progress. */
const TOLD_EVERY = 1_000;

/**
 * Walks a world forward hour by hour: at each close the live ladder, haircut, target and policy are asked, given what
 * was known at that moment and nothing later. Origins begin once long-run volatility is known (90 days) and end with the data.
 * @param estimates of the world's own series and of its stand-in, if they are at hand
 * @param from first origin, Unix seconds; the history before it is known all the same
 */
export function walkForward(
  world: World,
  known: { own?: Estimates; transfer?: Estimates } = {},
  progress: (share: number) => void = () => {},
  from = Number.NEGATIVE_INFINITY,
): Walk {
  const { series, model } = world;
  const own = known.own ?? estimatesOf(series, model.tailLevel);
  const transferRealised = transferByTime(world, known.transfer);
  const origin = Int32Array.from(series.candles.keys()).filter((i) => {
    // Full hours only, so that windows of whole hours divide every series alike.
    const time = series.closeTimes[i] ?? 0;
    if (time % HOUR_SECONDS !== 0 || time < from) return false;
    return !Number.isNaN(own.longRun[i] ?? Number.NaN);
  });
  const columns = () => new Float64Array(origin.length).fill(Number.NaN);
  const walk = {
    origin,
    time: Float64Array.from(origin, (i) => series.closeTimes[i] ?? 0),
    level: new Uint8Array(origin.length),
    used: columns(),
    rungs: record(RUNGS, columns),
    ewma: Float64Array.from(origin, (i) => own.ewma[i] ?? Number.NaN),
    realised: Float64Array.from(origin, (i) => own.realised[i] ?? Number.NaN),
    longRun: Float64Array.from(origin, (i) => own.longRun[i] ?? Number.NaN),
    ...{ slow: columns(), today: columns() },
    depthUsd: columns(),
    dailyVolumeUsd: columns(),
    loss: columns(),
    limitOverCap: columns(),
    chainLimitOverCap: columns(),
    maintenance: record(METHOD_NAMES, columns),
    initial: record(METHOD_NAMES, columns),
  };
  const believed = model.priceRise === undefined ? null : believedPrices(series, model.priceRise);
  const chain = new ChainPath(world.policy, world.limits, world.limitMoves === true ? model.supplyCapUsd : null);
  const claimAt = claimRisks(world);
  const multiple = tailMultiple(model);
  for (let n = 0; n < origin.length; n++) {
    if (n % TOLD_EVERY === 0) progress(n / origin.length);
    const i = origin[n] ?? 0;
    const now = walk.time[n] ?? 0;
    const seen: Known = {
      ...physicalAt(own, i),
      index: world.index === null ? Number.NaN : indexAt(world.index, now),
      transferIndex: world.transfer === null ? Number.NaN : indexAt(world.transfer.index, now),
      transferRealised: transferRealised.get(now) ?? Number.NaN,
    };
    const best = bestVolatility(seen, model);
    // A ratio's long run counts alone, as in `measureRisk`.
    const volatility = world.claim?.ratio === null ? best : { ...best, historyDays: seen.days };
    const [priceUsd, believedUsd] = [series.closes[i] ?? 0, believed?.[i] ?? Number.NaN];
    const rise = believedUsd < priceUsd ? { priceRise: { priceUsd, believedUsd } } : {};
    const here = sizedAt(world, now);
    const measured = { now, dailyVolumeUsd: own.dailyVolumeUsd[i] ?? 0, tail: own.tailMultiple[i] ?? Number.NaN };
    const risk = { ...riskOf(here, volatility, measured), ...rise, ...claimAt(now, priceUsd) };
    const target = targetOf(risk, model);
    const { maintenanceTerms, initialTerms, limit } = target;
    [walk.slow[n], walk.today[n]] = [maintenanceTerms.volatility, initialTerms.volatility];
    walk.level[n] = Number(volatility.level.slice(1));
    walk.used[n] = volatility.used;
    for (const rung of RUNGS) walk.rungs[rung][n] = rungVolatility(rung, seen, model);
    walk.depthUsd[n] = risk.depth.robustUsd;
    walk.dailyVolumeUsd[n] = risk.dailyVolumeUsd;
    walk.loss[n] = maintenanceTerms.loss;
    walk.limitOverCap[n] = limit.usd / model.supplyCapUsd;
    const onChain = chain.step(now, target);
    walk.chainLimitOverCap[n] = onChain.limitOverCap;
    const said = {
      ...{ ours: target, onChain },
      ...baselines(seen, here, multiple),
    };
    for (const method of METHOD_NAMES) {
      walk.maintenance[method][n] = said[method].maintenance;
      walk.initial[method][n] = said[method].initial;
    }
  }
  return { ...walk, updates: chain.updates, trips: chain.trips };
}

/** The world with its depth and volume of a time, where it has them over time. */
function sizedAt(world: World, now: number): World {
  const depthUsd = world.depthUsdAt?.(now) ?? world.depthUsd;
  return { ...world, depthUsd, dailyVolumeUsd: world.dailyVolumeUsdAt?.(now) ?? world.dailyVolumeUsd };
}

type Measured = { readonly now: number; readonly dailyVolumeUsd: number; readonly tail: number };

/** The risk that `measureRisk` would report with these volatilities, depth and volume as the world has them, and no feed. */
function riskOf(world: World, volatility: VolatilityRisk, { now, dailyVolumeUsd, tail }: Measured): Risk {
  const { model, depthUsd } = world;
  const years = model.minimumHorizonHours / YEAR_HOURS;
  const historical = Number.isNaN(tail) ? null : -Math.expm1(-tail * volatility.used * Math.sqrt(years));
  return {
    volatility,
    depth:
      world.depth === undefined
        ? { maxSlippage: 0, nowUsd: depthUsd, shockedUsd: null, robustUsd: depthUsd, binding: "now", historyHours: 24 }
        : depthAt(world.depth, now, model.coldStartDepthShare),
    tail: { historical, riskNeutral: null },
    // As live; shown, and nothing follows it.
    dailyVolumeUsd: world.measuredVolume === undefined ? world.dailyVolumeUsd : dailyVolumeUsd || model.supplyCapUsd,
    oracleDeviation: 0,
    confidence: 1,
    sources: 0,
    faults: [],
  };
}

/** Realised volatility of the stand-in by the time it was known. */
function transferByTime(world: World, estimates: Estimates | undefined): ReadonlyMap<number, number> {
  if (world.transfer === null) return new Map();
  const { series } = world.transfer;
  const { realised } = estimates ?? estimatesOf(series, world.model.tailLevel);
  return new Map(Array.from(series.closeTimes, (time, i) => [time, realised[i] ?? Number.NaN]));
}

function record<Name extends string>(names: readonly Name[], make: () => Float64Array): Record<Name, Float64Array> {
  return Object.fromEntries(names.map((name) => [name, make()])) as Record<Name, Float64Array>;
}
