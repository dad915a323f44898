import { ownError, type TonsorError } from "../domain/errors.ts";
import type { Call, CallResult } from "./rpc.ts";

/** What a call gave; an error where not even the contract's refusal is known. */
export type CallOutcome = CallResult | TonsorError;

/** Makes calls at a block; `alone`: all of them are one caller's, so the first error ends the read. */
type Read = (
  calls: readonly Call[],
  blockNumber: bigint,
  signal: AbortSignal | undefined,
  alone: boolean,
) => Promise<readonly CallOutcome[]>;

type Waiting = {
  readonly calls: readonly Call[];
  readonly blockNumber: bigint;
  readonly signal: AbortSignal | undefined;
  resolve(results: readonly CallResult[]): void;
  reject(error: unknown): void;
};

/**
 * Joins the reads that are asked for in one turn of the event loop, at one block and with one signal, to one. A call that
 * fails costs its own reader only. Where an RPC quorum does not agree on all of it, each reader asks by itself: nodes that
 * differ about one pool hide no other.
 */
export function joined(
  read: Read,
): (calls: readonly Call[], at: bigint, signal?: AbortSignal) => Promise<readonly CallResult[]> {
  let queue: Waiting[] = [];
  const alone = ({ calls, blockNumber, signal, resolve, reject }: Waiting): void => {
    read(calls, blockNumber, signal, true).then((results) => settle(results, { resolve, reject }), reject);
  };
  const together = async (readers: readonly Waiting[]): Promise<void> => {
    const [first] = readers;
    if (first === undefined || readers.length === 1) return readers.forEach(alone);
    const calls = readers.flatMap((one) => one.calls);
    try {
      const results = await read(calls, first.blockNumber, first.signal, false);
      let at = 0;
      for (const one of readers) {
        settle(results.slice(at, at + one.calls.length), one);
        at += one.calls.length;
      }
    } catch (error) {
      for (const one of readers) {
        if (ownError(error)?.code === "NO_QUORUM") alone(one);
        else one.reject(error);
      }
    }
  };
  const flush = (): void => {
    const all = queue;
    queue = [];
    for (const same of Map.groupBy(all, ({ signal }) => signal).values()) {
      for (const readers of Map.groupBy(same, ({ blockNumber }) => blockNumber).values()) void together(readers);
    }
  };
  return (calls, blockNumber, signal) =>
    new Promise((resolve, reject) => {
      queue.push({ calls, blockNumber, signal, resolve, reject });
      if (queue.length === 1) setImmediate(flush);
    });
}

function settle(outcomes: readonly CallOutcome[], { resolve, reject }: Pick<Waiting, "resolve" | "reject">): void {
  const failed = outcomes.find((one) => one instanceof Error);
  if (failed === undefined) resolve(outcomes as readonly CallResult[]);
  else reject(failed);
}
