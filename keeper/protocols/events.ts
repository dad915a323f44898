import { type Log, type ParseEventLogsReturnType, type PublicClient, parseEventLogs } from "viem";
import {
  type AppliedBatch,
  type ContractEvent,
  type ContractEventBody,
  type Hex,
  MODES,
  SKIP_REASONS,
  updatesOf,
} from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "./abi.ts";
import { onChain } from "./client.ts";
import { decodeEntries } from "./entry.ts";

type Parsed = ParseEventLogsReturnType<typeof abi, undefined, true>[number];

/** Which events: those of one transaction, or a span of blocks, both ends included. */
type EventSpan = { readonly transactionHash: Hex } | { readonly fromBlock: bigint; readonly toBlock: bigint };

/** Called with how many blocks of how many were searched. */
type LogsRead = (done: number, of: number) => void;

/** Blocks asked for at once; public nodes refuse much more. */
const SPAN = 5_000n;

/**
 * Returns the contract's events of a transaction or a span of blocks, in chain order, each with the time of its block:
 * from the contract's first block on, what `rebuildFromEvents` takes.
 * @throws TonsorError `BAD_ARGUMENT` when the chain has no such transaction, `WRONG_CHAIN`, `RPC_FAILED`.
 */
export async function readEvents(client: PublicClient, address: Hex, span: EventSpan): Promise<ContractEvent[]> {
  return await onChain(client, async () => {
    const logs = await ownLogs(client, address, span);
    const numbers = new Set(logs.flatMap(({ blockNumber }) => (blockNumber === null ? [] : [blockNumber])));
    const times = await blockTimes(client, numbers);
    return decodeLogs(logs, (block) => times.get(block) ?? 0);
  });
}

/** Returns the batches applied in a transaction or a span of blocks, each with its markets and those skipped. */
export async function readBatches(
  client: PublicClient,
  address: Hex,
  span: EventSpan,
  onLogs?: LogsRead,
): Promise<AppliedBatch[]> {
  return await onChain(client, async () =>
    batchesOf(await ownLogs(client, address, span, onLogs), client.chain?.id ?? 0, address),
  );
}

/** Groups a contract's logs by batch; the sequence in each of them says which. */
function batchesOf(logs: readonly Log[], chainId: number, contract: Hex): AppliedBatch[] {
  const events = parse(logs).map((log) => ({ log, body: bodyOf(log) }));
  return events.flatMap(({ log: { transactionHash, blockNumber }, body }) => {
    if (body.name !== "BatchApplied") return [];
    const { sequence, evidence, modelVersion, sender, entries } = body;
    const skipped = events.flatMap(({ body: other }) => {
      if (other.name !== "MarketSkipped" || other.sequence !== sequence) return [];
      const { marketId, reason, given, allowed } = other;
      return [{ marketId, reason, given, allowed }];
    });
    const batch = { sequence: BigInt(sequence), evidence, modelVersion, sender, updates: updatesOf(entries), skipped };
    return [{ chainId, contract, transactionHash, blockNumber, ...batch }];
  });
}

/** The contract's events among `logs`, in their order; `timeOf` gives the time of a block by its number. */
function decodeLogs(logs: readonly Log[], timeOf: (blockNumber: bigint) => number): ContractEvent[] {
  return parse(logs).map((log) => ({ ...bodyOf(log), time: timeOf(log.blockNumber ?? -1n) }));
}

function parse(logs: readonly Log[]) {
  return parseEventLogs({ abi, logs: [...logs], strict: true });
}

async function ownLogs(client: PublicClient, address: Hex, span: EventSpan, onLogs?: LogsRead): Promise<Log[]> {
  const logs =
    "transactionHash" in span
      ? await logsOf(client, span.transactionHash)
      : await logsIn(client, address, span, onLogs);
  return logs.filter((log) => log.address.toLowerCase() === address.toLowerCase());
}

async function logsOf(client: PublicClient, hash: Hex): Promise<Log[]> {
  const receipt = await client.getTransactionReceipt({ hash }).catch((cause: unknown) => {
    if (cause instanceof Error && cause.name === "TransactionReceiptNotFoundError") {
      throw new TonsorError("BAD_ARGUMENT", "the chain has no such transaction", { given: hash }, cause);
    }
    throw cause;
  });
  return receipt.logs;
}

async function logsIn(
  client: PublicClient,
  address: Hex,
  span: { readonly fromBlock: bigint; readonly toBlock: bigint },
  onLogs?: LogsRead,
): Promise<Log[]> {
  const logs: Log[] = [];
  for (let from = span.fromBlock; from <= span.toBlock; from += SPAN) {
    const to = from + SPAN - 1n < span.toBlock ? from + SPAN - 1n : span.toBlock;
    logs.push(...(await client.getLogs({ address, fromBlock: from, toBlock: to })));
    onLogs?.(Number(to - span.fromBlock + 1n), Number(span.toBlock - span.fromBlock + 1n));
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

function bodyOf(log: Parsed): ContractEventBody {
  switch (log.eventName) {
    case "BatchApplied": {
      const { sequence, entries } = log.args;
      return { name: log.eventName, ...log.args, sequence: Number(sequence), entries: decodeEntries(entries) };
    }
    case "MarketSkipped": {
      const { marketId, sequence, given, allowed } = log.args;
      const reason = SKIP_REASONS[log.args.reason] ?? "NONE";
      const figures = { given: Number(given), allowed: Number(allowed) };
      return { name: log.eventName, marketId, sequence: Number(sequence), reason, ...figures };
    }
    case "ModeChanged":
      return { name: log.eventName, ...log.args, mode: MODES[log.args.mode] ?? "FROZEN" };
    case "BreakerTripped": {
      const { sequence, givenBps, allowedBps } = log.args;
      const figures = { givenBps: Number(givenBps), allowedBps: Number(allowedBps) };
      return { name: log.eventName, sequence: Number(sequence), ...figures };
    }
    case "BreakerReset":
      return { name: log.eventName };
    case "ProfileFixed":
      return { name: log.eventName, ...log.args };
    case "SequencerFixed":
      return { name: log.eventName, ...log.args };
    case "LimitsChanged":
      return { name: log.eventName, ...log.args };
    case "ClassChanged":
      return { name: log.eventName, ...log.args };
    case "MarketListed":
      return { name: log.eventName, ...log.args };
    case "MarketOverridden":
      return { name: log.eventName, ...log.args };
    case "AggregateBudgetChanged":
      return { name: log.eventName, ...log.args };
    case "ProbeChanged":
      return { name: log.eventName, ...log.args };
  }
}
