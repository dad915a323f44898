import { TonsorError } from "./errors.ts";

/** Modes of a market in the order of the contract's enum: later is safer. */
export const MODES = ["NORMAL", "NO_NEW_RISK", "FROZEN"] as const;
export type MarketMode = (typeof MODES)[number];

/** What an account may do, in the order of the contract's enum; no account has two powers. */
export const POWERS = ["NONE", "HOT", "QUORUM", "GUARDIAN", "CHALLENGER", "LISTER"] as const;
export type Power = (typeof POWERS)[number];

/** Why one market of a batch is left as it was, in the order in which the rules are checked. */
export const SKIP_REASONS = [
  "NONE",
  "UNKNOWN_MARKET",
  "WRONG_GENERATION",
  "ASOF_IN_FUTURE",
  "ASOF_TOO_OLD",
  "TOO_LOOSE",
  "TOO_TIGHT",
  "GAP_TOO_SMALL",
  "ASOF_NOT_INCREASING",
  "HELD",
  "TIGHTEN_ONLY",
  "STEP_TOO_LARGE",
  "AGGREGATE_SPENT",
  "PROBE_REFUSED",
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** `until` of a mode that does not lapse: the greatest uint40. */
export const NEVER_LAPSES = 2 ** 40 - 1;

/** Confidence as the contract stores it: 5 bits. */
export const MOST_CONFIDENCE = 31;

/** Everything governance fixes for one risk class; names and units of the contract's `Limits`. */
export type ContractLimits = {
  readonly minInitialBps: number;
  readonly maxInitialBps: number;
  readonly minMaintenanceBps: number;
  readonly maxMaintenanceBps: number;
  readonly minGapBps: number;
  readonly liquidationBonusBps: number;
  /** How far maintenance may rise in 30 days: at most the gap, which is the thirty days' notice. */
  readonly tightenSpeedBpsPer30Days: number;
  readonly loosenSpeedBpsPer30Days: number;
  readonly ttlHours: number;
  readonly decayHours: number;
  readonly staleInitialCapBps: number;
  readonly maxAgeMinutes: number;
  readonly hotStepBps: number;
  readonly quorumStepBps: number;
  /** Loosening of initial in one window of eight hours; any 24 hours touch at most four. */
  readonly hotBudgetBps: number;
  readonly quorumBudgetBps: number;
  /** Raises of the exposure limit, in notches: 1024 double it. */
  readonly hotRaiseStep: number;
  readonly quorumRaiseStep: number;
  readonly hotRaiseBudget: number;
  readonly quorumRaiseBudget: number;
};

/** One market of a batch; names of IParameters. */
export type Entry = {
  readonly marketId: number;
  /** That of the market when the batch was made: 16 to 31. */
  readonly generation: number;
  /** Time of the oldest datum behind it, Unix seconds, a whole minute. */
  readonly asOf: number;
  readonly initialBps: number;
  readonly maintenanceTargetBps: number;
  /** Exposure limit as the contract writes it (`limitOf`). */
  readonly limit: number;
  /** Confidence in 1/31, and a bitmap of SOURCE_BITS (11 bits). */
  readonly confidence: number;
  readonly sources: number;
  /** Where the market may not loosen, the tighter of each number and what is stored is applied instead of nothing. */
  readonly orTighter: boolean;
};

/** A key or gateway as the contract knows it; names of IParameters.AccountSetting and of Words.sol. */
export type Account = {
  readonly power: Power;
  /** Number of its last batch. */
  readonly sequence: number;
  /** Loosening applied, and refused by the aggregate budget, in `window` (see `windowOf`). */
  readonly window: number;
  readonly spentBps: number;
  readonly refusedBps: number;
  readonly aggregateBps: number;
  readonly tripBps: number;
  /** It asked for more loosening than its trip: until governance sets it anew it only tightens. */
  readonly tightenOnly: boolean;
  /** Until when a guardian has halted it, Unix seconds; 0: never. */
  readonly haltedUntil: number;
};

/** The account that sends a keeper's batches, at one block: spent and refused are those of the block's window. */
export type Writer = Account & { readonly account: Hex };

/** What is said about a new market; names of IParameters.MarketListing. */
export type ListingValues = {
  readonly classId: number;
  readonly initialBps: number;
  readonly maintenanceBps: number;
  readonly limit: number;
  readonly lowestLimit: number;
  readonly highestLimit: number;
};

/** Bytes as 0x-prefixed hexadecimal text. */
export type Hex = `0x${string}`;

/** What the keeper sends: `publishBatch`, its head and entries spelled out. */
export type Batch = {
  /** The writer's last number plus one. */
  readonly sequence: bigint;
  /** Last block time at which the contract takes it, Unix seconds. */
  readonly deadline: number;
  readonly modelVersion: number;
  /** keccak256 of the canonical evidence bytes. */
  readonly evidence: Hex;
  readonly entries: readonly Entry[];
};

/** A market the contract left as it was, with the reason it gave. */
export type SkippedMarket = {
  readonly marketId: number;
  readonly reason: string;
  readonly given: number;
  readonly allowed: number;
};

/** What running a batch against the latest block gives, without sending it. */
export type Simulation = {
  /** Gas the node estimates, without a margin. */
  readonly gas: bigint;
  /** Markets that would be left as they are, with reason and values. */
  readonly skipped: readonly SkippedMarket[];
  /** Markets of which only what tightens would be applied, and why the rest would not. */
  readonly tightened: readonly SkippedMarket[];
};

/** What the chain says about one batch: decoded from the events of its transaction. */
export type AppliedBatch = {
  readonly chainId: number;
  readonly contract: Hex;
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
  readonly sequence: bigint;
  readonly evidence: Hex;
  readonly modelVersion: number;
  /** The key or gateway that the contract took it from. */
  readonly writer: Hex;
  /** Every market that the batch names, skipped ones included. */
  readonly entries: readonly Entry[];
  readonly skipped: readonly SkippedMarket[];
  /** Markets of which only what tightens was applied (`LooseningSkipped`), and why the rest was not. */
  readonly tightened: readonly SkippedMarket[];
};

/**
 * An exposure limit as the contract writes it: 16 bits, six of exponent above ten of mantissa, in whole collateral tokens.
 * Codes are in order, so limits compare as they are; from 1024 tokens on, 1024 *notches* double one.
 */

/** Numbers below it are written as they are. */
const HIDDEN = 1_024;
/** The greatest limit that can be written, beyond any number of tokens: it limits nothing. */
export const NO_LIMIT = 0xffff;

/** Whole tokens of a limit as written. @example tokensOf(limitOf(1_000_000)) // 999_936n */
export function tokensOf(limit: number): bigint {
  if (limit < HIDDEN) return BigInt(limit);
  return BigInt(HIDDEN | (limit & 0x3ff)) << BigInt((limit >> 10) - 1);
}

/**
 * By how much two limits as written differ, percent of the second; infinite where only that is nothing. A notch would not do:
 * it is 0.05 % to 0.1 % from 1024 tokens on, and a whole token below.
 * @example percentApart(limitOf(190), limitOf(200)) // 5
 */
export function percentApart(limit: number, from: number): number {
  if (limit === from) return 0;
  const base = Number(tokensOf(from));
  return (100 * Math.abs(Number(tokensOf(limit)) - base)) / base;
}

/**
 * The greatest limit that can be written and is not above so many whole tokens: rounded down, by less than 0.1 %.
 * @throws TonsorError OUT_OF_RANGE for a negative or fractional number
 * @example limitOf(1_025) // 1_025
 */
export function limitOf(tokens: number | bigint): number {
  if (tokens < 0 || (typeof tokens === "number" && !Number.isSafeInteger(tokens))) {
    const facts = { field: "tokens", given: Number(tokens), expected: "a whole number, 0 or more" };
    throw new TonsorError("OUT_OF_RANGE", "not a number of whole tokens", facts);
  }
  const whole = BigInt(tokens);
  if (whole < HIDDEN) return Number(whole);
  const exponent = whole.toString(2).length - 11;
  if (exponent > 62) return NO_LIMIT;
  return ((exponent + 1) << 10) | (Number(whole >> BigInt(exponent)) & 0x3ff);
}
