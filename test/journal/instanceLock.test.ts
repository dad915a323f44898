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
import { IDENTITY, NOW } from "./sample.ts";

const inUse = { name: "TonsorError", code: "STATE_IN_USE" };

test("a state folder is one process's, until that releases it or is killed", async () => {
  const state = join(temporaryFolder(), "state");
  lockInstance(state).release();
  const script = `
    import { lockInstance } from ${JSON.stringify(new URL("../../keeper/journal/instanceLock.ts", import.meta.url).href)};
    // What nobody holds is collected, and its lock with it.
    globalThis.held = lockInstance(process.argv[1]);
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

test("a journal whose log is taken away is lost too, and what the log held is kept by the end of the process", () => {
  for (const parts of [["-wal"], ["-shm"], ["-wal", "-shm"]]) {
    const path = join(temporaryFolder(), "journal.sqlite");
    const store = openJournal(path, IDENTITY);
    const tick = store.recordTick({ now: NOW, blockNumber: 7n, markets: [] });
    store.assertInPlace();
    // A command beside it opens the journal and closes it: nothing of that is a loss.
    openJournal(path, IDENTITY).close();
    store.assertInPlace();
    for (const part of parts) rmSync(`${path}${part}`);
    assert.throws(() => store.assertInPlace(), { code: "STATE_LOST", message: new RegExp(`${parts[0]}`) });
    store.close();
    assert.deepEqual(
      openJournal(path, IDENTITY)
        .recentTicks(5)
        .map(({ id }) => id),
      [tick],
    );
  }
});

test("a state folder is shared by workers of a fleet, and by nobody else beside them", () => {
  const state = join(temporaryFolder(), "state");
  const [first, second] = [lockInstance(state, "workers"), lockInstance(state, "workers")];
  first.release();
  assert.throws(() => lockInstance(state), inUse);
  second.release();
  const alone = lockInstance(state);
  assert.throws(() => lockInstance(state, "workers"), inUse);
  alone.release();
});
