import { normalPdf, normalQuantile } from "./normal.ts";
import { requireRange } from "./requireRange.ts";
import { studentTPdf, studentTQuantile } from "./studentT.ts";

/**
 * Expected shortfall of a unit-variance Student t, in standard deviations (a positive number): the mean of the worst
 * `1 - level` share of outcomes. `k = sqrt((nu-2)/nu) f(t) / (1-level) * (nu + t^2) / (nu-1)`, t the level-quantile.
 * Source: McNeil, Frey & Embrechts, Quantitative Risk Management (2005), 2.2.4, example 2.19.
 * @param level ES level in (0.5, 1), e.g. 0.99
 * @param degreesOfFreedom in (2, 1e6]; infinite gives the Normal limit
 * @example esMultiplier(0.99, 4) // 3.69151049
 * @example esMultiplier(0.99, Infinity) // 2.66521422
 */
export function esMultiplier(level: number, degreesOfFreedom: number): number {
  if (level !== latest.level || degreesOfFreedom !== latest.degreesOfFreedom) {
    latest = { level, degreesOfFreedom, answer: compute(level, degreesOfFreedom) };
  }
  return latest.answer;
}

/** Two governance numbers that hardly ever change and that every haircut asks for: two thirds of a backtest's time. */
let latest = { level: Number.NaN, degreesOfFreedom: Number.NaN, answer: Number.NaN };

function compute(level: number, degreesOfFreedom: number): number {
  requireRange("tailLevel", level, 0.5, 1, { openLow: true, openHigh: true });
  if (degreesOfFreedom === Infinity) return normalPdf(normalQuantile(level)) / (1 - level);
  const nu = requireRange("degreesOfFreedom", degreesOfFreedom, 2, 1e6, { openLow: true });
  const t = studentTQuantile(level, nu);
  return Math.sqrt((nu - 2) / nu) * (studentTPdf(t, nu) / (1 - level)) * ((nu + t * t) / (nu - 1));
}
