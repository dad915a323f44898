import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { AbiCoder, Interface, type InterfaceAbi, type JsonRpcProvider, keccak256 } from "ethers";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { type Deployment, parseDeployment } from "../../keeper/protocols/deployment.ts";
import { readDeployment } from "../../keeper/protocols/readDeployment.ts";
import { deploymentArtifacts } from "./artifacts.ts";
import { certificateOf } from "./certificate.ts";
import type { Creation } from "./journal.ts";
import { contractArguments, firstAccounts, quorumArguments, timelockArguments } from "./module.ts";
import { manifestFile } from "./place.ts";
import type { DeploymentPlan } from "./planSchema.ts";
import { ADMITTED_LATER } from "./setup.ts";

/** How each contract came to be. */
export type Created = Readonly<Record<"timelock" | "contract" | "challenge" | "listing", Creation>> & {
  readonly quorum: Creation | null;
};

/** Returns what the record says, or null when there is none. */
export function existingManifest(folder: string, chainId: number): Deployment | null {
  const file = manifestFile(folder, chainId);
  return existsSync(file) ? readDeployment(file) : null;
}

/** Writes the record, completely or not at all. */
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
  about: { chainId: number; deployer: string; commit: string | null; setUpAtOnce: boolean },
): Promise<Deployment> {
  const encoded = encodedArguments(plan, addressesOf(created), about.setUpAtOnce);
  const at = (creation: Creation, constructorArguments: string) => placeOf(provider, creation, constructorArguments);
  const { timelock, quorum, sources, classes } = plan;
  const admitted = Object.entries(ADMITTED_LATER).map(([gateway, power]) => {
    const account = created[gateway as keyof typeof ADMITTED_LATER].address;
    return { account, power, aggregateBps: 0, tripBps: 0 };
  });
  return parseDeployment({
    chainId: about.chainId,
    contract: await at(created.contract, encoded.contract),
    timelock: { ...(await at(created.timelock, encoded.timelock)), ...timelock },
    gateways: {
      quorum: created.quorum && encoded.quorum ? { ...(await at(created.quorum, encoded.quorum)), ...quorum } : null,
      challenge: { ...(await at(created.challenge, encoded.challenge)), ...plan.challenge },
      listing: await at(created.listing, encoded.listing),
    },
    deployer: about.deployer,
    accounts: [...firstAccounts(plan, created.quorum?.address ?? null), ...admitted],
    classes,
    markets: plan.markets.map((market, index) => ({ id: index + 1, ...market })),
    certificate: certificateOf(plan),
    sources,
    commit: about.commit,
  });
}

/** Addresses in constructor arguments. */
type Addresses = { readonly timelock: string; readonly contract: string; readonly quorum: string | null };

export function addressesOf(created: {
  readonly timelock: { readonly address: string };
  readonly contract: { readonly address: string };
  readonly quorum: { readonly address: string } | null;
}): Addresses {
  const { timelock, contract, quorum } = created;
  return { timelock: timelock.address, contract: contract.address, quorum: quorum?.address ?? null };
}

/** Returns the constructor arguments of every contract, ABI-encoded; those of the signer quorum null without one. */
export function encodedArguments(plan: DeploymentPlan, at: Addresses, setUpAtOnce: boolean) {
  const artifacts = deploymentArtifacts();
  return {
    timelock: encodeArguments(artifacts.timelock.abi, timelockArguments(plan, setUpAtOnce)),
    contract: encodeArguments(artifacts.contract.abi, [at.timelock, ...contractArguments(plan, at.quorum)]),
    quorum: plan.quorum === null ? null : encodeArguments(artifacts.quorum.abi, quorumArguments(plan.quorum)),
    challenge: encodeArguments(artifacts.challenge.abi, [at.contract, at.timelock, plan.challenge.dailyLimit]),
    listing: encodeArguments(artifacts.listing.abi, [at.contract, at.timelock]),
  };
}

/** Returns a constructor's arguments, ABI-encoded. */
export function encodeArguments(abi: InterfaceAbi, values: readonly unknown[]): string {
  return AbiCoder.defaultAbiCoder().encode(new Interface(abi).deploy.inputs, values);
}

/** Where and how a contract was created, with its code. @throws TonsorError NOT_DEPLOYED */
export async function placeOf(
  provider: JsonRpcProvider,
  { address, transaction }: Creation,
  constructorArguments: string,
) {
  const receipt = await provider.getTransactionReceipt(transaction);
  const code = await provider.getCode(address);
  if (receipt === null || code === "0x") {
    throw new TonsorError("NOT_DEPLOYED", "Ignition's journal names a contract that this chain does not have", {
      given: address,
    });
  }
  return { address, transaction, block: receipt.blockNumber, bytecodeHash: keccak256(code), constructorArguments };
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
