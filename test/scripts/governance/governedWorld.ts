import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Abi, PublicClient } from "viem";
import type { ContractLimits, Entry, Hex } from "../../../keeper/domain/contract.ts";
import { encodeBatch, readSequence } from "../../../keeper/protocols/collateralParameters.ts";
import type { Deployment } from "../../../keeper/protocols/deployment.ts";
import { type StoredMarket, storedClassOf, storedMarketOf } from "../../../keeper/protocols/words.ts";
import { deploymentArtifacts } from "../../../scripts/deploy/artifacts.ts";
import { deploy } from "../../../scripts/deploy/deploy.ts";
import { developmentPlan } from "../../../scripts/deploy/plan.ts";
import type { DeploymentPlan } from "../../../scripts/deploy/planSchema.ts";
import { mined, type ReplicaClient, replicaClient, send } from "../../../scripts/lab/replica/node.ts";
import { type Replica, startReplica } from "../../../scripts/lab/replica/startReplica.ts";
import { entriesOf } from "../../support/entries.ts";
import { runHere, type ScriptResult } from "../../support/runScript.ts";
import { SHIPPED } from "../../support/shipped.ts";

const artifacts = deploymentArtifacts();
export const contractAbi = artifacts.contract.abi as Abi;
export const timelockAbi = artifacts.timelock.abi as Abi;

export type GovernedWorld = Awaited<ReturnType<typeof governedWorld>>;

/** A calm world: a replica and a deployment on it, with governance as the development plan or `timelock` says. */
export async function governedWorld(timelock: (replica: Replica) => Promise<Partial<DeploymentPlan["timelock"]>>) {
  const replica = await startReplica({ seedFrom: null });
  const folder = mkdtempSync(join(tmpdir(), "tonsor-govern-"));
  const client = replicaClient(replica.url, replica.chainId);
  const plan = developmentPlan(SHIPPED);
  const deployment: Deployment = await deploy({
    rpcUrl: replica.url,
    chainId: replica.chainId,
    deployerKey: replica.accounts.deployer.privateKey,
    plan: { ...plan, timelock: { ...plan.timelock, ...(await timelock(replica)) } },
    deploymentsFolder: folder,
  });
  const at = ["--rpc-url", replica.url, "--deployments", folder];
  return {
    ...{ replica, folder, client, deployment },
    run: (main: Parameters<typeof runHere>[0], ...more: string[]): Promise<ScriptResult> =>
      runHere(main, [...at, ...more]),
    /** What the parameter contract answers. */
    ask: async <Answer>(functionName: string, ...args: unknown[]): Promise<Answer> =>
      (await client.readContract({
        address: deployment.contract.address,
        abi: contractAbi,
        functionName,
        args,
      })) as Answer,
    async close() {
      rmSync(folder, { recursive: true });
      await replica.close();
    },
  };
}

/** Sends from any account, its own key not asked for, and waits; a revert throws. */
export async function sendAs(client: ReplicaClient, from: Hex, to: Hex, data: Hex): Promise<void> {
  await client.impersonateAccount({ address: from });
  await client.setBalance({ address: from, value: 10n ** 19n });
  await mined(client, [await send(client, { from, to, data })]);
}

/** Lets time pass and mines one block. */
export async function pass(client: ReplicaClient, seconds: number): Promise<void> {
  await client.increaseTime({ seconds });
  await client.mine({ blocks: 1 });
}

/** One market as stored. */
export async function marketOf({ ask }: Pick<GovernedWorld, "ask">, marketId: number): Promise<StoredMarket> {
  const [word] = await ask<readonly [bigint]>("storedMarket", marketId);
  return storedMarketOf(word);
}

/** Limits of a class. */
export async function limitsOf({ ask }: Pick<GovernedWorld, "ask">, classId: number): Promise<ContractLimits> {
  return storedClassOf(await ask<bigint>("storedClass", classId)).limits;
}

/** Applies a batch of one market by the keeper, or another writer, dated at the latest block. */
export async function update(
  world: GovernedWorld,
  marketId: number,
  change: Partial<Entry>,
  writer: Hex = world.replica.accounts.keeper.address,
): Promise<void> {
  const { client, deployment } = world;
  const { initialBps, maintenanceTargetBps, limit, generation } = await marketOf(world, marketId);
  const asOf = Number((await client.getBlock()).timestamp);
  const values = { initialBps, maintenanceTargetBps, limit, generation, orTighter: false };
  const batch = {
    sequence: (await readSequence(client as PublicClient, deployment.contract.address, writer)) + 1n,
    ...{ deadline: asOf + 600, modelVersion: 1, evidence: `0x${"ee".repeat(32)}` as const },
    entries: entriesOf([{ marketId, asOf, ...values, ...change }]),
  };
  const data = encodeBatch(batch);
  await mined(client, [await send(client, { from: writer, to: deployment.contract.address, data })]);
}
