import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { openDatabase } from "../../keeper/journal/database.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { takeOver } from "../../keeper/journal/owner.ts";
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
  takeOver(database)();
  const kept = "SELECT count(*) AS n FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
  const tables = Number(database.prepare(kept).get()?.["n"]);
  const guards = database.prepare("SELECT count(*) AS n FROM sqlite_temp_schema WHERE type = 'trigger'").get()?.["n"];
  assert.deepEqual([tables > 10, guards], [true, 3 * (tables - 1)]);
  database.close();
  const later = openDatabase(path, IDENTITY);
  assert.equal(later.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name LIKE 'owner_%'").get()?.["n"], 0);
  later.close();
});
