/** One account's position in one market of a protocol that follows our haircuts. US dollars at present prices. */
export type Position = {
  readonly protocol: string;
  readonly account: string;
  readonly marketId: number;
  readonly collateralUsd: number;
  readonly debtUsd: number;
  /** Debt that other collateral of the account covers at its lender's thresholds, US dollars; absent: none. */
  readonly coveredUsd?: number;
  /** The lender's own threshold, basis points, where it does not follow our maintenance haircut; absent: it does. */
  readonly thresholdBps?: number;
};

/** What the positions of one market came to when its update was last weighed, at the prices of that moment. */
export type PositionSums = {
  readonly market: string;
  readonly collateralUsd: number;
  readonly debtUsd: number;
  /** Debt that is liquidatable already, or by the end of the ramp that the update asks for. */
  readonly atRiskUsd: number;
  /** Why the sums are not whole, in words; null: every source was read. */
  readonly why: string | null;
  /** What the books of its lenders show; absent: they were not read, or the record names none. */
  readonly book?: MarketBook;
};

/** What the books of a market's lenders show, US dollars at present prices. */
export type MarketBook = {
  readonly borrowers: number;
  readonly heldUsd: number;
  readonly debtUsd: number;
  /** Collateral of the account that has most of it and owes something. */
  readonly largestBorrowerUsd: number;
  /** After a fall of this price alone (a fraction): collateral and debt of the accounts that are liquidatable then. */
  readonly due: readonly { readonly fall: number; readonly collateralUsd: number; readonly debtUsd: number }[];
};

/** A lender as its book was last read: its borrowers, or the named fault for which it was not. */
export type BookState = {
  readonly lender: string;
  /** Ids of our markets that it lends against. */
  readonly markets: readonly number[];
  readonly borrowers: number | null;
  readonly fault: string | null;
};

/** All positions that one source knows. */
export type PositionBook = {
  readonly source: string;
  /** When they were as they are here, Unix seconds. */
  readonly time: number;
  readonly positions: readonly Position[];
  /** All collateral that the lender holds, by market, US dollars; absent: that of the positions. */
  readonly heldUsd?: ReadonlyMap<number, number>;
  /** Its own price of a market's collateral, US dollars; absent: ours. */
  readonly priceUsd?: ReadonlyMap<number, number>;
};
