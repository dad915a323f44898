import { existsSync } from "node:fs";
import { join } from "node:path";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatIgnitionEthers from "@nomicfoundation/hardhat-ignition-ethers";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { type Creation, creationOf } from "./journal.ts";

type Module = Parameters<Awaited<ReturnType<typeof connect>>["ignition"]["deploy"]>[0];

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

/** Returns the folder in which Ignition keeps the journal of one deployment. */
export function journalOf({ journalFolder, deploymentId }: IgnitionOptions): string {
  return join(journalFolder, "deployments", deploymentId);
}

/**
 * Deploys by Hardhat Ignition, or goes on where its journal says that an earlier run stopped, and returns how each contract
 * came to be, by the keys of `futures`, which are Ignition's names.
 *
 * @throws TonsorError RPC_FAILED when Ignition gives up; running again goes on from its journal.
 */
export async function ignite<Name extends string>(
  module: Module,
  futures: Readonly<Record<Name, string>>,
  options: IgnitionOptions,
): Promise<Readonly<Record<Name, Creation>>> {
  const { deploymentId, confirmations, verbose } = options;
  const connection = await connect(options);
  try {
    await connection.ignition.deploy(module, {
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
  const created = Object.entries<string>(futures).map(([name, future]) => [name, creationOf(folder, future)]);
  return Object.fromEntries(created) as Record<Name, Creation>;
}

async function connect({ rpcUrl, chainId, deployerKey, proposerKey, journalFolder }: IgnitionOptions) {
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
  return await hre.network.create("target");
}
