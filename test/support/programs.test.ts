import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { HIDE, missingPrograms, programNames, programPath, withoutProgram } from "./programs.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

/** A folder with an executable file of each of these names. */
function folderWith(...names: readonly string[]): string {
  const folder = temporaryFolder();
  for (const name of names) {
    writeFileSync(join(folder, name), "#!/bin/sh\n");
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

describe("a program from outside of npm", () => {
  it("is found in the PATH, where it may have other names, or where its variable says", () => {
    const folder = folderWith("google-chrome", "mine");
    const PATH = `/nowhere:${folder}`;
    assert.equal(programPath("chromium", { PATH }), join(folder, "google-chrome"));
    assert.equal(withoutProgram("chromium", { PATH }), false);
    assert.equal(programPath("chromium", { PATH, CHROMIUM_PATH: join(folder, "mine") }), join(folder, "mine"));
    assert.equal(programPath("chromium", { PATH, CHROMIUM_PATH: "/nowhere/chromium" }), null);
  });

  it("that is not installed skips a test by a reason which names it and the command that brings it", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "promtool"));
    writeFileSync(join(folder, "z3"), "not executable");
    assert.equal(
      withoutProgram("promtool", { PATH: folder }),
      "promtool is not installed (apt-get install prometheus)",
    );
    assert.equal(withoutProgram("z3", { PATH: folder }), "z3 is not installed (apt-get install z3)");
    assert.equal(withoutProgram("z3", {}), "z3 is not installed (apt-get install z3)");
  });

  it("is hidden by a variable", () => {
    const PATH = folderWith("redis-server");
    assert.equal(withoutProgram("redis-server", { PATH, [HIDE]: "0" }), false);
    assert.equal(withoutProgram("redis-server", { PATH, [HIDE]: "1" }), `redis-server is hidden by ${HIDE}`);
  });

  it("is missing among others, with one command that brings all of them", () => {
    const PATH = folderWith(...programNames().filter((name) => !["promtool", "z3"].includes(name)));
    const script = process.platform === "linux" ? [] : (["script"] as const);
    const missing = missingPrograms({ PATH });
    assert.deepEqual(missing?.names, ["promtool", "z3", ...script]);
    assert.match(missing?.command ?? "", /^apt-get install --no-install-recommends prometheus z3/);
  });
});
