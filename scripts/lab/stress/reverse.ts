import { type Scenario, shockOf } from "./scenario.ts";

/** What a search for the least shock counts in basis points, and the size of the scenario at so many of them. */
type Measure = {
  /** The market whose fall is counted; null: the scenario has no fall, and its size is. */
  readonly market: string | null;
  readonly most: number;
  sizeAt(bps: number): number;
};

/**
 * The fall of the market that falls furthest, up to 99.99 %; where the scenario has no fall, its size, up to the whole of it.
 * @param markets names of those that are stressed
 */
export function measureOf(scenario: Scenario, markets: readonly string[]): Measure {
  const falls = markets.map((market) => ({ market, factor: shockOf(scenario, market).priceFactor }));
  const [first] = falls.toSorted((a, b) => a.factor - b.factor);
  if (first === undefined || first.factor === 1) return { market: null, most: 10_000, sizeAt: (bps) => bps / 10_000 };
  const { market, factor } = first;
  return { market, most: 9_999, sizeAt: (bps) => Math.log(1 - bps / 10_000) / Math.log(factor) };
}

/** The least shock that costs a loss, found over whole basis points. */
export type LeastShock = {
  /** Basis points of the search's own measure; null: none of those tried costs so much. */
  readonly bps: number | null;
  /** Loss there, and one basis point below; the largest loss seen where there is none. */
  readonly loss: number;
  readonly lossBelow: number;
  /** Shocks that were played. */
  readonly tried: number;
  /** No larger shock that was tried cost less than a smaller one. */
  readonly isMonotone: boolean;
  /** Basis points between two that were tried on the way to it. */
  readonly strideBps: number;
};

/** Basis points between two shocks of the first search, and of the one where the first was seen to prove nothing. */
const [STRIDE, FINE_STRIDE] = [100, 10];

/**
 * The least number of basis points in [1, most] whose loss is at least `wanted`. Every hundredth is tried until one costs so
 * much, then the hundred below it are halved: the least, where the loss never falls as the shock grows. Where a larger
 * shock was seen to cost less than a smaller one, the same is done over with every tenth. What is found costs so much, and
 * one basis point less does not; a smaller shock that does can then only lie between two that were tried.
 * @param lossAt loss at so many basis points; asked once for each
 */
export function leastShock(
  lossAt: (bps: number) => number,
  most: number,
  wanted: number,
  progress: (bps: number) => void,
): LeastShock {
  const seen = new Map<number, number>([[0, 0]]);
  const loss = (bps: number): number => {
    const known = seen.get(bps);
    if (known !== undefined) return known;
    progress(bps);
    const found = lossAt(bps);
    seen.set(bps, found);
    return found;
  };
  const isMonotone = () =>
    [...seen].sort(([a], [b]) => a - b).every(([, one], i, all) => one >= (all[i - 1]?.[1] ?? 0));
  let bps = crossing(loss, most, wanted, STRIDE);
  const monotone = isMonotone();
  if (!monotone) bps = crossing(loss, most, wanted, FINE_STRIDE);
  const strideBps = monotone ? STRIDE : FINE_STRIDE;
  const highest = [...seen.values()].reduce((a, b) => Math.max(a, b));
  const at = bps === null ? highest : loss(bps);
  const lossBelow = bps === null ? highest : loss(bps - 1);
  return { bps, loss: at, lossBelow, tried: seen.size - 1, isMonotone: monotone, strideBps };
}

/** A number of basis points that costs so much where one less does not: in the first stride that ends with one. */
function crossing(loss: (bps: number) => number, most: number, wanted: number, stride: number): number | null {
  let [below, bps] = [0, Math.min(most, stride)];
  while (loss(bps) < wanted) {
    if (bps === most) return null;
    below = bps;
    bps = Math.min(most, bps + stride);
  }
  while (bps - below > 1) {
    const middle = Math.floor((below + bps) / 2);
    if (loss(middle) >= wanted) bps = middle;
    else below = middle;
  }
  return bps;
}
