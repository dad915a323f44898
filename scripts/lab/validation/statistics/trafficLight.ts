import { requireRange } from "../../../../keeper/domain/errors.ts";
import { logGamma } from "./chiSquare.ts";

/** Zone of the Basel traffic light and the probability of this many exceptions or fewer. */
type TrafficLight = { readonly zone: "green" | "yellow" | "red"; readonly cumulative: number };

/**
 * Basel's traffic light: cumulative binomial probability of at most `exceptions` when each has `probability`; green below
 * 95 %, red from 99.99 % on. Source: Basel Committee, Supervisory framework for backtesting (1996), table 2.
 * @example trafficLight(250, 4, 0.01) // { zone: "green", cumulative: 0.8922 }
 */
export function trafficLight(observations: number, exceptions: number, probability: number): TrafficLight {
  requireRange("probability", probability, 0, 1, { openLow: true, openHigh: true });
  requireRange("exceptions", exceptions, 0, observations);
  let cumulative = 0;
  for (let k = 0; k <= exceptions; k++) {
    const ways = logGamma(observations + 1) - logGamma(k + 1) - logGamma(observations - k + 1);
    cumulative += Math.exp(ways + k * Math.log(probability) + (observations - k) * Math.log1p(-probability));
  }
  cumulative = Math.min(1, cumulative);
  return { zone: cumulative < 0.95 ? "green" : cumulative < 0.9999 ? "yellow" : "red", cumulative };
}
