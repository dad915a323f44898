import type { DatabaseSync } from "node:sqlite";
import { DAY_SECONDS } from "../domain/calendar.ts";
import type { Hex } from "../domain/contract.ts";
import type { Journal, SwitchChange } from "../domain/journal.ts";
import type { LenderState } from "../domain/lender.ts";
import {
  checkIntegrity,
  insert,
  inTransaction,
  type JournalIdentity,
  openDatabase,
  placeAndOwner,
} from "./database.ts";
import { asStateError } from "./files.ts";
import { consentIn, intentRecords, OPEN } from "./intents.ts";
import { tickRecords } from "./ticks.ts";

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
  return withStateErrors(path, {
    ...placeAndOwner(database, path),
    ...tickRecords(database),
    ...intentRecords(database),
    ...lenderRecords(database),
    ...switchRecords(database),
    consent: consentIn(database),
    prune: (now, days) => prune(database, now, days),
    evidenceInUse() {
      const rows = database.prepare("SELECT DISTINCT evidence FROM intents").all();
      return new Set(rows.map((row) => row["evidence"] as Hex));
    },
    minedEvidence() {
      const sql =
        "SELECT evidence FROM intents WHERE kind = 'BATCH' AND status = 'CONFIRMED' AND lenders = 0 GROUP BY evidence ORDER BY max(id) DESC";
      const rows = database.prepare(sql).all();
      return rows.map((row) => row["evidence"] as Hex);
    },
    integrity: () => checkIntegrity(database, path),
    close: () => database.close(),
  });
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

/** How the lenders stand, and which accounts their events have named. */
function lenderRecords(database: DatabaseSync) {
  return {
    lenderStates() {
      const rows = database.prepare("SELECT state FROM lender_states ORDER BY place").all();
      return rows.map((row) => JSON.parse(String(row["state"])) as LenderState);
    },
    noteLenders(states) {
      inTransaction(database, () => {
        database.exec("DELETE FROM lender_states");
        for (const state of states) insert(database, "lender_states", { state: JSON.stringify(state) });
      });
    },
    lenderCursor(lender) {
      const row = database.prepare("SELECT next, hash FROM lender_cursors WHERE lender = ?").get(lender);
      return row === undefined ? null : { next: BigInt(String(row["next"])), hash: row["hash"] as Hex };
    },
    noteLender: (lender, accounts, { next, hash }) =>
      inTransaction(database, () => {
        const add = database.prepare("INSERT OR IGNORE INTO lender_accounts (lender, account) VALUES (?, ?)");
        for (const account of accounts) add.run(lender, account);
        insert(database, "lender_cursors", { lender, next: next.toString(), hash }, "REPLACE");
        const row = database.prepare("SELECT COUNT(*) AS kept FROM lender_accounts WHERE lender = ?").get(lender);
        return Number(row?.["kept"]);
      }),
    lenderAccounts(lender) {
      const rows = database.prepare("SELECT account FROM lender_accounts WHERE lender = ?").all(lender);
      return rows.map(({ account }) => account as Hex);
    },
  } satisfies Partial<Journal>;
}

/** Changes of the kill switches. One that is in the journal and not in the set was cleared. */
function switchRecords(database: DatabaseSync) {
  return {
    noteSwitches(at, set) {
      const rows = database
        .prepare(
          "SELECT name, reason FROM switch_changes WHERE id IN (SELECT MAX(id) FROM switch_changes GROUP BY name)",
        )
        .all() as Pick<SwitchChange, "name" | "reason">[];
      const before = new Map(rows.map(({ name, reason }) => [name, reason]));
      const now = new Map<string, string>(set.map(({ name, reason }) => [name, reason]));
      const changes = [...new Set([...before.keys(), ...now.keys()])]
        .map((name) => ({ at, name, reason: now.get(name) ?? null }))
        .filter(({ name, reason }) => reason !== (before.get(name) ?? null));
      for (const change of changes) insert(database, "switch_changes", change);
      return changes;
    },
    recentSwitches(limit) {
      const rows = database.prepare("SELECT at, name, reason FROM switch_changes ORDER BY id DESC LIMIT ?").all(limit);
      return rows.map((row) => ({ ...row }) as SwitchChange);
    },
  } satisfies Partial<Journal>;
}

/**
 * Deletes ticks that led to no transaction and samples after 35 days, transactions with their ticks and promises after `days` (>= 35).
 * The newest hundred transactions and every open one stay whatever their age.
 */
function prune(database: DatabaseSync, now: number, days: number): ReturnType<Journal["prune"]> {
  return inTransaction(database, () => {
    const old = now - days * DAY_SECONDS;
    const samples = now - TICK_DAYS * DAY_SECONDS;
    const gone = `SELECT id FROM intents WHERE planned_at < ? AND status NOT IN (${OPEN})
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
