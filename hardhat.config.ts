import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatIgnitionEthers from "@nomicfoundation/hardhat-ignition-ethers";
import { defineConfig } from "hardhat/config";
import { COMPILER, testOverrides } from "./scripts/compilers.ts";

export default defineConfig({
  plugins: [hardhatEthers, hardhatIgnitionEthers],
  solidity: {
    compilers: [
      { ...COMPILER, settings: { viaIR: true, evmVersion: "cancun", optimizer: { enabled: true, runs: 10_000 } } },
    ],
    overrides: testOverrides(import.meta.dirname),
  },
  paths: { sources: "./contracts", tests: { solidity: "./test/contracts" }, ignition: "./deployments/ignition" },
  networks: {
    // Code size is limited to 24 576 bytes as on mainnet: both halves of the parameter contract fit.
    hardhat: { type: "edr-simulated", chainId: 31337 },
  },
  test: {
    solidity: {
      profiles: {
        default: { fuzz: { runs: 256 }, invariant: { runs: 32, depth: 50, failOnRevert: false } },
        // 100 000 calls for each invariant (npm run invariants:long).
        long: { fuzz: { runs: 10_000 }, invariant: { runs: 200, depth: 500, failOnRevert: false } },
      },
    },
  },
});
