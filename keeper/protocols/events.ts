import { type Log, type ParseEventLogsReturnType, type PublicClient, parseEventLogs } from "viem";
import {
  type AppliedBatch,
  type ContractEvent,
  type ContractEventBody,
  type ContractLimits,
  type Hex,
  MODES,
  POWERS,
  SKIP_REASONS,
  type SkippedMarket,
} from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "./abi.ts";
import { headFields } from "./batch.ts";
import { onChain } from "./onChain.ts";
import { decodeEntries } from "./words.ts";

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
 * @throws TonsorError `UNKNOWN_TRANSACTION` when the chain has no such transaction, `WRONG_CHAIN`, `RPC_FAILED`.
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

/**
 * Returns the contract that the first batch of a transaction was applied to, for who has no record of the deployment: whether
 * it is the one that a lender reads is for him to say. @throws TonsorError as `readEvents`
 */
export async function contractOf(client: PublicClient, transactionHash: Hex): Promise<Hex> {
  const batch = parse(await onChain(client, () => logsOf(client, transactionHash))).find(
    ({ eventName }) => eventName === "BatchApplied",
  );
  if (batch !== undefined) return batch.address;
  const facts = { field: "transaction", given: transactionHash, expected: "a transaction that applied a batch" };
  throw new TonsorError("UNKNOWN_TRANSACTION", "the transaction applied no batch", facts);
}

/** A contract's batches, each with the markets skipped: a batch is announced after them, in one call. */
function batchesOf(logs: readonly Log[], chainId: number, contract: Hex): AppliedBatch[] {
  const batches: AppliedBatch[] = [];
  let skipped: SkippedMarket[] = [];
  let tightened: SkippedMarket[] = [];
  for (const log of parse(logs)) {
    const { transactionHash, blockNumber } = log;
    const body = bodyOf(log);
    if (body.name === "MarketSkipped" || body.name === "LooseningSkipped") {
      const { name, marketId, reason, given, allowed } = body;
      (name === "MarketSkipped" ? skipped : tightened).push({ marketId, reason, given, allowed });
      continue;
    }
    if (body.name === "BatchApplied") {
      const { sequence, evidence, modelVersion, writer, entries } = body;
      const batch = { sequence: BigInt(sequence), evidence, modelVersion, writer, entries, skipped, tightened };
      batches.push({ chainId, contract, transactionHash, blockNumber, ...batch });
    }
    // `setManually` skips markets too, and announces those it applies: those are no batch's.
    if (body.name !== "WriterTripped") [skipped, tightened] = [[], []];
  }
  return batches;
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
      throw new TonsorError("UNKNOWN_TRANSACTION", "the chain has no such transaction", { given: hash }, cause);
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
      const { head, writer, evidence, entries } = log.args;
      const { sequence, ...fields } = headFields(head);
      const decoded = decodeEntries(entries);
      return { name: log.eventName, ...fields, sequence: Number(sequence), writer, evidence, entries: decoded };
    }
    case "MarketSkipped":
    case "LooseningSkipped": {
      const { marketId, given, allowed } = log.args;
      const reason = SKIP_REASONS[log.args.reason] ?? "NONE";
      return { name: log.eventName, marketId, reason, given: Number(given), allowed: Number(allowed) };
    }
    case "WriterTripped": {
      const { account, sequence, askedBps, allowedBps } = log.args;
      const figures = { askedBps: Number(askedBps), allowedBps: Number(allowedBps) };
      return { name: log.eventName, account, sequence: Number(sequence), ...figures };
    }
    case "MarketListed": {
      const { marketId, collateral, debt, listing, asOf } = log.args;
      const { classId, initialBps, maintenanceBps, limit, lowestLimit, highestLimit } = listing;
      const values = { classId, initialBps, maintenanceBps, limit, lowestLimit, highestLimit };
      return { name: log.eventName, marketId, collateral, debt, asOf, ...values };
    }
    case "MarketChanged": {
      const { marketId, setting, generation } = log.args;
      return { name: log.eventName, marketId, ...setting, generation };
    }
    case "ClassChanged": {
      const entries = Object.entries(log.args.limits).map(([name, value]) => [name, Number(value)]);
      return { name: log.eventName, classId: log.args.classId, limits: Object.fromEntries(entries) as ContractLimits };
    }
    case "AccountChanged": {
      const { account, setting } = log.args;
      const { aggregateBps, tripBps } = setting;
      return { name: log.eventName, account, power: POWERS[setting.power] ?? "NONE", aggregateBps, tripBps };
    }
    case "MarketOverridden":
      return { name: log.eventName, ...log.args.values };
    case "ModeChanged":
      return { name: log.eventName, ...log.args, mode: MODES[log.args.mode] ?? "FROZEN" };
    case "MarketDelisted":
    case "ClassHeld":
    case "WriterHalted":
    case "OwnershipTransferStarted":
    case "OwnershipTransferred":
      return { name: log.eventName, ...log.args } as ContractEventBody;
  }
}
