import { type Abi, decodeFunctionResult, encodeFunctionData, type Hex } from "viem";
import type { Call, Rpc } from "../../io/rpc.ts";
import { LenderFault } from "./lenderFault.ts";

/** One view: contract, function, arguments. */
export type View = readonly [to: Hex, name: string, ...args: unknown[]];

/** Where and when a book is read. */
export type At = { readonly rpc: Rpc; readonly blockNumber: bigint; readonly signal?: AbortSignal | undefined };

/**
 * Decoded results of views at one block, in their order.
 * @throws LenderFault VIEW_REVERTS naming the view; TonsorError RPC_FAILED, NO_QUORUM, WRONG_CHAIN
 */
export async function readViews<T>(abi: Abi, views: readonly View[], { rpc, blockNumber, signal }: At): Promise<T[]> {
  const calls = views.map(([to, functionName, ...args]): Call => {
    return { to, data: encodeFunctionData({ abi, functionName, args }) };
  });
  const results = await rpc.calls(calls, blockNumber, signal);
  return results.map((result, i) => {
    const [to, functionName] = views[i] as View;
    if (!result.ok) throw new LenderFault("VIEW_REVERTS", `${functionName} of ${to} reverted: ${result.reason}`);
    try {
      return decodeFunctionResult({ abi, functionName, data: result.data }) as T;
    } catch {
      throw new LenderFault("VIEW_REVERTS", `${functionName} of ${to} answered bytes of another shape`);
    }
  });
}

/** Refusals after which a read of accounts gives up: one account alone takes eleven to be found among a thousand. */
const MOST_REFUSALS = 40;

/**
 * What a call about many accounts says of each of them, in parts of at most `size` that are halved where the node refuses,
 * so that one account which costs too much, or reverts, is asked about alone.
 * @param callOf the call about some accounts; @param read its answer, one value for each, or null when it is no such answer
 * @throws LenderFault VIEW_REVERTS naming the account; TonsorError RPC_FAILED, NO_QUORUM, WRONG_CHAIN
 */
export async function readAccounts<T>(
  accounts: readonly Hex[],
  size: number,
  { rpc, blockNumber, signal }: At,
  callOf: (some: readonly Hex[]) => Call,
  read: (data: Hex, some: readonly Hex[]) => T[] | null,
): Promise<T[]> {
  let refusals = 0;
  const ask = async (some: readonly Hex[]): Promise<T[]> => {
    const [result] = await rpc.calls([callOf(some)], blockNumber, signal);
    const values = result?.ok === true ? read(result.data, some) : null;
    if (values !== null) return values;
    refusals += 1;
    const [first] = some;
    if (some.length === 1 || refusals > MOST_REFUSALS) {
      const why = result?.ok === false ? result.reason : "bytes of another shape";
      throw new LenderFault("VIEW_REVERTS", `${first} and ${some.length - 1} more cannot be read: ${why}`);
    }
    const half = Math.ceil(some.length / 2);
    return [...(await ask(some.slice(0, half))), ...(await ask(some.slice(half)))];
  };
  const parts: (readonly Hex[])[] = [];
  for (let at = 0; at < accounts.length; at += size) parts.push(accounts.slice(at, at + size));
  const values: T[] = [];
  // Two at a time: a public node counts requests of a second.
  for (let at = 0; at < parts.length; at += 2) {
    for (const part of await Promise.all(parts.slice(at, at + 2).map(ask))) values.push(...part);
  }
  return values;
}
