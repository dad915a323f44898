import type { Hex } from "../../domain/contract.ts";
import type { MarketBook, Position, PositionBook } from "../../domain/position.ts";

/** What an account has or owes in one asset, US dollars at the lender's prices; the market of that asset, or null. */
type Holding = { readonly marketId: number | null; readonly usd: number };

/** Collateral with the threshold that the lender applies to it in this account. */
type Collateral = Holding & {
  /** In the units in which the lender weighs it against `debt`. */
  readonly value: bigint;
  readonly thresholdBps: number;
  /** Whether that threshold is one that no haircut of ours moves: of an e-mode, or immutable. */
  readonly isFixed: boolean;
};

/** A borrower at a lender. */
export type Borrower = {
  readonly account: Hex;
  /** As the lender computes it: 1e18 = 1, below which the account is liquidatable. */
  readonly healthWad: bigint;
  readonly debt: bigint;
  readonly debtUsd: number;
  readonly collateral: readonly Collateral[];
  readonly debts: readonly Holding[];
};

/** A lender's book at one block. */
export type LenderBook = {
  readonly lender: string;
  readonly blockNumber: bigint;
  /** Time of that block, Unix seconds. */
  readonly time: number;
  readonly borrowers: readonly Borrower[];
  /** Of each market: all of its collateral that the lender holds, US dollars, and the lender's price of one unit. */
  readonly markets: ReadonlyMap<number, { readonly heldUsd: number; readonly priceUsd: number }>;
};

/** Falls of a market's price at which what falls due is shown, fractions. */
const FALLS = [0.05, 0.1, 0.2, 0.3, 0.5] as const;

/** The book as the impact gate weighs it: a position for each account and market that it has collateral in. */
export function positionsOf({ lender, time, borrowers, markets }: LenderBook): PositionBook {
  const positions = borrowers.flatMap(({ account, collateral, debtUsd }) =>
    collateral.flatMap(({ marketId, usd, thresholdBps, isFixed }, own): Position[] => {
      if (marketId === null) return [];
      const coveredUsd = collateral.reduce((sum, one, i) => sum + (i === own ? 0 : covers(one)), 0);
      const one = { protocol: lender, account, marketId, collateralUsd: usd, debtUsd, coveredUsd };
      return [isFixed ? { ...one, thresholdBps } : one];
    }),
  );
  const heldUsd = new Map([...markets].map(([id, one]) => [id, one.heldUsd]));
  const priceUsd = new Map([...markets].map(([id, one]) => [id, one.priceUsd]));
  return { source: lender, time, positions, heldUsd, priceUsd };
}

/**
 * What the books show of a market: its borrowers, the largest of them, and what falls due when its price falls and no other
 * does. Debt in the same asset falls with it.
 */
export function marketBook(books: readonly LenderBook[], marketId: number): MarketBook {
  const ofMarket = (one: Holding) => one.marketId === marketId;
  const sum = (of: readonly Holding[]) => of.reduce((total, { usd }) => total + usd, 0);
  const own = books
    .flatMap(({ borrowers }) => borrowers)
    .map((one) => ({ ...one, ownUsd: sum(one.collateral.filter(ofMarket)), owedUsd: sum(one.debts.filter(ofMarket)) }))
    .filter(({ ownUsd }) => ownUsd > 0);
  const due = FALLS.map((fall) => {
    const fallen = own.filter(({ collateral, debtUsd, owedUsd }) => {
      const left = collateral.reduce((total, one) => total + covers(one) * (ofMarket(one) ? 1 - fall : 1), 0);
      return left < debtUsd - owedUsd * fall;
    });
    return {
      fall,
      collateralUsd: fallen.reduce((total, { ownUsd }) => total + ownUsd, 0),
      debtUsd: fallen.reduce((total, { debtUsd }) => total + debtUsd, 0),
    };
  });
  return {
    borrowers: own.length,
    heldUsd: books.reduce((total, { markets }) => total + (markets.get(marketId)?.heldUsd ?? 0), 0),
    debtUsd: own.reduce((total, { debtUsd }) => total + debtUsd, 0),
    largestBorrowerUsd: own.reduce((most, { ownUsd }) => Math.max(most, ownUsd), 0),
    due,
  };
}

/** Debt that a collateral covers. */
function covers({ usd, thresholdBps }: Collateral): number {
  return (usd * thresholdBps) / 10_000;
}
