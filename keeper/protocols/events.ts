import { type Log, type PublicClient, parseEventLogs } from "viem";
import { type AppliedBatch, type Hex, SKIP_REASONS, type SkippedMarket } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "./abi.ts";
import { headFields } from "./collateralParameters.ts";
import { onChain } from "./onChain.ts";
import { decodeEntries } from "./words.ts";

/** Which events: those of one transaction, or a span of blocks, both ends included. */
export type EventSpan = { readonly transactionHash: Hex } | { readonly fromBlock: bigint; readonly toBlock: bigint };

/** Called with how many blocks of how many were searched. */
type LogsRead = (done: number, of: number) => void;

/** Blocks asked for at once; public nodes refuse much more. */
const SPAN = 5_000n;

/** Returns the batches applied in a transaction or a span of blocks, each with its markets and those skipped. */
export async function readBatches(
  client: PublicClient,
  address: Hex,
  span: EventSpan,
  onLogs?: LogsRead,
): Promise<AppliedBatch[]> {
  return await onChain(client, async () =>
    batchesOf(await logsOfContract(client, address, span, onLogs), client.chain?.id ?? 0, address),
  );
}

/**
 * Returns the contract that the first batch of a transaction was applied to, for who has no record of the deployment: whether
 * it is the one that a lender reads is for him to say.
 * @throws TonsorError `UNKNOWN_TRANSACTION` when the chain has no such transaction or it applied none, `WRONG_CHAIN`,
 * `RPC_FAILED`
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
  for (const { eventName, args, transactionHash, blockNumber } of parse(logs)) {
    if (eventName === "MarketSkipped" || eventName === "LooseningSkipped") {
      const { marketId, reason, given, allowed } = args;
      const one = { marketId, reason: SKIP_REASONS[reason] ?? "NONE", given: Number(given), allowed: Number(allowed) };
      (eventName === "MarketSkipped" ? skipped : tightened).push(one);
      continue;
    }
    if (eventName === "BatchApplied") {
      const { head, evidence, writer, entries } = args;
      const { sequence, modelVersion } = headFields(head);
      const batch = { sequence, evidence, modelVersion, writer, entries: decodeEntries(entries), skipped, tightened };
      batches.push({ chainId, contract, transactionHash, blockNumber, ...batch });
    }
    // `setManually` skips markets too, and announces those it applies: those are no batch's.
    if (eventName !== "WriterTripped") [skipped, tightened] = [[], []];
  }
  return batches;
}

function parse(logs: readonly Log[]) {
  return parseEventLogs({ abi, logs: [...logs], strict: true });
}

/** The logs of a contract in a transaction or a span of blocks, in chain order. */
export async function logsOfContract(
  client: PublicClient,
  address: Hex,
  span: EventSpan,
  onLogs?: LogsRead,
): Promise<Log[]> {
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
