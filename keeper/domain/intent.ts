import type { Batch, Hex } from "./contract.ts";

/**
 * The life of one transaction, from the journal row before it is sent to its end. The open states are reconciled with
 * the chain before anything else is sent; the others are final.
 */
export const INTENT_STATUSES = {
  PLANNED: { open: true, means: "signed and written down, not known to be sent" },
  SENT: { open: true, means: "a node has it, no block yet" },
  UNKNOWN: { open: true, means: "handed over, and no clear answer came back" },
  CONFIRMED: { open: false, means: "in a block, and it succeeded; until it is final a reorganisation may reopen it" },
  REVERTED: { open: false, means: "in a block, and the contract refused it; until it is final it may be reopened" },
  DROPPED: { open: false, means: "never in a block: a node refused it, or its deadline passed unsent" },
  SUPERSEDED: { open: false, means: "another transaction used its nonce" },
} as const;

/** Name of a state in `INTENT_STATUSES`. */
export type IntentStatus = keyof typeof INTENT_STATUSES;

/**
 * What a transaction is for: a batch; to bring lenders up to the contract (its `batch` has a deadline and no entries); or only
 * to free its nonce (a transfer of nothing to the keeper itself).
 */
export type IntentKind = "BATCH" | "SYNC" | "CANCEL";

/** Everything that is written down before a transaction is sent. Fees in wei per gas. */
export type IntentPlan = {
  readonly kind: IntentKind;
  /** Id of the intent of the same nonce that it is to take the place of, or null. */
  readonly replaces: number | null;
  /** Journal id of the tick that decided it. */
  readonly tick: number;
  /** The cycle's clock, Unix seconds. */
  readonly plannedAt: number;
  /** Of a cancellation: the batch given up, without its updates. */
  readonly batch: Batch;
  readonly from: Hex;
  readonly to: Hex;
  readonly nonce: number;
  readonly gasLimit: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  readonly transactionHash: Hex;
  readonly rawTransaction: Hex;
  /** Whether it raises any haircut above that on chain, or frees a nonce. Absent: true. */
  readonly tightens?: boolean;
  /** Where it is handed over: to the nodes, or to a private relay alone. Absent: "public". */
  readonly route?: Route;
  /** Latest block when it was planned; null when that is not known. */
  readonly plannedBlock?: bigint | null;
};

/** Who is given a transaction. */
type Route = "public" | "private";

/** A planned transaction with what became of it. */
export type Intent = Required<IntentPlan> & {
  readonly id: number;
  readonly status: IntentStatus;
  readonly updatedAt: number;
  /** Block it is in, once it is in one. */
  readonly blockNumber: bigint | null;
  /** Hash of that block; null when the node did not say. */
  readonly blockHash: Hex | null;
  /** What it cost, wei; null until it is in a block. */
  readonly feeWei: bigint | null;
  /** True once what became of it is deep enough, or cannot change: it is not checked again. */
  readonly final: boolean;
  /** Why it has this status, in words. */
  readonly detail: string | null;
};
