/** One account's position in one market of a protocol that follows our haircuts. US dollars at present prices. */
export type Position = {
  readonly protocol: string;
  readonly account: string;
  readonly marketId: number;
  readonly collateralUsd: number;
  readonly debtUsd: number;
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
};

/** All positions that one source knows. */
export type PositionBook = {
  readonly source: string;
  /** When they were as they are here, Unix seconds. */
  readonly time: number;
  readonly positions: readonly Position[];
};
