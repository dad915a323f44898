import type { Hex } from "viem";
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

/** Where the gathering code is while a node runs it; no chain has anything at this address. */
const GATHER_AT: Hex = "0x746f6e736f722e67617468657200000000000001";

/** Runtime code of `contracts/lens/Gather.sol`, without the compiler's metadata. */
const GATHER_CODE: Hex =
  "0x60808060405234605b5780805f5b368110601857500390f35b91506004905f8084359483601661ffff8860501c16838183819601853701019660601c5afa903d8202918260e01b9060f81b178152815f8483013e01018291600d565b5f80fdfe";

const MOST_BYTES = 0xffff;

/**
 * Parameters of the one `eth_call` that makes all these calls at a block; null when one of them has more data than 65 535
 * bytes. The code is handed to the node with the question (a state override), so it needs no contract on the chain.
 * @example gatherParams([{ to: "0x11..11", data: "0x01" }], "0xff")[0].data // "0x11..11000101"
 */
export function gatherParams(calls: readonly Call[], block: Hex): readonly [Call, Hex, object] | null {
  const records = calls.map(({ to, data }) => {
    const bytes = (data.length - 2) / 2;
    return bytes > MOST_BYTES ? null : `${to.slice(2)}${bytes.toString(16).padStart(4, "0")}${data.slice(2)}`;
  });
  if (records.includes(null)) return null;
  const data: Hex = `0x${records.join("")}`;
  return [{ to: GATHER_AT, data }, block, { ...codesOf(calls), [GATHER_AT]: { code: GATHER_CODE } }];
}

/** Parameters of the `eth_call` that makes one call by itself. */
export function callParams(call: Call, block: Hex): readonly unknown[] {
  const { to, data, code } = call;
  return code === undefined ? [{ to, data }, block] : [{ to, data }, block, codesOf([call])];
}

function codesOf(calls: readonly Call[]): Readonly<Record<Hex, { readonly code: Hex }>> {
  return Object.fromEntries(calls.flatMap(({ to, code }) => (code === undefined ? [] : [[to, { code }]])));
}

/**
 * Return data of each call, in their order; null for one that failed, which may be for want of gas in so large a call.
 * Null in all when these are not the bytes that the code returns for so many calls.
 * @example readGathered("0x01000001ff00000000", 2) // ["0xff", null]
 */
export function readGathered(data: string, count: number): (Hex | null)[] | null {
  const results: (Hex | null)[] = [];
  let at = 2;
  for (let i = 0; i < count; i++) {
    const flag = data.slice(at, at + 2);
    const end = at + 8 + 2 * Number.parseInt(data.slice(at + 2, at + 8), 16);
    if ((flag !== "00" && flag !== "01") || !(end <= data.length)) return null;
    results.push(flag === "01" ? `0x${data.slice(at + 8, end)}` : null);
    at = end;
  }
  return at === data.length ? results : null;
}
