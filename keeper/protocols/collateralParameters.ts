import { decodeFunctionData, encodeFunctionData, type PublicClient } from "viem";
import { minuteOf, windowOf } from "../domain/calendar.ts";
import {
  type Batch,
  type BatchUpdate,
  type DoorState,
  type Hex,
  type MarketMode,
  MODES,
  type Simulation,
  type SkippedMarket,
  updatesOf,
} from "../domain/contract.ts";
import type { OnChainMarket } from "../domain/decision.ts";
import { TonsorError } from "../domain/errors.ts";
import { ACCESS_CONTROL_ABI, COLLATERAL_PARAMETERS_ABI, skipReasonName } from "./abi.ts";
import { onChain } from "./client.ts";
import { decodeEntries, encodeEntries } from "./entry.ts";

const abi = [...COLLATERAL_PARAMETERS_ABI, ...ACCESS_CONTROL_ABI] as const;

/** The contract at one block. */
export type ContractView = {
  readonly chainId: number;
  readonly blockNumber: bigint;
  /** Timestamp of that block. */
  readonly blockTime: number;
  /** Last sequence applied. */
  readonly sequence: bigint;
  /** What all batches share; window and spent are those of the block. */
  readonly door: DoorState;
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
  const [block, door, read] = await onChain(client, () =>
    Promise.all([
      client.getBlock({ blockNumber }),
      client.readContract({ ...at, functionName: "door" }),
      Promise.all(ids.map((id) => readMarket(client, at, id))),
    ]),
  );
  const chainId = client.chain?.id ?? 0;
  const blockTime = Number(block.timestamp);
  const window = windowOf(minuteOf(blockTime));
  const now = { ...door, window, spentBps: door.window === window ? door.spentBps : 0 };
  const markets = read.map((answers, index) => marketOf(ids[index] ?? 0, answers, now));
  return { chainId, blockNumber, blockTime, sequence: BigInt(door.sequence), door: now, markets };
}

/** Returns the calldata of `update(batch)`. */
export function encodeBatch(batch: Batch): Hex {
  return encodeFunctionData({ abi, functionName: "update", args: [packed(batch)] });
}

/**
 * Returns the batch that calldata of `update(batch)` carries, the inverse of `encodeBatch`.
 * @throws TonsorError `BAD_ARGUMENT` when it is no call of `update`.
 */
export function decodeBatch(data: Hex): Batch {
  const call = calldataOf(data);
  if (call?.functionName !== "update") {
    const facts = { field: "data", given: data.slice(0, 10), expected: "a call of update(batch)" };
    throw new TonsorError("BAD_ARGUMENT", "not a batch", facts);
  }
  const [{ entries, ...batch }] = call.args;
  return { ...batch, entries: decodeEntries(entries) };
}

function calldataOf(data: Hex) {
  try {
    return decodeFunctionData({ abi: COLLATERAL_PARAMETERS_ABI, data });
  } catch {
    // An unknown selector, or bytes that do not decode: the caller reports what it expected.
    return null;
  }
}

function packed({ entries, ...batch }: Batch) {
  return { ...batch, entries: encodeEntries(entries) };
}

/**
 * Simulations run on the latest block. Some nodes estimate gas on the pending block by themselves, where the transaction
 * to be replaced has used up its sequence: a replacement would be refused for as long as it is needed.
 */
export const STANDING = { blockTag: "latest" } as const;

/**
 * Runs a batch against the latest block without sending it. Each market is asked about as if it were alone.
 * @throws TonsorError `TRANSACTION_REVERTED` with the contract's error in words when the batch would revert;
 * `TRANSACTION_REFUSED` when it would put the contract into tighten-only mode, which governance alone ends.
 */
export async function simulateBatch(client: PublicClient, address: Hex, from: Hex, batch: Batch): Promise<Simulation> {
  const call = { address, abi, functionName: "update", args: [packed(batch)], account: from } as const;
  return await simulateCall(client, address, batch, {
    quorum: false,
    simulate: () => client.simulateContract({ ...call, ...STANDING }),
    gas: () => client.estimateContractGas({ ...call, ...STANDING }),
  });
}

/** The same for any call of the contract: `quorum` says by whose limits each market is previewed. */
export async function simulateCall(
  client: PublicClient,
  address: Hex,
  batch: Batch,
  call: { readonly quorum: boolean; simulate(): Promise<unknown>; gas(): Promise<bigint> },
): Promise<Simulation> {
  const [previews] = await onChain(client, () =>
    Promise.all([
      Promise.all(updatesOf(batch.entries).map((update) => preview(client, address, update, call.quorum))),
      call.simulate(),
    ]),
  );
  const tripping = previews.find(({ reason }) => reason === "AGGREGATE_BUDGET_SPENT");
  if (tripping !== undefined) {
    const { marketId, given, allowed } = tripping;
    const facts = { given, expected: `at least ${allowed} bps` };
    throw new TonsorError(
      "TRANSACTION_REFUSED",
      `market ${marketId} would put the contract into tighten-only mode`,
      facts,
    );
  }
  const gas = await onChain(client, () => call.gas());
  return { gas, skipped: previews.filter((market) => market.reason !== "NONE") };
}

async function preview(
  client: PublicClient,
  address: Hex,
  update: BatchUpdate,
  quorum: boolean,
): Promise<SkippedMarket> {
  const [reason, given, allowed] = await client.readContract({
    address,
    abi,
    functionName: "previewUpdate",
    args: [update, quorum],
  });
  const { marketId } = update;
  return { marketId, reason: skipReasonName(reason), given: Number(given), allowed: Number(allowed) };
}

async function readMarket(
  client: PublicClient,
  at: { readonly address: Hex; readonly abi: typeof abi; readonly blockNumber: bigint },
  marketId: number,
) {
  const [haircuts, state, [limits, profile]] = await Promise.all([
    client.readContract({ ...at, functionName: "haircuts", args: [marketId] }),
    client.readContract({ ...at, functionName: "marketState", args: [marketId] }),
    client.readContract({ ...at, functionName: "limitsOf", args: [marketId] }),
  ]);
  return { haircuts, state, limits, profile };
}

function marketOf(
  marketId: number,
  { haircuts, state, limits, profile }: Awaited<ReturnType<typeof readMarket>>,
  door: DoorState,
): OnChainMarket {
  const spentNow = windowOf(minuteOf(state.maintenanceTime)) === door.window;
  return {
    marketId,
    initialBps: haircuts.initialBps,
    maintenanceBps: haircuts.maintenanceBps,
    mode: modeName(haircuts.mode),
    modeUntil: state.modeUntil,
    storedInitialBps: state.initialBps,
    maintenanceTargetBps: state.maintenanceTargetBps,
    asOf: state.asOf,
    confidence: state.confidence,
    sources: state.sources,
    classId: state.classId,
    spentBps: spentNow ? state.spentBps : 0,
    limits,
    profile,
    door,
    pending: null,
  };
}

function modeName(mode: number): MarketMode {
  return MODES[mode] ?? "FROZEN";
}
