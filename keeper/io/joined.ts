import { ownError, TonsorError } from "../domain/errors.ts";
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
 * Joins the reads that are asked for in one turn of the event loop at one block to one. A call that fails costs its own
 * reader only, and a reader that is given up takes no other along: the read ends when all are. Where an RPC quorum does not
 * agree on all of it, or it fails as a whole, each reader asks by itself: what ails one part hides no other.
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
    const { signal, done } = untilAllAreGivenUp(readers);
    try {
      const results = await read(calls, first.blockNumber, signal, false);
      let at = 0;
      for (const one of readers) {
        settle(results.slice(at, at + one.calls.length), one);
        at += one.calls.length;
      }
    } catch (error) {
      for (const one of readers) {
        if (PARTLY.has(ownError(error)?.code ?? "") && one.signal?.aborted !== true) alone(one);
        else one.reject(error);
      }
    } finally {
      done();
    }
  };
  const flush = (): void => {
    const all = queue;
    queue = [];
    for (const readers of Map.groupBy(all, ({ blockNumber }) => blockNumber).values()) void together(readers);
  };
  return (calls, blockNumber, signal) =>
    new Promise((resolve, reject) => {
      queue.push({ calls, blockNumber, signal, resolve, reject });
      if (queue.length === 1) setImmediate(flush);
    });
}

/** What may be wrong with a part of a read only. */
const PARTLY: ReadonlySet<string> = new Set(["NO_QUORUM", "RPC_FAILED"]);

/** The signal of a read for several: aborted when the last of them is given up. Each hears of its own end at once. */
function untilAllAreGivenUp(readers: readonly Waiting[]) {
  const all = new AbortController();
  const bySignal = Map.groupBy(readers, ({ signal }) => signal);
  const ends = [...bySignal].map(([signal, own]) => {
    const end = () => {
      for (const { reject } of own) reject(new TonsorError("RPC_FAILED", "aborted by the caller"));
      if ([...bySignal.keys()].every((one) => one?.aborted === true)) all.abort();
    };
    if (signal?.aborted === true) end();
    signal?.addEventListener("abort", end);
    return () => signal?.removeEventListener("abort", end);
  });
  const done = (): void => {
    for (const end of ends) end();
  };
  return { signal: all.signal, done };
}

function settle(outcomes: readonly CallOutcome[], { resolve, reject }: Pick<Waiting, "resolve" | "reject">): void {
  const failed = outcomes.find((one) => one instanceof Error);
  if (failed === undefined) resolve(outcomes as readonly CallResult[]);
  else reject(failed);
}
