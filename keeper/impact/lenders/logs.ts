import type { Hex } from "viem";
import { ownError } from "../../domain/errors.ts";
import { LenderFault } from "./lenderFault.ts";

/** Events of one contract that name an account. */
export type EventSource = {
  readonly address: Hex;
  /** The first is the event's own. */
  readonly topics: readonly Hex[];
  /** Which topic of an event is the account. */
  readonly accountTopic: number;
};

/** Asks a node, or an RPC quorum, one question. */
export type Ask = (question: { readonly method: string; readonly params: readonly unknown[] }) => Promise<unknown>;

/** Blocks of one question at first and at most; most public nodes refuse that, and are asked for half until they do not. */
const WIDEST = 100_000n;
/** After so many answers in a row a question may be twice as wide again. */
const WIDEN_AFTER = 16;

/**
 * Returns a reader of the accounts that events of a span of blocks name, both ends included. It asks for as many blocks at once as
 * the node gives: half as many after each refusal, whatever its words.
 * @throws (on reading) LenderFault LOGS_REFUSED, UNREACHABLE where not even one block is given, FOREIGN_LOG; the signal's reason
 */
export function accountReader(ask: Ask, source: EventSource) {
  let width = WIDEST;
  let answers = 0;
  /** Accounts from `from` on, with the last block that was read: `to`, or before it. */
  return async (from: bigint, to: bigint, signal?: AbortSignal): Promise<{ accounts: Set<Hex>; last: bigint }> => {
    const before = width;
    for (;;) {
      const last = from + width - 1n < to ? from + width - 1n : to;
      const params = [{ address: source.address, topics: source.topics, fromBlock: hex(from), toBlock: hex(last) }];
      try {
        const logs = await within(ask({ method: "eth_getLogs", params }), signal);
        answers += 1;
        if (answers % WIDEN_AFTER === 0 && width < WIDEST) width *= 2n;
        return { accounts: accountsOf(logs, source, from, last), last };
      } catch (error) {
        if (error instanceof LenderFault) throw error;
        signal?.throwIfAborted();
        const own = ownError(error);
        answers = 0;
        const asked = last - from + 1n;
        if (asked > 1n) {
          width = asked / 2n;
          continue;
        }
        width = before;
        const words = error instanceof Error ? error.message : String(error);
        throw new LenderFault(own === null ? "LOGS_REFUSED" : "UNREACHABLE", `events of block ${from}: ${words}`);
      }
    }
  };
}

/** What a promise gives, unless the signal ends first: a node that answers late holds nobody up for longer. */
function within<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    // An answer that is there already counts.
    const end = () => void setImmediate(reject, signal.reason);
    signal.addEventListener("abort", end, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", end));
    if (signal.aborted) end();
  });
}

function accountsOf(logs: unknown, { address, topics, accountTopic }: EventSource, from: bigint, to: bigint): Set<Hex> {
  const accounts = new Set<Hex>();
  if (!Array.isArray(logs)) throw new LenderFault("FOREIGN_LOG", "the answer to eth_getLogs is no list");
  for (const log of logs as readonly Readonly<Record<string, unknown>>[]) {
    const own = Array.isArray(log?.["topics"]) ? log["topics"].map((topic) => String(topic).toLowerCase()) : [];
    const block = /^0x[0-9a-f]{1,16}$/i.test(String(log?.["blockNumber"])) ? BigInt(String(log["blockNumber"])) : -1n;
    const account = /^0x0{24}([0-9a-f]{40})$/.exec(own[accountTopic] ?? "")?.[1];
    const isOurs = String(log?.["address"]).toLowerCase() === address.toLowerCase();
    const isKind = topics.every((topic, i) => own[i] === topic.toLowerCase());
    if (!isOurs || !isKind || account === undefined || block < from || block > to) {
      throw new LenderFault("FOREIGN_LOG", `an event that was not asked for, of blocks ${from} to ${to}`);
    }
    if (log["removed"] !== true) accounts.add(`0x${account}`);
  }
  return accounts;
}

function hex(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}
