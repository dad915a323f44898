import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { openDatabase, placeAndOwner } from "../../keeper/journal/database.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { MIGRATIONS } from "../../keeper/journal/migrations.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { IDENTITY, NOW, samplePlan } from "./sample.ts";

const lost = { name: "TonsorError", code: "STATE_LOST", message: /taken over by another worker/ };
const TICK = { now: NOW, blockNumber: 1n, markets: [] };

test("a journal that another took over takes no row of the one before, of whatever table, and reads on", () => {
  const path = join(temporaryFolder(), "journal.sqlite");
  const [first, second, command] = [1, 2, 3].map(() => openJournal(path, IDENTITY)) as [
    ReturnType<typeof openJournal>,
    ReturnType<typeof openJournal>,
    ReturnType<typeof openJournal>,
  ];
  first.takeOver();
  const tick = first.recordTick(TICK);
  const { id } = first.planIntent(samplePlan(tick));
  first.markSent(id, NOW);
  first.assertInPlace();
  second.takeOver();
  assert.throws(() => first.assertInPlace(), lost);
  const writes: Readonly<Record<string, () => unknown>> = {
    "a tick": () => first.recordTick(TICK),
    "a tick's end": () => first.finishTick(tick, NOW, "held"),
    "an intent": () => first.planIntent(samplePlan(tick, 2)),
    "an intent's end": () => first.resolveIntent(id, { status: "DROPPED", at: NOW }),
    "a route": () => first.makePublic(id),
    "a switch": () => first.noteSwitches(NOW, [{ name: "sentinel", reason: "by hand", stops: "all" } as never]),
  };
  for (const [what, write] of Object.entries(writes)) assert.throws(write, lost, what);
  assert.deepEqual([first.intent(id).status, first.recentTicks(10).length], ["SENT", 1]);
  // Whoever has it now, and a command beside it that never took it over, write on.
  second.assertInPlace();
  second.markUnknown(id, NOW, "no answer");
  command.assertInPlace();
  command.resolveIntent(id, { status: "DROPPED", at: NOW });
  assert.equal(first.intent(id).status, "DROPPED");
  for (const one of [first, second, command]) one.close();
});

test("every table but the owner's own is guarded against rows that come, change and go, and by nothing that stays", () => {
  const path = join(temporaryFolder(), "journal.sqlite");
  const database = openDatabase(path, IDENTITY);
  const { assertInPlace, takeOver } = placeAndOwner(database, path);
  takeOver();
  assertInPlace();
  const kept = "SELECT count(*) AS n FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
  const tables = Number(database.prepare(kept).get()?.["n"]);
  const guards = database.prepare("SELECT count(*) AS n FROM sqlite_temp_schema WHERE type = 'trigger'").get()?.["n"];
  assert.deepEqual([tables > 10, guards], [true, 3 * (tables - 1)]);
  database.close();
  const later = openDatabase(path, IDENTITY);
  assert.equal(later.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name LIKE 'owner_%'").get()?.["n"], 0);
  later.close();
});

test("two that take a journal over at one moment never have one number: the second waits, and is refused while it must", () => {
  const path = join(temporaryFolder(), "journal.sqlite");
  const [one, other] = [openDatabase(path, IDENTITY), openDatabase(path, IDENTITY)];
  const second = placeAndOwner(other, path);
  let tried = 0;
  // The other comes between the new number and its reading.
  const between = new Proxy(one, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...given: unknown[]) => {
        const result = value.apply(target, given);
        if (/SET owner/.test(String(given[0])) && ++tried > 0) assert.throws(second.takeOver, /locked/);
        return result;
      };
    },
  });
  const first = placeAndOwner(between, path);
  first.takeOver();
  assert.equal(tried, 1);
  second.takeOver();
  second.assertInPlace();
  assert.throws(first.assertInPlace, lost);
  for (const database of [one, other]) database.close();
});

test("a journal of the schema before the owner's has one from its first opening, and takes what it had along", () => {
  const path = join(temporaryFolder(), "journal.sqlite");
  const before = openDatabase(path, IDENTITY, MIGRATIONS.slice(0, 12));
  before.exec("INSERT INTO ticks (now, outcome) VALUES (7, 'held')");
  // A keeper of that schema that still runs beside it writes on: the column is nothing to it.
  const [first, second] = [openJournal(path, IDENTITY), openJournal(path, IDENTITY)];
  before.exec("INSERT INTO ticks (now, outcome) VALUES (8, 'held')");
  first.takeOver();
  second.takeOver();
  assert.throws(() => first.recordTick(TICK), lost);
  assert.deepEqual(second.recentOutcomes(9), ["held", "held"]);
  second.recordTick(TICK);
  const newer = { code: "JOURNAL_BROKEN", message: /newer version.*given 13; expected schema version <= 12/ };
  assert.throws(() => openDatabase(path, IDENTITY, MIGRATIONS.slice(0, 12)), newer);
  for (const one of [before, first, second]) one.close();
});
