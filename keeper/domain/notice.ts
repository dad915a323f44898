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
