import { type Entry, marketIdOf } from "./contract.ts";

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
