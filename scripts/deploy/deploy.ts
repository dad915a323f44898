import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { computeAddress, JsonRpcProvider, keccak256 } from "ethers";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { replicaAccounts } from "../lab/replica/accounts.ts";
import { askPools, type CreateOne, deployAdapters } from "./deployAdapters.ts";
import { type IgnitionOptions, ignite, journalOf } from "./ignite.ts";
import type { Creation } from "./journal.ts";
import {
  addressesOf,
  type Created,
  describeDeployment,
  encodedArguments,
  existingManifest,
  gitCommit,
  writeManifest,
} from "./manifest.ts";
import { FUTURES, tonsorModule } from "./module.ts";
import { DEVELOPMENT_CHAIN } from "./place.ts";
import type { DeploymentPlan } from "./planSchema.ts";
import { settleJournal } from "./resume.ts";
import { writeVerification } from "./verification.ts";

type DeployOptions = {
  readonly rpcUrl: string;
  /** The chain meant; any other answer of the endpoint is refused before anything is sent. */
  readonly chainId: number;
  readonly deployerKey: string;
  readonly plan: DeploymentPlan;
  /** Folder of <chainId>.json. */
  readonly deploymentsFolder: string;
  /** Folder of Ignition's journal; absent: `ignition` in the deployments folder. */
  readonly journalFolder?: string;
  /** Absent: 1 on the development chain, else 5. */
  readonly confirmations?: number;
  /** Write what an explorer needs beside the record; absent: yes. */
  readonly forExplorers?: boolean;
  /** Show Ignition's progress. */
  readonly verbose?: boolean;
};

/**
 * Deploys timelock, contract and gateways, then the adapters and agents that the plan asks for and the record does not have yet,
 * and returns the record, which it also writes to <chainId>.json, beside what an explorer needs (verification.ts). Idempotent:
 * with the same plan, a second call sends nothing and leaves the file as it is. Resumable: a call that was killed anywhere is
 * completed by the next one, from Ignition's journal.
 *
 * @throws TonsorError WRONG_CHAIN when the endpoint answers for another chain; BAD_CONFIG when a different plan is deployed
 * at the recorded address; TRANSACTION_UNKNOWN when a killed run's transaction cannot be found; NOT_DEPLOYED when the record or journal names contracts that a real chain does not have.
 */
export async function deploy(options: DeployOptions): Promise<Deployment> {
  const { rpcUrl, chainId, deploymentsFolder, plan } = options;
  const provider = new JsonRpcProvider(rpcUrl, chainId, { staticNetwork: true, cacheTimeout: -1 });
  try {
    await requireChain(provider, chainId);
    const existing = existingManifest(deploymentsFolder, chainId);
    const stands = existing !== null && (await isDeployed(provider, existing));
    if (stands) requireSamePlan(existing, plan);
    else if (existing !== null && chainId !== DEVELOPMENT_CHAIN) throw vanished(existing.contract.address);
    // A lender that does not answer is found out before anything is paid for.
    const pools = await askPools(provider, plan);
    const ignition = await ignitionOf(provider, options);
    const core = stands ? existing : await deployAnew(provider, options, ignition, existing !== null);
    const record = (deployment: Deployment) => {
      // Before the record: where that is, a run that was killed is not taken up again.
      if (options.forExplorers ?? true) writeVerification(deploymentsFolder, deployment);
      writeManifest(deploymentsFolder, deployment);
    };
    if (!stands) record(core);
    const create: CreateOne = (module, future, name) => {
      const own = { ...ignition, proposerKey: null, deploymentId: `${ignition.deploymentId}-${name}` };
      return createdBy(provider, own, async () => (await ignite(module, { [name]: future }, own))[name] as Creation);
    };
    const whole = await deployAdapters(provider, plan, core, pools, create);
    if (whole !== core) record(whole);
    return whole;
  } finally {
    provider.destroy();
  }
}

/** How Ignition is to work on this chain. */
async function ignitionOf(provider: JsonRpcProvider, options: DeployOptions): Promise<IgnitionOptions> {
  const { rpcUrl, chainId, deployerKey, plan, deploymentsFolder } = options;
  const genesis: { hash: string } = await provider.send("eth_getBlockByNumber", ["0x0", false]);
  return {
    ...{ rpcUrl, chainId, deployerKey },
    proposerKey: setupKey(chainId, plan),
    journalFolder: options.journalFolder ?? join(deploymentsFolder, "ignition"),
    // Development chains share their id, so the journal also carries the mark of the first block.
    deploymentId: `chain-${chainId}-${genesis.hash.slice(2, 10)}`,
    confirmations: options.confirmations ?? (chainId === DEVELOPMENT_CHAIN ? 1 : 5),
    verbose: options.verbose ?? false,
  };
}

/** @param restarted the chain that an earlier record speaks of is gone, and Ignition's journal of it worth nothing */
async function deployAnew(
  provider: JsonRpcProvider,
  { chainId, deployerKey, plan }: DeployOptions,
  ignition: IgnitionOptions,
  restarted: boolean,
): Promise<Deployment> {
  if (restarted) rmSync(journalOf(ignition), { recursive: true, force: true });
  const setUpAtOnce = ignition.proposerKey !== null;
  const { quorum, ...others } = FUTURES;
  const futures = plan.quorum === null ? others : { ...others, quorum };
  const created = await createdBy(provider, ignition, async (): Promise<Created> => {
    const all = await ignite<keyof typeof FUTURES>(
      tonsorModule(plan, setUpAtOnce),
      futures as typeof FUTURES,
      ignition,
    );
    return { ...all, quorum: plan.quorum === null ? null : all.quorum };
  });
  const about = { chainId, deployer: computeAddress(deployerKey), commit: gitCommit(), setUpAtOnce };
  return await describeDeployment(provider, plan, created, about);
}

/** What a run of Ignition created; a journal of a development chain that is gone is thrown away, and it runs again. */
async function createdBy<Result extends Creation | Created>(
  provider: JsonRpcProvider,
  ignition: IgnitionOptions,
  run: () => Promise<Result>,
): Promise<Result> {
  const resumed = existsSync(journalOf(ignition));
  await settleJournal(journalOf(ignition), provider);
  const created = await run();
  const places: readonly Creation[] =
    "contract" in created ? [created.timelock, created.contract, created.challenge, created.listing] : [created];
  const codes = await Promise.all(places.map(({ address }) => provider.getCode(address)));
  if (!resumed || codes.every((code) => code !== "0x")) return created;
  if (ignition.chainId !== DEVELOPMENT_CHAIN) throw vanished(places[0]?.address ?? "");
  rmSync(journalOf(ignition), { recursive: true });
  return await run();
}

async function requireChain(provider: JsonRpcProvider, chainId: number): Promise<void> {
  let given: number;
  try {
    given = Number(await provider.send("eth_chainId", []));
  } catch (cause) {
    throw new TonsorError("RPC_FAILED", "the endpoint does not answer eth_chainId", {}, cause);
  }
  if (given === chainId) return;
  const expected = String(chainId);
  throw new TonsorError("WRONG_CHAIN", "the endpoint answers for another chain", { field: "chainId", given, expected });
}

/**
 * Returns the key of the proposer who completes a deployment by itself: on a development chain, where it is public, and
 * only when it may propose and execute; null elsewhere.
 */
function setupKey(chainId: number, { timelock }: DeploymentPlan): string | null {
  const { address, privateKey } = replicaAccounts().governance;
  const able = [timelock.proposers[0], timelock.executors[0]].every((each) => each === address);
  return chainId === DEVELOPMENT_CHAIN && able ? privateKey : null;
}

async function isDeployed(provider: JsonRpcProvider, { contract }: Deployment): Promise<boolean> {
  return keccak256(await provider.getCode(contract.address)) === contract.bytecodeHash;
}

function requireSamePlan(existing: Deployment, plan: DeploymentPlan): void {
  const { timelock, contract, gateways, chainId } = existing;
  const at = addressesOf({ timelock, contract, quorum: gateways.quorum });
  const setUpAtOnce = setupKey(chainId, plan) !== null;
  const wanted = encodedArguments(plan, at, setUpAtOnce);
  const recorded = { timelock, contract, ...gateways };
  const names = ["timelock", "contract", "quorum", "challenge", "listing"] as const;
  // A timelock that is set up at once is created without a delay, so its constructor's arguments do not tell.
  const isSameDelay = !setUpAtOnce || plan.timelock.delaySeconds === timelock.delaySeconds;
  if (isSameDelay && names.every((name) => wanted[name] === (recorded[name]?.constructorArguments ?? null))) return;
  throw new TonsorError("BAD_CONFIG", `another plan is deployed at ${existing.contract.address}`, {
    field: "plan",
    expected: "the plan it was deployed with: changes go through the timelock, a new contract needs its own folder",
  });
}

function vanished(address: string): TonsorError {
  return new TonsorError("NOT_DEPLOYED", "the chain does not have the recorded contract", {
    field: "contract.address",
    given: address,
    expected: "the code that was deployed there; check the endpoint before removing record and journal",
  });
}
