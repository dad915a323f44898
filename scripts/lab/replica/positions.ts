import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { MapTick } from "./tickMap.ts";

/** One liquidity position: `liquidity` from tick `lower` (inclusive) to `upper` (exclusive). */
type Position = { readonly lower: number; readonly upper: number; readonly liquidity: bigint };

/**
 * Returns positions that, minted, give exactly these ticks: the same net *and* the same gross liquidity at every one.
 * Net and gross of a tick say how much starts there, (gross + net)/2, and how much ends, (gross - net)/2; an end closes
 * what started last, so positions nest like real ones (narrow inside wide). At most one position per start or end.
 *
 * @param ticks ascending, nets summing to zero, gross + net even.
 * @throws TonsorError BAD_ARGUMENT when more ends than has started, or something never ends.
 * @example a pool of one full-range position:
 * ```
 * toPositions([
 *   { index: -10, liquidityNet: 5n, liquidityGross: 5n },
 *   { index: 10, liquidityNet: -5n, liquidityGross: 5n },
 * ]); // [{ lower: -10, upper: 10, liquidity: 5n }]
 * ```
 */
export function toPositions(ticks: readonly MapTick[]): Position[] {
  const positions: Position[] = [];
  const open: { lower: number; liquidity: bigint }[] = [];
  for (const { index, liquidityNet, liquidityGross } of ticks) {
    let ending = (liquidityGross - liquidityNet) / 2n;
    while (ending > 0n) {
      const last = open.at(-1);
      if (last === undefined) throw unbalanced(index, ending);
      const liquidity = last.liquidity < ending ? last.liquidity : ending;
      positions.push({ lower: last.lower, upper: index, liquidity });
      last.liquidity -= liquidity;
      ending -= liquidity;
      if (last.liquidity === 0n) open.pop();
    }
    const starting = (liquidityGross + liquidityNet) / 2n;
    if (starting > 0n) open.push({ lower: index, liquidity: starting });
  }
  const left = open.at(-1);
  if (left !== undefined) throw unbalanced(left.lower, left.liquidity);
  return positions;
}

function unbalanced(tick: number, liquidity: bigint): TonsorError {
  return new TonsorError("BAD_ARGUMENT", "the tick map does not balance", {
    field: `tick ${tick}`,
    given: liquidity,
    expected: "every start of liquidity to have an end above it",
  });
}
