import { TOKEN_UNITS, USD_UNITS } from "./accountBook.ts";
import type { CollateralMarket } from "./collateralMarket.ts";

/** Columns of a timeline; money in USD, haircuts as fractions, sums since the start. */
export const TIMELINE_COLUMNS = [
  ...["time", "price", "oracle_price", "initial_haircut", "maintenance_haircut"],
  ...["collateral_tokens", "debt_usd", "due_unsold_usd", "liquidated_usd", "bad_debt_usd", "caused_usd", "collateral"],
] as const;

/** One row of a timeline: a market at the end of a step that ended at `time`, Unix seconds; `unsold` in units. */
export function timelineRow(market: CollateralMarket, time: number, unsold: number): string {
  const { ledger, terms, accounts, oracle, price } = market;
  const usd = (units: number) => (units / USD_UNITS).toFixed(2);
  return [
    new Date(time * 1_000).toISOString(),
    ...[price, oracle.price].map((one) => Number(one.toPrecision(10))),
    ...[1 - terms.ltv, 1 - terms.threshold].map((one) => one.toFixed(4)),
    (accounts.totalCollateral / TOKEN_UNITS).toFixed(6),
    ...[usd(accounts.totalDebt), usd(unsold), usd(ledger.liquidated), usd(ledger.badDebt), usd(ledger.caused)],
    market.settings.name,
  ].join(",");
}
