/**
 * `npm run generate`: writes what is made of other files: the typed ABI of the keeper and of `@tonsor/client` out of the compiled
 * contract, the addresses that the client ships out of `deployments/`, and the tables of fields of `keeper/dashboard/JSON.md`.
 * Compile first: `npm run build`.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deploymentArtifacts } from "../deploy/artifacts.ts";
import { addressesOf } from "../packages/client/addresses.ts";
import { withFieldTables } from "./fieldTables.ts";
import { type AbiItem, humanAbi } from "./humanAbi.ts";

/** Of Hardhat and anvil. */
const LOCAL_CHAIN = 31_337;

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const interfaceOf = (name: string) =>
  (JSON.parse(readFileSync(path(`artifacts/contracts/${name}.json`), "utf8")) as { abi: readonly AbiItem[] }).abi;

/** Entries alike but for the names of what a call returns, which an implementation may leave out. */
const unnamed = ({ outputs = [], ...rest }: AbiItem) => JSON.stringify([rest, outputs.map(({ type }) => type)]);

/** The contract's ABI, with returns named as in its interface. */
export function parametersAbi(): readonly AbiItem[] {
  const declared = new Map(interfaceOf("parameters/IParameters.sol/IParameters").map((item) => [unnamed(item), item]));
  return (deploymentArtifacts().contract.abi as readonly AbiItem[]).map((item) => declared.get(unnamed(item)) ?? item);
}

/** Text of `keeper/protocols/abi.ts`. */
function parametersAbiFile(): string {
  return [
    'import { parseAbi } from "viem";\n',
    "/**",
    " * The ABI of contracts/parameters/Parameters.sol, typed, so that the keeper runs without compiled artifacts; one line an entry.",
    " * Generated: `npm run generate`.",
    " */",
    `export const COLLATERAL_PARAMETERS_ABI = parseAbi(${JSON.stringify(humanAbi(parametersAbi()), null, 2)});\n`,
  ].join("\n");
}

/** Text of `scripts/packages/client/deployed.ts`: every record of `deployments/` but those of local chains. */
function deployedFile(): string {
  const records = globSync("deployments/*.json", { cwd: path(".") }).filter((name) => /\/\d+\.json$/.test(name));
  const chains = records.map((name) => addressesOf(JSON.parse(readFileSync(path(name), "utf8"))));
  const shown = chains.filter(({ chainId }) => chainId !== LOCAL_CHAIN).sort((a, b) => a.chainId - b.chainId);
  const table = JSON.stringify(Object.fromEntries(shown.map((one) => [one.chainId, one])), null, 2);
  return [
    'import type { DeployedAddresses } from "./addresses.ts";\n',
    "/** What is deployed, by chain id: the records of `deployments/`. Generated: `npm run generate`. */",
    `export const DEPLOYED: Readonly<Record<number, DeployedAddresses>> = ${table};\n`,
  ].join("\n");
}

if (import.meta.main) {
  writeFileSync(path("keeper/protocols/abi.ts"), parametersAbiFile());
  writeFileSync(path("scripts/packages/client/deployed.ts"), deployedFile());
  const page = path("keeper/dashboard/JSON.md");
  writeFileSync(page, withFieldTables(readFileSync(page, "utf8")));
}
