import type { Batch, Entry, Hex } from "./contract.ts";
import type { Assessment, MarketHistory, OnChainMarket } from "./decision.ts";
import type { Intent, IntentPlan, IntentStatus } from "./intent.ts";
import type { LenderState } from "./lender.ts";

/**
 * What the keeper observed, decided, signed and sent. Every write is on disk when the call returns. Times are Unix
 * seconds of the cycle's clock. Whoever needs a part of it takes a `Pick`.
 */
export type Journal = {
  /** Throws `STATE_LOST` when the file was removed or replaced since it was opened, for what is written then is lost; or taken over. */
  assertInPlace(): void;
  /** Takes the journal over: whoever did so before writes nothing into it from here on, and so sends nothing. Once. */
  takeOver(): void;
  /** Writes what was observed and decided, before it is acted on; returns the tick's id. */
  recordTick(tick: TickRecord): number;
  /** Writes how a tick ended: "held", "submitted", "failed", ... */
  finishTick(id: number, at: number, outcome: string, detail?: string): void;
  /** The last `limit` ticks with `now` > `since`, newest first. */
  recentTicks(limit: number, since?: number): readonly TickRow[];
  /** How the last `limit` ticks ended, newest first; null while one is under way. */
  recentOutcomes(limit: number): readonly (string | null)[];
  /** What was known about a market at `now`. */
  history(marketId: number, now: number): MarketHistory;
  /** What was promised of a market at the end of each hour of the retention in which there was a price, oldest first. */
  promises(marketId: number): readonly PastPromise[];

  /** Writes an intent as PLANNED, before anything is sent. Bytes that are open or were refused before have their row again. */
  planIntent(plan: IntentPlan): Intent;
  markSent(id: number, at: number): void;
  markUnknown(id: number, at: number, detail: string): void;
  /** Writes what became of an intent; one that is final is left as it is. */
  resolveIntent(id: number, change: IntentChange): void;
  /** The intent as it is now. @throws TonsorError BAD_ARGUMENT for an id that is not in the journal */
  intent(id: number): Intent;
  /** Intents whose end is not known: those of the lowest nonce first, each nonce's oldest first. */
  openIntents(): readonly Intent[];
  /** Intents that ended but are not final (a reorganisation may reopen them), in the same order. */
  watchedIntents(): readonly Intent[];
  /** The last `limit` intents, newest first. */
  recentIntents(limit: number): readonly Intent[];
  /** Hashes of transactions that begin with `start` (lower case), two at most. */
  hashesFrom(start: string): readonly Hex[];
  /** Writes that what became of an intent is final. */
  finalise(id: number): void;
  /** Writes that a private transaction is given to the public nodes. There is no way back. */
  makePublic(id: number): void;
  /** Values on their way by the newest open batch, by market id. */
  pending(): ReadonlyMap<number, NonNullable<OnChainMarket["pending"]>>;
  /** The intent with these bytes' hash, or null. */
  intentOf(hash: Hex): Intent | null;
  /** Whether an intent of a sender, whatever became of it, has this nonce. */
  hasNonce(sender: Hex, nonce: number): boolean;
  /** One more than the highest nonce of a sender that was seen in a block; 0 for none. */
  nonceFloor(sender: Hex): number;
  /**
   * What transactions of a sender cost that were found in blocks since a time, wei; where no receipt says, the most it can
   * have been. Those for lenders and all others are counted apart.
   */
  spentSince(sender: Hex, since: number, what: "lenders" | "others"): bigint;

  /** How the lenders stood after the last cycle that changed it. */
  lenderStates(): readonly LenderState[];
  /** Writes how they stand, in the place of what was known. */
  noteLenders(states: readonly LenderState[]): void;

  /**
   * Writes what is about to be signed for the signer quorum and returns true; false when `mayFollow` forbids it after
   * an earlier consent of the same sequence that may still land. The same batch may always be signed again.
   */
  consent(given: Consent, mayFollow: (fresh: readonly Numbers[], earlier: readonly Numbers[]) => boolean): boolean;

  /** Writes each kill switch whose state differs from the journal's, and returns those changes. */
  noteSwitches(at: number, set: readonly KillSwitch[]): readonly SwitchChange[];
  /** The last `limit` changes, newest first. */
  recentSwitches(limit: number): readonly SwitchChange[];

  /** How far the events of a lender were read, or null. */
  lenderCursor(lender: string): LenderCursor | null;
  /** Writes accounts that its events name and how far they were read, all or nothing; returns how many are kept. */
  noteLender(lender: string, accounts: readonly Hex[], cursor: LenderCursor): number;
  /** Every account that is kept of a lender, in lower case. */
  lenderAccounts(lender: string): readonly Hex[];

  /** Deletes what is older than the retention (`days` of transactions), and says how much. */
  prune(now: number, days: number): { readonly ticks: number; readonly intents: number };
  /** Evidence hashes that the journal's transactions refer to. */
  evidenceInUse(): ReadonlySet<Hex>;
  /** Evidence hashes of the batches that were mined, newest first. */
  minedEvidence(): readonly Hex[];
  /** @throws TonsorError JOURNAL_BROKEN when a page or a reference is damaged */
  integrity(): void;
  close(): void;
};

/** The block from which on a lender's events are to be read, and the hash of the one before it; null: none was read. */
export type LenderCursor = { readonly next: bigint; readonly hash: Hex | null };

/** What stood behind both haircuts of a market at a moment, and the price then. */
export type PastPromise = {
  readonly time: number;
  readonly priceUsd: number;
  /** Annualised volatility that each haircut was made for. */
  readonly initialVolatility: number;
  readonly maintenanceVolatility: number;
  readonly horizonHours: number;
};

/** One observation of all markets with its decisions. */
export type TickRecord = {
  readonly now: number;
  /** Block of all chain reads, or null when the chain could not be read. */
  readonly blockNumber: bigint | null;
  readonly markets: readonly TickMarket[];
};

/** One market of a tick: of its assessment what is written, or why there is none. */
export type TickMarket =
  | { readonly marketId: number; readonly market: string; readonly assessment: WrittenAssessment }
  | { readonly marketId: number; readonly market: string; readonly error: string };

/** An assessment without the boards and pools it was read from (those are in the evidence). */
export type AssessmentSummary = Omit<Assessment, "readings"> & {
  readonly readings: Pick<
    Assessment["readings"],
    "asOf" | "priceUsd" | "faults" | "confidence" | "sources" | "quarantine"
  >;
};

/** What is written of an assessment: the summary, and a claim's exchange rate, which becomes a sample. */
export type WrittenAssessment = Omit<AssessmentSummary, "readings"> & {
  readonly readings: AssessmentSummary["readings"] & { readonly claim?: { readonly rate: number | null } };
};

/** A tick as the journal has it. */
export type TickRow = Pick<TickRecord, "now" | "blockNumber"> & {
  readonly id: number;
  readonly finishedAt: number | null;
  readonly outcome: string | null;
  readonly detail: string | null;
  readonly markets: readonly {
    readonly marketId: number;
    readonly market: string;
    readonly assessment: AssessmentSummary | null;
    readonly error: string | null;
  }[];
};

/** How an intent ended, or that it is open again. */
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

/** A batch that this keeper instance is about to sign for the signer quorum. */
type Consent = {
  readonly at: number;
  readonly digest: Hex;
  readonly batch: Batch;
  /** An earlier consent whose deadline lies before this can no longer land; Unix seconds. */
  readonly alive: number;
};

/** The three numbers of a market. */
export type Numbers = Pick<Entry, "marketId" | "initialBps" | "maintenanceTargetBps" | "limit">;

/**
 * One piece of a bundle of evidence as it is stored: a part, shared with every bundle that holds the same, or the root, which
 * names parts by sha256 and is itself named on chain by keccak256. Canonical JSON.
 */
export type EvidencePiece = { readonly kind: "part" | "root"; readonly bytes: Uint8Array };

/** The pieces of one bundle, each part before what names it, the root last; `next` takes the name of the piece before. */
export type EvidencePieces = Generator<EvidencePiece, void, string>;

/** A bundle as it is read: its root, and by name every part that it rests on. */
export type PackedEvidence = { readonly root: Uint8Array; readonly parts: ReadonlyMap<string, Uint8Array> };

/** Evidence by its hash. */
export type EvidenceStore = {
  /** Stores a bundle and returns the hash of its root; every piece is on disk, file and folder, before this resolves. */
  put(pieces: EvidencePieces): Promise<Hex>;
  /** Returns the root of a hash. Throws `EVIDENCE_MISSING`, or `EVIDENCE_MISMATCH` when it hashes to something else. */
  get(hash: Hex): Promise<Uint8Array>;
  /** Returns a part by its name, sha256 in 64 hex digits. Throws as `get`. */
  part(name: string): Promise<Uint8Array>;
  /** Writes and removes a file as large as a page. @throws TonsorError DISK_FULL, STATE_FAILED */
  assertWritable(): Promise<void>;
  /** Hashes of the bundles that are there. */
  list(): Promise<readonly Hex[]>;
  /** Those of some bundles of which the root, or a part that it rests on, is not there. Names are looked at, nothing is hashed. */
  missing(hashes: readonly Hex[]): Promise<readonly Hex[]>;
  /**
   * Removes bundles older than `before` (Unix seconds of the disk's clock) that are not in `used`, and then the parts that no
   * bundle names any more; says how many bundles.
   */
  prune(before: number, used: ReadonlySet<Hex>): Promise<number>;
};

/** Every kill switch, by its name in logs, metrics and journal. All but the last belong to this machine and stop all sending. */
export const KILL_SWITCHES = {
  environment: "TONSOR_PAUSED is set",
  sentinel: "a file PAUSED in the state folder: `tonsor pause`, the admin call, or by hand",
  submissionHalt: "a file HALTED in the state folder: the keeper stopped itself and waits for a person",
  errors: "too many of the last ticks failed; clears itself when they succeed again",
  onChain:
    "a market closed on chain by governance, guardian or challenge, or a writer that has tripped: nothing loosens",
} as const;
export type KillSwitchName = keyof typeof KILL_SWITCHES;

/** A switch that is set, and why. */
export type KillSwitch = { readonly name: KillSwitchName; readonly reason: string };

/** A kill switch that was set or cleared; `reason` is null when it was cleared. */
export type SwitchChange = { readonly at: number; readonly name: string; readonly reason: string | null };
