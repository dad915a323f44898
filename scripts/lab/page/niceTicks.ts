/** Round numbers from zero up to `most`. @example niceTicks(0.5) // [0, 0.1, 0.2, 0.3, 0.4, 0.5] */
export function niceTicks(most: number): number[] {
  return ticksBetween(0, most);
}

/** Round numbers from `low` to `high`, about five. @example ticksBetween(0.83, 1.02) // [0.85, 0.9, 0.95, 1] */
export function ticksBetween(low: number, high: number): number[] {
  const raw = Math.max(1e-9, high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, n) => (first + n) * step);
}
