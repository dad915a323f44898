import { leastSquares } from "../numerics/leastSquares.ts";
import {
  butterfly,
  domainProblem,
  rmseVolPoints,
  type SmilePoint,
  type SviParameters,
  toJumpWings,
  totalVariance,
} from "./svi.ts";

/** g is asked to be this much above zero on the grid, so that it is not below zero between its points. */
const MARGIN = 1e-3;
/** What a shortfall of g by one costs beside the mean squared error in volatility points, at first and from round to round. */
const FIRST_PENALTY = 100;
const PENALTY_GROWTH = 10;
const MOST_ROUNDS = 5;
/** A refit this much further from the points than its start, in volatility points, is sought from a second start too. */
const ENOUGH = 0.5;
/** Least slope of a wing, far below any quoted one: |rho| stays below 1. */
const LEAST_WING = 1e-6;

/**
 * The smile nearest to the points that is free of butterfly arbitrage, every point counted alike: a constrained least squares
 * over all five parameters from `start` and, where that ends nowhere or far away, from the slice of SSVI with the same
 * at-the-money variance and skew. Null where SSVI has no such slice: without variance or wings.
 * @param start any smile in the SVI domain, such as the unconstrained fit
 * @example refitWithoutButterfly(vogt, points, 1) // 0.64 volatility points off 31 points of Vogt's smile over -1.5 to 1.5
 */
export function refitWithoutButterfly(
  start: SviParameters,
  points: readonly SmilePoint[],
  years: number,
): SviParameters | null {
  const safe = surfaceSlice(start);
  if (safe === null || !isFree(safe)) return null;
  const error = (smile: SviParameters) => rmseVolPoints(smile, points, years);
  const nearer = (one: SviParameters, other: SviParameters | null) =>
    other !== null && error(other) < error(one) ? other : one;
  const first = nearer(safe, refitFrom(start, points, years));
  return error(first) - error(start) <= ENOUGH ? first : nearer(first, refitFrom(safe, points, years));
}

/**
 * Least squares under g >= 0 on the grid of `checkButterfly` by the method of multipliers (M. Hestenes, M. Powell, 1969; for
 * inequalities R. T. Rockafellar, 1973): in each round, an unconstrained least squares, every point of the grid adds
 * `sqrt(penalty / 2) max(0, multiplier / penalty - g)`. Null when no round but the first ends in a free smile.
 */
function refitFrom(start: SviParameters, points: readonly SmilePoint[], years: number): SviParameters | null {
  const width = Math.sqrt(totalVariance(start, 0));
  const share = 100 / Math.sqrt(points.length);
  const multipliers = butterflyGrid(start).fill(0);
  let unknowns = toUnknowns(start, width);
  let penalty = FIRST_PENALTY;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const grid = butterflyGrid(fromUnknowns(unknowns, width));
    const excess = (smile: SviParameters, j: number) => butterfly(smile, grid[j] as number) - MARGIN;
    const scale = Math.sqrt(penalty / 2);
    const residuals = (tried: readonly number[]) => {
      const smile = fromUnknowns(tried, width);
      const values = new Float64Array(points.length + grid.length);
      for (let i = 0; i < points.length; i++) {
        const { k, vol } = points[i] as SmilePoint;
        values[i] = share * (Math.sqrt(totalVariance(smile, k) / years) - vol);
      }
      for (let j = 0; j < grid.length; j++) {
        const short = (multipliers[j] as number) / penalty - excess(smile, j);
        values[points.length + j] = scale * Math.max(0, short);
      }
      return values;
    };
    unknowns = leastSquares(residuals, unknowns);
    const smile = fromUnknowns(unknowns, width);
    if (round > 0 && isFree(smile)) return smile;
    for (let j = 0; j < grid.length; j++) {
      multipliers[j] = Math.max(0, (multipliers[j] as number) - penalty * excess(smile, j));
    }
    penalty *= PENALTY_GROWTH;
  }
  return null;
}

function isFree(parameters: SviParameters): boolean {
  return domainProblem(parameters) === null && checkButterfly(parameters).free;
}

/** Logarithms of least variance, of both wings' slopes and of sigma, and m in units of `width`: no bound is left to keep. */
function toUnknowns(parameters: SviParameters, width: number): readonly number[] {
  const { b, rho, m, sigma } = parameters;
  const least = Math.max(toJumpWings(parameters, 1).minimumVariance, 1e-6 * width * width);
  const wing = (slope: number) => Math.log(Math.max(slope - LEAST_WING, LEAST_WING));
  return [Math.log(least), wing(b * (1 - rho)), wing(b * (1 + rho)), Math.log(sigma), m / width];
}

function fromUnknowns(
  [least = 0, put = 0, call = 0, width = 0, m = 0]: readonly number[],
  unit: number,
): SviParameters {
  const [p, c, sigma] = [Math.exp(put) + LEAST_WING, Math.exp(call) + LEAST_WING, Math.exp(width)];
  return { a: Math.exp(least) - sigma * Math.sqrt(p * c), b: (p + c) / 2, rho: (c - p) / (c + p), m: m * unit, sigma };
}

/**
 * The SSVI slice with the same at-the-money variance, skew and (conditions allowing) put wing as a smile; null without
 * variance or wings. Free of butterfly arbitrage by theorem 4.2 of Gatheral and Jacquier (2014).
 */
function surfaceSlice(parameters: SviParameters): SviParameters | null {
  const { v: theta, psi, p } = toJumpWings(parameters, 1);
  const root = Math.sqrt(theta);
  const wings = p + psi;
  const rho = wings > 0 ? psi / wings : 1;
  if (!(theta > 0 && wings > 1e-9 && Math.abs(rho) < 1)) return null;
  // theta phi (1 + |rho|) < 4 and theta phi^2 (1 + |rho|) <= 4, with phi sqrt(theta) = 2 wings.
  const tilt = 1 + Math.abs(rho);
  const steepness = Math.min(2 * wings, (4 / (root * tilt)) * (1 - 1e-9), Math.sqrt(4 / tilt));
  const phi = steepness / root;
  const level = Math.sqrt(1 - rho * rho);
  return { a: (theta * level * level) / 2, b: (theta * phi) / 2, rho, m: -rho / phi, sigma: level / phi };
}

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
function butterflyGrid(parameters: SviParameters): Float64Array {
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
