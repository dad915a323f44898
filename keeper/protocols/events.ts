import { type ParseEventLogsReturnType, type PublicClient, parseEventLogs } from "viem";
import type { AppliedBatch, Hex } from "../domain/batch.ts";
import { TonsorError } from "../domain/errors.ts";
import { COLLATERAL_PARAMETERS_ABI as abi, skipReasonName } from "./abi.ts";
import { onChain } from "./onChain.ts";

type Log = ParseEventLogsReturnType<typeof abi, undefined, true>[number];

/** One event of the contract, with the time of its block. `eventName` tells which `args` it has. */
export type ContractEvent = Log & { readonly blockTime: number };

/** Where to look: one transaction, or a span of blocks, both ends included. */
export type EventSpan = { readonly transactionHash: Hex } | { readonly fromBlock: bigint; readonly toBlock: bigint };

/** Blocks asked for at once; public nodes refuse much more. */
const SPAN = 5_000n;

/**
 * Returns the contract's events of a transaction or a span of blocks, in chain order.
 * @throws TonsorError `BAD_ARGUMENT` when the chain has no such transaction, `WRONG_CHAIN`, `RPC_FAILED`.
 */
export async function readEvents(client: PublicClient, address: Hex, span: EventSpan): Promise<ContractEvent[]> {
  return await onChain(client, async () => {
    const logs =
      "transactionHash" in span ? await logsOf(client, span.transactionHash) : await logsIn(client, address, span);
    const own = logs.filter((log) => log.address.toLowerCase() === address.toLowerCase());
    const events = parseEventLogs({ abi, logs: own, strict: true });
    const times = await blockTimes(client, new Set(events.map((event) => event.blockNumber)));
    return events.map((event) => ({ ...event, blockTime: times.get(event.blockNumber) ?? 0 }));
  });
}

/** Returns the batches applied in a transaction or a span of blocks, each with its updates and skipped markets. */
export async function readUpdates(client: PublicClient, address: Hex, span: EventSpan): Promise<AppliedBatch[]> {
  const events = await readEvents(client, address, span);
  return batchesOf(events, client.chain?.id ?? 0, address);
}

/** Groups events by batch; the sequence in each of them says which. */
export function batchesOf(events: readonly ContractEvent[], chainId: number, contract: Hex): AppliedBatch[] {
  return events.flatMap((applied) => {
    if (applied.eventName !== "BatchApplied") return [];
    const { sequence, evidence, modelVersion, sender } = applied.args;
    const updates = events.flatMap((event) => {
      if (event.eventName !== "MarketUpdated" || event.args.sequence !== sequence) return [];
      const { marketId, initialBps, maintenanceTargetBps, confidenceBps, sources, asOf } = event.args;
      return [{ marketId, initialBps, maintenanceTargetBps, confidenceBps, sources, asOf }];
    });
    const skipped = events.flatMap((event) => {
      if (event.eventName !== "MarketSkipped" || event.args.sequence !== sequence) return [];
      const { marketId, reason, given, allowed } = event.args;
      return [{ marketId, reason: skipReasonName(reason), given, allowed }];
    });
    const { transactionHash, blockNumber } = applied;
    return [
      { chainId, contract, transactionHash, blockNumber, sequence, evidence, modelVersion, sender, updates, skipped },
    ];
  });
}

async function logsOf(client: PublicClient, hash: Hex) {
  const receipt = await client.getTransactionReceipt({ hash }).catch((cause: unknown) => {
    if (cause instanceof Error && cause.name === "TransactionReceiptNotFoundError") {
      throw new TonsorError("BAD_ARGUMENT", "the chain has no such transaction", { given: hash }, cause);
    }
    throw cause;
  });
  return receipt.logs;
}

async function logsIn(client: PublicClient, address: Hex, span: { fromBlock: bigint; toBlock: bigint }) {
  const logs = [];
  for (let from = span.fromBlock; from <= span.toBlock; from += SPAN) {
    const to = from + SPAN - 1n < span.toBlock ? from + SPAN - 1n : span.toBlock;
    logs.push(...(await client.getLogs({ address, fromBlock: from, toBlock: to })));
  }
  return logs;
}

async function blockTimes(client: PublicClient, numbers: ReadonlySet<bigint>): Promise<Map<bigint, number>> {
  const entries = [...numbers].map(async (blockNumber) => {
    const block = await client.getBlock({ blockNumber });
    return [blockNumber, Number(block.timestamp)] as const;
  });
  return new Map(await Promise.all(entries));
}
