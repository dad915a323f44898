import { type Hex, keccak256, parseAbi } from "viem";
import { write } from "../../../scripts/lab/replica/node.ts";
import type { ChaosWorld } from "./chaosWorld.ts";

const ABI = parseAbi([
  "function grantRole(bytes32 role, address account)",
  "function revokeRole(bytes32 role, address account)",
  "function setMode(uint16 marketId, uint8 mode)",
]);
const KEEPER_ROLE = keccak256(new TextEncoder().encode("KEEPER_ROLE"));

/** Governance gives a key the keeper's role: what the timelock would do two days later. */
export const grantKeeperRole = (world: ChaosWorld, account: Hex) => govern(world, "grantRole", [KEEPER_ROLE, account]);
export const revokeKeeperRole = (world: ChaosWorld, account: Hex) =>
  govern(world, "revokeRole", [KEEPER_ROLE, account]);

const MODES = { NORMAL: 0, FROZEN: 2 } as const;

/** Governance freezes every market, or opens all of them again. */
export async function setModes(world: ChaosWorld, mode: keyof typeof MODES): Promise<void> {
  for (const { id } of world.deployment.markets) await govern(world, "setMode", [id, MODES[mode]]);
}

/** Calls a function of the contract as its timelock. */
async function govern(world: ChaosWorld, name: string, args: readonly unknown[]): Promise<void> {
  const { contract, timelock } = world.deployment;
  await world.node.impersonateAccount({ address: timelock.address });
  await world.node.setBalance({ address: timelock.address, value: 10n ** 18n });
  await write(world.node, timelock.address, contract.address, ABI, name, args);
}
