import type { Fault } from "./fault.ts";

/**
 * Observations: what a source said, parsed and unit-checked, not yet judged. Times are Unix seconds; volatilities are
 * annualised fractions; prices in the unit named by the field.
 */

/** Every observation names its source, and says when by the source's own clock: of what is read on chain, the block's time. */
type Dated = { readonly source: string; readonly eventTime: number };
/** Read on chain at one explicit block. */
type AtBlock = Dated & { readonly blockNumber: bigint };
/** The same of a pool, whose address is checksummed. */
type OfPool = AtBlock & { readonly pool: string };

/** One option of one board. Prices in coin (inverse options); null where the venue shows none. */
export type OptionQuote = {
  /** Instrument name as the venue spells it, e.g. "ETH-27FEB26-3000-C". */
  readonly instrument: string;
  /** Expiry, Unix seconds (08:00 UTC of the expiry day at Deribit). */
  readonly expiry: number;
  readonly strike: number;
  readonly kind: "call" | "put";
  readonly bidCoin: number | null;
  readonly askCoin: number | null;
  readonly markCoin: number;
  /** Mark implied volatility as a fraction (0.62, never 62); null where the venue gives none. */
  readonly markIv: number | null;
  /** Forward of this expiry, USD. */
  readonly forwardUsd: number;
  readonly openInterest: number;
};

/** A whole options board of one currency at one venue, as old as the oldest record of the answer. */
export type OptionBoard = Dated & {
  readonly kind: "optionBoard";
  readonly currency: string;
  /** Spot index, USD. */
  readonly indexUsd: number;
  readonly quotes: readonly OptionQuote[];
};

/** A volatility index (DVOL) of one currency: closed candles, oldest first; its time is that at which the last one closed. */
export type VolatilityIndex = Dated & {
  readonly kind: "volatilityIndex";
  readonly currency: string;
  /** [close time, close as a fraction a year]. */
  readonly closes: readonly (readonly [time: number, vol: number])[];
};

/** Price candles of one instrument, closed ones only, oldest first; its time is that at which the last one closed. */
export type PriceHistory = Dated & {
  readonly kind: "priceHistory";
  readonly instrument: string;
  readonly intervalSeconds: number;
  readonly candles: readonly Candle[];
  /** What the hours before these say; absent: nothing is known of them. */
  readonly before?: PricePast;
};

/** What is left of the hours of a price that ended by `until`: all that a long run and its tail need of them, to the last digit. */
export type PricePast = {
  /** A midnight UTC, Unix seconds. */
  readonly until: number;
  /**
   * By the hour at which days end, 0 to 23 UTC: how many of them are known, the sum of their variances (squared log returns, not
   * annualised) and their exponentially weighted average.
   */
  readonly days: readonly (readonly [known: number, sum: number, average: number])[];
  /** Shocks known: returns of 24 hours over the volatility before them. */
  readonly shocks: number;
  /** Those of them below -2 standard deviations, ascending. */
  readonly worst: readonly number[];
};

/** [open time, open, high, low, close in USD, volume in base units]. */
export type Candle = readonly [
  time: number,
  open: number,
  high: number,
  low: number,
  close: number,
  volumeBase: number,
];

/** State of one Uniswap v3 pool at one block: everything a swap needs. */
export type PoolState = OfPool & {
  readonly kind: "pool";
  readonly token0: PoolToken;
  readonly token1: PoolToken;
  /** Fee in hundredths of a basis point: 500 = 0.05 %. */
  readonly feePips: number;
  readonly tickSpacing: number;
  /** Price of token0 in token1 raw units, square root, Q64.96. */
  readonly sqrtPriceX96: bigint;
  readonly tick: number;
  /** In-range liquidity. */
  readonly liquidity: bigint;
  /** Initialised ticks, ascending. */
  readonly ticks: readonly PoolTick[];
};

export type PoolToken = { readonly address: string; readonly symbol: string; readonly decimals: number };
export type PoolTick = { readonly index: number; readonly liquidityNet: bigint };

/** What a pool says of one stretch of time, from two readings of its own oracle. Times are Unix seconds. */
export type PoolStretch = {
  readonly from: number;
  readonly to: number;
  /** Arithmetic mean of the tick, so the geometric mean of the price; rounded down, as OracleLibrary does. */
  readonly meanTick: number;
  /** Harmonic mean of the liquidity in range: little weight to liquidity that came for a moment. */
  readonly harmonicLiquidity: bigint;
};

/** What a Uniswap v3 pool remembers of itself up to one block, the end of the last stretch. */
export type PoolMemory = OfPool & {
  readonly kind: "poolMemory";
  /** The whole window. */
  readonly whole: PoolStretch;
  /** The window in equal parts, oldest first; at least one. */
  readonly stretches: readonly PoolStretch[];
};

/** Answer of an on-chain price feed (AggregatorV3) at one block; its time is the feed's own `updatedAt`. */
export type PriceFeedAnswer = AtBlock & {
  readonly kind: "priceFeed";
  readonly feed: string;
  readonly priceUsd: number;
};

/** What the contract of a claim says that one token is worth in units of what it is a claim on, at one block. */
export type ExchangeRate = AtBlock & {
  readonly kind: "exchangeRate";
  readonly contract: string;
  /** Raw answer for one whole token, and the decimals it has. */
  readonly answer: bigint;
  readonly decimals: number;
};

/** Order book of one spot or perpetual market at one venue, in whole coins and quote units whatever the venue counts in. */
export type OrderBook = Dated & {
  readonly kind: "orderBook";
  /** Name of the market as the venue spells it, e.g. "ETH-USDT". */
  readonly market: string;
  /** Best first: prices falling. */
  readonly bids: readonly BookLevel[];
  /** Best first: prices rising. */
  readonly asks: readonly BookLevel[];
};

/** [price in quote per base, size in base], both > 0. */
export type BookLevel = readonly [price: number, size: number];

/** One coin of a Curve pool. `balance` in raw units; `rate` brings raw units to 36 - decimals digits: 10^18 for 18 decimals. */
export type CurveCoin = PoolToken & { readonly balance: bigint; readonly rate: bigint };

/** What a pool itself answered to `get_dy(i, j, dx)` in the same block, so that our arithmetic can be checked against it. */
export type CurveProbe = { readonly i: number; readonly j: number; readonly dx: bigint; readonly dy: bigint };

/** State of one Curve StableSwap pool at one block: everything `get_dy` needs. */
export type StableSwapPool = OfPool & {
  readonly kind: "stableSwapPool";
  readonly coins: readonly CurveCoin[];
  /** A in units of 1 / amplificationPrecision. */
  readonly amplification: bigint;
  /** 1 in the first pools, 100 since. */
  readonly amplificationPrecision: bigint;
  /** In 10^-10 of the output. */
  readonly fee: bigint;
  /** True for StableSwap-NG, which rounds in another order and lets the fee grow off the peg. */
  readonly isNextGeneration: boolean;
  /** In 10^-10: the largest multiple of the fee; 10^10 or less for none. Read of next-generation pools only. */
  readonly offpegFeeMultiplier: bigint;
  readonly probes: readonly CurveProbe[];
};

/** State of one Curve CryptoSwap (v2) pool of two coins at one block. */
export type CryptoSwapPool = OfPool & {
  readonly kind: "cryptoSwapPool";
  /** Two; `rate` is 10^(18 - decimals). */
  readonly coins: readonly CurveCoin[];
  /** Price of coin 1 in coin 0 around which liquidity is concentrated, 10^18. */
  readonly priceScale: bigint;
  /** A times 4 times 10000, as `A()` gives it. */
  readonly amplification: bigint;
  readonly gamma: bigint;
  /** The invariant as stored. */
  readonly invariant: bigint;
  /** True while A and gamma are moving, when the invariant is computed afresh. */
  readonly isRamping: boolean;
  /** Fees in 10^-10; `feeGamma` 10^18. */
  readonly midFee: bigint;
  readonly outFee: bigint;
  readonly feeGamma: bigint;
  readonly probes: readonly CurveProbe[];
};

/** A pool that a route may name, of any kind. */
export type RoutePool = PoolState | StableSwapPool | CryptoSwapPool;

export type Observation =
  | PoolMemory
  | OptionBoard
  | VolatilityIndex
  | PriceHistory
  | PoolState
  | PriceFeedAnswer
  | ExchangeRate
  | OrderBook
  | StableSwapPool
  | CryptoSwapPool;

/** What came of asking one source: an observation with the faults of its dropped records, or only faults. */
export type Observed<T extends Observation = Observation> = {
  readonly source: string;
  readonly observation: T | null;
  readonly faults: readonly Fault[];
};
