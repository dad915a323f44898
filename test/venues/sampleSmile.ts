import { blackPrice } from "../../scripts/lab/blackPrice.ts";

/** One market as every venue would show it: each sample spells these numbers in its own way. */
export const INDEX = 3005.1;
export const FORWARD = 3012.5;
export const EXPIRY = Date.UTC(2026, 1, 27, 8) / 1000;
/** 2026-01-28T04:00:47Z. */
export const TAKEN = 1_769_572_847;

export type SampleOption = {
  readonly strike: number;
  readonly side: "C" | "P";
  readonly iv: number;
  /** In coin. */
  readonly mark: number;
  readonly bid: number;
  readonly ask: number;
};

const YEARS = (EXPIRY - TAKEN) / 31_536_000;
const STRIKES = [2400, 2550, 2700, 2850, 3000, 3150, 3300, 3450, 3600];

/** Calls and puts of strikes 2400 to 3600 on one smile, quoted half a volatility point on either side. */
export const SMILE: readonly SampleOption[] = STRIKES.flatMap((strike) =>
  (["C", "P"] as const).map((side) => {
    const iv = 0.5125 + Math.abs(strike - 3000) / 10_000;
    const coin = (volatility: number) =>
      blackPrice({
        kind: side === "C" ? "call" : "put",
        forward: 1,
        strike: strike / FORWARD,
        years: YEARS,
        volatility,
      });
    return { strike, side, iv, mark: coin(iv), bid: coin(iv - 0.005), ask: coin(iv + 0.005) };
  }),
);
