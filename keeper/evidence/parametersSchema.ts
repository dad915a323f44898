import { z } from "zod";
import type { MarketParameters } from "../domain/parameters.ts";
import { finite } from "./scalars.ts";

/**
 * Schema of the governance numbers as they stand in evidence. Ranges are not judged here: evidence records what was
 * used, and `keeper/markets` has refused what is out of range before.
 */
const model = z.strictObject({
  tailLevel: finite,
  degreesOfFreedom: finite,
  impliedWeight: finite,
  impliedFloor: finite,
  ewmaFloor: finite,
  longRunFloor: finite,
  ladderMultipliers: z.tuple([finite, finite, finite, finite, finite, finite]).readonly(),
  staticVolatility: finite,
  liquidationBonus: finite,
  liquidationCost: finite,
  idiosyncratic: finite,
  minimumHorizonHours: finite,
  reactionHours: finite,
  refillMinutes: finite,
  participation: finite,
  stressVolumeShare: finite,
  impactCoefficient: finite,
  largestBorrowerUsd: finite,
  supplyCapUsd: finite,
  liquidationProfile: z.array(z.tuple([finite, finite]).readonly()).readonly(),
  oracleDeviation: finite,
  oracleLatencySeconds: finite,
  depthStressFloor: finite,
  depthStressElasticity: finite,
  coldStartDepthShare: finite,
  initialVolatilityMultiple: finite,
  initialDepthShare: finite,
  minimumGap: finite,
  stressVolatility: finite,
  stressWeight: finite,
  priceRise: z.exactOptional(z.strictObject({ atOnce: finite, perDay: finite })),
});

const quality = z.strictObject({
  maxAgeSeconds: z.strictObject({ options: finite, index: finite, history: finite, pool: finite, feed: finite }),
  maxFutureSeconds: finite,
  maxOptionSpread: finite,
  minStrikes: finite,
  maxFitErrorVolPoints: finite,
  holdSeconds: finite,
  maxPriceDisagreement: finite,
  quarantine: z.exactOptional(z.strictObject({ seconds: finite, agreements: finite })),
});

const policy = z.strictObject({
  deadBandBps: finite,
  heartbeatSeconds: finite,
  looseningHalfLifeDays: finite,
  maxLooseningBpsPerDay: finite,
  looseningCooldownSeconds: finite,
  minLooseningConfidence: finite,
  breakerRiseBpsPerDay: finite,
  breakerRestSeconds: finite,
});

const sources = z.strictObject({
  options: z.string().nullable(),
  transferFrom: z.string().nullable(),
  optionVenues: z.exactOptional(z.array(z.string()).readonly()),
  history: z.string(),
  transferHistory: z.string().nullable(),
  route: z.array(z.array(z.string()).readonly()).readonly(),
  priceFeed: z.string(),
});

const books = z.strictObject({
  markets: z.array(z.string()).readonly(),
  maxAgeSeconds: finite,
  weight: finite,
  takerFee: finite,
  mostOfPools: finite,
});

const poolMemory = z.strictObject({
  partSeconds: finite,
  parts: finite,
  maxFromAverage: finite,
  maxOverAverage: finite,
});

/** The governance numbers of one market. */
export const parametersSchema = z.strictObject({
  name: z.string(),
  collateral: z.strictObject({ symbol: z.string(), decimals: finite }),
  debt: z.strictObject({ symbol: z.string() }),
  model,
  quality,
  policy,
  sources,
  books: z.exactOptional(books),
  poolMemory: z.exactOptional(poolMemory),
}) satisfies z.ZodType<MarketParameters>;
