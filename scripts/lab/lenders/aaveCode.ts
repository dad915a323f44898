import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Compiled, compileForeign } from "./compileForeign.ts";

const OZ = "openzeppelin-contracts/contracts/";
const LOGIC = ["Supply", "Borrow", "Liquidation", "FlashLoan", "Pool", "Configurator"].map((name) => `${name}Logic`);
const SETTINGS = { viaIR: false, evmVersion: "cancun", optimizer: { enabled: true, runs: 200 } };
const ROOTS = [
  "instances/PoolInstance.sol",
  "instances/PoolConfiguratorInstance.sol",
  "instances/ATokenInstance.sol",
  "instances/VariableDebtTokenInstance.sol",
  "misc/DefaultReserveInterestRateStrategyV2.sol",
  "misc/AaveOracle.sol",
  "protocol/configuration/PoolAddressesProvider.sol",
  "protocol/configuration/ACLManager.sol",
  "helpers/AaveProtocolDataProvider.sol",
];
const CONTRACTS = [...ROOTS.map((path) => path.split("/").at(-1)?.replace(".sol", "") ?? ""), ...LOGIC];

/**
 * Aave v3.6 by contract name, compiled from the sources that Aave published (10 to 20 s the first time), or null when the
 * development dependency is not installed.
 */
export function aaveCode(): Readonly<Record<string, Compiled>> | null {
  const require = createRequire(import.meta.url);
  let root: string;
  try {
    root = join(dirname(require.resolve("@aave-dao/aave-v3-origin/package.json")), "src", "contracts");
  } catch {
    return null;
  }
  const openZeppelin = dirname(require.resolve("@openzeppelin/contracts/package.json"));
  const source = (path: string) =>
    readFileSync(path.startsWith(OZ) ? join(openZeppelin, path.slice(OZ.length)) : join(root, path), "utf8");
  return compileForeign(ROOTS, CONTRACTS, SETTINGS, source);
}
