import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Source, treesOf } from "./ast.ts";
import { findGuards } from "./findGuards.ts";
import type { Guard } from "./guard.ts";
import { instrument, viewed } from "./instrument.ts";
import { filesAt, guardedFiles, PLACES, ROOT, withImports } from "./places.ts";

/** A copy of contracts and tests in which guards can be taken away, the guards in it and the Solidity tests. */
export type Workshop = {
  readonly folder: string;
  readonly guards: readonly Guard[];
  readonly tests: readonly string[];
};

/** What the TypeScript tests need besides the contracts, as it is in the checkout. */
const LINKED = [
  "keeper",
  "scripts",
  "test/gateways",
  "test/adapters",
  "test/differential",
  "test/policy",
  "test/support",
];

/** The code is not optimized, which takes a compiler most of its time: a guard is in the source, not in its compiled form. */
const CONFIG = `import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import { defineConfig } from "hardhat/config";
import { COMPILER, oneTestCompilation, testOverrides } from "./scripts/compilers.ts";

const coinbase = process.env.GUARD_COINBASE ?? "0x0000000000000000000000000000000000000000";
const yulDetails = { stackAllocation: true, optimizerSteps: "u:" };
const settings = { viaIR: true, evmVersion: "cancun", optimizer: { enabled: true, runs: 1, details: { yul: true, yulDetails } } };

export default defineConfig({
  plugins: [hardhatEthers, oneTestCompilation],
  solidity: { compilers: [{ ...COMPILER, settings }], overrides: testOverrides(import.meta.dirname) },
  paths: { sources: ["./contracts", "./test/mocks"], tests: { solidity: "./test/contracts" } },
  networks: { hardhat: { type: "edr-simulated", chainId: 31337, coinbase, allowUnlimitedContractSize: true } },
  test: { solidity: { coinbase, fuzz: { runs: 32 }, invariant: { runs: 4, depth: 40, failOnRevert: false } } },
});
`;

/** All guards of the checkout, in the order of files and lines. */
export function allGuards(): { readonly guards: readonly Guard[]; readonly sources: readonly Source[] } {
  const files = guardedFiles();
  const sources = treesOf(withImports(files)).filter(({ file }) => files.includes(file));
  return { sources, guards: sources.sort((a, b) => (a.file < b.file ? -1 : 1)).flatMap(findGuards) };
}

/**
 * Makes the copy, or finds the one made before from the same sources.
 * @param tests The Solidity tests to compile.
 * @param contracts The contracts to compile besides what the tests import; without them all, with their mocks.
 */
export function openWorkshop(
  { sources, guards } = allGuards(),
  tests: readonly string[] = [],
  contracts = filesAt([...PLACES.guarded, ...PLACES.mocks]),
): Workshop {
  const files = withImports([...contracts, ...tests]);
  const numbered = guards.map((guard, index) => [index, guard] as const);
  const contents = new Map([...files].filter(([file]) => /^(contracts|test)\//.test(file)));
  for (const [file, content] of contents) contents.set(file, viewed(content));
  for (const source of sources.filter(({ file }) => files.has(file))) {
    const own = numbered.filter(([, { file }]) => file === source.file);
    contents.set(source.file, instrument(source, own));
  }
  const hash = createHash("sha256")
    .update(CONFIG)
    .update(JSON.stringify([...contents].sort()))
    .digest("hex")
    .slice(0, 16);
  const folder = join(ROOT, "cache", "guards", hash);
  if (existsSync(folder)) return { folder, guards, tests };
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  for (const [file, content] of contents) write(join(draft, file), content);
  write(join(draft, "hardhat.config.ts"), CONFIG);
  write(join(draft, "package.json"), '{ "name": "guards", "type": "module", "private": true }\n');
  for (const name of LINKED) {
    mkdirSync(dirname(join(draft, name)), { recursive: true });
    symlinkSync(join(ROOT, name), join(draft, name));
  }
  renameSync(draft, folder);
  return { folder, guards, tests };
}

function write(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
