import type { UsdPrices } from "../replica/movePrice.ts";
import type { Account, Borrower, Lender } from "./lender.ts";

/** What an account's health depends on beside its own amounts. */
export type Conditions = { readonly feed: UsdPrices; readonly thresholdBps: Readonly<Record<string, number>> };

/** An account whose health should be below this is read from its lender; interest moves health by less than the rest. */
const NEAR = 1.06;

/**
 * Keeps an eye on every account the way a liquidator does: with one collateral, health goes with the feed's price and the
 * threshold, so only those that come near 1 are read anew.
 */
export class Watch {
  private readonly lenders: readonly Lender[];
  private readonly seen = new Map<number, { readonly account: Account; readonly factor: number }>();

  constructor(lenders: readonly Lender[]) {
    this.lenders = lenders;
  }

  /** Health of every borrower in order; those near 1 as their lender says, the others at most so far off as interest. */
  async healths(borrowers: readonly Borrower[], now: Conditions): Promise<readonly number[]> {
    await this.read(
      borrowers.filter((one) => this.expected(one, now) < NEAR),
      now,
    );
    return borrowers.map((one) => this.expected(one, now));
  }

  /** Reads these accounts from their lenders. */
  private async read(borrowers: readonly Borrower[], now: Conditions): Promise<void> {
    for (const lender of this.lenders) {
      const own = borrowers.filter((one) => one.lender === lender.id);
      if (own.length === 0) continue;
      for (const [i, account] of (await lender.accounts(own)).entries()) {
        const borrower = own[i] as Borrower;
        this.seen.set(borrower.index, { account, factor: factorOf(borrower, now) });
      }
    }
  }

  /** Debt as it was last read, USD. */
  debtUsd({ index }: Borrower): number {
    return this.seen.get(index)?.account.debtUsd ?? 0;
  }

  private expected(borrower: Borrower, now: Conditions): number {
    const seen = this.seen.get(borrower.index);
    return seen === undefined ? 0 : (seen.account.health * factorOf(borrower, now)) / seen.factor;
  }
}

function factorOf({ lender, collateral }: Borrower, { feed, thresholdBps }: Conditions): number {
  return feed[collateral] * (thresholdBps[`${lender} ${collateral}`] ?? 0);
}
