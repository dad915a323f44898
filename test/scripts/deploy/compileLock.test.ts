import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { lockFile } from "../../../scripts/deploy/compileLock.ts";

describe("the lock of the compiler", () => {
  const folder = mkdtempSync(join(tmpdir(), "tonsor-lock-"));
  const file = join(folder, "cache", "compile.pid");
  const signal = new AbortController().signal;
  after(() => rmSync(folder, { recursive: true }));

  it("is taken when free, names its holder, and is given back", async () => {
    const release = await lockFile(file, signal);
    assert.equal(readFileSync(file, "utf8"), String(process.pid));
    release();
    assert.equal(existsSync(file), false);
  });

  it("makes a second one wait until the first is done", async () => {
    const order: string[] = [];
    const release = await lockFile(file, signal);
    const second = lockFile(file, signal).then((giveBack) => {
      order.push("second");
      giveBack();
    });
    await new Promise((resolve) => setTimeout(resolve, 250));
    order.push("first");
    release();
    await second;
    assert.deepEqual(order, ["first", "second"]);
  });

  it("is taken over from a process that is gone", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    writeFileSync(file, String(pid));
    (await lockFile(file, signal))();
    assert.equal(existsSync(file), false);
  });

  it("ends waiting when it is told to stop", async () => {
    const release = await lockFile(file, signal);
    await assert.rejects(lockFile(file, AbortSignal.timeout(150)), { name: "TimeoutError" });
    release();
  });
});
