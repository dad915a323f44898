import { TOKEN_UNITS, USD_UNITS } from "./accountBook.ts";

/** What a lender allows a liquidator, and what the liquidator pays for acting. */
export type LiquidationTerms = {
  /** Bonus b: collateral worth (1 + b) is seized for 1 repaid. */
  readonly bonus: number;
  /** Share of the debt that one call may repay. */
  readonly closeFactor: number;
  /** Below this health factor, or below this debt, one call may repay all. */
  readonly fullCloseBelowHealth: number;
  readonly fullCloseBelowUsd: number;
  /** Cost of one call, USD. */
  readonly gasUsd: number;
  /** Fee on what is borrowed for a call, a fraction of the repayment. */
  readonly flashFee: number;
};

/** One call, in whole units: what is repaid and what is seized for it. */
export type LiquidationCall = { readonly repay: number; readonly seize: number };

/** Price in USD a token as debt units per collateral unit. */
export function unitPrice(usd: number): number {
  return (usd * USD_UNITS) / TOKEN_UNITS;
}

/** Debt so small that no bonus pays for the gas, units: such an account is never liquidated. */
export function dustUnits({ bonus, flashFee, gasUsd }: LiquidationTerms): number {
  const margin = bonus - flashFee;
  return margin > 0 ? Math.floor((gasUsd * USD_UNITS) / margin) : Number.POSITIVE_INFINITY;
}

/** Price at which the next token seized pays for its repayment and fee and no more, a fraction of the oracle's price. */
export function breakEven({ bonus, flashFee }: Pick<LiquidationTerms, "bonus" | "flashFee">): number {
  return (1 + flashFee) / (1 + bonus);
}

/**
 * The largest call that an account, the pool's room and a liquidator's capital allow; null when there is none. Collateral
 * is rounded down, repayment up: never against the lender.
 * @param account collateral and debt, whole units
 * @param health its health factor, below 1
 * @param price the oracle's, debt units per collateral unit
 * @param room collateral units that still sell above break-even
 * @param capital debt units that liquidators have at hand
 */
export function largestCall(
  account: { readonly collateral: number; readonly debt: number },
  health: number,
  price: number,
  terms: LiquidationTerms,
  room: number,
  capital: number,
): LiquidationCall | null {
  const { bonus, closeFactor, fullCloseBelowHealth, fullCloseBelowUsd } = terms;
  const { collateral, debt } = account;
  const all = health < fullCloseBelowHealth || debt < fullCloseBelowUsd * USD_UNITS;
  const wanted = Math.min(all ? debt : Math.ceil(debt * closeFactor), Math.floor(capital));
  const most = Math.min(collateral, Math.floor(room));
  const full = Math.floor((wanted * (1 + bonus)) / price);
  const seize = Math.min(most, full);
  if (!(seize > 0)) return null;
  return { seize, repay: seize === full ? wanted : Math.min(wanted, Math.ceil((seize * price) / (1 + bonus))) };
}
