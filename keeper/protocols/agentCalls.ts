import { encodeFunctionData, numberToHex, type PublicClient, parseAbi } from "viem";
import type { Hex } from "../domain/contract.ts";
import { STANDING } from "./collateralParameters.ts";
import { onChain } from "./onChain.ts";

/** What is used of an AaveV3Agent and an AaveV4Agent; `preview` answers a factor and the one of older configurations in v4. */
export const AGENT_ABI = parseAbi([
  "function preview(address asset) view returns (uint256 ltv, uint256 liquidationThreshold, bool changes)",
  "function previewSupplyCap(address asset) view returns (uint256 cap, bool changes)",
  "function progressOf(address asset) view returns (uint40 thresholdMovedAt, bool closed)",
  "function stepSeconds() view returns (uint256)",
  "function maxThresholdStepBps() view returns (uint256)",
  "function sync(address asset) returns (bool changed)",
  "function syncSupplyCap(address asset) returns (bool changed)",
  "function lower(address asset, uint32 key) returns (bool changed)",
  "function lowerable(address asset, uint32 from, uint32 to) view returns (uint32[] keys)",
  "function multicall(bytes[] data) returns (bytes[] results)",
  "error NotCollateral(address asset)",
  "error ClosedByOthers(address asset, uint256 pendingLtv)",
  "error ClosedByOthers(address asset, uint32 key)",
  "error NotRetired(address asset, uint32 key, uint32 newest)",
  "error UnknownPair(address collateral, address debt)",
  "error EffectDiffers(string what, uint256 given, uint256 allowed)",
  "error CallerNotRiskOrPoolAdmin()",
  "error AccessManagedUnauthorized(address caller)",
  "error AccessManagerNotScheduled(bytes32 operationId)",
]);

/** What a call answers that changed something. */
const TRUE = numberToHex(1, { size: 32 });

/** What is to be set at one agent, in the order in which it is done; anyone may. */
export type AgentCalls = { readonly agent: Hex; readonly calls: readonly AgentCall[] };

/** `lower` is of an older configuration of Aave v4's, by its number. */
export type AgentCall = { readonly asset: Hex } & (
  | { readonly functionName: "sync" | "syncSupplyCap" }
  | { readonly functionName: "lower"; readonly key: number }
);

/** Calldata of all of it, in one call of the agent. */
export function encodeAgentCalls({ calls }: AgentCalls): Hex {
  return encodeFunctionData({ abi: AGENT_ABI, functionName: "multicall", args: [dataOf(calls)] });
}

/**
 * Runs the calls against the latest block without sending them: the gas that they take, and how many would change something.
 * @throws TonsorError `TRANSACTION_REVERTED`, `TRANSACTION_FATAL` with what the agent or the lender says against them
 */
export async function simulateAgentCalls(client: PublicClient, { agent, calls }: AgentCalls, from: Hex) {
  const call = {
    address: agent,
    abi: AGENT_ABI,
    functionName: "multicall",
    args: [dataOf(calls)],
    account: from,
  } as const;
  const { result } = await onChain(client, () => client.simulateContract({ ...call, ...STANDING }));
  const gas = await onChain(client, () => client.estimateContractGas({ ...call, ...STANDING }));
  return { gas, changed: result.filter((one) => one === TRUE).length };
}

function dataOf(calls: AgentCalls["calls"]): readonly Hex[] {
  return calls.map((call) => {
    const { functionName, asset } = call;
    if (functionName === "lower") return encodeFunctionData({ abi: AGENT_ABI, functionName, args: [asset, call.key] });
    return encodeFunctionData({ abi: AGENT_ABI, functionName, args: [asset] });
  });
}
