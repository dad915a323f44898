import { requireRange } from "../../domain/errors.ts";
import { normalCdf, normalPdf, normalQuantile } from "../numerics/distributions.ts";
import { normalisedPrice } from "./black76.ts";
import { type SviParameters, slope, totalVariance } from "./svi.ts";

/**
 * Risk-neutral probability that the price at expiry is at most F exp(k), from a smile free of butterfly arbitrage:
 * `N(-d2) + n(d2) w'(k) / (2 sqrt w)`, `d2 = -k/sqrt w - sqrt w / 2`. It is the slope of the put price by strike
 * (Breeden-Litzenberger, 1978) in closed form, so nothing is differentiated numerically.
 */
function riskNeutralCdf(parameters: SviParameters, k: number): number {
  const root = Math.sqrt(totalVariance(parameters, k));
  const d2 = -k / root - root / 2;
  return normalCdf(-d2) + (normalPdf(d2) * slope(parameters, k)) / (2 * root);
}

/**
 * The log-moneyness ln(S/F) below which the price at expiry lies with `probability`, by bisection on the closed form;
 * null when the smile is so steep that no quantile is found above ln(S/F) = -50.
 * @param probability in (0, 1), e.g. 0.01; refused with OUT_OF_RANGE otherwise.
 * @example Math.exp(riskNeutralQuantile(flat, 0.01)) // .92908679 with w = (.6)^2 / 365: one day at 60 %
 */
export function riskNeutralQuantile(parameters: SviParameters, probability: number): number | null {
  requireRange("probability", probability, 0, 1, { openLow: true, openHigh: true });
  const reach = Math.max(Math.sqrt(totalVariance(parameters, 0)), 1e-6);
  const low = firstBeyond(-reach, (k) => riskNeutralCdf(parameters, k) < probability);
  const high = firstBeyond(reach, (k) => riskNeutralCdf(parameters, k) > probability);
  return low === null || high === null ? null : bisect(parameters, probability, low, high);
}

/**
 * Expected shortfall of the price at expiry under the risk-neutral law, as a fraction of the forward: the mean loss over
 * the worst `probability`. `1 - K_q/F + P(K_q) / (alpha F)`, P the undiscounted put at the quantile. Null as the quantile is.
 * A quantile below `lowestQuoted` rests on no quote: the tail is then lognormal at the volatility of that strike, the flat
 * extrapolation of Jiang & Tian (Review of Financial Studies 18, 2005): `1 - N(N^-1(alpha) - sqrt w) / alpha`.
 * @param lowestQuoted ln(K/F) of the lowest quoted strike; left out, the smile is trusted everywhere
 * @example riskNeutralShortfall(flat, 0.01) // .08070467 with w = (.6)^2 / 365
 */
export function riskNeutralShortfall(
  parameters: SviParameters,
  probability: number,
  lowestQuoted = Number.NEGATIVE_INFINITY,
): number | null {
  const k = riskNeutralQuantile(parameters, probability);
  if (k === null || k < lowestQuoted) {
    if (lowestQuoted === Number.NEGATIVE_INFINITY) return null;
    const root = Math.sqrt(totalVariance(parameters, lowestQuoted));
    return 1 - normalCdf(normalQuantile(probability) - root) / probability;
  }
  const outOfTheMoney = Math.exp(k / 2) * normalisedPrice(k, Math.sqrt(totalVariance(parameters, k)));
  const put = outOfTheMoney + Math.max(Math.expm1(k), 0);
  return -Math.expm1(k) + put / probability;
}

function firstBeyond(start: number, holds: (k: number) => boolean): number | null {
  for (let k = start; Math.abs(k) <= 50; k *= 1.5) if (holds(k)) return k;
  return null;
}

function bisect(parameters: SviParameters, probability: number, from: number, to: number): number {
  let low = from;
  let high = to;
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (riskNeutralCdf(parameters, middle) < probability) low = middle;
    else high = middle;
  }
  return low;
}
