import type { DatabaseSync } from "node:sqlite";
import { DAY_SECONDS } from "../domain/calendar.ts";
import type { Hex } from "../domain/contract.ts";
import type { Journal, KillSwitch, SwitchChange } from "../domain/journal.ts";
import type { LenderState } from "../domain/lender.ts";
import { checkIntegrity, insert, inTransaction, type JournalIdentity, openDatabase, placeOf } from "./database.ts";
import { depthMemory } from "./depthMemory.ts";
import * as intents from "./intents.ts";
import * as lenders from "./lenderIndex.ts";
import { takeOver } from "./owner.ts";
import { asStateError } from "./stateErrors.ts";
import * as ticks from "./ticks.ts";

/** What the model remembers reaches back 28 days; ticks and samples are kept a little longer than that. */
const TICK_DAYS = 35;
/** These many transactions stay whatever their age: what is on chain may have been written long ago. */
const NEWEST = 100;

/**
 * Opens the journal at `path` (":memory:" for none on disk), bound to one contract.
 * @throws TonsorError `JOURNAL_BROKEN`, see `openDatabase`; every call may throw what `asStateError` says.
 * @example openJournal(join(config.state, "journal.sqlite"), { chainId: 31337, contract: "0x5FbD..." })
 */
export function openJournal(path: string, identity: JournalIdentity): Journal {
  const database = openDatabase(path, identity);
  const depth = depthMemory(database);
  return withStateErrors(path, {
    ...placeAndOwner(database, path),
    recordTick: (tick) => ticks.recordTick(database, depth, tick),
    finishTick: (id, at, outcome, detail) => {
      const sql = "UPDATE ticks SET finished_at = ?, outcome = ?, detail = ? WHERE id = ?";
      database.prepare(sql).run(at, outcome, detail ?? null, id);
    },
    recentTicks: (limit, since = -1) => ticks.recentTicks(database, limit, since),
    recentOutcomes: (limit) => {
      const rows = database.prepare("SELECT outcome FROM ticks ORDER BY id DESC LIMIT ?").all(limit);
      return rows.map((row) => row["outcome"] as string | null);
    },
    history: (marketId, now) => ticks.marketHistory(database, depth, marketId, now),
    promises: (marketId) => ticks.promises(database, marketId),
    planIntent: (plan) => intents.planIntent(database, plan),
    markSent: (id, at) => intents.resolveIntent(database, id, { status: "SENT", at }),
    markUnknown: (id, at, detail) => intents.resolveIntent(database, id, { status: "UNKNOWN", at, detail }),
    resolveIntent: (id, change) => intents.resolveIntent(database, id, change),
    intent: (id) => intents.intent(database, id),
    openIntents: () => intents.openIntents(database),
    watchedIntents: () => intents.watchedIntents(database),
    recentIntents: (limit) => intents.recentIntents(database, limit),
    hashesFrom: (start) => {
      const sql = "SELECT transaction_hash AS hash FROM intents WHERE substr(transaction_hash, 1, ?) = ? LIMIT 2";
      return database
        .prepare(sql)
        .all(start.length, start)
        .map(({ hash }) => hash as Hex);
    },
    finalise: (id) => {
      const sql = `UPDATE intents SET final = 1 WHERE id = ? AND status IN (${intents.ENDED_IN_BLOCK})`;
      database.prepare(sql).run(id);
    },
    makePublic: (id) => void database.prepare("UPDATE intents SET route = 'public' WHERE id = ?").run(id),
    pending: () => intents.pendingUpdates(database),
    intentOf: (hash) => intents.intentOfHash(database, hash),
    hasNonce: (sender, nonce) => intents.hasNonce(database, sender, nonce),
    nonceFloor: (sender) => intents.nonceFloor(database, sender),
    spentSince: (sender, since, what) => intents.spentSince(database, sender, since, what),
    lenderStates: () => {
      const rows = database.prepare("SELECT state FROM lender_states ORDER BY place").all();
      return rows.map((row) => JSON.parse(String(row["state"])) as LenderState);
    },
    noteLenders: (states) => noteLenders(database, states),
    consent: (given, mayFollow) => intents.consent(database, given, mayFollow),
    noteSwitches: (at, set) => noteSwitches(database, at, set),
    recentSwitches: (limit) => {
      const rows = database.prepare("SELECT at, name, reason FROM switch_changes ORDER BY id DESC LIMIT ?").all(limit);
      return rows.map((row) => ({ ...row }) as SwitchChange);
    },
    lenderCursor: (lender) => lenders.lenderCursor(database, lender),
    noteLender: (lender, accounts, cursor) => lenders.noteLender(database, lender, accounts, cursor),
    lenderAccounts: (lender) => lenders.lenderAccounts(database, lender),
    prune: (now, days) => prune(database, now, days),
    evidenceInUse: () => {
      const rows = database.prepare("SELECT DISTINCT evidence FROM intents").all();
      return new Set(rows.map((row) => row["evidence"] as Hex));
    },
    minedEvidence: () => {
      const sql =
        "SELECT evidence FROM intents WHERE kind = 'BATCH' AND status = 'CONFIRMED' AND lenders = 0 GROUP BY evidence ORDER BY max(id) DESC";
      return database
        .prepare(sql)
        .all()
        .map((row) => row["evidence"] as Hex);
    },
    integrity: () => checkIntegrity(database, path),
    close: () => database.close(),
  });
}

/** Whether the journal is in its place, and, once it was taken over, whose it is. */
function placeAndOwner(database: DatabaseSync, path: string): Pick<Journal, "assertInPlace" | "takeOver"> {
  const place = placeOf(path);
  let assertOwned = () => {};
  return {
    assertInPlace() {
      place();
      assertOwned();
    },
    takeOver() {
      assertOwned = takeOver(database);
    },
  };
}

/** The same journal, in which what the disk or another process refuses has its own error. */
function withStateErrors(path: string, journal: Journal): Journal {
  const calls = Object.entries(journal).map(([name, method]) => {
    const call = method as (...args: unknown[]) => unknown;
    const checked = (...args: unknown[]) => {
      try {
        return call(...args);
      } catch (error) {
        throw asStateError(error, path);
      }
    };
    return [name, checked] as const;
  });
  return Object.fromEntries(calls) as unknown as Journal;
}

function noteLenders(database: DatabaseSync, states: readonly LenderState[]): void {
  inTransaction(database, () => {
    database.exec("DELETE FROM lender_states");
    for (const state of states) insert(database, "lender_states", { state: JSON.stringify(state) });
  });
}

/** A switch that is in the journal and not in `set` was cleared. */
function noteSwitches(database: DatabaseSync, at: number, set: readonly KillSwitch[]): SwitchChange[] {
  const rows = database
    .prepare("SELECT name, reason FROM switch_changes WHERE id IN (SELECT MAX(id) FROM switch_changes GROUP BY name)")
    .all() as Pick<SwitchChange, "name" | "reason">[];
  const before = new Map(rows.map(({ name, reason }) => [name, reason]));
  const now = new Map<string, string>(set.map(({ name, reason }) => [name, reason]));
  const changes = [...new Set([...before.keys(), ...now.keys()])]
    .map((name) => ({ at, name, reason: now.get(name) ?? null }))
    .filter(({ name, reason }) => reason !== (before.get(name) ?? null));
  for (const change of changes) insert(database, "switch_changes", change);
  return changes;
}

/**
 * Deletes ticks that led to no transaction and samples after 35 days, transactions with their ticks and promises after `days` (>= 35).
 * The newest hundred transactions and every open one stay whatever their age.
 */
function prune(database: DatabaseSync, now: number, days: number): ReturnType<Journal["prune"]> {
  return inTransaction(database, () => {
    const old = now - days * DAY_SECONDS;
    const samples = now - TICK_DAYS * DAY_SECONDS;
    const gone = `SELECT id FROM intents WHERE planned_at < ? AND status NOT IN (${intents.OPEN})
      AND id <= (SELECT MAX(id) FROM intents) - ${NEWEST}
      AND id NOT IN (SELECT replaces FROM intents WHERE replaces IS NOT NULL AND planned_at >= ?)`;
    database.prepare(`DELETE FROM intent_markets WHERE intent IN (${gone})`).run(old, old);
    database.prepare(`UPDATE intents SET replaces = NULL WHERE replaces IN (${gone})`).run(old, old);
    const transactions = Number(database.prepare(`DELETE FROM intents WHERE id IN (${gone})`).run(old, old).changes);
    const idle = "SELECT id FROM ticks WHERE now < ? AND id NOT IN (SELECT tick FROM intents)";
    database.prepare(`DELETE FROM assessments WHERE tick IN (${idle})`).run(samples);
    const idleTicks = Number(database.prepare(`DELETE FROM ticks WHERE id IN (${idle})`).run(samples).changes);
    for (const table of ["depth_samples", "implied_samples", "volatility_samples", "rate_samples"]) {
      database.prepare(`DELETE FROM ${table} WHERE time < ?`).run(samples);
    }
    // The last mark of a kind says when loosening began to rest; only those before it are forgotten.
    database
      .prepare(
        `DELETE FROM marks WHERE time < ? AND time < (
           SELECT MAX(time) FROM marks AS later WHERE later.market_id = marks.market_id AND later.kind = marks.kind)`,
      )
      .run(samples);
    database.prepare("DELETE FROM consents WHERE deadline < ?").run(samples);
    database.prepare("DELETE FROM promises WHERE time < ?").run(old);
    return { ticks: idleTicks, intents: transactions };
  });
}
