import { encodeFunctionData, type PublicClient } from "viem";
import type { Batch, BatchUpdate, Hex, SkippedMarket } from "../domain/batch.ts";
import type { OnChainMarket } from "../domain/decision.ts";
import { ACCESS_CONTROL_ABI, COLLATERAL_PARAMETERS_ABI, modeName, skipReasonName } from "./abi.ts";
import { onChain } from "./onChain.ts";

const abi = [...COLLATERAL_PARAMETERS_ABI, ...ACCESS_CONTROL_ABI] as const;

/** The contract at one block. */
export type ContractView = {
  readonly chainId: number;
  readonly blockNumber: bigint;
  /** Timestamp of that block. */
  readonly blockTime: number;
  /** Last sequence applied. */
  readonly sequence: bigint;
  /** In the order of the ids asked for; `pending` is null, the chain does not know it. */
  readonly markets: readonly OnChainMarket[];
};

/**
 * Returns state, limits and effective haircuts of markets at one block, with the contract's sequence.
 * @throws TonsorError `WRONG_CHAIN` when the node is of another chain than the client was made for, `NOT_DEPLOYED`,
 * `TRANSACTION_REVERTED` naming an unknown market, `RPC_FAILED`.
 */
export async function readMarkets(
  client: PublicClient,
  address: Hex,
  blockNumber: bigint,
  ids: readonly number[],
): Promise<ContractView> {
  const at = { address, abi, blockNumber } as const;
  const [block, sequence, markets] = await onChain(client, () =>
    Promise.all([
      client.getBlock({ blockNumber }),
      client.readContract({ ...at, functionName: "sequence" }),
      Promise.all(ids.map((id) => readMarket(client, at, id))),
    ]),
  );
  const chainId = client.chain?.id ?? 0;
  return { chainId, blockNumber, blockTime: Number(block.timestamp), sequence, markets };
}

/** Returns the calldata of `update(batch)`. */
export function encodeBatch(batch: Batch): Hex {
  return encodeFunctionData({ abi, functionName: "update", args: [{ ...batch, updates: [...batch.updates] }] });
}

/** What a batch would do in the next block. */
export type Simulation = {
  /** Gas the node estimates, without a margin. */
  readonly gas: bigint;
  /** Markets that would be left as they are, with reason and values. */
  readonly skipped: readonly SkippedMarket[];
};

/**
 * Runs a batch against the latest block without sending it.
 * @throws TonsorError `TRANSACTION_REVERTED` with the contract's error in words when the whole batch would revert.
 */
export async function simulateBatch(client: PublicClient, address: Hex, from: Hex, batch: Batch): Promise<Simulation> {
  const call = {
    address,
    abi,
    functionName: "update",
    args: [{ ...batch, updates: [...batch.updates] }],
    account: from,
  } as const;
  const [skipped] = await onChain(client, () =>
    Promise.all([
      Promise.all(batch.updates.map((update) => preview(client, address, update))),
      client.simulateContract(call),
    ]),
  );
  const gas = await onChain(client, () => client.estimateContractGas(call));
  return { gas, skipped: skipped.filter((market) => market.reason !== "NONE") };
}

async function preview(client: PublicClient, address: Hex, update: BatchUpdate): Promise<SkippedMarket> {
  const [reason, given, allowed] = await client.readContract({
    address,
    abi,
    functionName: "previewUpdate",
    args: [update],
  });
  return { marketId: update.marketId, reason: skipReasonName(reason), given, allowed };
}

async function readMarket(
  client: PublicClient,
  at: { readonly address: Hex; readonly abi: typeof abi; readonly blockNumber: bigint },
  marketId: number,
): Promise<OnChainMarket> {
  const [haircuts, state, limits] = await Promise.all([
    client.readContract({ ...at, functionName: "haircuts", args: [marketId] }),
    client.readContract({ ...at, functionName: "marketState", args: [marketId] }),
    client.readContract({ ...at, functionName: "limitsOf", args: [marketId] }),
  ]);
  return {
    marketId,
    initialBps: haircuts.initialBps,
    maintenanceBps: haircuts.maintenanceBps,
    mode: modeName(haircuts.mode),
    storedInitialBps: state.initialBps,
    maintenanceTargetBps: state.maintenanceTargetBps,
    maintenanceNanoBps: state.maintenanceNanoBps,
    maintenanceTime: state.maintenanceTime,
    asOf: state.asOf,
    budgetNanoBps: state.budgetNanoBps,
    budgetTime: state.budgetTime,
    limits,
    pending: null,
  };
}
