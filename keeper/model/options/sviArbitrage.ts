import { butterfly, type SviParameters, totalVariance } from "./svi.ts";

/** Where g(k) is least, and whether it is nowhere negative. */
export type ButterflyCheck = { readonly free: boolean; readonly minimumG: number; readonly atLogMoneyness: number };

const GRID = 48;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Tests a smile for butterfly arbitrage: g(k) >= 0 over at least e^-3 to e^3 of the forward and eight deviations. The grid
 * is dense around both places where g bends, the vertex m and the money, and every local minimum is refined by golden
 * section. That the density integrates to one would be no test: an arbitrageable slice can do that too.
 */
export function checkButterfly(parameters: SviParameters): ButterflyCheck {
  const grid = butterflyGrid(parameters).sort();
  const values = grid.map((k) => butterfly(parameters, k));
  let [minimumG, atLogMoneyness] = [Number.POSITIVE_INFINITY, 0];
  for (const [i, k] of grid.entries()) {
    const here = values[i] ?? Number.NaN;
    if (Number.isNaN(here)) return { free: false, minimumG: Number.NEGATIVE_INFINITY, atLogMoneyness: k };
    const isLow = here <= (values[i - 1] ?? here) && here <= (values[i + 1] ?? here);
    if (!isLow) continue;
    const refined = goldenSection((x) => butterfly(parameters, x), grid[i - 1] ?? k, grid[i + 1] ?? k);
    for (const candidate of [refined, k]) {
      const g = butterfly(parameters, candidate);
      if (g < minimumG) [minimumG, atLogMoneyness] = [g, candidate];
    }
  }
  return { free: minimumG >= 0, minimumG, atLogMoneyness };
}

/**
 * The smallest distance between two smiles in total variance over [low, high] of log-moneyness, `later - earlier`;
 * negative means calendar arbitrage (J. Gatheral, A. Jacquier, 2014, lemma 2.1).
 */
export function calendarGap(
  earlier: SviParameters,
  later: SviParameters,
  low: number,
  high: number,
): { readonly gap: number; readonly atLogMoneyness: number } {
  const gapAt = (k: number) => totalVariance(later, k) - totalVariance(earlier, k);
  const grid = Array.from({ length: GRID + 1 }, (_, i) => low + ((high - low) * i) / GRID);
  const nearest = grid.reduce((best, k) => (gapAt(k) < gapAt(best) ? k : best), low);
  const step = (high - low) / GRID;
  const refined = goldenSection(gapAt, Math.max(low, nearest - step), Math.min(high, nearest + step));
  const atLogMoneyness = gapAt(refined) < gapAt(nearest) ? refined : nearest;
  return { gap: gapAt(atLogMoneyness), atLogMoneyness };
}

/**
 * Where g is tested, in log-moneyness: at least e^-3 to e^3 and eight deviations, first dense around the vertex, then around
 * the money. As many points for every smile, each with its place, so that the same one can be followed as a smile moves.
 */
export function butterflyGrid(parameters: SviParameters): Float64Array {
  const width = Math.sqrt(totalVariance(parameters, 0));
  const reach = Math.max(3, 8 * width);
  const half = 2 * GRID + 1;
  const grid = new Float64Array(2 * half);
  spread(grid, 0, parameters.m, parameters.sigma, reach);
  spread(grid, half, 0, width, reach);
  return grid;
}

/** Writes points from `centre - reach` to `centre + reach`, dense within a few `scale` of the centre. */
function spread(grid: Float64Array, from: number, centre: number, scale: number, reach: number): void {
  const limit = Math.asinh(reach / scale) / GRID;
  for (let i = 0; i <= GRID; i++) {
    const distance = scale * Math.sinh(limit * i);
    grid[from + GRID - i] = centre - distance;
    grid[from + GRID + i] = centre + distance;
  }
}

function goldenSection(f: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  for (let i = 0; i < 30; i++) {
    const step = GOLDEN * (high - low);
    if (f(high - step) < f(low + step)) high = low + step;
    else low = high - step;
  }
  return (low + high) / 2;
}
