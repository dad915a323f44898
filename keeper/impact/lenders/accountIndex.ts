import type { Hex } from "viem";
import type { Journal, LenderCursor } from "../../domain/journal.ts";
import type { Rpc } from "../../io/rpc.ts";
import { LenderFault } from "./lenderFault.ts";
import { type Ask, accountReader, type EventSource } from "./logs.ts";

/** What is kept of an index. */
export type IndexStore = Pick<Journal, "lenderCursor" | "noteLender" | "lenderAccounts">;

/** The same index, to which nothing is written: what is found beyond it is in memory. For a dry run beside a keeper that runs. */
export function unwritten(store: IndexStore): IndexStore {
  const found = new Map<string, { readonly accounts: Set<Hex>; readonly cursor: LenderCursor }>();
  return {
    lenderCursor: (lender) => found.get(lender)?.cursor ?? store.lenderCursor(lender),
    lenderAccounts: (lender) => [...(found.get(lender)?.accounts ?? store.lenderAccounts(lender))],
    noteLender(lender, accounts, cursor) {
      const known = found.get(lender)?.accounts ?? new Set(store.lenderAccounts(lender));
      for (const account of accounts) known.add(account);
      found.set(lender, { accounts: known, cursor });
      return known.size;
    },
  };
}

/** Blocks below the head from which on events are kept: two epochs of mainnet. What is younger is read at each look. */
const FINAL_DEPTH = 64n;
/** Accounts kept of a lender: a flood of events fills neither memory nor disk. */
const MOST_ACCOUNTS = 200_000;

type IndexParts = {
  readonly rpc: Pick<Rpc, "block">;
  readonly ask: Ask;
  readonly store: IndexStore;
  readonly source: EventSource;
  readonly fromBlock: bigint;
};

/**
 * Returns a function that gives every account that the events of a lender have named until a block. Those `FINAL_DEPTH` deep are
 * kept with the hash of the last block read, and it goes on from there; where the chain has another block by then, it reads again from
 * the first. An account that a lost block named stays: it is read once more, and owes nothing.
 * @throws (on asking) LenderFault NOT_INDEXED when the signal ends it, with how far it came, which is kept; TOO_MANY; as `accountReader`
 */
export function accountIndex({ rpc, ask, store, source, fromBlock }: IndexParts) {
  const name = [source.address, ...source.topics].join(" ").toLowerCase();
  const read = accountReader(ask, source);
  const start: LenderCursor = { next: fromBlock, hash: null };

  async function cursorNow(signal?: AbortSignal): Promise<LenderCursor> {
    const cursor = store.lenderCursor(name);
    if (cursor === null || cursor.hash === null || cursor.next < fromBlock) return start;
    const block = await rpc.block(cursor.next - 1n, signal);
    return block.hash.toLowerCase() === cursor.hash ? cursor : start;
  }

  return async (head: bigint, signal?: AbortSignal): Promise<readonly Hex[]> => {
    const final = head - FINAL_DEPTH;
    let cursor = start;
    try {
      cursor = await cursorNow(signal);
      while (cursor.next <= final) {
        signal?.throwIfAborted();
        const { accounts, last } = await read(cursor.next, final, signal);
        const { hash } = await rpc.block(last, signal);
        cursor = { next: last + 1n, hash: hash.toLowerCase() as Hex };
        const kept = store.noteLender(name, [...accounts], cursor);
        if (kept > MOST_ACCOUNTS) throw new LenderFault("TOO_MANY", `${kept}, of ${MOST_ACCOUNTS}`);
      }
      const known = new Set<Hex>(store.lenderAccounts(name));
      for (let next = cursor.next > fromBlock ? cursor.next : fromBlock; next <= head; ) {
        const { accounts, last } = await read(next, head, signal);
        for (const account of accounts) known.add(account);
        next = last + 1n;
      }
      if (known.size > MOST_ACCOUNTS) throw new LenderFault("TOO_MANY", `${known.size}, of ${MOST_ACCOUNTS}`);
      return [...known];
    } catch (error) {
      if (error instanceof LenderFault || signal?.aborted !== true) throw error;
      throw new LenderFault("NOT_INDEXED", `read until block ${cursor.next - 1n} of ${head}`);
    }
  };
}
