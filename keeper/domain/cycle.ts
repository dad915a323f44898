import type { Entry, Hex, Writer } from "./contract.ts";
import type { AssessInput, Assessment, OnChainMarket } from "./decision.ts";
import type { ErrorCode } from "./errors.ts";
import type { IntentStatus } from "./intent.ts";
import type { LenderReading, LenderState } from "./lender.ts";
import type { Observed } from "./observation.ts";
import type { BookState, PositionSums } from "./position.ts";

/** The chain at one block: what every decision of a cycle is made against. */
export type ChainView = {
  readonly chainId: number;
  readonly contract: string;
  readonly blockNumber: bigint;
  readonly blockTime: number;
  /** Base fee of that block, wei per gas. */
  readonly baseFee: bigint;
  /** The account that sends, its last number, and what its budgets have left. */
  readonly writer: Writer;
  readonly markets: ReadonlyMap<string, OnChainMarket>;
};

/** What a cycle decides about: the chain at one block, and what was observed there and elsewhere of each market. */
export type Look = {
  readonly chain: ChainView;
  readonly observed: ReadonlyMap<string, readonly Observed[]>;
  /** What the lenders have that take the numbers; nothing is decided by it. */
  readonly lenders: readonly LenderReading[];
};

/** One market of a batch with everything that its numbers rest on. */
export type BatchEntry = { readonly input: AssessInput; readonly assessment: Assessment };

/** What is sent: the markets to update and the evidence they share. */
export type BatchPlan = {
  readonly sequence: bigint;
  readonly modelVersion: number;
  readonly now: number;
  readonly chain: ChainView;
  readonly entries: readonly BatchEntry[];
  /** The same as the contract takes them. */
  readonly contractEntries: readonly Entry[];
};

/** What the impact gate let through, and what it held. */
export type GatedPlan = {
  readonly plan: BatchPlan;
  readonly held: readonly { readonly market: string; readonly reason: string }[];
  /** What the positions of each market of the plan came to; absent: nobody asked. */
  readonly weighed?: readonly PositionSums[];
  /** Writes the report, named after the evidence, or after the cycle when nothing was sent. */
  report(sent: { readonly evidence: Hex; readonly calldata: Hex } | null, tick: number): Promise<void>;
};

/** What became of a batch. */
export type BatchResult = {
  /** The intent's status; REFUSED by the contract before signing; NOT_SENT for any other reason, see `detail`. */
  readonly status: IntentStatus | "REFUSED" | "NOT_SENT";
  readonly hash: string | null;
  /** Journal id of the transaction, or null when none was written. */
  readonly intent: number | null;
  readonly evidence: string | null;
  readonly sequence: bigint;
  readonly applied: readonly string[];
  readonly skipped: readonly { readonly market: string; readonly reason: string }[];
  /** Of those, what the impact gate held: governance decides about it. Absent: nothing. */
  readonly heldByGate?: readonly { readonly market: string; readonly reason: string }[];
  /** What the positions of its markets came to, held or not; absent: nobody asked. */
  readonly weighed?: readonly PositionSums[];
  readonly detail: string;
  /** Code of the error for which it was not sent. */
  readonly code?: ErrorCode;
};

/**
 * What keeps a tightening from being sent, by where a person looks first: no usable data; the key or its signer; its ether;
 * cap and budgets; its next nonce; the folder of evidence; the contract, or the nodes by which it is reached.
 */
export const OBSTACLE_CAUSES = ["source", "signer", "balance", "fees", "nonce", "evidence", "chain"] as const;

/** One such thing, in words. */
export type Obstacle = { readonly cause: (typeof OBSTACLE_CAUSES)[number]; readonly detail: string };

/** One pass from observation to journal. */
export type CycleReport = {
  readonly now: number;
  readonly blockNumber: bigint;
  /** Time of that block, Unix seconds, and its base fee, wei per gas. */
  readonly blockTime: number;
  readonly baseFee: bigint;
  /** Journal id of this cycle, or null in a dry run. */
  readonly tick: number | null;
  readonly entries: readonly BatchEntry[];
  readonly failures: readonly { readonly market: string; readonly error: string }[];
  readonly batch: BatchResult | null;
  /** Why nothing was sent although something was decided; null when that did not happen. */
  readonly heldBy: string | null;
  /** What a keeper instance of lower rank sent while this one yielded; then there is no batch of ours. */
  readonly yielded?: string;
  /** What was done about an earlier transaction that waits for a block, when there was nothing to send. */
  readonly openTransaction?: string;
  /** Why the next tightening could not be sent, as this cycle's rehearsal found; none: it could. Absent: not rehearsed. */
  readonly obstacles?: readonly Obstacle[];
  /** How the lenders stand that take the numbers, at the end. Absent: the record names none. */
  readonly lenders?: readonly LenderState[];
  /** What every market's positions come to, where the lenders' books were read in this cycle; and how each of them is. */
  readonly weighed?: readonly PositionSums[];
  readonly books?: readonly BookState[];
  /** Milliseconds from the last datum to the decisions about all markets; absent without a stopwatch. */
  readonly decisionMs?: number;
};

/** What is written down before anything is done about it. */
export type CycleRecord = {
  readonly now: number;
  readonly chain: ChainView;
  readonly assessments: readonly Assessment[];
  readonly failures: readonly { readonly market: string; readonly error: string }[];
};
