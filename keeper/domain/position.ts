/** One account's position in one market of a protocol that follows our haircuts. US dollars at present prices. */
export type Position = {
  readonly protocol: string;
  readonly account: string;
  readonly marketId: number;
  readonly collateralUsd: number;
  readonly debtUsd: number;
};

/** All positions that one source knows. */
export type PositionBook = {
  readonly source: string;
  /** When they were as they are here, Unix seconds. */
  readonly time: number;
  readonly positions: readonly Position[];
};
