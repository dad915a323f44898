import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { normalisedPrice, priceOverVega } from "../../../keeper/model/options/black76.ts";
import { impliedDeviation } from "../../../keeper/model/options/impliedDeviation.ts";
import { impliedVolatility } from "../../../keeper/model/options/impliedVolatility.ts";
import { near } from "../../support/near.ts";
import { ANSWERS } from "./impliedVolatilityAnswers.ts";

for (const [where, rows] of Object.entries(ANSWERS)) {
  test(`volatilities agree with 60-digit arithmetic to 1e-14: ${where}`, () => {
    assert.ok(rows.length >= 10);
    for (const [kind, forward, strike, years, price, vol] of rows) {
      const found = impliedVolatility({ kind, forward, strike, years, price });
      const error = found.ok ? Math.abs(found.vol / vol - 1) : Number.NaN;
      assert.ok(error < 1e-14, `${kind} ${forward} ${strike} ${years} ${price}: relative error ${error}`);
    }
  });
}

test("the examples of the docstrings", () => {
  near(impliedDeviation(0, 0.3829249225480262, 1, 0.6170750774519738), 1, 1e-15);
  near(priceOverVega(0, 1), 1.087653, 1e-7);
});

test("price over vega is price over vega, across the seam of its two forms", () => {
  for (const distance of [0, 0.01, 0.1, 0.5, 2]) {
    const [below, above] = [0.5, 0.5 + 1e-12].map((deviation) => priceOverVega(distance, deviation));
    near((below ?? 0) / (above ?? 1), 1, 1e-11, `seam at ${distance}`);
  }
});

test("any deviation is found again, from either side of the middle of the price's range", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 6, noNaN: true }),
      fc.double({ min: Math.log(1e-5), max: Math.log(14), noNaN: true }),
      (distance, logDeviation) => {
        const deviation = Math.exp(logDeviation);
        const price = normalisedPrice(distance, deviation);
        const most = Math.exp(-distance / 2);
        fc.pre(price > 1e-290 && most - price > 1e-9 * most);
        // Rounding of the price itself, carried through the slope: what no method can undo.
        const lost = (4e-16 * most) / (price < most / 2 ? Number.POSITIVE_INFINITY : most - price);
        near(impliedDeviation(distance, price, most, most - price) / deviation, 1, 1e-13 + lost);
      },
    ),
    { numRuns: 2_000 },
  );
});

test("a higher price is a higher deviation, from the smallest price to the last before the top", () => {
  for (const distance of [0, 1e-6, 0.05, 0.7, 3]) {
    const most = Math.exp(-distance / 2);
    let last = 0;
    for (let exponent = -300; exponent < 0; exponent += 0.37) {
      const price = most * 10 ** exponent;
      const found = impliedDeviation(distance, price, most, most - price);
      assert.ok(found > last, `${distance}, ${price}: ${found} after ${last}`);
      last = found;
    }
    for (let exponent = -0.4; exponent > -15; exponent -= 0.1) {
      const left = most * 10 ** exponent;
      const found = impliedDeviation(distance, most - left, most, left);
      assert.ok(found > last, `${distance}, left ${left}: ${found} after ${last}`);
      last = found;
    }
  }
});

test("strikes that only just differ from the forward keep their digits, and so does intrinsic value", () => {
  const forward = 3000;
  const years = 1 / 8760;
  for (const strike of [3000.0000001, 2999.9999999]) {
    const [outside, inside] = strike > forward ? (["call", "put"] as const) : (["put", "call"] as const);
    const worth = 0.5;
    const found = impliedVolatility({ kind: outside, forward, strike, years, price: worth });
    const other = impliedVolatility({
      kind: inside,
      forward,
      strike,
      years,
      price: worth + Math.abs(strike - forward),
    });
    assert.ok(found.ok && other.ok);
    near(found.vol / other.vol, 1, 1e-15, "parity");
  }
});
