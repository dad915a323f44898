import type { Hex } from "../domain/batch.ts";
import type { Intent, IntentPlan, IntentStatus } from "../domain/intent.ts";

/** The journal as submission needs it; the store of `keeper/runtime` is one. Every call is durable when it returns. */
export type Journal = {
  planIntent(plan: IntentPlan): Intent;
  markSent(id: number, at: number): void;
  markUnknown(id: number, at: number, detail: string): void;
  resolveIntent(id: number, change: IntentChange): void;
  /** The intent as it stands now. */
  intent(id: number): Intent;
  /** Intents whose end is not known: those of the lowest nonce first, each nonce's oldest first. */
  openIntents(): readonly Intent[];
  /** Intents that ended but are not final, in the same order. */
  watchedIntents(): readonly Intent[];
  /** Writes that what became of an intent is final. */
  finalise(id: number): void;
  /** Writes that a private transaction is given to the public nodes. */
  makePublic(id: number): void;
  /** One more than the highest nonce that was seen in a block; 0 for none. */
  nonceFloor(sender: Hex): number;
  /** What transactions cost that were found in blocks since a time (Unix seconds), wei. */
  spentSince(sender: Hex, since: number): bigint;
};

/** What became of an intent. */
type IntentChange = {
  readonly status: IntentStatus;
  readonly at: number;
  readonly blockNumber?: bigint;
  readonly blockHash?: Hex;
  /** What it cost, wei. */
  readonly feeWei?: bigint;
  /** False: it ended, but is watched on. Absent: true for every status that is an end. */
  readonly final?: boolean;
  readonly detail?: string;
};
