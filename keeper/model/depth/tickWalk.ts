import type { PoolState } from "../../domain/observation.ts";

/** Next place at which v3-core's swap loop stops. */
export type NextTick = { readonly tick: number; readonly initialised: boolean; readonly liquidityNet: bigint };

/**
 * Finder of the next stop of a swap from a tick: the next initialised tick, or the border of the 256-tick bitmap word
 * when none lies before it, as v3-core's `TickBitmap.nextInitializedTickWithinOneWord`. May return a tick beyond the
 * lowest or highest one.
 *
 * @param pool ticks ascending
 * @param zeroForOne true when the price falls
 */
export function tickWalk(pool: PoolState, zeroForOne: boolean): (tick: number) => NextTick {
  const { ticks, tickSpacing } = pool;
  return (tick) => {
    const found = ticks[lastAtOrBelow(ticks, tick) + (zeroForOne ? 0 : 1)];
    const compressed = Math.floor(tick / tickSpacing) + (zeroForOne ? 0 : 1);
    const word = compressed >> 8;
    const border = (zeroForOne ? word * 256 : word * 256 + 255) * tickSpacing;
    const within = found !== undefined && (zeroForOne ? found.index >= border : found.index <= border);
    return within
      ? { tick: found.index, initialised: true, liquidityNet: found.liquidityNet }
      : { tick: border, initialised: false, liquidityNet: 0n };
  };
}

/** Index of the last tick at or below the given one, -1 when there is none. */
export function lastAtOrBelow(ticks: PoolState["ticks"], tick: number): number {
  let low = 0;
  let high = ticks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const here = ticks[middle];
    if (here !== undefined && here.index <= tick) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
