import { uniforms } from "../../../scripts/lab/validation/statistics/random.ts";

/** Collateral at a constant price, and what is owed against it: whole units of the debt, products below 2^53. */
export type Position = { readonly value: number; readonly debt: number };

const BPS = 10_000;

/** Whether a position may be liquidated at this maintenance haircut: it owes more than (1 - maintenance) of its value. */
export function liquidatable(position: Position, maintenanceBps: number): boolean {
  return position.debt * BPS > position.value * (BPS - maintenanceBps);
}

/** How many positions may be liquidated. */
export function countLiquidatable(positions: readonly Position[], maintenanceBps: number): number {
  let count = 0;
  for (const position of positions) if (liquidatable(position, maintenanceBps)) count += 1;
  return count;
}

/** A position that borrows all that the initial haircut allows. @example atMaximum(1_000, 700) // owes 930 */
export function atMaximum(value: number, initialBps: number): Position {
  return { value, debt: Math.floor((value * (BPS - initialBps)) / BPS) };
}

/** Collateral values of a book, in cents: from $100 to $100m, evenly in the logarithm. */
export function bookValues(count: number, seed: number): readonly number[] {
  const uniform = uniforms(seed);
  return Array.from({ length: count }, () => Math.round(10 ** (4 + 6 * uniform())));
}

/**
 * Minutes at full speed, from a minute on which the clock ticks, until a position at the maximum may be liquidated:
 * the first basis point past the gap. @example minutesToFirst(200, 150) // 1_930
 */
export function minutesToFirst(gapBps: number, speedBpsPerDay: number): number {
  return Math.ceil(((gapBps + 1) * 1_440) / speedBpsPerDay);
}
