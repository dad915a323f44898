import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const { engines, scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly engines: { readonly node: string };
  readonly scripts: Readonly<Record<string, string>>;
};

/** The words of an npm script with `more` after them, run by a Node that takes itself for `version`. */
function asNode(version: string, script: string, more: readonly string[]) {
  const disguise = join(temporaryFolder(), "disguise.cjs");
  const versions = `{ ...process.versions, node: ${JSON.stringify(version)} }`;
  writeFileSync(disguise, `Object.defineProperty(process, "versions", { value: ${versions} });`);
  const [program, ...words] = (scripts[script] ?? "").replace(/^exec /, "").split(" ");
  assert.equal(program, "node", script);
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-r", disguise, ...words, ...more], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

test("on a Node that is too old what a newcomer types first says so in one line, and nothing else", () => {
  assert.equal(engines.node, ">=22.18");
  for (const [script, version] of [
    ["start", "22.17.1"],
    ["tonsor", "20.19.0"],
    ["lab", "18.20.4"],
    ["explain", "22.9.0"],
    ["test", "22.17.0"],
  ] as const) {
    const { status, stdout, stderr } = asNode(version, script, []);
    assert.deepEqual([status, stdout], [78, ""], script);
    assert.match(stderr, new RegExp(`^Tonsor needs Node 22\\.18 or newer; this is ${version} \\(.+\\)\\.\n$`));
  }
});

test("a Node that is new enough is left alone", () => {
  for (const version of ["22.18.0", "23.0.0", "24.21.0"]) {
    const { status, stdout, stderr } = asNode(version, "tonsor", ["--version"]);
    assert.deepEqual([status, stdout, stderr], [0, "0.1.0\n", ""], version);
  }
});
