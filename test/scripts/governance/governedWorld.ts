import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Abi, encodeFunctionData } from "viem";
import type { EntryLane, Hex } from "../../../keeper/domain/contract.ts";
import type { Deployment } from "../../../keeper/protocols/deployment.ts";
import { encodeEntries } from "../../../keeper/protocols/entry.ts";
import { deploymentArtifacts } from "../../../scripts/deploy/artifacts.ts";
import { deploy } from "../../../scripts/deploy/deploy.ts";
import { developmentPlan } from "../../../scripts/deploy/plan.ts";
import type { DeploymentPlan } from "../../../scripts/deploy/planSchema.ts";
import { mined, type ReplicaClient, replicaClient, send } from "../../../scripts/lab/replica/node.ts";
import { type Replica, startReplica } from "../../../scripts/lab/replica/startReplica.ts";
import { runScript, type ScriptResult } from "../../support/runScript.ts";

const artifacts = deploymentArtifacts();
export const contractAbi = artifacts.contract.abi as Abi;
export const timelockAbi = artifacts.timelock.abi as Abi;

export type GovernedWorld = Awaited<ReturnType<typeof governedWorld>>;

/** A calm world: a replica and a deployment on it, with governance as the development plan or `timelock` says. */
export async function governedWorld(timelock: (replica: Replica) => Promise<Partial<DeploymentPlan["timelock"]>>) {
  const replica = await startReplica({ seedFrom: null });
  const folder = mkdtempSync(join(tmpdir(), "tonsor-govern-"));
  const client = replicaClient(replica.url, replica.chainId);
  const plan = developmentPlan();
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
    run: (script: string, ...more: string[]): Promise<ScriptResult> => runScript(script, [...at, ...more]),
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

/** Applies a batch of one market by the keeper, dated at the latest block. */
export async function update(world: GovernedWorld, marketId: number, lane: Partial<EntryLane>): Promise<void> {
  const { client, deployment, replica, ask } = world;
  const state = await ask<{ initialBps: number; maintenanceTargetBps: number }>("marketState", marketId);
  const door = await ask<{ sequence: number; generation: number }>("door");
  const now = Number((await client.getBlock()).timestamp);
  const values = {
    initialBps: state.initialBps,
    maintenanceTargetBps: state.maintenanceTargetBps,
    ...{ confidence: 31, sources: 1 },
    ...lane,
  };
  const lanes = Array.from({ length: 5 }, (_, index) => (index === (marketId - 1) % 5 ? values : null));
  const entries = encodeEntries([{ group: Math.floor((marketId - 1) / 5), asOf: now, lanes, withQuality: true }]);
  const batch = {
    sequence: BigInt(door.sequence) + 1n,
    deadline: now + 600,
    generation: door.generation,
    modelVersion: 1,
    evidence: `0x${"ee".repeat(32)}`,
    entries,
  };
  const data = encodeFunctionData({ abi: contractAbi, functionName: "update", args: [batch] });
  await mined(client, [
    await send(client, { from: replica.accounts.keeper.address, to: deployment.contract.address, data }),
  ]);
}
