import type { Hex } from "../domain/batch.ts";
import type { MarketHistory, OnChainMarket } from "../domain/decision.ts";
import type { Intent, IntentPlan } from "../domain/intent.ts";
import type { KillSwitch } from "../runtime/killSwitch.ts";
import { type Consent, consent } from "./cosignJournal.ts";
import { checkIntegrity, type JournalIdentity, openDatabase } from "./database.ts";
import { asDiskFull } from "./diskFull.ts";
import * as depth from "./intentDepth.ts";
import * as intents from "./intentJournal.ts";
import { marketHistory } from "./marketHistory.ts";
import { evidenceInUse, type Pruned, pruneJournal } from "./retention.ts";
import * as switches from "./switchJournal.ts";
import * as ticks from "./tickJournal.ts";

/** The journal: what the keeper saw, decided and sent. Times are Unix seconds of the cycle's clock. */
export type Store = {
  /** Writes what was seen and decided, before it is acted on; returns the tick's id. */
  recordTick(tick: ticks.TickRecord): number;
  /** Writes how a tick ended: "held", "submitted", "failed", ... */
  finishTick(id: number, at: number, outcome: string, detail?: string): void;
  /** What was known about a market at `now`. */
  history(marketId: number, now: number): MarketHistory;
  /** What is on its way to a market, or null. */
  pending(marketId: number): OnChainMarket["pending"];
  /** Writes an intent; durable on return. */
  planIntent(plan: IntentPlan): Intent;
  markSent(id: number, at: number): void;
  markUnknown(id: number, at: number, detail: string): void;
  resolveIntent(id: number, change: intents.IntentChange): void;
  intent(id: number): Intent;
  openIntents(): readonly Intent[];
  /** Ended, but not final. */
  watchedIntents(): readonly Intent[];
  finalise(id: number): void;
  makePublic(id: number): void;
  nonceFloor(sender: Hex): number;
  spentSince(sender: Hex, since: number): bigint;
  recentIntents(limit: number): readonly Intent[];
  recentTicks(limit: number, since?: number): readonly ticks.TickRow[];
  /** How the last `limit` ticks ended, newest first; null while one is under way. */
  recentOutcomes(limit: number): readonly (string | null)[];
  /** Writes each kill switch whose state differs from the journal's, and returns those changes. */
  noteSwitches(at: number, set: readonly KillSwitch[]): readonly switches.SwitchChange[];
  recentSwitches(limit: number): readonly switches.SwitchChange[];
  /** Writes what is about to be signed for the quorum's door; false when an earlier signature forbids it. */
  consent(given: Consent, mayFollow: Parameters<typeof consent>[2]): boolean;
  /** Takes out what is older than the retention, see `pruneJournal`. */
  prune(now: number, days: number): Pruned;
  /** Evidence hashes that the journal's transactions refer to. */
  evidenceInUse(): ReadonlySet<Hex>;
  /** Throws `JOURNAL_BROKEN` when a page or a reference is damaged. */
  integrity(): void;
  close(): void;
};

/**
 * Opens the journal at `path` (":memory:" for none on disk), bound to one contract.
 * @throws TonsorError `JOURNAL_BROKEN`, see `openDatabase`.
 * @example openStore(join(config.state, "journal.sqlite"), { chainId: 31337, contract: "0x5FbD..." })
 */
export function openStore(path: string, identity: JournalIdentity): Store {
  const database = openDatabase(path, identity);
  return guarded(path, {
    recordTick: (tick) => ticks.recordTick(database, tick),
    finishTick: (id, at, outcome, detail) => ticks.finishTick(database, id, at, outcome, detail ?? null),
    history: (marketId, now) => marketHistory(database, marketId, now),
    pending: (marketId) => intents.pendingUpdate(database, marketId),
    planIntent: (plan) => intents.planIntent(database, plan),
    markSent: (id, at) => intents.resolveIntent(database, id, { status: "SENT", at }),
    markUnknown: (id, at, detail) => intents.resolveIntent(database, id, { status: "UNKNOWN", at, detail }),
    resolveIntent: (id, change) => intents.resolveIntent(database, id, change),
    intent: (id) => intents.intent(database, id),
    openIntents: () => intents.openIntents(database),
    watchedIntents: () => depth.watchedIntents(database),
    finalise: (id) => depth.finalise(database, id),
    makePublic: (id) => depth.makePublic(database, id),
    nonceFloor: (sender) => depth.nonceFloor(database, sender),
    spentSince: (sender, since) => depth.spentSince(database, sender, since),
    recentIntents: (limit) => intents.recentIntents(database, limit),
    recentTicks: (limit, since = -1) => ticks.recentTicks(database, limit, since),
    recentOutcomes: (limit) => ticks.recentOutcomes(database, limit),
    noteSwitches: (at, set) => switches.noteSwitches(database, at, set),
    recentSwitches: (limit) => switches.recentSwitches(database, limit),
    consent: (given, mayFollow) => consent(database, given, mayFollow),
    prune: (now, days) => pruneJournal(database, now, days),
    evidenceInUse: () => evidenceInUse(database),
    integrity: () => checkIntegrity(database, path),
    close: () => database.close(),
  });
}

/** The same store, in which a full disk has its own error. */
function guarded(path: string, store: Store): Store {
  const calls = Object.entries(store).map(([name, method]) => {
    const call = method as (...args: unknown[]) => unknown;
    const checked = (...args: unknown[]) => {
      try {
        return call(...args);
      } catch (error) {
        throw asDiskFull(error, path);
      }
    };
    return [name, checked] as const;
  });
  return Object.fromEntries(calls) as unknown as Store;
}
