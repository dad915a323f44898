import type { Candle, PriceHistory } from "../../keeper/domain/observation.ts";

export const HOUR = 3600;
/** 2026-01-01T00:00:00Z. */
export const START = 1_767_225_600;

/** Seeded normal deviates: mulberry32 and Box-Muller. */
export function normals(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Hourly candles of a random walk whose annualised volatility is given hour by hour. */
export function walk(hours: number, volatilityAt: (hour: number) => number, seed = 1): readonly Candle[] {
  const normal = normals(seed);
  let price = 2000;
  return Array.from({ length: hours }, (_, hour) => {
    const open = price;
    price *= Math.exp((volatilityAt(hour) / Math.sqrt(8760)) * normal());
    return [START + hour * HOUR, open, Math.max(open, price), Math.min(open, price), price, 1000] as const;
  });
}

/** A history of these candles. */
export function historyOf(candles: readonly Candle[]): PriceHistory {
  const last = candles.at(-1)?.[0] ?? START;
  return {
    kind: "priceHistory",
    source: "test:ETH:candles",
    instrument: "ETH-PERPETUAL",
    intervalSeconds: HOUR,
    eventTime: last + HOUR,
    candles,
  };
}

/** End of a history: the close of its last candle. */
export function endOf(candles: readonly Candle[]): number {
  return (candles.at(-1)?.[0] ?? START) + HOUR;
}
