import type { Intent, IntentPlan, IntentStatus } from "../domain/intent.ts";

/** The journal as submission needs it; the store of `keeper/runtime` is one. Every call is durable when it returns. */
export type Journal = {
  planIntent(plan: IntentPlan): Intent;
  markSent(id: number, at: number): void;
  markUnknown(id: number, at: number, detail: string): void;
  resolveIntent(id: number, change: IntentChange): void;
  /** The intent as it stands now. */
  intent(id: number): Intent;
  /** Intents whose end is not known, oldest first. */
  openIntents(): readonly Intent[];
};

/** What became of an intent. */
export type IntentChange = {
  readonly status: IntentStatus;
  readonly at: number;
  readonly blockNumber?: bigint;
  readonly detail?: string;
};
