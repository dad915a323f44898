import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { asNotWritable } from "../../keeper/journal/files.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { IDENTITY } from "./sample.ts";

const aboutTheFolder = (error: unknown) =>
  error instanceof TonsorError && error.code === "BAD_CONFIG" && error.facts.field === "TONSOR_STATE";

test("a journal that cannot be opened for writing is not called broken, for a rebuild is no cure", () => {
  const path = join(temporaryFolder(), "journal.sqlite");
  mkdirSync(path);
  assert.throws(() => openJournal(path, IDENTITY), aboutTheFolder);
});

test("rights and a read-only disk are told from damage, by the system's and by SQLite's words", () => {
  const said = (facts: object) => asNotWritable(Object.assign(new Error("no"), facts), "/state/journal.sqlite");
  for (const facts of [{ code: "EACCES" }, { code: "EROFS" }, { errcode: 8 }, { errcode: 1_032 }, { errcode: 14 }])
    assert.ok(aboutTheFolder(said(facts)), JSON.stringify(facts));
  for (const facts of [{ code: "EIO" }, { errcode: 11 }, { errcode: 26 }, {}])
    assert.ok(!(said(facts) instanceof TonsorError), JSON.stringify(facts));
});
