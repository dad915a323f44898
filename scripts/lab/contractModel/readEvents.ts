import { type ParseEventLogsReturnType, type PublicClient, parseEventLogs } from "viem";
import { type ContractLimits, type Hex, MODES, POWERS, SKIP_REASONS } from "../../../keeper/domain/contract.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../../../keeper/protocols/abi.ts";
import { headFields } from "../../../keeper/protocols/collateralParameters.ts";
import { type EventSpan, logsOfContract } from "../../../keeper/protocols/events.ts";
import { onChain } from "../../../keeper/protocols/onChain.ts";
import { decodeEntries } from "../../../keeper/protocols/words.ts";

import type { ContractEvent, ContractEventBody } from "./events.ts";

type Parsed = ParseEventLogsReturnType<typeof abi, undefined, true>[number];

/**
 * Returns the contract's events of a transaction or a span of blocks, in chain order, each with the time of its block:
 * from the contract's first block on, what `rebuildFromEvents` takes.
 * @throws TonsorError `UNKNOWN_TRANSACTION` when the chain has no such transaction, `WRONG_CHAIN`, `RPC_FAILED`.
 */
export async function readEvents(client: PublicClient, address: Hex, span: EventSpan): Promise<ContractEvent[]> {
  return await onChain(client, async () => {
    const logs = await logsOfContract(client, address, span);
    const numbers = new Set(logs.flatMap(({ blockNumber }) => (blockNumber === null ? [] : [blockNumber])));
    const times = await blockTimes(client, numbers);
    return parseEventLogs({ abi, logs, strict: true }).map((log) => ({
      ...bodyOf(log),
      time: times.get(log.blockNumber) ?? 0,
    }));
  });
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
