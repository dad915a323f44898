import { encodeFunctionData, type PublicClient, zeroAddress } from "viem";
import {
  type Batch,
  type ContractLimits,
  type Hex,
  NO_SEQUENCER,
  type ProfileValues,
} from "../../keeper/domain/contract.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../../keeper/protocols/abi.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { encodeBatch } from "../../keeper/protocols/collateralParameters.ts";
import { replicaAccounts } from "../../scripts/lab/replica/accounts.ts";
import { spawnAnvil } from "../../scripts/lab/replica/anvil.ts";
import { mined, replicaClient, send } from "../../scripts/lab/replica/node.ts";
import { entriesOf, type SampleUpdate } from "../support/entries.ts";
import { deployLinked } from "../support/linkedContract.ts";

export const CHAIN_ID = 31337;
export const GENESIS = 1_769_572_800;
export const USD = "0x0000000000000000000000000000000000000348";

export const LIMITS: ContractLimits = {
  minInitialBps: 1_000,
  maxInitialBps: 6_000,
  minMaintenanceBps: 700,
  maxMaintenanceBps: 5_000,
  minGapBps: 300,
  liquidationBonusBps: 500,
  maxLooseningStepBps: 100,
  looseningBudgetBpsPerDay: 300,
  quorumLooseningStepBps: 200,
  quorumLooseningBudgetBpsPerDay: 400,
  maxAgeSeconds: 3_600,
  probed: false,
};

export const PROFILE: ProfileValues = {
  tightenSpeedBpsPerDay: 150,
  loosenSpeedBpsPerDay: 100,
  ttlSeconds: 10_800,
  decaySeconds: 86_400,
  staleInitialCapBps: 9_500,
};

/** What all markets together may loosen in a window. */
export const AGGREGATE_BPS = 500;

/** A calm world: one anvil, the compiled contract with two markets of a group, nothing written yet. */
export async function contractWorld() {
  const anvil = await spawnAnvil({ chainId: CHAIN_ID, timestamp: GENESIS });
  try {
    const node = replicaClient(anvil.url, CHAIN_ID);
    const accounts = replicaAccounts();
    const { deployer, governance, keeper, guardian } = accounts;
    const markets = [];
    for (let n = 0; n < 2; n++) {
      const collateral = await deployLinked(node, deployer.address, "test/mocks/MockERC20", ["Token", `T${n}`, 18]);
      markets.push({ collateral, debt: USD, classId: 0, group: 0, initialBps: 2_200, maintenanceBps: 1_800 });
    }
    const roles = [governance.address, keeper.address, zeroAddress, guardian.address];
    const classes = [{ classId: 0, limits: LIMITS }];
    const args = [...roles, [PROFILE], NO_SEQUENCER, classes, markets];
    const contract = await deployLinked(node, deployer.address, "contracts/CollateralParameters", args);
    const client: PublicClient = chainClient({ chainId: CHAIN_ID, rpc: anvil.url });
    const world = { anvil, node, client, contract, accounts, collaterals: markets.map(({ collateral }) => collateral) };
    await setAggregate(world, AGGREGATE_BPS);
    return world;
  } catch (error) {
    await anvil.close();
    throw error;
  }
}

export type ContractWorld = Awaited<ReturnType<typeof contractWorld>>;

/** A legal batch at the time of the latest block, markets of one time in one entry; each test changes one thing. */
export async function batchFor(world: ContractWorld, updates: readonly Partial<SampleUpdate>[]): Promise<Batch> {
  const block = await world.client.getBlock();
  const door = await world.client.readContract({ address: world.contract, abi, functionName: "door" });
  const now = Number(block.timestamp);
  const quality = { confidence: 29, sources: 17 };
  return {
    sequence: BigInt(door.sequence) + 1n,
    deadline: now + 300,
    generation: door.generation,
    modelVersion: 1,
    evidence: `0x${"ee".repeat(32)}`,
    entries: entriesOf(
      updates.map((update, index) => ({
        ...{ marketId: index + 1, initialBps: 2_300, maintenanceTargetBps: 1_900, asOf: now, ...quality },
        ...update,
      })),
    ),
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

/** Sets the aggregate budget of a window as governance. */
export async function setAggregate(world: Pick<ContractWorld, "node" | "accounts" | "contract">, hotBps: number) {
  const data = encodeFunctionData({ abi, functionName: "setAggregateBudget", args: [hotBps, hotBps] });
  const from = world.accounts.governance.address;
  await mined(world.node, [await send(world.node, { from, to: world.contract, data })]);
}

/** Lets time pass and mines one block. */
export async function pass(world: ContractWorld, seconds: number): Promise<void> {
  await world.node.increaseTime({ seconds });
  await world.node.mine({ blocks: 1 });
}
