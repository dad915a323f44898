import type { Hex } from "viem";
import { WRITER_BUDGETS } from "../../keeper/markets/limits.ts";
import { COLLATERAL_PARAMETERS_ABI as ABI } from "../../keeper/protocols/abi.ts";
import { write } from "../../scripts/lab/replica/node.ts";
import type { KeeperWorld } from "./keeperWorld.ts";
import { accountSetting } from "./parameters.ts";

type Governed = Pick<KeeperWorld, "node" | "deployment">;
type Call = (typeof ABI)[number] & { readonly type: "function" };

/** Calls a function of the contract as its timelock: what governance would do two days later. */
export async function govern(world: Governed, name: Call["name"], args: readonly unknown[]): Promise<void> {
  const { contract, timelock } = world.deployment;
  await world.node.impersonateAccount({ address: timelock.address });
  await world.node.setBalance({ address: timelock.address, value: 10n ** 18n });
  await write(world.node, timelock.address, contract.address, ABI, name, args);
}

/** Governance admits a hot key with the deployment's budgets; of one that was admitted it ends suspension and trip. */
export async function admitHotKey(world: Governed, account: Hex): Promise<void> {
  const { aggregateBps, tripBps } = WRITER_BUDGETS.hot;
  await govern(world, "admit", [accountSetting(account, "HOT", aggregateBps, tripBps)]);
}

/** Governance takes an account's power away. */
export async function removeAccount(world: Governed, account: Hex): Promise<void> {
  await govern(world, "admit", [accountSetting(account, "NONE")]);
}

const MODES = { NORMAL: 0, FROZEN: 2 } as const;

/** Governance freezes every market, or opens all of them again. */
export async function setModes(world: Governed, mode: keyof typeof MODES): Promise<void> {
  for (const { id } of world.deployment.markets) await govern(world, "setMode", [id, MODES[mode]]);
}

/** Governance holds every market at the numbers that it has, until a time (Unix seconds): writers only tighten. */
export async function holdByHand(world: KeeperWorld, until: number): Promise<void> {
  const { markets } = await world.chain();
  const values = markets.map(({ marketId, storedInitialBps, maintenanceTargetBps, limit }) => ({
    ...{ marketId, initialBps: storedInitialBps, maintenanceTargetBps, limit, until },
  }));
  await govern(world, "setManually", [values]);
}

/** A guardian halts a hot key for 72 hours. */
export async function haltByGuardian(world: KeeperWorld, account: Hex): Promise<void> {
  const { deployment, replica, node } = world;
  await write(node, replica.accounts.guardian.address, deployment.contract.address, ABI, "haltWriter", [account]);
}
