import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodeOfThrown } from "../../keeper/cli/errors.ts";
import { lockInstance } from "../../keeper/journal/instanceLock.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { IDENTITY } from "./sample.ts";

const inUse = { name: "TonsorError", code: "STATE_IN_USE" };

test("a state folder is one process's, until that releases it or is killed", async () => {
  const state = join(temporaryFolder(), "state");
  lockInstance(state).release();
  const script = `
    import { lockInstance } from ${JSON.stringify(new URL("../../keeper/journal/instanceLock.ts", import.meta.url).href)};
    lockInstance(process.argv[1]);
    console.log("held");
    setInterval(() => {}, 1_000);`;
  const other = spawn(process.execPath, ["--input-type=module", "-e", script, state], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(other.stdout, "data");
  assert.throws(
    () => lockInstance(state),
    (error: unknown) => {
      assert.deepEqual([(error as { code: string }).code, exitCodeOfThrown(error)], ["STATE_IN_USE", 75]);
      return true;
    },
  );
  other.kill("SIGKILL");
  await once(other, "close");
  const held = lockInstance(state);
  assert.throws(() => lockInstance(state), inUse);
  held.release();
});

test("a journal that was removed, replaced or moved away is lost to the keeper that has it open", () => {
  const changes: Readonly<Record<string, (path: string) => void>> = {
    removed: (path) => rmSync(path),
    "replaced by a new one": (path) => {
      renameSync(path, `${path}.aside`);
      openJournal(path, IDENTITY).close();
    },
    "gone with its folder": (path) => rmSync(join(path, ".."), { recursive: true }),
  };
  for (const [what, change] of Object.entries(changes)) {
    const path = join(temporaryFolder(), "state", "journal.sqlite");
    const store = openJournal(path, IDENTITY);
    store.assertInPlace();
    change(path);
    assert.throws(() => store.assertInPlace(), { code: "STATE_LOST" }, what);
    store.close();
  }
  openJournal(":memory:", IDENTITY).assertInPlace();
});
