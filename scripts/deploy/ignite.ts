import { existsSync } from "node:fs";
import { join } from "node:path";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatIgnitionEthers from "@nomicfoundation/hardhat-ignition-ethers";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { type Creation, creationOf } from "./journal.ts";
import { FUTURES, tonsorModule } from "./module.ts";
import type { DeploymentPlan } from "./planSchema.ts";

export type IgnitionOptions = {
  readonly rpcUrl: string;
  readonly chainId: number;
  readonly deployerKey: string;
  /** Key of the proposer who completes the deployment at once; null: governance does so later. */
  readonly proposerKey: string | null;
  /** Ignition keeps its journal below this folder. */
  readonly journalFolder: string;
  /** Names the journal; one per chain. */
  readonly deploymentId: string;
  /** Blocks on top of each transaction before the next step. */
  readonly confirmations: number;
  readonly verbose: boolean;
};

/** How each contract came to be. */
export type Created = Readonly<Record<"timelock" | "contract" | "challenge" | "listing", Creation>> & {
  readonly quorum: Creation | null;
};

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
  const { rpcUrl, chainId, deployerKey, proposerKey, journalFolder, deploymentId, confirmations, verbose } = options;
  const hre = await createHardhatRuntimeEnvironment({
    plugins: [hardhatEthers, hardhatIgnitionEthers],
    paths: { ignition: journalFolder },
    networks: {
      target: {
        type: "http",
        url: rpcUrl,
        chainId,
        accounts: proposerKey === null ? [deployerKey] : [deployerKey, proposerKey],
      },
    },
  });
  const connection = await hre.network.create("target");
  try {
    await connection.ignition.deploy(tonsorModule(plan, proposerKey !== null), {
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
  const folder = journalOf(options);
  const of = (future: string) => creationOf(folder, future);
  return {
    timelock: of(FUTURES.timelock),
    contract: of(FUTURES.contract),
    challenge: of(FUTURES.challenge),
    listing: of(FUTURES.listing),
    quorum: plan.quorum === null ? null : of(FUTURES.quorum),
  };
}
