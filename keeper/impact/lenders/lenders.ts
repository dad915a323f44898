import type { Hex } from "viem";
import type { BookState, MarketBook, PositionBook } from "../../domain/position.ts";
import type { Rpc } from "../../io/rpc.ts";
import { AAVE_BORROW, readAave } from "./aaveV3/aaveV3.ts";
import { accountIndex, type IndexStore } from "./accountIndex.ts";
import { type LenderBook, marketBook, positionsOf } from "./lenderBook.ts";
import { LenderFault } from "./lenderFault.ts";
import type { Ask } from "./logs.ts";
import { MORPHO_BORROW, readMorpho } from "./morphoBlue/morphoBlue.ts";
import type { At } from "./views.ts";

/** The books of every lender of a record, as one look found them. */
export type LendersSeen = {
  readonly blockNumber: bigint;
  /** Of each lender that was read, with every borrower. */
  readonly lenderBooks: readonly LenderBook[];
  readonly books: readonly PositionBook[];
  /** Of each market that a lender which was read lends against. */
  readonly markets: ReadonlyMap<number, MarketBook>;
  readonly states: readonly BookState[];
};

/** A lender as the deployment's record names it. */
type Lender = { readonly name: string; readonly fromBlock: number } & (
  | { readonly kind: "aave-v3"; readonly provider: Hex; readonly pool: Hex; readonly markets: readonly number[] }
  | { readonly kind: "morpho-blue"; readonly morpho: Hex; readonly marketId: Hex; readonly market: number }
  | { readonly kind: "aave-v4" }
);

/** One whose book can be read. */
type Readable = Exclude<Lender, { readonly kind: "aave-v4" }>;

type Parts = {
  readonly deployment: {
    readonly lenders?: readonly Lender[];
    readonly markets: readonly { readonly id: number; readonly collateral: Hex }[];
  };
  readonly rpc: Rpc;
  readonly ask: Ask;
  readonly store: IndexStore;
  /** For the whole of one look, milliseconds: what it did not come to, the next one does. */
  readonly budgetMs?: number;
};

type Block = { readonly number: bigint; readonly timestamp: number };

/** A lender that can be read. */
type Reader = {
  readonly name: string;
  /** Ids of our markets that it lends against. */
  readonly markets: readonly number[];
  read(block: Block, signal: AbortSignal): Promise<LenderBook>;
};

const BUDGET_MS = 10_000;

/**
 * Returns a function that reads the book of every lender of the record at one block, but for Aave v4's; null where the record
 * names none of those. A lender
 * that cannot be read, for whatever reason, has its fault and hides no other. Reads of one block are one.
 */
export function openLenders(parts: Parts): ((block: Block) => Promise<LendersSeen>) | null {
  const { deployment, budgetMs = BUDGET_MS } = parts;
  const readers = (deployment.lenders ?? []).flatMap((lender) =>
    lender.kind === "aave-v4" ? [] : [readerOf(lender, parts)],
  );
  if (readers.length === 0) return null;
  let last: { readonly block: bigint; readonly seen: Promise<LendersSeen> } | null = null;
  return (block) => {
    if (last?.block !== block.number) {
      const seen = readAll(readers, block, AbortSignal.timeout(budgetMs));
      last = { block: block.number, seen };
      const forget = () => (last = last?.seen === seen ? null : last);
      seen.then(({ states }) => states.some(({ fault }) => fault !== null) && forget(), forget);
    }
    return last.seen;
  };
}

async function readAll(readers: readonly Reader[], block: Block, signal: AbortSignal): Promise<LendersSeen> {
  const read = await Promise.all(
    readers.map(async ({ name, markets, read: readBook }) => {
      const outcome = await readBook(block, signal).catch(faultOf);
      if (outcome instanceof LenderFault) {
        return { book: null, state: { lender: name, markets, borrowers: null, fault: outcome.message } };
      }
      return { book: outcome, state: { lender: name, markets, borrowers: outcome.borrowers.length, fault: null } };
    }),
  );
  const books = read.flatMap(({ book }) => (book === null ? [] : [book]));
  // A market whose lenders were not all read has no figures: a part of them would look like the whole.
  const blind = new Set(read.flatMap(({ book, state }) => (book === null ? state.markets : [])));
  const ids = [...new Set(read.flatMap(({ state }) => state.markets))].filter((id) => !blind.has(id));
  return {
    blockNumber: block.number,
    lenderBooks: books,
    books: books.map(positionsOf),
    markets: new Map(ids.map((id) => [id, marketBook(books, id)])),
    states: read.map(({ state }) => state),
  };
}

/** What keeps a lender from being read, as its fault. */
function faultOf(error: unknown): LenderFault {
  if (error instanceof LenderFault) return error;
  return new LenderFault("UNREACHABLE", error instanceof Error ? error.message : String(error));
}

function readerOf(lender: Readable, { deployment, rpc, ask, store }: Parts): Reader {
  const collateralOf = (id: number): Hex => {
    const market = deployment.markets.find((one) => one.id === id);
    if (market !== undefined) return market.collateral;
    throw new LenderFault("WRONG_MARKET", `the record has no market ${id}`);
  };
  const { name } = lender;
  const index = (address: Hex, topics: readonly Hex[], accountTopic: number) =>
    accountIndex({ rpc, ask, store, source: { address, topics, accountTopic }, fromBlock: BigInt(lender.fromBlock) });
  const at = (block: Block, signal: AbortSignal): At => ({ rpc, blockNumber: block.number, signal });
  if (lender.kind === "aave-v3") {
    const accounts = index(lender.pool, AAVE_BORROW.topics, AAVE_BORROW.accountTopic);
    return {
      ...{ name, markets: lender.markets },
      async read(block, signal) {
        const assets = new Map(lender.markets.map((id) => [id, collateralOf(id)]));
        const known = await accounts(block.number, signal);
        return readAave(
          { name, provider: lender.provider, pool: lender.pool, assets },
          known,
          block.timestamp,
          at(block, signal),
        );
      },
    };
  }
  const { morpho, marketId: id, market } = lender;
  const accounts = index(morpho, [...MORPHO_BORROW.topics, id], MORPHO_BORROW.accountTopic);
  return {
    ...{ name, markets: [market] },
    async read(block, signal) {
      const ref = { name, morpho, id, marketId: market, collateral: collateralOf(market) };
      const known = await accounts(block.number, signal);
      return readMorpho(ref, known, block.timestamp, at(block, signal));
    },
  };
}
