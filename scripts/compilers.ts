import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { HardhatPlugin } from "hardhat/types/plugins";

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

/**
 * The Solidity tests in one compilation: Hardhat compiles together what has the same settings object, and makes one for each file
 * of `overrides`: a compilation of all contracts for each test. Together they take a tenth of that.
 */
export const oneTestCompilation: HardhatPlugin = {
  id: "one-test-compilation",
  hookHandlers: {
    config: async () => ({
      default: async () => ({
        resolveUserConfig: async (userConfig, resolveVariable, next) => {
          const config = await next(userConfig, resolveVariable);
          for (const { overrides } of Object.values(config.solidity.profiles)) {
            const [first] = Object.values(overrides);
            for (const file of Object.keys(overrides)) if (first !== undefined) overrides[file] = first;
          }
          return config;
        },
      }),
    }),
  },
};
