import { type Log, type ParseEventLogsReturnType, type PublicClient, parseEventLogs } from "viem";
import type { Hex } from "../../domain/batch.ts";
import { PACKED_MODES, PACKED_SKIP_REASONS, type PackedEvent, type PackedEventBody } from "../../domain/packed.ts";
import { decodeEntries } from "../entry.ts";
import { onChain } from "../onChain.ts";
import { PACKED_PARAMETERS_ABI as abi } from "./abi.ts";

type Parsed = ParseEventLogsReturnType<typeof abi, undefined, true>[number];

/** Blocks asked for at once; public nodes refuse much more. */
const SPAN = 5_000n;

/**
 * Returns the packed contract's events between two blocks, both included, in chain order, each with the time of its
 * block: what `rebuildFromEvents` takes.
 * @throws TonsorError `WRONG_CHAIN`, `RPC_FAILED`.
 */
export async function readPackedEvents(
  client: PublicClient,
  address: Hex,
  span: { readonly fromBlock: bigint; readonly toBlock: bigint },
): Promise<PackedEvent[]> {
  return await onChain(client, async () => {
    const logs: Log[] = [];
    for (let from = span.fromBlock; from <= span.toBlock; from += SPAN) {
      const toBlock = from + SPAN - 1n < span.toBlock ? from + SPAN - 1n : span.toBlock;
      logs.push(...(await client.getLogs({ address, fromBlock: from, toBlock })));
    }
    const times = new Map<bigint, number>();
    for (const { blockNumber } of logs) {
      if (blockNumber === null || times.has(blockNumber)) continue;
      times.set(blockNumber, Number((await client.getBlock({ blockNumber })).timestamp));
    }
    return decodeLogs(logs, (block) => times.get(block) ?? 0);
  });
}

/** The contract's events among `logs`, in their order; `timeOf` gives the time of a block by its number. */
export function decodeLogs(logs: readonly Log[], timeOf: (blockNumber: bigint) => number): PackedEvent[] {
  return parseEventLogs({ abi, logs: [...logs], strict: true }).map((log) => ({
    ...bodyOf(log),
    time: timeOf(log.blockNumber ?? -1n),
  }));
}

function bodyOf(log: Parsed): PackedEventBody {
  switch (log.eventName) {
    case "BatchApplied": {
      const { sequence, entries } = log.args;
      return { name: log.eventName, ...log.args, sequence: Number(sequence), entries: decodeEntries(entries) };
    }
    case "MarketSkipped": {
      const { marketId, sequence, given, allowed } = log.args;
      const reason = PACKED_SKIP_REASONS[log.args.reason] ?? "NONE";
      const figures = { given: Number(given), allowed: Number(allowed) };
      return { name: log.eventName, marketId, sequence: Number(sequence), reason, ...figures };
    }
    case "ModeChanged":
      return { name: log.eventName, ...log.args, mode: PACKED_MODES[log.args.mode] ?? "FROZEN" };
    case "BreakerTripped": {
      const { sequence, givenBps, allowedBps } = log.args;
      const figures = { givenBps: Number(givenBps), allowedBps: Number(allowedBps) };
      return { name: log.eventName, sequence: Number(sequence), ...figures };
    }
    case "BreakerReset":
      return { name: log.eventName };
    case "ProfileFixed":
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
