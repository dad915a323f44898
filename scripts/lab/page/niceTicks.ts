/** Round numbers from zero up to `most`. @example niceTicks(0.5) // [0, 0.1, 0.2, 0.3, 0.4, 0.5] */
export function niceTicks(most: number): number[] {
  const raw = most / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, n) => n * step);
}
