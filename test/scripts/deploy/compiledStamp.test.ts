import assert from "node:assert/strict";
import { globSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it, test } from "node:test";
import { isCompiled, removeStaleArtifacts, stampCompiled } from "../../../scripts/deploy/compiledStamp.ts";

describe("the stamp of a compilation", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "tonsor-stamp-"));
    mkdirSync(join(root, "contracts", "core"), { recursive: true });
    mkdirSync(join(root, "artifacts"));
    writeFileSync(join(root, "contracts", "core", "A.sol"), "contract A {}");
    writeFileSync(join(root, "package-lock.json"), "{}");
    writeFileSync(join(root, "artifacts", "A.json"), "{}");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("holds as long as nothing changes, and not before it is set", () => {
    assert.equal(isCompiled(root), false);
    stampCompiled(root);
    assert.equal(isCompiled(root), true);
  });

  for (const [what, change] of [
    ["a source reads otherwise", () => writeFileSync(join(root, "contracts", "core", "A.sol"), "contract B {}")],
    ["a source is added", () => writeFileSync(join(root, "contracts", "B.sol"), "contract B {}")],
    [
      "a source moves",
      () => {
        rmSync(join(root, "contracts", "core", "A.sol"));
        writeFileSync(join(root, "contracts", "A.sol"), "contract A {}");
      },
    ],
    ["a library is at another version", () => writeFileSync(join(root, "package-lock.json"), '{"version": 2}')],
    ["the settings change", () => writeFileSync(join(root, "hardhat.config.ts"), "export default {}")],
    ["an artifact is gone", () => rmSync(join(root, "artifacts", "A.json"))],
    ["an artifact was written again", () => utimesSync(join(root, "artifacts", "A.json"), 1, 1)],
    ["all artifacts are gone", () => rmSync(join(root, "artifacts"), { recursive: true })],
  ] as const) {
    it(`is broken when ${what}`, () => {
      stampCompiled(root);
      change();
      assert.equal(isCompiled(root), false);
    });
  }
});

test("what was compiled from a source that moved is removed, the rest stays", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tonsor-stale-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const source of ["contracts/A.sol", "contracts/gateways/B.sol", "test/mocks/C.sol"]) {
    mkdirSync(join(folder, source, ".."), { recursive: true });
    writeFileSync(join(folder, source), "");
  }
  for (const source of ["contracts/A.sol", "contracts/core/B.sol", "contracts/gateways/B.sol", "test/mocks/C.sol"]) {
    mkdirSync(join(folder, "artifacts", source), { recursive: true });
    writeFileSync(join(folder, "artifacts", source, "artifact.json"), "{}");
  }
  removeStaleArtifacts(folder);
  const kept = ["contracts/A.sol", "contracts/gateways/B.sol", "test/mocks/C.sol"];
  assert.deepEqual(globSync("{contracts,test}/**/*.sol", { cwd: join(folder, "artifacts") }).sort(), kept);
});
