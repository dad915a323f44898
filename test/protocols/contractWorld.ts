import { encodeDeployData, encodeFunctionData, getAddress, type PublicClient } from "viem";
import type { Batch, BatchUpdate, Hex } from "../../keeper/domain/batch.ts";
import type { OnChainLimits } from "../../keeper/domain/decision.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../../keeper/protocols/abi.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { encodeBatch } from "../../keeper/protocols/collateralParameters.ts";
import { replicaAccounts } from "../../keeper/simulation/replica/accounts.ts";
import { spawnAnvil } from "../../keeper/simulation/replica/anvil.ts";
import { ownArtifact } from "../../keeper/simulation/replica/artifacts.ts";
import { mined, type ReplicaClient, replicaClient, send } from "../../keeper/simulation/replica/node.ts";

export const CHAIN_ID = 31337;
export const GENESIS = 1_769_572_800;
export const USD = "0x0000000000000000000000000000000000000348";

export const LIMITS: OnChainLimits = {
  minInitialBps: 1_000,
  maxInitialBps: 6_000,
  minMaintenanceBps: 700,
  maxMaintenanceBps: 5_000,
  minGapBps: 300,
  liquidationBonusBps: 500,
  maxLooseningStepBps: 100,
  looseningBudgetBpsPerDay: 301,
  tightenSpeedBpsPerDay: 150,
  loosenSpeedBpsPerDay: 100,
  staleInitialCapBps: 9_500,
  ttlSeconds: 10_800,
  decaySeconds: 86_400,
  maxAgeSeconds: 3_600,
};

/** A calm world: one anvil, the compiled contract with two markets, nothing written yet. */
export async function contractWorld() {
  const anvil = await spawnAnvil({ chainId: CHAIN_ID, timestamp: GENESIS });
  try {
    const node = replicaClient(anvil.url, CHAIN_ID);
    const accounts = replicaAccounts();
    const { deployer, governance, keeper, guardian } = accounts;
    const listings = [];
    for (let n = 0; n < 2; n++) {
      const collateral = await deploy(node, deployer.address, "mocks/MockERC20", ["Token", `T${n}`, 18]);
      listings.push({ collateral, debt: USD, initialBps: 2_200, maintenanceBps: 1_800, limits: LIMITS });
    }
    const roles = [governance.address, keeper.address, guardian.address];
    const contract = await deploy(node, deployer.address, "CollateralParameters", [...roles, listings]);
    const client: PublicClient = chainClient({ chainId: CHAIN_ID, rpc: anvil.url });
    return { anvil, node, client, contract, accounts, collaterals: listings.map((listing) => listing.collateral) };
  } catch (error) {
    await anvil.close();
    throw error;
  }
}

export type ContractWorld = Awaited<ReturnType<typeof contractWorld>>;

async function deploy(node: ReplicaClient, from: Hex, path: string, args: readonly unknown[]): Promise<Hex> {
  const artifact = ownArtifact(path);
  const data = encodeDeployData({ abi: artifact.abi, bytecode: artifact.bytecode, args } as never);
  const [address] = await mined(node, [await send(node, { from, data })]);
  if (!address) throw new Error(`${path} was not deployed`);
  return getAddress(address);
}

/** A legal batch at the time of the latest block, one second old; each test changes one thing. */
export async function batchFor(world: ContractWorld, updates: readonly Partial<BatchUpdate>[]): Promise<Batch> {
  const block = await world.client.getBlock();
  const sequence = await world.client.readContract({ address: world.contract, abi, functionName: "sequence" });
  const now = Number(block.timestamp);
  return {
    sequence: sequence + 1n,
    deadline: now + 300,
    modelVersion: 1,
    evidence: `0x${"ee".repeat(32)}`,
    updates: updates.map((update, index) => ({
      marketId: index + 1,
      initialBps: 2_300,
      maintenanceTargetBps: 1_900,
      confidenceBps: 9_500,
      sources: 17,
      asOf: now,
      ...update,
    })),
  };
}

/** Sends a batch as the keeper and returns the hash once it is in a block. */
export async function apply(world: ContractWorld, batch: Batch): Promise<Hex> {
  const hash = await send(world.node, {
    from: world.accounts.keeper.address,
    to: world.contract,
    data: encodeBatch(batch),
  });
  await mined(world.node, [hash]);
  return hash;
}

/** Sets a mode as `by`. */
export async function setMode(world: ContractWorld, by: Hex, marketId: number, mode: number): Promise<void> {
  const data = encodeFunctionData({ abi, functionName: "setMode", args: [marketId, mode] });
  await mined(world.node, [await send(world.node, { from: by, to: world.contract, data })]);
}

/** Lets time pass and mines one block. */
export async function pass(world: ContractWorld, seconds: number): Promise<void> {
  await world.node.increaseTime({ seconds });
  await world.node.mine({ blocks: 1 });
}
