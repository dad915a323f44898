import { requireRange } from "../../keeper/domain/errors.ts";
import { normalisedPrice } from "../../keeper/model/options/black76.ts";

/** One European option on a forward. Prices come out in the unit of `forward` and `strike`. */
type BlackInputs = {
  readonly kind: "call" | "put";
  /** Forward to the expiry, > 0. */
  readonly forward: number;
  readonly strike: number;
  /** ACT/365 years to expiry, >= 0. */
  readonly years: number;
  /** Annualised volatility as a fraction, >= 0. */
  readonly volatility: number;
  /** Discount factor to the payment date, in (0, 1.5]; 1 when absent (crypto options carry r = 0). */
  readonly discount?: number;
};

/**
 * Price of a European option in the unit of the forward (F. Black, 1976):
 * `DF [F N(d1) - K N(d2)]`, `d1 = ln(F/K)/(s sqrt T) + s sqrt T / 2`. Computed on the out-of-the-money side and
 * carried over by parity, so deep wings keep their digits.
 * @example blackPrice({ kind: "call", forward: 1500, strike: 1500, years: 7 / 365, volatility: 1 }) // 82.80508066863
 */
export function blackPrice(inputs: BlackInputs): number {
  const { kind, forward, strike, years, volatility, discount = 1 } = inputs;
  checkInputs(inputs);
  const deviation = volatility * Math.sqrt(years);
  const outOfTheMoney = Math.sqrt(forward * strike) * normalisedPrice(Math.log(strike / forward), deviation);
  const intrinsic = Math.max(kind === "call" ? forward - strike : strike - forward, 0);
  return discount * (intrinsic + outOfTheMoney);
}

/**
 * Price in coin of an inverse option worth `priceUsd`. The forward of the expiry converts, not spot: the payment happens at
 * expiry, and spot would bias a 30-day index by several percent when the basis is wide.
 * @example coinFromUsd(82.8, 1500) // 0.0552
 */
export function coinFromUsd(priceUsd: number, forwardUsd: number): number {
  return priceUsd / forwardUsd;
}

function checkInputs({ forward, strike, years, volatility, discount = 1 }: BlackInputs): void {
  requireRange("forward", forward, 0, Number.MAX_VALUE, { openLow: true });
  requireRange("strike", strike, 0, Number.MAX_VALUE, { openLow: true });
  requireRange("years", years, 0, Number.MAX_VALUE);
  requireRange("volatility", volatility, 0, Number.MAX_VALUE);
  requireRange("discount", discount, 0, 1.5, { openLow: true });
}
