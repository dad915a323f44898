import assert from "node:assert/strict";
import type { Slice } from "../../keeper/model/options/surface.ts";
import { fitSvi } from "../../keeper/model/options/svi.ts";

/**
 * Fails unless every repaired slice is free and lies within at least half of its quotes, and the repair adds at most 0.1
 * volatility points to the error of the fit with arbitrage in nine slices of ten, and 0.25 in any.
 */
export function assertGentle(repaired: readonly Slice[]): void {
  const added = repaired.map((slice) => slice.rmseVolPoints - fitSvi(slice.points, slice.years).rmseVolPoints);
  for (const [i, slice] of repaired.entries()) {
    const name = `${new Date(slice.expiry * 1000).toISOString()}, ${slice.points.length} quotes`;
    assert.ok(slice.arbitrageAfter.free, name);
    assert.ok(slice.insideSpreadShare >= 0.5, `${name}: ${slice.insideSpreadShare} met`);
    assert.ok((added[i] ?? 9) <= 0.25, `${name}: ${added[i]} vol points further`);
  }
  const most = added.toSorted((left, right) => left - right)[Math.floor(0.9 * added.length)] ?? 9;
  assert.ok(most <= 0.1, `nine of ten within ${most} vol points`);
}
