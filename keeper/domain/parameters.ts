/**
 * Governance numbers of one market. They live in reviewed files (`deployments/markets/`), never in the environment.
 * Fractions are fractions (0.05 = 5 %), money is USD, times are in the unit the name carries.
 */
export type MarketParameters = {
  /** Name used at the command line and in logs, e.g. "WETH". */
  readonly name: string;
  readonly collateral: { readonly symbol: string; readonly decimals: number };
  readonly debt: { readonly symbol: string };
  readonly model: ModelParameters;
  readonly quality: QualityParameters;
  readonly policy: PolicyParameters;
  /** Sources by role; the ids are registry ids of `keeper/venues`. */
  readonly sources: MarketSources;
  /** Order books that count beside the route; absent: none is asked for. */
  readonly books?: BookParameters;
  /** How the route's Uniswap pools are held against their own past; absent: it is not asked for. */
  readonly poolMemory?: PoolMemoryParameters;
  /** What the collateral is a claim on; absent: it is judged by its own price alone. */
  readonly claim?: ClaimParameters;
};

/**
 * A collateral that is a claim on another asset: the one whose options and history are the market's, or the debt itself where no
 * options are named (a pair, a coin that stands for the debt); then `sources.history` is the price in units of the debt.
 * Start with a `depeg` of 0.04 for coins that stand for a dollar (the worst day of the four largest in 2021 and 2022), 0.03 for staked
 * ether and 0.02 for bitcoin in custody, and with 0.1 a year.
 */
export type ClaimParameters = {
  /** Loss against what it is a claim on that both haircuts allow for within the horizon, whatever was recorded, a fraction. */
  readonly depeg: number;
  /** Where its exchange rate is read; absent: one for one. */
  readonly rate?: RateParameters;
  /** History of its price in units of what it is a claim on, as in `sources.history`; absent: none, or `sources.history` itself. */
  readonly history?: string;
};

/** Whether a market's collateral is a claim on the debt itself: nothing is listed that it could be a claim on beside it. */
export function isClaimOnDebt({ claim, sources }: Pick<MarketParameters, "claim" | "sources">): boolean {
  return claim !== undefined && sources.options === null && sources.transferFrom === null;
}

/** An exchange rate on chain. */
type RateParameters = {
  /** Name of the contract in the deployment's record (`sources.rates`). */
  readonly contract: string;
  /** "convertToAssets" (ERC-4626), or the name of the token's own function without arguments, with 18 decimals. */
  readonly getter: string;
  /** Most by which it grows, a fraction a year: more than a week's share of it above the lowest day of a week is not counted. */
  readonly mostGrowthPerYear: number;
};

/**
 * The window of a pool's own oracle and how far the present may lie from it. Start with 48 parts of 1800 s, 0.05 and 3: a
 * busy pool remembers a day once somebody paid for 300 readings or more; ether has moved by more than 5 % in half an hour on
 * a handful of days a year, and then, and when a trade moves it, nothing is loosened; liquidity in range changes by a factor
 * of two over a day by itself.
 */
export type PoolMemoryParameters = {
  /** The window is `parts` stretches of `partSeconds`; the youngest is the average that the price is held against. */
  readonly partSeconds: number;
  readonly parts: number;
  /** Largest distance of the price from the average of the youngest stretch, a fraction. */
  readonly maxFromAverage: number;
  /** Largest multiple of the window's harmonic mean that the liquidity in range may be; beyond the mean none counts. */
  readonly maxOverAverage: number;
};

/**
 * How order books count as depth: never by themselves, and never beyond a multiple of what the pools take. Start with 30 s,
 * 0.5, 0.001 and 1: a book is rebuilt many times a second, half a minute old it says nothing; half of every level and at most
 * as much as the pools (10 October 2025: over nine tenths of the depth on exchanges left), at a small account's taker fee.
 */
export type BookParameters = {
  /** "venue:market" with an id of `keeper/venues/registry.ts` and the venue's own name: "okx:ETH-USDT". */
  readonly markets: readonly string[];
  readonly maxAgeSeconds: number;
  /** Share of every level that counts, (0, 1]: orders on exchanges are withdrawn when they are needed. */
  readonly weight: number;
  /** Fraction of the proceeds. */
  readonly takerFee: number;
  /** Depth of all books together is at most this multiple of the pools'; 1: half of the whole. */
  readonly mostOfPools: number;
};

export type MarketSources = {
  /** Listed underlying whose options price this collateral, e.g. "ETH"; null where none is listed. */
  readonly options: string | null;
  /** Listed underlying whose implied volatility is transferred when the collateral has no options itself (ladder L3). */
  readonly transferFrom: string | null;
  /**
   * Venues whose boards of `options` and `transferFrom` are held against each other, by registry id, the preferred first;
   * absent: deribit alone. The volatility index is always deribit's.
   */
  readonly optionVenues?: readonly string[];
  /** Instrument of the price history: deribit's, e.g. "ETH-PERPETUAL", or "venue:instrument". */
  readonly history: string;
  /** Further histories of the same price at other venues, which `history` is held against, the preferred first; absent: none. */
  readonly otherHistories?: readonly string[];
  /** Price history of `transferFrom`, when set. */
  readonly transferHistory: string | null;
  /** Pool names (resolved to addresses by the deployment) on the way from collateral to USD, hop by hop; several pools
   * of one hop share the flow. */
  readonly route: readonly (readonly string[])[];
  /** Name of the on-chain price feed, resolved by the deployment. */
  readonly priceFeed: string;
};

export type ModelParameters = {
  /** Level of the expected shortfall, a fraction, e.g. 0.99. */
  readonly tailLevel: number;
  /** Degrees of freedom of the Student t, > 2. */
  readonly degreesOfFreedom: number;
  /** Weight of implied volatility in the pooled one, [0, 1]. */
  readonly impliedWeight: number;
  /** kappa: share of implied volatility that `used` never falls below while confidence in the options is high. */
  readonly impliedFloor: number;
  /** Shares of EWMA and of long-run volatility that `used` never falls below. */
  readonly ewmaFloor: number;
  readonly longRunFloor: number;
  /** Multipliers of the rungs L1 to L6 of the source ladder. The fifth is read by nothing: L5 is retired, and the number stays
   * because stored evidence has it. */
  readonly ladderMultipliers: readonly [number, number, number, number, number, number];
  /**
   * Volatility that assets of this kind have over the years, a fraction a year: it counts in the long run as a year more of history
   * (`credibleVolatility`). Absent: the asset's own history alone. A claim on the debt, whose history is of a ratio, has none.
   */
  readonly typicalVolatility?: number;
  /** Volatility used when nothing is known (L6), a fraction a year. */
  readonly staticVolatility: number;
  /** What the liquidator is paid, a fraction of the debt. */
  readonly liquidationBonus: number;
  /** Gas and fees of one liquidation as a fraction of its size. */
  readonly liquidationCost: number;
  /** Haircut for what no market datum shows (bridge, issuer, contract), a fraction. */
  readonly idiosyncratic: number;
  /** The horizon of both haircuts, hours: to notice, act, wait for the feed and sell. */
  readonly minimumHorizonHours: number;
  /** Minutes until depth is back after a slice was sold. */
  readonly refillMinutes: number;
  /** Collateral of the largest borrower, and the most that the lender takes; only their ratio and that of the profile count. */
  readonly largestBorrowerUsd: number;
  readonly supplyCapUsd: number;
  /** [price fall, USD of collateral that becomes liquidatable], ascending in both; piecewise linear through (0,0). */
  readonly liquidationProfile: readonly (readonly [fall: number, usd: number])[];
  /** Oracle: deviation threshold (fraction) and latency. */
  readonly oracleDeviation: number;
  readonly oracleLatencySeconds: number;
  /** Share of depth left in stress: phi = min(1, max(depthStressFloor, (longRun / sqrt(used longRun))^depthStressElasticity)). */
  readonly depthStressFloor: number;
  readonly depthStressElasticity: number;
  /** Depth counted while less than 24 h of snapshots exist, as a fraction of the depth seen. */
  readonly coldStartDepthShare: number;
  /** Share of stressed depth that one slice counts on: others sell too. */
  readonly depthShare: number;
  /** Least distance LT - LTV, a fraction. */
  readonly minimumGap: number;
  /** Volatility of the stress that the exposure limit is made for, a fraction a year: 1.5 = 150 %. */
  readonly stressVolatility: number;
  /** Hours in which what falls due in that stress must sell. */
  readonly liquidationWindowHours: number;
  /** How fast the value that new loans count may rise; absent: as fast as the price. */
  readonly priceRise?: PriceRiseParameters;
};

/** `atOnce` above what the price has been, and `perDay` more for each day since; fractions. */
export type PriceRiseParameters = { readonly atOnce: number; readonly perDay: number };

export type QualityParameters = {
  /** Largest age by the venue's clock, seconds. */
  readonly maxAgeSeconds: {
    readonly options: number;
    readonly index: number;
    readonly history: number;
    readonly pool: number;
    readonly feed: number;
  };
  /** Largest skew into the future, seconds. */
  readonly maxFutureSeconds: number;
  /** Largest relative spread of an option quote. */
  readonly maxOptionSpread: number;
  readonly minStrikes: number;
  readonly maxFitErrorVolPoints: number;
  /** How long a missing source may be replaced by its last good value. */
  readonly holdSeconds: number;
  /** Largest relative distance between prices of different sources. */
  readonly maxPriceDisagreement: number;
  /** How long a source that disagreed is out, and how often in a row it must agree first; absent: no longer than it does. */
  readonly quarantine?: QuarantineParameters;
};

/** Both must be met: `seconds` since the last disagreement, and `agreements` cycles in a row without one. */
export type QuarantineParameters = { readonly seconds: number; readonly agreements: number };

export type PolicyParameters = {
  /** Moves of a haircut by less wait for the heartbeat; the exposure limit has its own (policy/propose.ts). */
  readonly deadBandBps: number;
  readonly heartbeatSeconds: number;
  readonly looseningHalfLifeDays: number;
  readonly maxLooseningBpsPerDay: number;
  readonly looseningCooldownSeconds: number;
  readonly minLooseningConfidence: number;
  /** A rise of initial by more than this within a day is beyond the daily-rise limit: it is sent at once, and loosening rests. */
  readonly breakerRiseBpsPerDay: number;
  readonly breakerRestSeconds: number;
};
