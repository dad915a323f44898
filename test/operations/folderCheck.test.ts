import assert from "node:assert/strict";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folderCheck } from "../../keeper/operations/operationsChecks.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

/** The check of a folder on a disk with so much space left. */
const left = (state: string, bytes: number) =>
  folderCheck({ state }, async () => ({ bavail: bytes / 4096, bsize: 4096 }));

test("a state folder that is there and has space is well", async () => {
  const state = temporaryFolder();
  assert.deepEqual(await folderCheck({ state }), { name: "state folder", state: "ok", found: state, cure: null });
});

test("a file in the place of the state folder fails with its path", async () => {
  const state = join(temporaryFolder(), "state");
  writeFileSync(state, "");
  const check = await folderCheck({ state });
  assert.equal(check.state, "fail");
  assert.ok(check.found.startsWith(`${state}: `));
});

test("a full disk fails, one that is nearly full is warned of, and the cure says what to do", async () => {
  const state = temporaryFolder();
  const checks = [0, 999_424, 1_003_520, 199_999_488, 200_003_584].map((bytes) => left(state, bytes));
  assert.deepEqual(
    (await Promise.all(checks)).map((check) => check.state),
    ["fail", "fail", "warn", "warn", "ok"],
  );
  const full = await left(state, 0);
  assert.equal(full.found, `${state} has 0.0 MB left`);
  assert.match(full.cure ?? "", /free space or shorten RETENTION_DAYS/);
});

test("a disk of its own under the evidence is looked at too, and so is a link to nowhere in its place", async () => {
  const state = temporaryFolder();
  const evidence = join(state, "evidence");
  const check = await folderCheck({ state }, async (path) => ({
    bavail: path === evidence ? 0 : 10 ** 9,
    bsize: 4096,
  }));
  assert.deepEqual([check.state, check.found], ["fail", `${evidence} has 0.0 MB left`]);
  const other = temporaryFolder();
  symlinkSync("/nowhere/at/all", join(other, "evidence"));
  const astray = await folderCheck({ state: other });
  assert.equal(astray.state, "fail");
  assert.ok(astray.found.startsWith(`${join(other, "evidence")}: ENOENT`), astray.found);
});
