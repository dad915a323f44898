import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { exitCodeOfThrown } from "../../keeper/cli/errors.ts";
import { type ErrorCode, TonsorError } from "../../keeper/domain/errors.ts";
import { asOpeningError, asStateError } from "../../keeper/journal/files.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { IDENTITY, NOW, samplePlan } from "./sample.ts";

const FILE = "/state/journal.sqlite";
const thrown = (facts: object) => Object.assign(new Error("no"), facts);
const codeOf = (error: unknown) => (error instanceof TonsorError ? error.code : null);
const aboutTheFolder = (error: unknown) =>
  error instanceof TonsorError && error.code === "BAD_CONFIG" && error.facts.field === "TONSOR_STATE";

/** What the system and SQLite say, what it is called, and how a command that meets it ends. */
const MEANINGS: readonly (readonly [ErrorCode, number, readonly object[]])[] = [
  ["DISK_FULL", 75, [{ code: "ENOSPC" }, { code: "EDQUOT" }, { code: "EFBIG" }, { errcode: 13 }]],
  ["JOURNAL_BUSY", 75, [{ errcode: 5 }, { errcode: 6 }, { errcode: 517 }]],
  ["JOURNAL_BROKEN", 1, [{ errcode: 11 }, { errcode: 26 }, { errcode: 267 }]],
  ["STATE_FAILED", 75, [{ errcode: 10 }, { errcode: 3_338 }, { errcode: 14 }, { code: "EIO" }, { code: "EMFILE" }]],
  [
    "STATE_FAILED",
    75,
    [{ code: "ENOENT" }, { code: "ELOOP" }, { code: "ENOTDIR" }, { code: "EROFS" }, { code: "EACCES" }],
  ],
];
for (const [code, exit, cases] of MEANINGS) {
  test(`${code} is said of ${cases.length} errors, and ends a command with ${exit}`, () => {
    for (const facts of cases) {
      const said = asStateError(thrown(facts), FILE);
      assert.deepEqual([codeOf(said), exitCodeOfThrown(said)], [code, exit], JSON.stringify(facts));
    }
  });
}

test("what is no matter of the state folder stays as it is", () => {
  for (const facts of [{}, { code: "ERR_INVALID_ARG_TYPE" }, { errcode: 1 }, { errcode: 19 }]) {
    const error = thrown(facts);
    assert.equal(asStateError(error, FILE), error);
  }
});

test("a journal that cannot be opened for writing is not called broken, for a rebuild is no cure", () => {
  const path = join(temporaryFolder(), "journal.sqlite");
  mkdirSync(path);
  assert.throws(() => openJournal(path, IDENTITY), aboutTheFolder);
});

test("rights and a read-only disk are told from damage, by the system's and by SQLite's words", () => {
  for (const facts of [{ code: "EACCES" }, { code: "EROFS" }, { errcode: 8 }, { errcode: 1_032 }, { errcode: 14 }])
    assert.ok(aboutTheFolder(asOpeningError(thrown(facts), FILE)), JSON.stringify(facts));
  for (const facts of [{ code: "EIO" }, { errcode: 11 }, { errcode: 26 }, { code: "EMFILE" }, {}])
    assert.ok(!aboutTheFolder(asOpeningError(thrown(facts), FILE)), JSON.stringify(facts));
});

test("too few file descriptors are no bad configuration: a supervisor may start it again", () => {
  const folder = temporaryFolder();
  const script = `
    import { openSync } from "node:fs";
    import { openJournal } from ${JSON.stringify(new URL("../../keeper/journal/journal.ts", import.meta.url).href)};
    import { exitCodeOfThrown } from ${JSON.stringify(new URL("../../keeper/cli/errors.ts", import.meta.url).href)};
    try { while (true) openSync("/dev/null"); } catch {}
    try { openJournal(process.argv[1], ${JSON.stringify(IDENTITY)}); } catch (error) {
      console.log(error.code, exitCodeOfThrown(error));
    }`;
  const line = `ulimit -n 64; exec "$0" --input-type=module -e '${script}' "$1"`;
  const ran = spawnSync("sh", ["-c", line, process.execPath, join(folder, "journal.sqlite")], { encoding: "utf8" });
  assert.equal(ran.stdout, "STATE_FAILED 75\n", ran.stderr);
});

test("a journal that another process locks is busy, says so before a second is over, and goes on after that", () => {
  const path = join(temporaryFolder(), "journal.sqlite");
  const store = openJournal(path, IDENTITY);
  const tick = store.recordTick({ now: NOW, blockNumber: null, markets: [] });
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  const busy = { name: "TonsorError", code: "JOURNAL_BUSY", message: /is locked by another process/ };
  const began = performance.now();
  // What one failing cycle writes before the loop is free again: the cycle, then the switches.
  assert.throws(() => store.recordTick({ now: NOW, blockNumber: null, markets: [] }), busy);
  assert.throws(() => store.noteSwitches(NOW, [{ name: "sentinel", reason: "x" }]), busy);
  const blockedMs = performance.now() - began;
  assert.ok(blockedMs < 1_000, `blocked for ${blockedMs} ms`);
  assert.equal(store.openIntents().length, 0, "reading goes on");
  other.exec("COMMIT");
  other.close();
  store.planIntent(samplePlan(tick));
  store.close();
});
