import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { coinbaseOf } from "../../../../scripts/checks/guards/instrument.ts";
import { Trials } from "../../../../scripts/checks/guards/trials.ts";

describe("a trial of a guard by TypeScript tests", () => {
  const folder = mkdtempSync(join(tmpdir(), "tonsor-trials-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const trials = new Trials({ folder, guards: [], tests: [] });
  const write = (file: string, holds: string) => {
    const content = `require("node:test")("keeps to it", () => require("node:assert").ok(${holds}));\n`;
    writeFileSync(join(folder, file), content);
    return file;
  };
  const fine = write("fine.test.cjs", "true");
  const guarded = write("guarded.test.cjs", `process.env.GUARD_COINBASE !== "${coinbaseOf(3)}"`);
  const broken = write("broken.test.cjs", "false");

  it("names the test that fails without the guard and passes with it", async () => {
    assert.equal(await trials.typescript([fine, guarded], coinbaseOf(3)), "guarded.test.cjs: keeps to it");
  });

  it("says nothing where every test passes", async () => {
    assert.equal(await trials.typescript([fine, guarded], coinbaseOf(4)), undefined);
  });

  it("does not count a test that fails with every guard in place", async () => {
    const said = /broken\.test\.cjs: keeps to it fails with every guard in place/;
    await assert.rejects(trials.typescript([fine, broken], coinbaseOf(3)), said);
  });
});
