import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { agree } from "../../keeper/quality/agreement.ts";

type PricePoint = Parameters<typeof agree>[0][number];
const points = (...prices: readonly number[]): PricePoint[] => prices.map((price, i) => ({ source: `s${i}`, price }));
const price = fc.double({ min: 1e-6, max: 1e6, noNaN: true });

describe("agree", () => {
  it("sorts numbers as numbers, and takes the lower of two middle ones", () => {
    assert.equal(agree(points(1_000, 9, 30), 10).price, 30);
    assert.equal(agree(points(40, 10, 30, 20), 10).price, 20);
    assert.equal(agree(points(7), 0).price, 7);
  });

  it("keeps a cheap coin's price: below one dollar is a price", () => {
    assert.deepEqual(agree(points(0.5), 0.05), { price: 0.5, faults: [] });
  });

  it("says how far, from what and how far is allowed", () => {
    assert.deepEqual(agree(points(3_000, 3_000, 3_900), 0.05).faults, [
      { code: "DISAGREES", source: "s2", detail: "30.00 % from the median 3000.0000 USD, limit 5.00 %" },
    ]);
    assert.deepEqual(agree(points(3_000, 3_000, 2_700), 0.025).faults, [
      { code: "DISAGREES", source: "s2", detail: "10.00 % from the median 3000.0000 USD, limit 2.50 %" },
    ]);
  });

  it("names a price below the median as well as one above, and lets the limit itself through", () => {
    const named = (...prices: readonly number[]) => agree(points(...prices), 0.25).faults.map((one) => one.source);
    assert.deepEqual(named(100, 100, 74), ["s2"]);
    assert.deepEqual(named(100, 100, 126), ["s2"]);
    assert.deepEqual(named(100, 100, 75, 125), []);
  });

  it("says which price is none", () => {
    assert.deepEqual(agree(points(-3, Number.POSITIVE_INFINITY), 0.05), {
      price: null,
      faults: [
        { code: "NOT_POSITIVE", source: "s0", detail: "price -3" },
        { code: "NOT_POSITIVE", source: "s1", detail: "price Infinity" },
      ],
    });
  });

  it("does not depend on the order of the sources", () => {
    fc.assert(
      fc.property(fc.array(price, { maxLength: 7 }), fc.double({ min: 0, max: 1, noNaN: true }), (prices, limit) => {
        const forward = agree(points(...prices), limit);
        const backward = agree(points(...prices).reverse(), limit);
        assert.equal(forward.price, backward.price);
        const names = (found: typeof forward) => found.faults.map((one) => one.source).sort();
        assert.deepEqual(names(forward), names(backward));
      }),
    );
  });

  it("returns one of the prices, with at least as many above as below: against the borrower", () => {
    fc.assert(
      fc.property(fc.array(price, { minLength: 1, maxLength: 9 }), (prices) => {
        const chosen = agree(points(...prices), 0.05).price ?? Number.NaN;
        assert.ok(prices.includes(chosen));
        const [below, above] = [prices.filter((one) => one < chosen), prices.filter((one) => one > chosen)];
        assert.ok(below.length <= prices.length / 2 && above.length <= prices.length / 2);
      }),
    );
  });
});
