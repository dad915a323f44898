/** Modes of a market in the order of the contract's enum: later is safer. */
export const MODES = ["NORMAL", "NO_NEW_RISK", "FROZEN"] as const;
export type MarketMode = (typeof MODES)[number];

/** Why one market of a batch is left as it was, in the order in which the rules are checked. */
export const SKIP_REASONS = [
  "NONE",
  "UNKNOWN_MARKET",
  "OVERRIDDEN",
  "ASOF_IN_FUTURE",
  "ASOF_TOO_OLD",
  "ASOF_NOT_INCREASING",
  "INITIAL_OUT_OF_BOUNDS",
  "MAINTENANCE_OUT_OF_BOUNDS",
  "GAP_TOO_SMALL",
  "STEP_TOO_LARGE",
  "TIGHTEN_ONLY",
  "LOOSENING_BUDGET_SPENT",
  "AGGREGATE_BUDGET_SPENT",
  "PROBE_REFUSED",
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** `until` of a mode that does not lapse: the greatest uint40. */
export const NEVER_LAPSES = 2 ** 40 - 1;

/** Everything governance fixes for one risk class; names and units of the contract's `Limits`. */
export type ContractLimits = {
  readonly minInitialBps: number;
  readonly maxInitialBps: number;
  readonly minMaintenanceBps: number;
  readonly maxMaintenanceBps: number;
  readonly minGapBps: number;
  readonly liquidationBonusBps: number;
  readonly maxLooseningStepBps: number;
  readonly looseningBudgetBpsPerDay: number;
  readonly quorumLooseningStepBps: number;
  readonly quorumLooseningBudgetBpsPerDay: number;
  readonly maxAgeSeconds: number;
  readonly probed: boolean;
};

/** What a market does between writes; names and units of the contract's `ProfileValues`. */
export type ProfileValues = {
  readonly tightenSpeedBpsPerDay: number;
  readonly loosenSpeedBpsPerDay: number;
  readonly ttlSeconds: number;
  readonly decaySeconds: number;
  readonly staleInitialCapBps: number;
};

/** Markets in a group: they share a storage slot, a risk class and, in a batch, an entry. */
export const LANES = 5;

/** The last group whose five market ids fit 16 bits. */
export const LAST_GROUP = 13_106;

/** Confidence and sources as the contract stores them: 5 and 11 bits. */
export const MOST_CONFIDENCE = 31;

/** Group and lane of a market id: ids count from 1, five to a group. @example placeOf(7) // { group: 1, lane: 1 } */
export function placeOf(marketId: number): { readonly group: number; readonly lane: number } {
  return { group: Math.floor((marketId - 1) / LANES), lane: (((marketId - 1) % LANES) + LANES) % LANES };
}

/** Id of the market in a lane of a group. @example marketIdOf(1, 1) // 7 */
export function marketIdOf(group: number, lane: number): number {
  return group * LANES + lane + 1;
}

/** One market's values in an entry. Basis points; sources a bitmap of 11 bits, confidence in 1/31 (0 to 31). */
export type EntryLane = {
  readonly initialBps: number;
  readonly maintenanceTargetBps: number;
  readonly confidence: number;
  readonly sources: number;
};

/** Up to five markets of one group and the time (seconds) of the oldest datum behind any of them. */
export type Entry = {
  readonly group: number;
  readonly asOf: number;
  /** By lane, 0 to 4; null where the market is not named. */
  readonly lanes: readonly (EntryLane | null)[];
  /** Whether confidence and sources travel with the values; they stay as they were when not. */
  readonly withQuality: boolean;
};

/** What all batches share; names of the contract's `DoorState`. */
export type DoorState = {
  readonly sequence: number;
  readonly generation: number;
  /** Budget window in which `spentBps` was spent. */
  readonly window: number;
  readonly spentBps: number;
  readonly aggregateBps: number;
  readonly quorumAggregateBps: number;
  readonly tightenOnly: boolean;
};

/** On a rollup, the uptime feed of its sequencer and the grace after an outage; names of the contract's struct. */
export type SequencerValues = { readonly feed: Hex; readonly graceSeconds: number };

/** What the contract is given where there is none. */
export const NO_SEQUENCER: SequencerValues = { feed: "0x0000000000000000000000000000000000000000", graceSeconds: 0 };

/** One round of such a feed: up or down since a time (Unix seconds). */
export type UptimeRound = { readonly up: boolean; readonly startedAt: number };

type ListedValues = { initialBps: number; maintenanceBps: number; asOf: number };
type Named<Name extends string, Args> = { readonly name: Name } & Readonly<Args>;

/** What the contract says, without the time of its block. Times in Unix seconds. */
export type ContractEventBody =
  | Named<"ProfileFixed", { profile: number; values: ProfileValues }>
  | Named<"SequencerFixed", { values: SequencerValues }>
  | Named<"LimitsChanged", { classId: number; limits: ContractLimits; by: Hex }>
  | Named<"ClassChanged", { group: number; classId: number }>
  | Named<"MarketListed", { marketId: number; collateral: Hex; debt: Hex; classId: number } & ListedValues>
  | Named<
      "BatchApplied",
      { sequence: number; evidence: Hex; sender: Hex; modelVersion: number; entries: readonly Entry[] }
    >
  | Named<"MarketSkipped", { marketId: number; sequence: number; reason: SkipReason; given: number; allowed: number }>
  | Named<"ModeChanged", { marketId: number; mode: MarketMode; by: Hex; until: number }>
  | Named<"MarketOverridden", { marketId: number; initialBps: number; maintenanceTargetBps: number; until: number }>
  | Named<"AggregateBudgetChanged", { hotBps: number; quorumBps: number; by: Hex }>
  | Named<"BreakerTripped", { sequence: number; givenBps: number; allowedBps: number }>
  | Named<"BreakerReset", unknown>
  | Named<"ProbeChanged", { marketId: number; probe: Hex }>;

/** One event and the time of its block. */
export type ContractEvent = ContractEventBody & { readonly time: number };

/** Bytes as 0x-prefixed hexadecimal text. */
export type Hex = `0x${string}`;

/** What a batch says of one market; names and units of the contract's `MarketUpdate`. */
export type BatchUpdate = {
  readonly marketId: number;
  readonly initialBps: number;
  readonly maintenanceTargetBps: number;
  /** Time of the oldest market datum behind any market of the entry, Unix seconds. */
  readonly asOf: number;
  /** Confidence in 1/31, and a bitmap of SOURCE_BITS; null where the batch leaves those on chain. */
  readonly confidence: number | null;
  readonly sources: number | null;
};

/** What the keeper sends: the contract's `Batch`, its entries spelled out. */
export type Batch = {
  readonly sequence: bigint;
  /** Last block time at which the contract takes it, Unix seconds. */
  readonly deadline: number;
  /** Generation of listings that the batch was made for. */
  readonly generation: number;
  readonly modelVersion: number;
  /** keccak256 of the canonical evidence bytes. */
  readonly evidence: Hex;
  readonly entries: readonly Entry[];
};

/** The markets of entries one by one, in their order. */
export function updatesOf(entries: readonly Entry[]): readonly BatchUpdate[] {
  return entries.flatMap(({ group, asOf, lanes, withQuality }) =>
    lanes.flatMap((values, lane) => {
      if (values === null) return [];
      const { initialBps, maintenanceTargetBps, confidence, sources } = values;
      const quality = withQuality ? { confidence, sources } : { confidence: null, sources: null };
      return [{ marketId: marketIdOf(group, lane), initialBps, maintenanceTargetBps, asOf, ...quality }];
    }),
  );
}

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
  readonly sender: Hex;
  /** Every market that the batch names, skipped ones included. */
  readonly updates: readonly BatchUpdate[];
  readonly skipped: readonly SkippedMarket[];
};
