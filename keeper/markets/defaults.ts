import { HOUR_SECONDS } from "../domain/calendar.ts";
import type {
  BookParameters,
  PolicyParameters,
  PoolMemoryParameters,
  QualityParameters,
} from "../domain/parameters.ts";

/** Quality limits shared by every market; a market overrides what differs. */
export const DEFAULT_QUALITY: QualityParameters = {
  maxAgeSeconds: {
    // A Deribit board is rebuilt every few seconds; a minute-old one means the venue or the path to it is ill.
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
  // A venue that is wrong for a moment is often wrong again: an hour, and ten looks in a row.
  quarantine: { seconds: HOUR_SECONDS, agreements: 10 },
};

/** Decision rules shared by every market (MODEL.md section 4). */
export const DEFAULT_POLICY: PolicyParameters = {
  deadBandBps: 50,
  // A quarter of the chain's 24 h time to live: three renewals may fail before initial starts to tighten.
  heartbeatSeconds: 6 * HOUR_SECONDS,
  looseningHalfLifeDays: 10,
  maxLooseningBpsPerDay: 50,
  looseningCooldownSeconds: 6 * HOUR_SECONDS,
  minLooseningConfidence: 0.8,
  breakerRiseBpsPerDay: 500,
  breakerRestSeconds: 72 * HOUR_SECONDS,
};

/**
 * How order books count where a market lists them: half of every level and at most as much as the pools (10 October 2025:
 * over nine tenths of the depth on exchanges left), at the taker fee of a small account. A book is rebuilt many times a
 * second; half a minute old it says nothing.
 */
export const DEFAULT_BOOKS: Omit<BookParameters, "markets"> = {
  maxAgeSeconds: 30,
  weight: 0.5,
  takerFee: 0.001,
  mostOfPools: 1,
};

/**
 * How a pool is held against its own past where a market asks for it: a day in half hours, which a busy pool remembers once
 * somebody paid for 300 readings or more. Ether has moved by more than 5 % in half an hour on a handful of days a year: then,
 * and when a trade moves it, nothing is loosened. Liquidity in range changes by a factor of two over a day by itself.
 */
export const DEFAULT_POOL_MEMORY: PoolMemoryParameters = {
  partSeconds: 1_800,
  parts: 48,
  maxFromAverage: 0.05,
  maxOverAverage: 3,
};

export { DEFAULT_MODEL } from "./modelDefaults.ts";
