import type { Contract } from "ethers";
import { as, coreWorld, read, send } from "./coreWorld.ts";

export type GateWorld = Awaited<ReturnType<typeof gateWorld>>;
export const HOLD = 25 * 3_600;
export const DEPOSIT = 10n ** 18n;

/** The contract with a ListingGate that alone may list; a stranger, with tokens of his own, probes. */
export async function gateWorld() {
  const world = await coreWorld();
  const { governance, stranger } = world.accounts;
  const deployed = await world.own("ListingGate", await world.core.getAddress(), governance.address);
  const address = await deployed.getAddress();
  await world.admit(address, "LISTER");
  await world.admit(governance.address, "NONE");
  const gate = as(deployed, stranger);
  /** Starts a probe of a mintable token and returns its id. */
  const start = async (token: Contract, amount = DEPOSIT): Promise<bigint> => {
    await give(token, amount);
    await send(gate, "startProbe", await token.getAddress(), amount);
    return read(gate, "probeCount");
  };
  /** Mints `amount` to the stranger and lets the gate take it. */
  const give = async (token: Contract, amount = DEPOSIT): Promise<void> => {
    await send(token, "mint", stranger.address, amount);
    await send(as(token, stranger), "approve", address, amount);
  };
  return {
    ...world,
    address,
    gate,
    powers: as(deployed, governance),
    give,
    start,
    balanceOf: (token: Contract, account: string = stranger.address): Promise<bigint> =>
      read(token, "balanceOf", account),
    vaultOf: async (probeId: bigint): Promise<string> => (await read<{ vault: string }>(gate, "probes", probeId)).vault,
    /** A token that has passed both steps. */
    passed: async (name = "MockERC20", ...args: unknown[]): Promise<Contract> => {
      const token = await world.own(name, ...args);
      const probe = await start(token);
      await world.pass(HOLD);
      await send(gate, "finishProbe", probe);
      return token;
    },
  };
}
