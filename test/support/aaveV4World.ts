import { type Hex, toFunctionSelector } from "viem";
import { createContract } from "../../scripts/lab/lenders/create.ts";
import { npmArtifact, ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { type ReplicaClient, write } from "../../scripts/lab/replica/node.ts";

/** Roles of the access manager, one for each configurator, as Aave has them. */
export const ROLES = { spokes: 400n, hubs: 200n } as const;

/**
 * The model of one spoke and its hub that list one asset, with configurators which OpenZeppelin's access manager guards as it
 * does Aave's: `admin` gives their roles, and has them.
 */
export async function deployAaveV4(
  node: ReplicaClient,
  from: Hex,
  admin: Hex,
  listed: { readonly asset: Hex; readonly decimals: number; readonly factorBps: number },
) {
  const { abi } = ownArtifact("test/mocks/MockAaveV4");
  const args = [listed.asset, listed.decimals, listed.factorBps, 10_500];
  const model = await createContract(node, from, ownArtifact("test/mocks/MockAaveV4"), args);
  const place = async (functionName: string) => (await node.readContract({ address: model, abi, functionName })) as Hex;
  const access = npmArtifact("@openzeppelin/contracts", "build/contracts/AccessManager.json");
  const manager = await createContract(node, from, access, [admin]);
  const manage = (name: string, ...given: readonly unknown[]) => write(node, admin, manager, access.abi, name, given);
  const guarded = async (functionName: string, role: bigint, selectors: readonly Hex[]) => {
    const door = ownArtifact("test/mocks/MockManagedDoor");
    const address = await createContract(node, from, door, [manager, await place(functionName)]);
    await manage("setTargetFunctionRole", address, selectors, role);
    await manage("grantRole", role, admin, 0);
    return address;
  };
  const selectorsOf = (...names: readonly string[]) =>
    abi.flatMap((item) => (item.type === "function" && names.includes(item.name) ? [toFunctionSelector(item)] : []));
  const factors = selectorsOf("addCollateralFactor", "updateCollateralFactor");
  const [spoke, hub] = [await place("spoke"), await place("hub")];
  const spokeConfigurator = await guarded("spokeConfigurator", ROLES.spokes, factors);
  const hubConfigurator = await guarded("hubConfigurator", ROLES.hubs, selectorsOf("updateSpokeAddCap"));
  return { model, abi, manager, manage, spoke, hub, spokeConfigurator, hubConfigurator };
}
