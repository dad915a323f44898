import type { LocalAccount } from "viem";
import { TonsorError } from "../domain/errors.ts";
import type { Journal } from "../domain/journal.ts";
import type { Broadcaster } from "./broadcaster.ts";
import type { FeeLimits } from "./fees.ts";
import type { SendTimes } from "./send.ts";

/** Limits on one transaction: `transactions` of the configuration file, where ranges and reasons are. */
type TransactionLimits = {
  readonly deadlineSeconds: number;
  readonly receiptTimeoutSeconds: number;
  readonly pollMilliseconds: number;
  readonly gasMarginPercent: number;
  readonly feeBumpPercent: number;
  readonly replaceAfterSeconds: number;
  readonly replaceAfterBlocks: number;
  readonly resendAfterSeconds: number;
  readonly cancelAfterSeconds: number;
  /** 0: in a block is final. */
  readonly confirmations: number;
  readonly relayFallbackBlocks: number;
};

/** The part of the journal about transactions. */
type Intents = Pick<Journal, "planIntent" | "markSent" | "markUnknown" | "resolveIntent" | "intent" | "finalise"> &
  Pick<Journal, "assertInPlace"> &
  Pick<Journal, "openIntents" | "watchedIntents" | "recentIntents" | "makePublic" | "nonceFloor" | "spentSince"> &
  Pick<Journal, "hasNonce" | "intentOf">;

/** What settling needs: the journal, the node, the chain it must be of, and the cycle's clock (Unix seconds). */
export type SettleContext = {
  readonly journal: Intents;
  readonly broadcaster: Broadcaster;
  readonly chainId: number;
  readonly now: () => number;
  readonly sends: SendTimes;
  readonly limits: TransactionLimits;
  /** False while a kill switch is set: nothing is sent again then. Absent: true. */
  readonly maySend?: () => boolean;
};

/** What sending needs besides. */
export type SendContext = SettleContext & {
  readonly account: LocalAccount;
  readonly fees: FeeLimits;
  /** Waits; ends early, without an error, when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
};

/** Why a keeper without a key sends nothing of what is due. */
export function noKey(): TonsorError {
  return new TonsorError("BAD_CONFIG", "no key to sign with", { field: "KEEPER_PRIVATE_KEY" });
}

/** @throws TonsorError BAD_CONFIG for null */
export function required(account: LocalAccount | null): LocalAccount {
  if (account !== null) return account;
  throw noKey();
}
