import { normalisedPrice } from "./black76.ts";
import { impliedDeviation } from "./impliedDeviation.ts";

/** What a price says about volatility: a number, or the side on which the price leaves the model's range. */
type ImpliedVolatility =
  | { readonly ok: true; readonly vol: number }
  | { readonly ok: false; readonly reason: "BELOW_INTRINSIC" | "ABOVE_MAXIMUM" };

type ImpliedVolatilityInputs = {
  readonly kind: "call" | "put";
  /** Price in the unit of forward and strike; for a coin price give forward 1 and strike K/F. */
  readonly price: number;
  readonly forward: number;
  readonly strike: number;
  readonly years: number;
  readonly discount?: number;
};

/** Open range of annualised volatility: 0.01 % to 500 %. */
const LOWEST_VOLATILITY = 1e-4;
export const HIGHEST_VOLATILITY = 5;
/** This near to an end of the range the price itself is compared, not the volatility solved from it. */
const NEAR_END = 1e-9;

const BELOW_INTRINSIC = { ok: false, reason: "BELOW_INTRINSIC" } as const;
const ABOVE_MAXIMUM = { ok: false, reason: "ABOVE_MAXIMUM" } as const;

/**
 * Annualised volatility (a fraction) at which Black-76 gives `price`, or why there is none: BELOW_INTRINSIC when the
 * price is at or below what volatility 0.01 % gives, ABOVE_MAXIMUM when it is at or above what 500 % gives. Never clamped:
 * a price without information is not a low volatility. NaN counts as below.
 *
 * Intrinsic value is taken off without rounding and the rest solved on the out-of-the-money side (`impliedDeviation`):
 * relative error at most 4e-15 against 60-digit arithmetic on the given doubles, over 0.01 to 500 %, an hour to five years
 * and prices from 1e-300 up, on either side of the money. Digits that a deep in-the-money price has lost before stay lost.
 * @example impliedVolatility({ kind: "call", price: 82.80508066863456, forward: 1500, strike: 1500, years: 7 / 365 })
 * // { ok: true, vol: 1 }
 */
export function impliedVolatility(inputs: ImpliedVolatilityInputs): ImpliedVolatility {
  const { kind, price, forward, strike, years, discount = 1 } = inputs;
  const small = Math.min(forward, strike);
  const large = Math.max(forward, strike);
  const gap = large - small;
  const isInTheMoney = kind === "call" ? forward > strike : strike > forward;
  const value = price / discount;
  // gap + (large - gap - small) is the distance without rounding (T. J. Dekker, 1971).
  const worth = isInTheMoney ? value - gap - (large - gap - small) : value;
  if (!(worth > 0)) return BELOW_INTRINSIC;
  if (!(worth < small)) return ABOVE_MAXIMUM;
  const unit = 1 / Math.sqrt(forward * strike);
  const distance = Math.log1p(gap / small);
  const rootYears = Math.sqrt(years);
  const vol = impliedDeviation(distance, worth * unit, small * unit, (small - worth) * unit) / rootYears;
  const priceAt = (bound: number) => normalisedPrice(distance, bound * rootYears);
  if (!(vol > LOWEST_VOLATILITY * (1 + NEAR_END))) {
    if (!(vol > LOWEST_VOLATILITY * (1 - NEAR_END) && worth * unit > priceAt(LOWEST_VOLATILITY)))
      return BELOW_INTRINSIC;
  } else if (vol > HIGHEST_VOLATILITY * (1 - NEAR_END)) {
    if (vol > HIGHEST_VOLATILITY * (1 + NEAR_END) || worth * unit >= priceAt(HIGHEST_VOLATILITY)) return ABOVE_MAXIMUM;
  }
  return { ok: true, vol };
}
