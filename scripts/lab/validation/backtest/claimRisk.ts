import { YEAR_HOURS } from "../../../../keeper/domain/calendar.ts";
import type { Risk, VolatilityRisk } from "../../../../keeper/domain/risk.ts";
import { estimatesOf } from "./estimates.ts";
import type { PriceSeries } from "./priceSeries.ts";
import { bestVolatility, physicalAt } from "./rungs.ts";
import type { World } from "./world.ts";

/** What a backtested collateral is a claim on. */
export type BacktestClaim = {
  /** Prices in units of what it is a claim on, whose own are the world's; null: the world's are these, for it is a claim on the debt. */
  readonly ratio: PriceSeries | null;
  /** What governance states, a fraction. */
  readonly depeg: number;
};

type ClaimParts = Pick<Risk, "claim" | "oracleDeviation"> | object;

/** The claim's part of the risk at each close of the world, as `measureRisk` has it, with a lender who goes by the claim; empty for none. */
export function claimRisks({ claim, model }: World): (now: number, price: number) => ClaimParts {
  if (claim === undefined) return () => ({});
  const { ratio, depeg } = claim;
  const discountOf = (price: number) => Math.max(0, 1 - price);
  if (ratio === null)
    return (_, price) => ({ claim: { discount: discountOf(price), depeg }, oracleDeviation: discountOf(price) });
  const known = estimatesOf(ratio, model.tailLevel);
  const place = new Map(Array.from(ratio.closeTimes, (time, i) => [time, i]));
  const historical = (tail: number, { used }: VolatilityRisk) =>
    Number.isNaN(tail) ? null : -Math.expm1(-tail * used * Math.sqrt(model.minimumHorizonHours / YEAR_HOURS));
  return (now) => {
    const i = place.get(now);
    if (i === undefined) return { claim: { discount: null, depeg, ratio: null } };
    const volatility = bestVolatility(physicalAt(known, i), model);
    const discount = discountOf(ratio.closes[i] ?? 1);
    const { used, longRun } = volatility;
    const tails = { used, longRun, historical: historical(known.tailMultiple[i] ?? Number.NaN, volatility) };
    const own = volatility.level === "L6" ? null : tails;
    return { claim: { discount, depeg, ratio: own }, oracleDeviation: discount };
  };
}
