/** Bytes as 0x-prefixed hexadecimal text. */
export type Hex = `0x${string}`;

/** One market of a batch: the contract's `MarketUpdate`, same names and units. */
export type BatchUpdate = {
  readonly marketId: number;
  readonly initialBps: number;
  readonly maintenanceTargetBps: number;
  readonly confidenceBps: number;
  /** Bitmap of SOURCE_BITS. */
  readonly sources: number;
  /** Time of the oldest market datum used, Unix seconds. */
  readonly asOf: number;
};

/** What the keeper sends: the contract's `Batch`, same names. */
export type Batch = {
  readonly sequence: bigint;
  /** Last block time at which the contract takes it, Unix seconds. */
  readonly deadline: number;
  readonly modelVersion: number;
  /** keccak256 of the canonical evidence bytes. */
  readonly evidence: Hex;
  readonly updates: readonly BatchUpdate[];
};

/** A market the contract left as it was, with the reason it gave. */
export type SkippedMarket = {
  readonly marketId: number;
  readonly reason: string;
  readonly given: bigint;
  readonly allowed: bigint;
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
  readonly updates: readonly BatchUpdate[];
  readonly skipped: readonly SkippedMarket[];
};
