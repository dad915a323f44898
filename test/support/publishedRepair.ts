import { nelderMead } from "../../keeper/model/numerics/minimise.ts";
import {
  rmseVolPoints,
  type SmilePoint,
  type SviParameters,
  toJumpWings,
  totalVariance,
} from "../../keeper/model/options/svi.ts";
import { checkButterfly } from "../../keeper/model/options/sviRefit.ts";

/**
 * The repair that J. Gatheral and A. Jacquier publish ("Arbitrage-free SVI volatility surfaces", 2014, section 5.1), to
 * measure ours against: variance, skew and put wing at the money stay, call wing `c` and least variance `v~` are sought
 * between the original's and those of an SSVI slice, `c' = p + 2 psi`, `v~' = v 4 p c' / (p + c')^2`. Null where that slice
 * does not exist or is not free; the paper does not say what then.
 */
export function publishedRepair(
  smile: SviParameters,
  points: readonly SmilePoint[],
  years: number,
): SviParameters | null {
  const { p, psi, c, minimumVariance } = toJumpWings(smile, 1);
  const v = totalVariance(smile, 0);
  const safeCall = p + 2 * psi;
  const safeLeast = (v * 4 * p * safeCall) / (p + safeCall) ** 2;
  const between = ([x = 0, y = 0]: readonly number[]) =>
    x < 0 || x > 1 || y < 0 || y > 1
      ? null
      : rawSmile(v, psi, p, x * safeCall + (1 - x) * c, y * safeLeast + (1 - y) * minimumVariance);
  const cost = (mix: readonly number[]) => {
    const candidate = between(mix);
    if (candidate === null || !checkButterfly(candidate).free) return Number.POSITIVE_INFINITY;
    return rmseVolPoints(candidate, points, years);
  };
  const { point, value } = nelderMead(cost, [1, 1], [-0.4, -0.4], { tolerance: 1e-5, maxIterations: 60 });
  return Number.isFinite(value) ? between(point) : null;
}

/** Raw parameters of jump wings of total variance (one year), in beta = m / sqrt(m^2 + sigma^2); null where there are none. */
export function rawSmile(v: number, psi: number, p: number, c: number, least: number): SviParameters | null {
  const root = Math.sqrt(v);
  const b = (root / 2) * (c + p);
  const rho = 1 - (p * root) / b;
  const beta = rho - (2 * psi * root) / b;
  if (!(b > 0 && Math.abs(rho) < 1 && Math.abs(beta) < 1)) return null;
  const cosine = Math.sqrt(1 - beta * beta);
  const rise = (1 - rho * beta) / cosine - Math.sqrt(1 - rho * rho);
  const sigma = (v - least) / (b * rise);
  if (!(rise > 1e-12 && sigma > 0 && Number.isFinite(sigma))) return null;
  return { a: least - b * sigma * Math.sqrt(1 - rho * rho), b, rho, m: (beta / cosine) * sigma, sigma };
}
