import { TonsorError } from "../../domain/errors.ts";

/**
 * Share of the depth that is left in stress: phi = min(1, max(floor, (longRun / vol)^elasticity)), in (0, 1]. Depth
 * shrinks as volatility rises above its long-run level (10 October 2025: exchange depth fell by more than 90 %).
 *
 * @param vol volatility now, annual fraction, > 0
 * @param longRunVol its long-run level, annual fraction, > 0
 * @param floor least share left, [0, 1]: 0.10 for exchanges, 0.30 for pools
 * @param elasticity eta >= 0
 * @example stressElasticity(1.2, 0.6, 0.3, 1) // 0.5
 */
export function stressElasticity(vol: number, longRunVol: number, floor: number, elasticity: number): number {
  check("vol", vol, vol > 0 && Number.isFinite(vol), "a positive annual fraction");
  check("longRunVol", longRunVol, longRunVol > 0 && Number.isFinite(longRunVol), "a positive annual fraction");
  check("floor", floor, floor >= 0 && floor <= 1, "a fraction in [0, 1]");
  check("elasticity", elasticity, elasticity >= 0 && Number.isFinite(elasticity), "a number >= 0");
  return Math.min(1, Math.max(floor, (longRunVol / vol) ** elasticity));
}

function check(field: string, given: number, holds: boolean, expected: string): void {
  if (!holds) throw new TonsorError("OUT_OF_RANGE", `${field} is out of range`, { field, given, expected });
}
