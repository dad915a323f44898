import { nelderMead } from "../numerics/minimise.ts";
import {
  butterfly,
  fromJumpWings,
  rmseVolPoints,
  type SmilePoint,
  type SviParameters,
  slope,
  toJumpWings,
  totalVariance,
} from "./svi.ts";

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
  const grid = butterflyGrid(parameters);
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

/** `checkButterfly(parameters).free`, sooner where the grid alone shows that it is not. */
function isButterflyFree(parameters: SviParameters): boolean {
  return butterflyGrid(parameters).every((k) => butterfly(parameters, k) >= 0) && checkButterfly(parameters).free;
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
 * A butterfly-free smile near `parameters`, or null where none is found. Gatheral and Jacquier (2014, section 5.1) keep
 * at-the-money variance, skew and put wing (v, psi, p) and take call wing `c' = p + 2 psi` and least variance
 * `v 4 p c' / (p + c')^2`, which makes the slice one of SSVI; where its steepness breaks the SSVI conditions, it is
 * flattened until they hold. Between the original and that slice the one nearest to the points is then sought in (c, v~),
 * and every candidate is tested. The put wing, which the haircut depends on, is kept whenever the conditions allow.
 */
export function repairButterfly(
  parameters: SviParameters,
  points: readonly SmilePoint[],
  years: number,
): SviParameters | null {
  const wings = toJumpWings(parameters, years);
  const safe = surfaceSlice(parameters);
  if (safe === null || !checkButterfly(safe).free) return null;
  const target = toJumpWings(safe, years);
  const between = ([x = 0, y = 0]: readonly number[]): SviParameters | null =>
    x < 0 || x > 1 || y < 0 || y > 1
      ? null
      : fromJumpWings(
          {
            ...target,
            c: x * target.c + (1 - x) * wings.c,
            minimumVariance: y * target.minimumVariance + (1 - y) * wings.minimumVariance,
          },
          years,
        );
  const cost = (mix: readonly number[]): number => {
    const candidate = between(mix);
    if (candidate === null || !isButterflyFree(candidate)) return Number.POSITIVE_INFINITY;
    return rmseVolPoints(candidate, points, years);
  };
  const found = nelderMead(cost, [1, 1], [-0.4, -0.4], { tolerance: 1e-5, maxIterations: 60 });
  if (!(found.value < rmseVolPoints(safe, points, years))) return safe;
  return between(found.point) ?? safe;
}

/** The SSVI slice with the same at-the-money variance, skew and (conditions allowing) put wing; null without wings. */
function surfaceSlice(parameters: SviParameters): SviParameters | null {
  const theta = totalVariance(parameters, 0);
  const root = Math.sqrt(theta);
  const psi = slope(parameters, 0) / (2 * root);
  const p = (parameters.b * (1 - parameters.rho)) / root;
  const wings = p + psi;
  const rho = wings > 0 ? psi / wings : 1;
  if (!(theta > 0 && wings > 1e-9 && Math.abs(rho) < 1)) return null;
  // theta phi (1 + |rho|) < 4 and theta phi^2 (1 + |rho|) <= 4 (theorem 4.2), with phi sqrt(theta) = 2 wings.
  const tilt = 1 + Math.abs(rho);
  const steepness = Math.min(2 * wings, (4 / (root * tilt)) * (1 - 1e-9), Math.sqrt(4 / tilt));
  const phi = steepness / root;
  const level = Math.sqrt(1 - rho * rho);
  return { a: (theta * level * level) / 2, b: (theta * phi) / 2, rho, m: -rho / phi, sigma: level / phi };
}

/** At least e^-3 to e^3 and eight deviations, dense around the vertex and around the money, ascending. */
function butterflyGrid(parameters: SviParameters): Float64Array {
  const width = Math.sqrt(totalVariance(parameters, 0));
  const reach = Math.max(3, 8 * width);
  const half = 2 * GRID + 1;
  const grid = new Float64Array(2 * half);
  spread(grid, 0, parameters.m, parameters.sigma, reach);
  spread(grid, half, 0, width, reach);
  return grid.sort();
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
