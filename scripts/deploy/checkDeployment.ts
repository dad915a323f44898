import { parseArgs } from "node:util";
import { readDeployment } from "../../keeper/protocols/readDeployment.ts";
import { checkDeployment } from "./check.ts";
import { checkTable } from "./compare.ts";
import { DEVELOPMENT_CHAIN, manifestFile, PLACE_OPTIONS, placeOf } from "./place.ts";

const HELP = `Usage: npm run check-deployment -- [options]

Compares deployments/<chainId>.json with the chain: code, owner, every account with its power and budgets, limits, markets,
gateways, timelock, and the state that the events alone rebuild.
Exit code 0: they agree. 1: they differ, or could not be compared.

  --rpc-url <url>          endpoint (default RPC_URL, else http://127.0.0.1:8545)
  --chain-id <number>      chain whose record is checked (default CHAIN_ID, else ${DEVELOPMENT_CHAIN})
  --deployments <folder>   where the record is (default deployments)
  --json                   {"agrees": boolean, "checks": [{"what", "expected", "found", "agrees"}]}`;

export async function main(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: { ...PLACE_OPTIONS, json: { type: "boolean", default: false } },
  });
  if (values.help) return console.log(HELP);
  const { rpcUrl, chainId, folder } = placeOf(values, process.cwd(), process.env);
  const checks = await checkDeployment(rpcUrl, readDeployment(manifestFile(folder, chainId)));
  const wrong = checks.filter(({ agrees }) => !agrees).length;
  if (values.json) console.log(JSON.stringify({ agrees: wrong === 0, checks }, null, 2));
  else console.log([...checkTable(checks), `${checks.length} checks, ${wrong} wrong`].join("\n"));
  if (wrong > 0) process.exitCode = 1;
}
