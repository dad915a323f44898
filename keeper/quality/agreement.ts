import { type Fault, fault } from "../domain/fault.ts";
import { percent } from "../domain/format.ts";
import { lowerMedian } from "../domain/median.ts";

/** One source's price of the same thing. */
export type PricePoint = { readonly source: string; readonly price: number };

/**
 * The median price of several sources and a DISAGREES fault for each one further from it than `maxDistance`.
 * With two sources that disagree, neither is right by majority: both are named and the *lower* price is returned,
 * against the borrower. An even count takes the lower middle value for the same reason. Returns null for no source.
 * @param maxDistance largest relative distance from the median, e.g. 0.02
 * @example agree([{ source: "a", price: 100 }, { source: "b", price: 101 }, { source: "c", price: 130 }], 0.05).price // 101
 */
export function agree(
  points: readonly PricePoint[],
  maxDistance: number,
): { readonly price: number | null; readonly faults: readonly Fault[] } {
  const usable = points.filter((point) => Number.isFinite(point.price) && point.price > 0);
  const faults: Fault[] = points
    .filter((point) => !usable.includes(point))
    .map((point) => fault("NOT_POSITIVE", point.source, `price ${point.price}`));
  const median = lowerMedian(usable.map((point) => point.price));
  if (median === null) return { price: null, faults };
  for (const point of usable) {
    const distance = Math.abs(point.price / median - 1);
    if (distance > maxDistance) {
      const seen = `${percent(distance)} from the median ${median.toPrecision(8)} USD`;
      faults.push(fault("DISAGREES", point.source, `${seen}, limit ${percent(maxDistance)}`));
    }
  }
  return { price: median, faults };
}
