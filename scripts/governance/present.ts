import { JsonRpcProvider } from "ethers";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { readDeployment } from "../../keeper/protocols/readDeployment.ts";
import { manifestFile, PLACE_OPTIONS, type PlaceFlags, placeOf } from "../deploy/place.ts";
import { ADMITTED_LATER } from "../deploy/setup.ts";
import type { Intent } from "./actionSchema.ts";
import { type Facts, readFacts, withAccounts } from "./facts.ts";
import { proposalText, writeSafeFiles } from "./print.ts";
import { proposalOf } from "./proposal.ts";
import { passes, rehearse, simulate } from "./simulate.ts";

/** Options that every script of governance takes. */
export const PRESENT_OPTIONS = {
  ...PLACE_OPTIONS,
  salt: { type: "string" },
  safe: { type: "string" },
  rehearse: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

export const PRESENT_HELP = `  --rpc-url <url>          endpoint (default RPC_URL, else http://127.0.0.1:8545)
  --chain-id <number>      chain whose record is used (default CHAIN_ID, else 31337)
  --deployments <folder>   where the record is (default deployments)
  --salt <32 bytes>        distinguishes operations of the same calls (default: from the title)
  --safe <folder>          write two files for Safe's Transaction Builder, to schedule and to execute
  --rehearse               on a development node: schedule, wait out the delay, execute, and take it all back
  --json                   print everything as JSON

Nothing is sent. Exit code 0: the contract would take it. 1: it would refuse, or could not be asked.`;

export type PresentFlags = PlaceFlags & {
  readonly salt?: string | undefined;
  readonly safe?: string | undefined;
  readonly rehearse: boolean;
  readonly json: boolean;
};

/** A chain that is open for questions. */
export type Governed = {
  readonly provider: JsonRpcProvider;
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly facts: Facts;
};

/** Opens the chain of the record, hands it to `run`, and closes it. @throws TonsorError WRONG_CHAIN, NOT_DEPLOYED. */
export async function withGoverned(flags: PlaceFlags, run: (governed: Governed) => Promise<void>): Promise<void> {
  const { rpcUrl, chainId, folder } = placeOf(flags, process.cwd(), process.env);
  const deployment = readDeployment(manifestFile(folder, chainId));
  const provider = new JsonRpcProvider(rpcUrl, chainId, { staticNetwork: true, cacheTimeout: -1, batchMaxCount: 1 });
  try {
    const given = Number(await provider.send("eth_chainId", []));
    if (given !== chainId) {
      const facts = { field: "chainId", given, expected: String(chainId) };
      throw new TonsorError("WRONG_CHAIN", "the endpoint answers for another chain", facts);
    }
    await run({ provider, rpcUrl, deployment, facts: await readFacts(provider, deployment) });
  } catch (cause) {
    if (cause instanceof TonsorError) throw cause;
    throw new TonsorError("RPC_FAILED", "the chain could not be asked", {}, cause);
  } finally {
    provider.destroy();
  }
}

/** Whether governance has admitted the gateways of a deployment that were created after the contract. */
export function isSetUp({ deployment: { gateways }, facts }: Governed): boolean {
  return Object.entries(ADMITTED_LATER).every(([name, power]) => {
    const { address } = gateways[name as keyof typeof ADMITTED_LATER];
    return facts.accounts.get(address)?.power === power;
  });
}

/** @throws TonsorError BAD_ARGUMENT for a salt that is given and is none */
export function requireSalt(given: string | undefined): void {
  if (given === undefined || /^0x[0-9a-f]{64}$/i.test(given)) return;
  const facts = { field: "--salt", given, expected: "0x and 64 digits" };
  throw new TonsorError("BAD_ARGUMENT", "the salt is not 32 bytes in hex", facts);
}

/** Prints a proposal with its simulation; `notes` come first. The exit code says whether the contract would take it. */
export async function present(
  { provider, deployment, facts: known }: Governed,
  intent: Intent,
  flags: PresentFlags,
  notes: readonly string[] = [],
): Promise<void> {
  requireSalt(flags.salt);
  const facts = await withAccounts(provider, deployment, known, intent);
  const proposal = proposalOf(intent, facts, deployment, flags.salt);
  const simulation = await simulate(provider, proposal, deployment);
  const rehearsal = flags.rehearse ? await rehearse(provider, proposal, deployment) : null;
  const files = flags.safe === undefined ? [] : writeSafeFiles(flags.safe, proposal);
  if (flags.json) console.log(JSON.stringify({ notes, ...proposal, simulation, rehearsal, files }, null, 2));
  else {
    const written = files.map((file) => `Safe Transaction Builder file: ${file}`);
    console.log([...notes, ...proposalText(proposal, simulation, rehearsal), ...written].join("\n"));
  }
  if (!passes(simulation) || (rehearsal !== null && rehearsal.refused !== null)) process.exitCode = 1;
}
