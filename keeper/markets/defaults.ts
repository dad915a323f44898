import { HOUR_SECONDS } from "../domain/calendar.ts";
import type { ModelParameters, PolicyParameters, QualityParameters } from "../domain/parameters.ts";

/** Quality limits shared by every market; a market overrides what differs. */
export const DEFAULT_QUALITY: QualityParameters = {
  maxAgeSeconds: {
    // A Deribit board is rebuilt every few seconds; a minute-old one means that the venue or the path to it is failing.
    options: 60,
    // The volatility index is a daily close in the archive; as a *source* (ladder L2) it counts only while younger
    // than `holdSeconds`, beyond that it is shown as a check.
    index: 93_600,
    // Hourly candles: the last closed one is up to an hour old.
    history: 2 * HOUR_SECONDS,
    // The block read must be recent, or the node is lagging.
    pool: 120,
    // The feed's heartbeat is one hour; a quarter more for its transaction.
    feed: 4_500,
  },
  maxFutureSeconds: 5,
  maxOptionSpread: 0.3,
  minStrikes: 5,
  maxFitErrorVolPoints: 3,
  holdSeconds: 2 * HOUR_SECONDS,
  maxPriceDisagreement: 0.05,
  // A venue that is wrong for a moment is often wrong again: an hour, and ten cycles in a row.
  quarantine: { seconds: HOUR_SECONDS, agreements: 10 },
};

/** Decision rules shared by every market (MODEL.md section 4). */
export const DEFAULT_POLICY: PolicyParameters = {
  deadBandBps: 50,
  // A quarter of the chain's 24 h time to live: three renewals may fail before initial starts to tighten.
  heartbeatSeconds: 6 * HOUR_SECONDS,
  // A false alarm ends within days: two of them halve it, at no more than the hot key's budget of 50 bp a third of a day lets through.
  looseningHalfLifeDays: 2,
  maxLooseningBpsPerDay: 150,
  looseningCooldownSeconds: 6 * HOUR_SECONDS,
  minLooseningConfidence: 0.8,
  breakerRiseBpsPerDay: 500,
  breakerRestSeconds: 72 * HOUR_SECONDS,
};

/**
 * Governance numbers of a major collateral: WETH at a mid-size lender (supply cap 400 million USD). Every number is
 * either a default of MODEL.md or argued here:
 * - `idiosyncratic` 25 bp for what no market datum shows (the wrapper, the lender, the chain).
 * - `liquidationCost` 50 bp: 5 bp pool fee, gas and searcher's margin on a slice of a million USD or more.
 * - `largestBorrowerUsd` 20 million, 5 % of the cap; `liquidationProfile`: 1 % of the cap falls due at a price fall of
 *   10 %, 5 % at 20 %, 11.25 % at 30 %, 35 % at 50 %, the shape of the health factors of large Aave and Spark markets.
 * - `oracleDeviation` 50 bp and `oracleLatencySeconds` 120: threshold of the ETH/USD feed on mainnet, and ten blocks
 *   from crossing it to a liquidation that can use it.
 * - `depthStressFloor` 0.30: AMM depth; use 0.10 where an order book carries the depth.
 * - `priceRise`: a quarter at once and a tenth a day. In 2018 to 2026 that held back some value in 0.02 % of the hours of
 *   ether (5 times, 4 % at most) and in one hour of bitcoin's; XVS, MNGO and THE were pumped 2- to 24-fold within hours.
 * - `typicalVolatility` 0.8: between the long runs of bitcoin (73 %) and ether (91 %) over all recorded years, of which the keeper's 550 days hold
 *   a part (D192).
 * - `staticVolatility` 1.5: used only when nothing at all is known.
 * - `stressVolatility` 1.5 and `liquidationWindowHours` 4: a day like 12 March 2020 at 150 % a year, and what falls due in it gone
 *   within four hours, before a feed that lags or a gas price that spikes has become the larger risk.
 * A long-tail collateral takes `minimumHorizonHours` 48 and `stressVolatility` 2.5.
 */
export const DEFAULT_MODEL: Required<ModelParameters> = {
  tailLevel: 0.99,
  degreesOfFreedom: 4,
  impliedWeight: 0.5,
  impliedFloor: 1,
  ewmaFloor: 0.9,
  longRunFloor: 0.6,
  ladderMultipliers: [1, 1.05, 1.15, 1.2, 1.35, 1],
  typicalVolatility: 0.8,
  staticVolatility: 1.5,
  liquidationBonus: 0.05,
  liquidationCost: 0.005,
  idiosyncratic: 0.0025,
  minimumHorizonHours: 24,
  refillMinutes: 30,
  largestBorrowerUsd: 20_000_000,
  supplyCapUsd: 400_000_000,
  liquidationProfile: [
    [0.1, 4_000_000],
    [0.2, 20_000_000],
    [0.3, 45_000_000],
    [0.5, 140_000_000],
  ],
  oracleDeviation: 0.005,
  oracleLatencySeconds: 120,
  depthStressFloor: 0.3,
  depthStressElasticity: 1,
  coldStartDepthShare: 0.5,
  depthShare: 0.3,
  minimumGap: 0.03,
  stressVolatility: 1.5,
  liquidationWindowHours: 4,
  priceRise: { atOnce: 0.25, perDay: 0.1 },
};
