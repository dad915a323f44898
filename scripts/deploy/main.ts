import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Wallet } from "ethers";
import { wholeNumberIn } from "../../keeper/cli/arguments.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { setupIntent } from "../governance/actions.ts";
import { isSetUp, present, withGoverned } from "../governance/present.ts";
import { replicaAccounts } from "../lab/replica/accounts.ts";
import { configuredMarkets } from "../markets.ts";
import { certificateLines } from "./certificate.ts";
import { compileContracts } from "./compile.ts";
import { DEVELOPMENT_CHAIN, manifestFile, PLACE_OPTIONS, placeOf } from "./place.ts";
import { developmentPlan, readPlan } from "./plan.ts";

const HELP = `Usage: npm run deploy -- [options]

Deploys a timelock, the parameter contract and its gateways, and writes deployments/<chainId>.json. Safe to repeat: a second run sends
nothing, and a run that was killed is completed by the next.

  --rpc-url <url>          endpoint (default RPC_URL, else http://127.0.0.1:8545)
  --chain-id <number>      chain meant (default CHAIN_ID, else ${DEVELOPMENT_CHAIN})
  --plan <file>            accounts and timelock in JSON (needed except on chain ${DEVELOPMENT_CHAIN})
  --keystore <file>        encrypted key (V3) of the deployer (needed except on chain ${DEVELOPMENT_CHAIN})
  --password-file <file>   its password
  --deployments <folder>   where the record and Ignition's journal are kept (default deployments)
  --confirmations <number> blocks to wait for (default 5; 1 on chain ${DEVELOPMENT_CHAIN})
  --json                   print the record
  --verbose                show Hardhat Ignition's progress`;

/** Returns the deployer's key: an encrypted one, or the public test key where keys are worth nothing. */
async function deployerKey(
  chainId: number,
  keystore: string | undefined,
  passwordFile: string | undefined,
): Promise<string> {
  if (keystore === undefined) {
    if (chainId === DEVELOPMENT_CHAIN) return replicaAccounts().deployer.privateKey;
    const expected = "--keystore and --password-file";
    throw new TonsorError("BAD_ARGUMENT", "a deployment off the development chain needs an encrypted key", {
      expected,
    });
  }
  if (passwordFile === undefined) throw new TonsorError("BAD_ARGUMENT", "--keystore needs --password-file");
  try {
    const password = readFileSync(passwordFile, "utf8").trim();
    return (await Wallet.fromEncryptedJson(readFileSync(keystore, "utf8"), password)).privateKey;
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `the keystore ${keystore} cannot be opened with ${passwordFile}`, {}, cause);
  }
}

export async function main(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      ...PLACE_OPTIONS,
      plan: { type: "string" },
      keystore: { type: "string" },
      "password-file": { type: "string" },
      confirmations: { type: "string" },
      json: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const { rpcUrl, chainId, folder } = placeOf(values, process.cwd(), process.env);
  if (values.plan === undefined && chainId !== DEVELOPMENT_CHAIN) {
    throw new TonsorError("BAD_ARGUMENT", `chain ${chainId} needs --plan`, {
      expected: "a file as in deployments/README.md",
    });
  }
  const files = configuredMarkets();
  const key = await deployerKey(chainId, values.keystore, values["password-file"]);
  await compileContracts(console.error, new AbortController().signal);
  // Ignition is slow to load, and not needed to say what is wrong.
  const { deploy } = await import("./deploy.ts");
  const deployment = await deploy({
    rpcUrl,
    chainId,
    plan: values.plan === undefined ? developmentPlan(files) : readPlan(values.plan, files),
    deployerKey: key,
    deploymentsFolder: folder,
    verbose: values.verbose,
    ...(values.confirmations === undefined
      ? {}
      : { confirmations: wholeNumberIn("--confirmations", 1, 1_000)(values.confirmations) }),
  });
  if (values.json) return console.log(JSON.stringify(deployment, null, 2));
  const { contract, timelock, gateways, markets, certificate, classes } = deployment;
  console.log(`Parameter contract ${contract.address}, block ${contract.block}`);
  for (const [name, gateway] of Object.entries(gateways)) {
    if (gateway !== null) console.log(`Gateway ${name.padEnd(10)} ${gateway.address}`);
  }
  for (const { name, contract: what, address } of deployment.adapters ?? []) console.log(`${what} ${name}: ${address}`);
  for (const lender of deployment.lenders ?? []) {
    if (lender.kind === "morpho-blue" || lender.agent === null) continue;
    console.log(`Agent of ${lender.name}: ${lender.agent.address}`);
    console.log(`  to give it its role: npm run propose-lender -- --lender "${lender.name}"`);
  }
  console.log(`Timelock           ${timelock.address}, delay ${timelock.delaySeconds} s`);
  console.log(`Markets            ${markets.map(({ id, name }) => `${id} ${name}`).join(", ")}`);
  for (const line of certificateLines(certificate, classes)) {
    console.log(line);
  }
  console.log(`Recorded in        ${manifestFile(folder, chainId)}`);
  await withGoverned({ ...values, "rpc-url": rpcUrl, "chain-id": String(chainId) }, async (governed) => {
    if (isSetUp(governed)) return;
    console.log(
      "\nThe deployer may not complete it: governance does, by the proposal below. Until then no market can be challenged or listed.\n",
    );
    await present(governed, setupIntent(deployment), { ...values, rehearse: false });
  });
}
