import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { compiled } from "../support/compiled.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { promised, writePageFiles } from "./pageFiles.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const versions = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const solc = `solc@${versions.devDependencies.solc}`;

/** Hardhat and Foundry would download a compiler; here it comes from npm, and nothing else of the page is changed. */
const HARDHAT_CONFIG = `import { fileURLToPath } from "node:url";
import { defineConfig } from "hardhat/config";
const path = fileURLToPath(import.meta.resolve("solc/soljson.js"));
export default defineConfig({ solidity: { version: "0.8.30", path } });
`;
const SOLC = `#!/usr/bin/env node
import { readFileSync } from "node:fs";
import solc from "solc";
if (process.argv.includes("--version")) console.log("Version: " + solc.version().replace("Emscripten.clang", "Linux.g++"));
else process.stdout.write(solc.compile(readFileSync(0, "utf8")));
`;

describe("a stranger with the tarballs and an empty folder", () => {
  let tarballs = "";
  before(async () => {
    await compiled();
    tarballs = temporaryFolder();
    execFileSync(process.execPath, ["scripts/release/main.ts", "--dry-run", "--to", tarballs], { cwd: root });
  });
  const tarball = (name: string) => join(tarballs, `${name}-${versions.version}.tgz`);

  /** A folder in which these were installed, with what a page shows. */
  function consumer(page: string, installed: readonly string[]) {
    const folder = join(temporaryFolder(), "consumer");
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
    const env = { ...process.env, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true", NO_COLOR: "1" };
    const run = (file: string, words: readonly string[]) =>
      execFileSync(file, words, { cwd: folder, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    run("npm", ["install", "--no-audit", "--no-fund", ...installed]);
    return { folder, run, files: writePageFiles(page, folder) };
  }

  it("tests a lender against the real contract with Hardhat 3: fresh, stale, closed, frozen, in under 20 lines", () => {
    const hardhat = `hardhat@${versions.devDependencies.hardhat}`;
    const { folder, run, files } = consumer("contracts", [tarball("tonsor-contracts"), hardhat, solc]);
    const lines = (files.get("test/Lender.t.sol") ?? "").split("\n").filter((line) => /^ +\S/.test(line));
    assert.ok(lines.length > 10 && lines.length < 20, `${lines.length} lines in the contract`);
    writeFileSync(join(folder, "hardhat.config.ts"), HARDHAT_CONFIG);
    assert.match(run(join(folder, "node_modules/.bin/hardhat"), ["test", "solidity"]), /4 passing/);
  });

  it("does so with Foundry from the same files", () => {
    const { folder, run } = consumer("contracts", [tarball("tonsor-contracts"), "@foundry-rs/forge@1.7.1", solc]);
    writeFileSync(join(folder, "solc.mjs"), SOLC);
    chmodSync(join(folder, "solc.mjs"), 0o755);
    appendFileSync(join(folder, "foundry.toml"), 'solc = "./solc.mjs"\noffline = true\n');
    assert.match(run(join(folder, "node_modules/.bin/forge"), ["test"]), /4 passed; 0 failed/);
  });

  it("runs the model's page, and compiles against both libraries without Node's types", () => {
    const typescript = `typescript@${versions.devDependencies.typescript}`;
    const libraries = [tarball("tonsor-model"), tarball("tonsor-client"), `viem@${versions.dependencies.viem}`];
    const { folder, run, files } = consumer("model", [...libraries, typescript]);
    for (const [file, text] of files)
      assert.deepEqual(run(process.execPath, [file]).trim().split("\n"), promised(text));
    const use = `import { addresses, readHaircuts, watchRamps } from "@tonsor/client";
import { assess, type AssessInput, depth, quote, surface } from "@tonsor/model";
import { createPublicClient, http } from "viem";
const client = createPublicClient({ transport: http("http://127.0.0.1:1") });
export const bps: Promise<number | undefined> = readHaircuts(client, "0x00", [1]).then(([one]) => one?.initialBps);
export const stop: () => void = watchRamps(client, addresses[1]?.parameters ?? "0x00", [1], ([ramp]) => ramp?.reachesAt);
export const decide = (input: AssessInput) => assess(input).decision.action satisfies "hold" | "submit";
export const all = [depth, quote, surface];
// @ts-expect-error: a market's id is a number
readHaircuts(client, "0x00", ["1"]);
`;
    writeFileSync(join(folder, "use.ts"), use);
    const options = [
      "--noEmit",
      "--strict",
      "--types",
      "",
      "--module",
      "nodenext",
      "--target",
      "es2022",
      "--lib",
      "es2022,dom",
    ];
    run(join(folder, "node_modules/.bin/tsc"), [...options, "--skipLibCheck", "false", "use.ts"]);
  });

  it("runs the keeper: help, version and the check of its configuration", () => {
    const { folder, run } = consumer("keeper", [tarball("tonsor")]);
    const npx = (...words: string[]) => run("npx", ["tonsor", ...words]);
    assert.match(npx("--help"), /^Usage: tonsor /);
    assert.equal(npx("--version").trim(), versions.version);
    assert.match(npx("config", "check"), /3 ok, 0 to watch, 0 failed/);
    assert.ok(folder !== root);
  });
});
