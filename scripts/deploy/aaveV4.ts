import { Interface, type JsonRpcProvider } from "ethers";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { lenderReader } from "../../keeper/protocols/lenderReader.ts";
import type { Ask } from "./built.ts";

/** What is asked of a spoke and hub of Aave v4, of their configurators, and of Aave's access manager, which is OpenZeppelin's. */
export const AAVE_V4_ABI = new Interface([
  "function getAssetId(address underlying) view returns (uint256)",
  "function getReserveId(address hub, uint256 assetId) view returns (uint256)",
  "function addCollateralFactor(address spoke, uint256 reserveId, uint16 collateralFactor)",
  "function updateCollateralFactor(address spoke, uint256 reserveId, uint32 dynamicConfigKey, uint16 collateralFactor)",
  "function updateSpokeAddCap(address hub, uint256 assetId, address spoke, uint256 addCap)",
  "function authority() view returns (address)",
  "function canCall(address caller, address target, bytes4 selector) view returns (bool immediate, uint32 delay)",
  "function getTargetFunctionRole(address target, bytes4 selector) view returns (uint64)",
  "function getRoleAdmin(uint64 roleId) view returns (uint64)",
  "function getRoleGrantDelay(uint64 roleId) view returns (uint32)",
  "function hasRole(uint64 roleId, address account) view returns (bool isMember, uint32 executionDelay)",
  "function grantRole(uint64 roleId, address account, uint32 executionDelay)",
  "function revokeRole(uint64 roleId, address account)",
  "event RoleGranted(uint64 indexed roleId, address indexed account, uint32 delay, uint48 since, bool newMember)",
  "event TargetFunctionRoleUpdated(address indexed target, bytes4 selector, uint64 indexed roleId)",
  "error AccessManagedUnauthorized(address caller)",
  "error AccessManagerNotScheduled(bytes32 operationId)",
]);

/** What an AaveV4Agent calls, by the getter that says where. */
const CALLED = [
  ["spokeConfigurator", "addCollateralFactor"],
  ["spokeConfigurator", "updateCollateralFactor"],
  ["hubConfigurator", "updateSpokeAddCap"],
] as const;

/** One function that an agent calls, who says who may, and whether it may at once. */
export type Power = {
  readonly name: string;
  readonly target: string;
  readonly manager: string;
  /** Id of the role that the function asks for. */
  readonly role: bigint;
  readonly stands: boolean;
  /** After how long it may, seconds, what it would have to schedule and cannot; 0: at once, or never. */
  readonly delaySeconds: number;
};

/** Returns them, for places as an agent was built with. */
export async function powersOf(ask: Ask, agent: string, places: ReadonlyMap<string, string>): Promise<Power[]> {
  const powers: Power[] = [];
  for (const [place, name] of CALLED) {
    const target = places.get(place) ?? "";
    const selector = AAVE_V4_ABI.getFunction(name)?.selector;
    const manager = String(await ask(target, AAVE_V4_ABI, "authority"));
    const role = (await ask(manager, AAVE_V4_ABI, "getTargetFunctionRole", target, selector)) as bigint;
    // With a delay the manager says no here, and so it would to the agent.
    const [stands, delay] = (await ask(manager, AAVE_V4_ABI, "canCall", agent, target, selector)) as [boolean, bigint];
    powers.push({ name, target, manager, role, stands, delaySeconds: Number(delay) });
  }
  return powers;
}

/** What the keeper's own reader reads of a record's lenders at a block. */
export async function readLendersAt(provider: JsonRpcProvider, deployment: Deployment, block: number) {
  const one = async ({ to, data }: { readonly to: `0x${string}`; readonly data: `0x${string}` }) => {
    try {
      return { ok: true as const, data: (await provider.call({ to, data, blockTag: block })) as `0x${string}` };
    } catch (failure) {
      const { shortMessage } = failure as { shortMessage?: string };
      return { ok: false as const, reason: shortMessage ?? "no answer" };
    }
  };
  const calls: Parameters<typeof lenderReader>[0]["rpc"]["calls"] = (given) => Promise.all(given.map(one));
  return await lenderReader({ rpc: { calls }, deployment })(BigInt(block));
}
