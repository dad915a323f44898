import type { Fault } from "./fault.ts";
import type {
  OptionBoard,
  OrderBook,
  PriceFeedAnswer,
  PriceHistory,
  RoutePool,
  VolatilityIndex,
} from "./observation.ts";

/** A source that disagreed with the others: [source, when it last did, times in a row it has agreed since]. */
export type Quarantined = readonly [source: string, since: number, agreed: number];

/** What a claim is worth beside what it is a claim on. */
export type ClaimReading = {
  /** Units of it for one token, as its contract says; null where there is none to ask, or it was not accepted. */
  readonly rate: number | null;
  /** How much of the rate may be counted: 1 where there is none to ask, null where it is not known. */
  readonly believedRate: number | null;
  /**
   * How far what the market pays, or the rate that may be counted, lies below what a lender counts who goes by the rate: a fraction
   * in [0, 1]. Null where one of the two prices is not known.
   */
  readonly discount: number | null;
  /** Price history in units of what it is a claim on; null where none is listed beside `history`, or it was not accepted. */
  readonly history: PriceHistory | null;
};

/** Readings: observations that passed the quality gates, with what was held back and why. */
export type Readings = {
  /** Time of the oldest market datum accepted. */
  readonly asOf: number;
  /** Collateral price, USD: median of the accepted sources; null when no source gave one. */
  readonly priceUsd: number | null;
  readonly options: OptionBoard | null;
  /** Boards of further venues that agree with `options`; absent where one venue is listed or left. */
  readonly otherOptions?: readonly OptionBoard[];
  readonly index: VolatilityIndex | null;
  readonly history: PriceHistory | null;
  readonly transferOptions: OptionBoard | null;
  readonly transferHistory: PriceHistory | null;
  /** Pools per hop of the route; a hop with no accepted pool is empty. */
  readonly route: readonly (readonly RoutePool[])[];
  /** Accepted order books of the collateral; absent where the market lists none. */
  readonly books?: readonly OrderBook[];
  readonly feed: PriceFeedAnswer | null;
  /** Absent where the market is no claim. */
  readonly claim?: ClaimReading;
  /** Feed and candles that are whole and fresh and yet contradict the others; absent where none does. */
  readonly setAside?: { readonly feed?: PriceFeedAnswer; readonly history?: PriceHistory };
  readonly faults: readonly Fault[];
  /** Sources in quarantine after this cycle; absent where none is. The journal keeps it for the next. */
  readonly quarantine?: readonly Quarantined[];
  /** Product of the confidences of what was accepted, [0, 1]. */
  readonly confidence: number;
  /** Bitmap of accepted sources, see SOURCE_BITS. */
  readonly sources: number;
};

/** Bits of the on-chain source bitmap. */
export const SOURCE_BITS = {
  options: 1,
  index: 2,
  history: 4,
  transfer: 8,
  pools: 16,
  feed: 32,
  heldVolatility: 64,
  heldDepth: 128,
  staticFallback: 256,
  books: 512,
} as const;

/** Rung of the source ladder that a volatility rests on, best first. L5 is retired: it was volatility implied by pool fees. */
export type LadderLevel = "L1" | "L2" | "L3" | "L4" | "L6";

/** Volatility by source, annualised fractions; null where the source had nothing to say. */
export type VolatilityRisk = {
  readonly level: LadderLevel;
  /** Surface volatility at the horizon. */
  readonly implied: number | null;
  /** Volatility that reproduces the risk-neutral tail. */
  readonly riskNeutral: number | null;
  readonly index: number | null;
  /** Of the listed underlying used in place of this collateral: options-implied, and realised over 30 days. */
  readonly transferImplied: number | null;
  readonly transferRealised: number | null;
  /** Over the last 30 days. */
  readonly realised: number | null;
  readonly har: number | null;
  readonly ewma: number | null;
  readonly longRun: number | null;
  /** Days behind `longRun`; absent where it counts alone, whatever governance states (a ratio, or days not known). */
  readonly historyDays?: number;
  readonly pooled: number;
  /** Ladder multiplier applied. */
  readonly multiplier: number;
  /** After floors and multiplier: today's volatility, which initial follows. */
  readonly used: number;
  /** Which term of the maximum won: "pooled" | "impliedFloor" | "ewmaFloor" | "longRunFloor" | "static". */
  readonly binding: string;
};

/** Depth in USD of collateral sellable at average slippage <= what the bonus pays. */
export type DepthRisk = {
  /** b/(1+b) - liquidation cost. */
  readonly maxSlippage: number;
  /** Now, at the current price. */
  readonly nowUsd: number;
  /** The part of it that order books give; absent where none is listed. */
  readonly booksUsd?: number;
  /** After a fall of the price by the tail loss, with liquidity providers unmoved: the least of the last hour; null when
   * depth is held. */
  readonly shockedUsd: number | null;
  /** The same as it is seen now; absent where that is what counts. */
  readonly shockedNowUsd?: number;
  /** After the manipulation-resistant minimum over the depth history. */
  readonly robustUsd: number;
  /** Which term of the minimum won. */
  readonly binding: string;
  /** Hours of depth history behind it. */
  readonly historyHours: number;
};

/** What a claim may lose against what it is a claim on. */
export type ClaimRisk = {
  /** As in `ClaimReading`. */
  readonly discount: number | null;
  /** What governance states, a fraction. */
  readonly depeg: number;
  /** Null where it is not recorded. Absent for a claim on the debt, whose price it is. */
  readonly ratio?: RatioRisk | null;
};

/** Volatility of a claim's price in units of what it is a claim on, annualised, and its historical loss at `used`, a fraction. */
export type RatioRisk = {
  readonly used: number;
  readonly longRun: number | null;
  readonly historical: number | null;
};

/** Losses for the tail, already scaled to the horizon: fractions of price; null where not available. */
type TailRisk = { readonly historical: number | null; readonly riskNeutral: number | null };

/** How far the price has risen beyond what new loans count. */
export type PriceRise = {
  /** The highest price that anyone may lend against: of the market, and of the feed, right or wrong. USD. */
  readonly priceUsd: number;
  /** What of it is counted, USD. */
  readonly believedUsd: number;
};

export type Risk = {
  readonly volatility: VolatilityRisk;
  readonly depth: DepthRisk;
  readonly tail: TailRisk;
  /** Daily volume, USD: the median of 30 days, the supply cap where it is not known. Shown; no number follows it. */
  readonly dailyVolumeUsd: number;
  /** |feed - market| / market at this moment. */
  readonly oracleDeviation: number;
  /** Absent where the price is counted in full. */
  readonly priceRise?: PriceRise;
  /** Absent where the market is no claim. */
  readonly claim?: ClaimRisk;
  readonly confidence: number;
  /** Sources behind these numbers, see SOURCE_BITS; held values and fallbacks included. */
  readonly sources: number;
  /** Faults found while measuring (fits, histories), beside those of the readings. */
  readonly faults: readonly Fault[];
};
