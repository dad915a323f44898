/** Lowest and highest tick of any pool, as in v3-core. */
export const MAX_TICK = 887_272;

/**
 * Positions of all words of a pool's tick bitmap that can hold a usable tick, ascending.
 * @example wordRange(60).length // 116
 */
export function wordRange(tickSpacing: number): number[] {
  const last = Math.floor(MAX_TICK / tickSpacing);
  const first = -last >> 8;
  return Array.from({ length: (last >> 8) - first + 1 }, (_, i) => first + i);
}

/**
 * Ticks whose bit is set in one word, ascending.
 * @example setBits(0b101n, 0, 10) // [0, 20]
 */
export function setBits(word: bigint, position: number, tickSpacing: number): number[] {
  const ticks: number[] = [];
  for (let rest = word, bit = 0; rest !== 0n; rest >>= 1n, bit++) {
    if (rest & 1n) ticks.push((position * 256 + bit) * tickSpacing);
  }
  return ticks;
}
