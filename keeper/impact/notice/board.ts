import type { ChainView, Look } from "../../domain/cycle.ts";
import type { LenderReading } from "../../domain/lender.ts";
import type { AccountNotice, LenderNotice } from "../../domain/position.ts";
import type { Borrower } from "../lenders/lenderBook.ts";
import type { LendersSeen } from "../lenders/lenders.ts";
import { liquidatableAt, WAD } from "./liquidatable.ts";
import type { Carried } from "./threshold.ts";

type Read = Pick<LendersSeen, "lenderBooks" | "states">;

/** What an account has to expect at every lender whose book was read, all of it at the block of `look`. */
function noticeOf(account: string, { chain, lenders }: Look, { lenderBooks, states }: Read): AccountNotice {
  const since = chain.blockTime;
  const of = states.map(({ lender }): LenderNotice => {
    const book = lenderBooks.find((one) => one.lender === lender);
    if (book === undefined) return notice(lender, "UNKNOWN", null);
    const borrower = book.borrowers.find((one) => one.account.toLowerCase() === account.toLowerCase());
    if (borrower === undefined) return notice(lender, "NO_DEBT", null);
    const readings = lenders.filter((one) => one.lender === lender);
    return lenderNotice(lender, borrower, readings, chain);
  });
  return { account, blockNumber: Number(chain.blockNumber), time: since, lenders: of };
}

function lenderNotice(lender: string, borrower: Borrower, readings: readonly LenderReading[], chain: ChainView) {
  const health = Number(borrower.healthWad) / 1e18;
  const carried = new Map<number, Carried>();
  const unread = new Set<number>();
  for (const reading of readings) {
    const onChain = chain.markets.get(reading.market);
    if (onChain === undefined) continue;
    const { has } = reading;
    if (has === null) unread.add(onChain.marketId);
    else carried.set(onChain.marketId, { onChain, reading: { ...reading, has } });
  }
  const moving = borrower.collateral.flatMap(({ isFixed, marketId }) =>
    isFixed || marketId === null ? [] : [marketId],
  );
  const at = liquidatableAt(borrower, carried, chain.blockTime);
  if (borrower.healthWad < WAD) return notice(lender, "LIQUIDATABLE", at, health);
  if (moving.some((id) => unread.has(id))) return notice(lender, "UNKNOWN", null, health);
  if (at !== null) return notice(lender, "BY_RAMP", at, health);
  return notice(lender, moving.some((id) => carried.has(id)) ? "NOT_BY_RAMP" : "FIXED", null, health);
}

function notice(lender: string, state: LenderNotice["state"], at: number | null, health: number | null = null) {
  return { lender, state, healthFactor: health, liquidatableAt: at };
}

/** What notice is given from: the last look at the chain, and the lenders' books of the last block at which they were read. */
export type NoticeBoard = {
  /** A look at every market. */
  looked(look: Look): void;
  /** Remembers what a reader of books reads. */
  reading<Block extends { readonly number: bigint }>(
    read: ((block: Block) => Promise<LendersSeen>) | null,
  ): ((block: Block) => Promise<LendersSeen>) | null;
  /** The contract as the last cycle saw it; null before the first. */
  chain(): ChainView | null;
  /** Null while no book has been read. */
  of(account: string): AccountNotice | null;
};

/** Makes an empty board. */
export function noticeBoard(): NoticeBoard {
  let last: Look | null = null;
  let read: { readonly look: Look; readonly seen: Read } | null = null;
  return {
    looked(look) {
      last = look;
    },
    reading(readBooks) {
      if (readBooks === null) return null;
      return async (block) => {
        const seen = await readBooks(block);
        if (last?.chain.blockNumber === block.number) read = { look: last, seen };
        return seen;
      };
    },
    chain: () => last?.chain ?? null,
    of: (account) => (read === null ? null : noticeOf(account, read.look, read.seen)),
  };
}
