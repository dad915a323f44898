import type { Abi, Hex } from "viem";

/** Collateral that is played; the debt is USDC. */
export type CollateralName = "WETH" | "WBTC";
export const COLLATERALS = ["WETH", "WBTC"] as const satisfies readonly CollateralName[];

/** A borrower as planned: one collateral at one lender. */
export type Borrower = {
  readonly index: number;
  readonly address: Hex;
  readonly lender: Lender["id"];
  readonly collateral: CollateralName;
  readonly collateralUsd: number;
  /** Debt wanted when the loan is opened; the lender may allow less. */
  readonly wishUsd: number;
  /** Seconds after the first instant at which the loan is opened; null: before it. */
  readonly opensAfter: number | null;
};

/** A borrower as the lender's own reads have it. */
export type Account = {
  readonly collateralUsd: number;
  readonly debtUsd: number;
  /** Below 1 it may be liquidated; infinite without debt. */
  readonly health: number;
};

/** One way to liquidate an account. */
export type Offer = {
  readonly to: Hex;
  readonly abi: Abi;
  readonly name: string;
  readonly args: readonly unknown[];
  /** USDC to be paid, raw, at most. */
  readonly repay: bigint;
  /** Collateral received, raw. */
  readonly seized: bigint;
};

/** A liquidation as the lender's events tell it, raw amounts. */
export type Liquidation = {
  readonly block: bigint;
  readonly logIndex: number;
  readonly borrower: Hex;
  readonly liquidator: Hex;
  readonly collateral: CollateralName;
  readonly repaid: bigint;
  readonly seized: bigint;
  /** Debt written off with it, USDC raw. */
  readonly badDebt: bigint;
};

/** An event of a lender as viem reads it out of a log. */
export type LenderEvent = {
  readonly blockNumber: bigint;
  readonly logIndex: number;
  readonly args: Readonly<Record<string, unknown>>;
};

/** An equation that must hold to the last unit. */
export type Equation = { readonly what: string; readonly left: bigint; readonly right: bigint };

/** What a lender lends against a collateral. */
export type LenderLimits = { readonly ltvBps: number; readonly thresholdBps: number };

/** A real lender on the chain of a simulation, from the side of those who use it. */
export type Lender = {
  readonly id: "aave" | "morpho";
  readonly name: string;
  /** Contracts that take tokens from those who use it. */
  readonly spender: Hex;
  /** Lends so much USDC of `from` in each market of the lender. */
  supply(from: Hex, amount: bigint): Promise<void>;
  /**
   * Deposits collateral that `funder` pays and borrows as much USDC as is wished and allowed.
   * @returns USDC borrowed, raw; 0: nothing is allowed, and nothing was deposited
   */
  open(borrower: Borrower, funder: Hex, collateral: bigint): Promise<bigint>;
  /** Accounts by the lender's own reads, in order. */
  accounts(borrowers: readonly Borrower[]): Promise<readonly Account[]>;
  /** Ways to liquidate each account now, in order, the largest first. */
  offers(borrowers: readonly Borrower[]): Promise<readonly (readonly Offer[])[]>;
  /** What may be borrowed and when liquidation begins, basis points of the collateral's price. */
  limits(): Promise<Readonly<Record<CollateralName, LenderLimits>>>;
  /** Debt that the lender has written off, USDC raw, by its own books. */
  writtenOff(): Promise<bigint>;
  liquidations(fromBlock: bigint): Promise<readonly Liquidation[]>;
  /** What must be equal in its books over everybody who ever used it since the chain began or was forked. */
  equations(): Promise<readonly Equation[]>;
};
