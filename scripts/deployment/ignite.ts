import { existsSync } from "node:fs";
import { join } from "node:path";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatIgnitionEthers from "@nomicfoundation/hardhat-ignition-ethers";
import { listTransactions } from "@nomicfoundation/ignition-core";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { FUTURES, tonsorModule } from "./module.ts";
import type { DeploymentPlan } from "./plan.ts";

export type IgnitionOptions = {
  readonly rpcUrl: string;
  readonly chainId: number;
  readonly deployerKey: string;
  /** Ignition keeps its journal below this folder. */
  readonly journalFolder: string;
  /** Names the journal; one per chain. */
  readonly deploymentId: string;
  /** Blocks on top of each transaction before the next step. */
  readonly confirmations: number;
  readonly verbose: boolean;
};

/** Hash of the transaction that created each contract, by what it created. */
export type Created = Readonly<Record<keyof typeof FUTURES, { address: string; transaction: string }>>;

/** Returns the folder in which Ignition keeps the journal of one deployment. */
export function journalOf({ journalFolder, deploymentId }: IgnitionOptions): string {
  return join(journalFolder, "deployments", deploymentId);
}

/**
 * Deploys by Hardhat Ignition, or goes on where its journal says that an earlier run stopped.
 *
 * @throws TonsorError RPC_FAILED when Ignition gives up; running again goes on from its journal.
 */
export async function ignite(plan: DeploymentPlan, options: IgnitionOptions): Promise<Created> {
  const { rpcUrl, chainId, deployerKey, journalFolder, deploymentId, confirmations, verbose } = options;
  const hre = await createHardhatRuntimeEnvironment({
    plugins: [hardhatEthers, hardhatIgnitionEthers],
    paths: { ignition: journalFolder },
    networks: { target: { type: "http", url: rpcUrl, chainId, accounts: [deployerKey] } },
  });
  const connection = await hre.network.create("target");
  try {
    await connection.ignition.deploy(tonsorModule(plan), {
      deploymentId,
      displayUi: verbose,
      config: { requiredConfirmations: confirmations, blockPollingInterval: confirmations > 1 ? 1_000 : 50 },
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const journal = existsSync(journalOf(options)) ? `; its journal is ${journalOf(options)}` : "";
    throw new TonsorError("RPC_FAILED", `Hardhat Ignition stopped: ${why}${journal}`, {}, cause);
  } finally {
    await connection.close();
  }
  return { timelock: await created(options, FUTURES.timelock), contract: await created(options, FUTURES.contract) };
}

async function created(options: IgnitionOptions, future: string): Promise<{ address: string; transaction: string }> {
  const name = future.split("#")[1];
  const noArtifacts = { loadArtifact: () => Promise.reject(new Error("not needed to list transactions")) };
  for (const transaction of await listTransactions(journalOf(options), noArtifacts)) {
    const { name: made, address, txHash, status } = transaction;
    if (made === name && status === "SUCCESS" && address !== undefined) return { address, transaction: txHash };
  }
  throw new TonsorError("RPC_FAILED", `Ignition's journal has no successful transaction for ${future}`);
}
