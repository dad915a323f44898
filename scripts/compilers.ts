import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The compiler comes from the npm package, so nothing is downloaded at build time. */
export const COMPILER = { version: "0.8.30", path: fileURLToPath(import.meta.resolve("solc/soljson.js")) };

/**
 * Settings for the Solidity tests of a folder, by file. They deploy the contracts' artifacts (`vm.getCode`), so how their own
 * code is compiled changes nothing of what is tested: the old code generator takes 1 s for a file, the new one with its
 * optimizer 10 to 24.
 */
export function testOverrides(folder: string): Record<string, typeof COMPILER & { settings: { evmVersion: string } }> {
  const files = globSync("test/contracts/**/*.sol", { cwd: folder }).sort();
  return Object.fromEntries(files.map((file) => [file, { ...COMPILER, settings: { evmVersion: "cancun" } }]));
}
