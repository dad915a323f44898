import assert from "node:assert/strict";

/** Fails unless |actual - expected| <= tolerance; NaN always fails. @example near(0.1 + 0.2, 0.3, 1e-15) */
export function near(actual: number, expected: number, tolerance: number, what = "value"): void {
  const miss = Math.abs(actual - expected);
  assert.ok(miss <= tolerance, `${what}: ${actual} is not within ${tolerance} of ${expected} (off by ${miss})`);
}
