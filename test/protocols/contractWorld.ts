import { encodeFunctionData, type PublicClient } from "viem";
import { type Batch, type ContractLimits, type Entry, type Hex, limitOf } from "../../keeper/domain/contract.ts";
import { USD } from "../../keeper/markets/limits.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../../keeper/protocols/abi.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { encodeBatch, readSequence } from "../../keeper/protocols/collateralParameters.ts";
import { replicaAccounts } from "../../scripts/lab/replica/accounts.ts";
import { spawnAnvil } from "../../scripts/lab/replica/anvil.ts";
import { mined, replicaClient, send } from "../../scripts/lab/replica/node.ts";
import { CALM_LIMIT, entriesOf } from "../support/entries.ts";
import { accountSetting, createOwn, creator } from "../support/parameters.ts";

export const CHAIN_ID = 31337;
const GENESIS = 1_769_572_800;

export const LIMITS: ContractLimits = {
  minInitialBps: 1_000,
  maxInitialBps: 6_000,
  minMaintenanceBps: 700,
  maxMaintenanceBps: 5_000,
  minGapBps: 300,
  liquidationBonusBps: 500,
  tightenSpeedBpsPer30Days: 300,
  loosenSpeedBpsPer30Days: 3_000,
  ttlHours: 3,
  decayHours: 24,
  staleInitialCapBps: 9_500,
  maxAgeMinutes: 60,
  hotStepBps: 100,
  quorumStepBps: 200,
  hotBudgetBps: 75,
  quorumBudgetBps: 100,
  hotRaiseStep: 72,
  quorumRaiseStep: 140,
  hotRaiseBudget: 72,
  quorumRaiseBudget: 140,
};

/** What the keeper may loosen in a window, summed over markets, and ask for before it trips. */
export const AGGREGATE_BPS = 500;
export const TRIP_BPS = 1_000;

/** A calm world: one anvil, the compiled contract with two markets of a class, nothing written yet. */
export async function contractWorld() {
  const anvil = await spawnAnvil({ chainId: CHAIN_ID, timestamp: GENESIS });
  try {
    const node = replicaClient(anvil.url, CHAIN_ID);
    const accounts = replicaAccounts();
    const { deployer, governance, keeper, guardian } = accounts;
    const create = creator(node, deployer.address);
    const bounds = { limit: CALM_LIMIT, lowestLimit: limitOf(1_200), highestLimit: limitOf(36_000) };
    const markets = [];
    for (let n = 0; n < 2; n++) {
      const collateral = await createOwn(create, "test/mocks/MockERC20", ["Token", `T${n}`, 18]);
      markets.push({ collateral, debt: USD, classId: 0, initialBps: 2_200, maintenanceBps: 1_800, ...bounds });
    }
    const powers = [
      accountSetting(keeper.address, "HOT", AGGREGATE_BPS, TRIP_BPS),
      accountSetting(guardian.address, "GUARDIAN"),
    ];
    const args = [governance.address, powers, [{ classId: 0, limits: LIMITS }], markets];
    const contract = await createOwn(create, "contracts/parameters/Parameters", args);
    const client: PublicClient = chainClient({ chainId: CHAIN_ID, rpc: anvil.url });
    return { anvil, node, client, contract, accounts, collaterals: markets.map(({ collateral }) => collateral) };
  } catch (error) {
    await anvil.close();
    throw error;
  }
}

export type ContractWorld = Awaited<ReturnType<typeof contractWorld>>;

/** A legal batch of the keeper at the time of the latest block; each test changes one thing. */
export async function batchFor(world: ContractWorld, changes: readonly Partial<Entry>[]): Promise<Batch> {
  const { client, contract, accounts } = world;
  const asOf = Number((await client.getBlock()).timestamp);
  const calm = { initialBps: 2_300, maintenanceTargetBps: 1_900, asOf, confidence: 29, orTighter: false };
  return {
    sequence: (await readSequence(client, contract, accounts.keeper.address)) + 1n,
    deadline: asOf + 300,
    modelVersion: 1,
    evidence: `0x${"ee".repeat(32)}`,
    entries: entriesOf(changes.map((change, index) => ({ marketId: index + 1, ...calm, ...change }))),
  };
}

/** Sends a batch as the keeper and returns the hash once it is in a block. */
export async function apply(world: ContractWorld, batch: Batch): Promise<Hex> {
  return await call(world, world.accounts.keeper.address, encodeBatch(batch));
}

/** Sets a mode as `by`. */
export async function setMode(world: ContractWorld, by: Hex, marketId: number, mode: number): Promise<void> {
  await call(world, by, encodeFunctionData({ abi, functionName: "setMode", args: [marketId, mode] }));
}

/** Gives the keeper other budgets as governance; what it spent of the window is forgotten. */
export async function setBudget(world: ContractWorld, aggregateBps: number, tripBps = TRIP_BPS): Promise<void> {
  const { governance, keeper } = world.accounts;
  const args = [accountSetting(keeper.address, "HOT", aggregateBps, tripBps)] as const;
  await call(world, governance.address, encodeFunctionData({ abi, functionName: "admit", args }));
}

/** Sends calldata to the contract as an unlocked account, and returns the hash once it is in a block. */
export async function call(world: ContractWorld, from: Hex, data: Hex): Promise<Hex> {
  const hash = await send(world.node, { from, to: world.contract, data });
  await mined(world.node, [hash]);
  return hash;
}

/** Lets time pass and mines one block. */
export async function pass(world: ContractWorld, seconds: number): Promise<void> {
  await world.node.increaseTime({ seconds });
  await world.node.mine({ blocks: 1 });
}
