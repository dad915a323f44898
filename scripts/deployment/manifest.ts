import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AbiCoder, Interface, type InterfaceAbi, type JsonRpcProvider, keccak256 } from "ethers";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { type Deployment, parseDeployment, readDeployment } from "../../keeper/protocols/deployment.ts";
import type { Created } from "./ignite.ts";
import { contractArguments, deploymentArtifacts, timelockArguments } from "./module.ts";
import type { DeploymentPlan } from "./plan.ts";

/** Returns the path of the record of a chain's deployment. */
export function manifestFile(folder: string, chainId: number): string {
  return join(folder, `${chainId}.json`);
}

/** Returns what the record says, or null when there is none. */
export function existingManifest(folder: string, chainId: number): Deployment | null {
  const file = manifestFile(folder, chainId);
  return existsSync(file) ? readDeployment(file) : null;
}

/** Writes the record, whole or not at all. */
export function writeManifest(folder: string, deployment: Deployment): void {
  const file = manifestFile(folder, deployment.chainId);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.part`, `${JSON.stringify(deployment, null, 2)}\n`);
  renameSync(`${file}.part`, file);
}

/** Returns the record of what was deployed: places and code read from the chain, the rest from the plan. */
export async function describeDeployment(
  provider: JsonRpcProvider,
  plan: DeploymentPlan,
  created: Created,
  about: { chainId: number; deployer: string; commit: string | null },
): Promise<Deployment> {
  const encoded = encodedArguments(plan, created.timelock.address);
  const { timelock, keeper, guardian, sources } = plan;
  return parseDeployment({
    chainId: about.chainId,
    contract: { ...(await place(provider, created.contract)), constructorArguments: encoded.contract },
    timelock: { ...(await place(provider, created.timelock)), constructorArguments: encoded.timelock, ...timelock },
    deployer: about.deployer,
    roles: { governance: [created.timelock.address], keeper: [keeper], guardian: [guardian] },
    // The constructor lists them in this order, from 1.
    markets: plan.markets.map((market, i) => ({ id: i + 1, ...market })),
    sources,
    commit: about.commit,
  });
}

/** Returns the constructor arguments of both contracts, ABI-encoded. */
export function encodedArguments(plan: DeploymentPlan, timelock: string): { timelock: string; contract: string } {
  const artifacts = deploymentArtifacts();
  return {
    timelock: encode(artifacts.timelock.abi, timelockArguments(plan)),
    contract: encode(artifacts.contract.abi, [timelock, ...contractArguments(plan)]),
  };
}

function encode(abi: InterfaceAbi, values: readonly unknown[]): string {
  return AbiCoder.defaultAbiCoder().encode(new Interface(abi).deploy.inputs, values);
}

async function place(provider: JsonRpcProvider, { address, transaction }: Created["contract"]) {
  const receipt = await provider.getTransactionReceipt(transaction);
  const code = await provider.getCode(address);
  if (receipt === null || code === "0x") {
    throw new TonsorError("NOT_DEPLOYED", "Ignition's journal names a contract that this chain does not have", {
      given: address,
    });
  }
  return { address, transaction, block: receipt.blockNumber, bytecodeHash: keccak256(code) };
}

/** Returns the commit checked out, or null outside of a git repository. */
export function gitCommit(): string | null {
  try {
    const options = { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "ignore"] as ["ignore", "pipe", "ignore"] };
    return execFileSync("git", ["rev-parse", "HEAD"], options).toString().trim();
  } catch {
    return null;
  }
}
