import { YEAR_HOURS } from "../../../../keeper/domain/calendar.ts";
import { type Walk, walkForward } from "./walkForward.ts";
import type { World } from "./world.ts";

/** A deliberate sin: volatilities that know something of the future. */
type Canary = {
  readonly name: string;
  /** What it does, after "an estimator that". */
  readonly sin: string;
  spoil(walk: Walk, world: World): Float64Array;
};

/** Look-ahead as it really happens: plain, by one step, by an average over the whole sample. */
export const CANARIES: readonly Canary[] = [
  {
    name: "tomorrow",
    sin: "uses tomorrow's fall",
    spoil(walk, { series }) {
      return walk.used.map((value, n) => {
        const at = walk.origin[n] ?? 0;
        const tomorrow = series.closes[at + 24] ?? Number.NaN;
        return Number.isNaN(tomorrow) ? value : value * (1 + Math.abs(Math.log(tomorrow / (series.closes[at] ?? 1))));
      });
    },
  },
  {
    name: "next hour",
    sin: "is off by one candle",
    spoil(walk, { series }) {
      return walk.used.map((value, n) => {
        const next = series.closes[(walk.origin[n] ?? 0) + 1] ?? Number.NaN;
        const now = series.closes[walk.origin[n] ?? 0] ?? Number.NaN;
        return Number.isNaN(next) ? value : Math.sqrt(value ** 2 + YEAR_HOURS * Math.log(next / now) ** 2 * 0.06);
      });
    },
  },
  {
    name: "whole sample",
    sin: "takes the long run from the whole sample",
    spoil(walk) {
      const mean = walk.realised.reduce((sum, value) => sum + value, 0) / Math.max(1, walk.realised.length);
      return walk.used.map((value) => Math.max(value, mean));
    },
  },
];

/** The walk with its volatility spoilt: what the leak check must never let through. */
export function leaking(canary: Canary): (world: World) => Walk {
  return (world) => {
    const walk = walkForward(world);
    return { ...walk, used: canary.spoil(walk, world) };
  };
}
