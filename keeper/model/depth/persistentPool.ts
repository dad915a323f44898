import type { PoolState, PoolTick } from "../../domain/observation.ts";

/**
 * The pool with only the liquidity that every snapshot shows, at the price of the last one: at each tick the least
 * liquidity of all. Liquidity that was added for a moment, or moved along with the price, does not count.
 *
 * @param snapshots states of one pool, oldest first, e.g. all of the last 24 h; at least one
 * @returns null without a snapshot
 */
export function persistentPool(snapshots: readonly PoolState[]): PoolState | null {
  const last = snapshots.at(-1);
  if (last === undefined) return null;
  const indices = [...new Set(snapshots.flatMap((pool) => pool.ticks.map((tick) => tick.index)))].toSorted(
    (a, b) => a - b,
  );
  const profiles = snapshots.map((pool) => liquidityAbove(pool, indices));
  const ticks: PoolTick[] = [];
  let below = 0n;
  let liquidity = 0n;
  for (const [at, index] of indices.entries()) {
    const above = least(profiles.map((profile) => profile[at] ?? 0n));
    if (above !== below) ticks.push({ index, liquidityNet: above - below });
    if (index <= last.tick) liquidity = above;
    below = above;
  }
  return { ...last, liquidity, ticks };
}

/** Liquidity of a pool from each of the given ticks up to the next. */
function liquidityAbove(pool: PoolState, indices: readonly number[]): bigint[] {
  let at = 0;
  let liquidity = 0n;
  return indices.map((index) => {
    for (let tick = pool.ticks[at]; tick !== undefined && tick.index <= index; tick = pool.ticks[++at]) {
      liquidity += tick.liquidityNet;
    }
    return liquidity;
  });
}

function least(values: readonly bigint[]): bigint {
  let lowest = values[0] ?? 0n;
  for (const value of values) if (value < lowest) lowest = value;
  return lowest;
}
