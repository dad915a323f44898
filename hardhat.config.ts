import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatIgnitionEthers from "@nomicfoundation/hardhat-ignition-ethers";
import { defineConfig } from "hardhat/config";
import { COMPILER, oneTestCompilation, testOverrides } from "./scripts/compilers.ts";

/** The handler makes what it needs of random words, so nothing is collected for the fuzzer to choose from. */
const INVARIANT = { failOnRevert: false, dictionaryWeight: 0, includeStorage: false, includePushBytes: false };

/** Calls of the profile `long`, each judged by every invariant, and where its random words start. */
const LONG_CALLS = Number(process.env["CONTRACT_CALLS"] ?? 100_000);
const LONG_SEED = `0x${BigInt(process.env["CONTRACT_SEED"] ?? 1)
  .toString(16)
  .padStart(64, "0")}`;

export default defineConfig({
  plugins: [hardhatEthers, hardhatIgnitionEthers, oneTestCompilation],
  solidity: {
    compilers: [
      { ...COMPILER, settings: { viaIR: true, evmVersion: "cancun", optimizer: { enabled: true, runs: 10_000 } } },
    ],
    overrides: testOverrides(import.meta.dirname),
  },
  paths: {
    sources: ["./contracts", "./test/mocks"],
    tests: { solidity: "./test/contracts" },
    ignition: "./deployments/ignition",
  },
  networks: {
    // Code size is limited to 24 576 bytes as on mainnet.
    hardhat: { type: "edr-simulated", chainId: 31337 },
  },
  test: {
    solidity: {
      profiles: {
        default: { fuzz: { runs: 256 }, invariant: { runs: 48, depth: 50, ...INVARIANT } },
        // npm run invariants:long.
        long: {
          fuzz: { runs: 10_000, seed: LONG_SEED },
          invariant: { runs: LONG_CALLS / 500, depth: 500, ...INVARIANT },
        },
      },
    },
  },
});
