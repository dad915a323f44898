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

/** What a borrower has to expect at a lender, each in words. */
export const NOTICE_STATES = {
  NO_DEBT: "no debt there",
  LIQUIDATABLE: "liquidatable now",
  BY_RAMP: "liquidatable from then on at the earliest, by the ramps in force",
  NOT_BY_RAMP: "no ramp in force makes it so",
  FIXED: "its thresholds follow no haircut of ours: as in Morpho, in an e-mode, or without an agent",
  UNKNOWN: "the lender could not be read",
} as const;

/** One account at one lender, at unmoved prices and present balances. */
export type LenderNotice = {
  readonly lender: string;
  readonly state: keyof typeof NOTICE_STATES;
  /** By the lender's own count, 1 and above is safe; null where nothing is owed or known. */
  readonly healthFactor: number | null;
  /** The first second at which it can be liquidated, Unix seconds; null: never, or not known. */
  readonly liquidatableAt: number | null;
};

/** One account at every lender, as they were at one block. */
export type AccountNotice = {
  readonly account: string;
  readonly blockNumber: number;
  /** Time of that block, Unix seconds. */
  readonly time: number;
  readonly lenders: readonly LenderNotice[];
};
