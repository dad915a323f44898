import { fileURLToPath } from "node:url";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatIgnitionEthers from "@nomicfoundation/hardhat-ignition-ethers";
import { defineConfig } from "hardhat/config";

/** The compiler comes from the npm package, so nothing is downloaded at build time. */
const solcPath = fileURLToPath(import.meta.resolve("solc/soljson.js"));

export default defineConfig({
  plugins: [hardhatEthers, hardhatIgnitionEthers],
  solidity: {
    version: "0.8.30",
    path: solcPath,
    settings: { viaIR: true, evmVersion: "cancun", optimizer: { enabled: true, runs: 10_000 } },
  },
  paths: { sources: "./contracts", tests: { solidity: "./test/contracts" }, ignition: "./deployments/ignition" },
  networks: {
    // The parameter contract is still above 24 576 bytes (contracts/STORAGE.md).
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
