import type { Explanation, StatusSnapshot } from "../dashboard/status.ts";
import type { IntentKind, IntentStatus, Route } from "../domain/intent.ts";
import type { RecomputedDecision } from "../evidence/recompute.ts";
import type { MovedTransaction } from "../submission/manage.ts";
import type { Progress } from "./progress.ts";

/** What the operator's commands need from the composition root; each part touches network, chain or journal on first use. */
export type Services = {
  /** Configured markets, in the order of the configuration. */
  marketNames(): readonly string[];
  /** One market observed and assessed; sends nothing. An unknown name is UNKNOWN_MARKET. */
  assessNow(market: string): Promise<Explanation>;
  /** One cycle over all markets; with `dryRun` nothing is sent or written. */
  runOnce(options: { readonly dryRun: boolean; readonly signal: AbortSignal }): Promise<CycleSummary>;
  /** Cycles until the signal aborts; each is reported as it ends. */
  runLoop(options: { readonly signal: AbortSignal; onCycle(cycle: CycleSummary): void }): Promise<void>;
  verifyTransaction(hash: string): Promise<Verification>;
  status(): Promise<StatusSnapshot>;
  doctor(): Promise<readonly Check[]>;
  checkConfig(): Promise<readonly Check[]>;
  /** Transactions of the journal, newest first; opens neither chain nor key. */
  transactions(options: { readonly limit: number; readonly openOnly: boolean }): Promise<readonly TransactionRow[]>;
  /** Cancels what waits for a block or offers it again at higher fees, and waits for the outcome. */
  moveTransaction(
    action: "cancel" | "bump",
    options: { readonly signal: AbortSignal; onNote(text: string): void },
  ): Promise<MovedTransaction>;
  /** Stops sending until a time (ISO, with zone) or `resume`. */
  pause(request: { readonly reason: string; readonly until: string | null }): Promise<PauseResult>;
  resume(): Promise<ResumeResult>;
  /** Makes or reads an encrypted key file; secrets come from files of their owner's alone, or from a terminal without echo. */
  keystore(task: KeystoreTask): Promise<KeystoreResult>;
  /** Decides stored batches again with the present code; reads nothing but the evidence. */
  recompute(request: RecomputeRequest): Promise<Recomputation>;
  /** Writes the journal again from chain and evidence. */
  rebuild(request: { readonly signal: AbortSignal; readonly progress: Progress }): Promise<Rebuilt>;
  /** Releases what was opened. Called once, whatever the outcome. */
  close(): Promise<void>;
};

/** One row of the journal of transactions. Times are Unix seconds. */
export type TransactionRow = {
  readonly id: number;
  readonly kind: IntentKind;
  readonly status: IntentStatus;
  readonly final: boolean;
  readonly nonce: number;
  readonly hash: string;
  readonly sequence: bigint;
  readonly markets: readonly string[];
  readonly tightens: boolean;
  readonly route: Route;
  readonly replaces: number | null;
  readonly plannedAt: number;
  readonly updatedAt: number;
  readonly deadline: number;
  readonly maxFeePerGasGwei: number;
  readonly maxPriorityFeePerGasGwei: number;
  readonly blockNumber: bigint | null;
  readonly feeEther: number | null;
  readonly detail: string | null;
};

/** One market's part in one cycle. */
export type CycleEntry = {
  readonly explanation: Explanation;
  /** The transaction that carried it, or null. */
  readonly transaction: { readonly hash: string; readonly status: IntentStatus } | null;
};

export type CycleSummary = {
  /** Unix seconds by the keeper's clock. */
  readonly time: number;
  readonly entries: readonly CycleEntry[];
  /** False when a batch was due, nothing held it, and it is not in a block that applied it; or an earlier one is overdue. */
  readonly delivered: boolean;
  /** What went wrong or was held, each in one line: a market not assessed or skipped on chain, or the whole batch. */
  readonly failures: readonly { readonly market: string; readonly message: string }[];
};

/** Which evidence is recomputed: of a folder (null: the configured one), decided in [from, to), Unix seconds. */
export type RecomputeRequest = {
  readonly folder: string | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly signal: AbortSignal;
  readonly progress: Progress;
};

/** One recorded decision, decided again. */
export type RecomputedEntry = RecomputedDecision & {
  readonly evidence: string;
  /** When it was decided, Unix seconds. */
  readonly time: number;
  readonly sequence: bigint;
  readonly modelVersion: number;
};

/** What recompute found; entries are in the order in which they were decided. */
export type Recomputation = {
  readonly folder: string;
  readonly modelVersion: number;
  readonly from: number | null;
  readonly to: number | null;
  readonly batches: number;
  readonly entries: readonly RecomputedEntry[];
  readonly unreadable: readonly { readonly evidence: string; readonly problem: string }[];
};

/** What a rebuilt journal was made of. */
export type Rebuilt = {
  /** Transactions that the chain has applied. */
  readonly transactions: number;
  /** Markets whose memory came back from evidence. */
  readonly markets: number;
  /** Transactions whose evidence is not in the folder. */
  readonly withoutEvidence: number;
  /** Where the old files are now. */
  readonly moved: readonly string[];
};

export type Verification = {
  readonly transaction: string;
  readonly evidenceHash: string;
  readonly verified: boolean;
  readonly markets: readonly VerifiedMarket[];
  /** The first difference, in words; null when verified. */
  readonly difference: string | null;
  /** What could not be compared, in words. */
  readonly notes: readonly string[];
};

export type VerifiedMarket = {
  readonly market: string;
  readonly onChain: { readonly initialBps: number; readonly maintenanceTargetBps: number };
  readonly recomputed: { readonly initialBps: number; readonly maintenanceTargetBps: number };
};

/** One check of `doctor` or `config check`. */
export type Check = {
  readonly name: string;
  readonly state: "ok" | "warn" | "fail";
  /** What was found, with values and units. */
  readonly found: string;
  /** What to do about it; null when there is nothing to do. */
  readonly cure: string | null;
};

/** The reason as it is shown from now on. */
export type PauseResult = { readonly reason: string };

export type ResumeResult = {
  /** Reasons that were taken back. */
  readonly removed: readonly string[];
  /** What still stops sending, or null. */
  readonly still: string | null;
};

/** What is to be done with a keystore. Files are paths; an absent password or key is asked for. */
export type KeystoreTask =
  | { readonly kind: "new"; readonly file: string; readonly passwordFile: string | null }
  | {
      readonly kind: "import";
      readonly file: string;
      readonly passwordFile: string | null;
      readonly keyFile: string | null;
    }
  | { readonly kind: "address"; readonly file: string; readonly passwordFile: string | null };

export type KeystoreResult = {
  readonly file: string;
  readonly address: string;
  /** Whether a password opened the file; an address alone is what the file says. */
  readonly opened: boolean;
};
