import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { normalisedPrice } from "../../../keeper/model/options/black76.ts";
import { impliedVolatility } from "../../../keeper/model/options/impliedVolatility.ts";
import { blackPrice } from "../../../scripts/lab/blackPrice.ts";

const atTheMoney = { kind: "call", forward: 1500, strike: 1500, years: 7 / 365 } as const;

test("the price of known answer 6 gives its volatility of 100 %", () => {
  const found = impliedVolatility({ ...atTheMoney, price: 82.80508066863456 });
  assert.ok(found.ok && Math.abs(found.vol - 1) < 1e-14);
});

test("known answer 6 with a discount factor: both legs give 25 %", () => {
  const option = { forward: 1000, strike: 1200, years: 30 / 365, discount: 0.9991784198737006 } as const;
  const call = impliedVolatility({ ...option, kind: "call", price: 0.1370821284265793 });
  const put = impliedVolatility({ ...option, kind: "put", price: 199.97276610316672 });
  assert.ok(call.ok && Math.abs(call.vol / 0.25 - 1) < 1e-14);
  assert.ok(put.ok && Math.abs(put.vol / 0.25 - 1) < 1e-12);
});

test("the whole out-of-the-money domain makes the round trip, to 1e-12 wherever moneyness itself has the digits", () => {
  let tried = 0;
  for (const x of [0, 1e-4, 0.01, 0.05, 0.1, 0.3, 0.7, 1.5, 3, 5]) {
    for (const years of [1 / 8760, 1 / 365, 7 / 365, 0.25, 1, 2]) {
      for (const volatility of [2e-4, 1e-3, 0.01, 0.05, 0.1, 0.3, 0.6, 1, 2, 3, 4.5]) {
        const price = normalisedPrice(x, volatility * Math.sqrt(years)) * Math.exp(x / 2);
        if (price < 1e-300) continue;
        const found = impliedVolatility({ kind: "call", price, forward: 1, strike: Math.exp(x), years });
        assert.ok(found.ok, `no volatility at ${x}, ${years}, ${volatility}`);
        const error = Math.abs(found.vol / volatility - 1);
        assert.ok(error < 1e-12, `${x}, ${years}, ${volatility}: relative error ${error}`);
        tried++;
      }
    }
  }
  assert.ok(tried > 400, `only ${tried} cases carried a price`);
});

test("any put or call makes the round trip, as exactly as its price in coin allows", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("call" as const, "put" as const),
      fc.double({ min: -2, max: 2, noNaN: true }),
      fc.double({ min: 0.001, max: 2, noNaN: true }),
      fc.double({ min: 0.01, max: 4.9, noNaN: true }),
      (kind, x, years, volatility) => {
        const inputs = { kind, forward: 3000, strike: 3000 * Math.exp(x), years };
        const price = blackPrice({ ...inputs, volatility });
        const bump = blackPrice({ ...inputs, volatility: volatility * (1 + 1e-7) }) - price;
        fc.pre(bump > 1e-3 * 1e-7 * price);
        const found = impliedVolatility({ ...inputs, price });
        assert.ok(found.ok);
        const tolerance = Math.max(1e-12, (1e-7 * 4 * Number.EPSILON * (price + 3000)) / bump);
        assert.ok(Math.abs(found.vol / volatility - 1) < tolerance);
      },
    ),
    { numRuns: 500 },
  );
});

test("volatility is free of the currency unit: coin and dollar prices give the same", () => {
  const usd = impliedVolatility({ kind: "put", price: 120, forward: 3000, strike: 2800, years: 0.1 });
  const coin = impliedVolatility({ kind: "put", price: 120 / 3000, forward: 1, strike: 2800 / 3000, years: 0.1 });
  assert.ok(usd.ok && coin.ok && Math.abs(usd.vol - coin.vol) < 1e-13);
});

test("a price at or below intrinsic is a named failure, not a low volatility", () => {
  const inTheMoney = { kind: "put", forward: 3000, strike: 3500, years: 0.1 } as const;
  for (const price of [500, 499.9, 0, -1, Number.NaN]) {
    assert.deepEqual(impliedVolatility({ ...inTheMoney, price }), { ok: false, reason: "BELOW_INTRINSIC" });
  }
  assert.deepEqual(impliedVolatility({ ...atTheMoney, price: 0 }), { ok: false, reason: "BELOW_INTRINSIC" });
});

test("a price above what 500 % gives is a named failure, not 500 %", () => {
  const most = blackPrice({ ...atTheMoney, volatility: 5 });
  for (const price of [most * 1.0001, 1500, 1e9, Number.POSITIVE_INFINITY]) {
    assert.deepEqual(impliedVolatility({ ...atTheMoney, price }), { ok: false, reason: "ABOVE_MAXIMUM" });
  }
});

test("the bracket is open: just inside both ends there is an answer", () => {
  for (const volatility of [1.001e-4, 4.999]) {
    const found = impliedVolatility({ ...atTheMoney, price: blackPrice({ ...atTheMoney, volatility }) });
    assert.ok(found.ok && Math.abs(found.vol / volatility - 1) < 1e-9);
  }
});

test("both ends themselves are outside, and a price inside of them by its last digits is not", () => {
  for (const strike of [1400, 1500, 1700]) {
    const option = { ...atTheMoney, kind: strike < 1500 ? "put" : "call", strike, years: 0.4 } as const;
    const most = blackPrice({ ...option, volatility: 5 });
    assert.deepEqual(impliedVolatility({ ...option, price: most * (1 + 1e-14) }), {
      ok: false,
      reason: "ABOVE_MAXIMUM",
    });
    assert.equal(impliedVolatility({ ...option, price: most * (1 - 1e-14) }).ok, true);
  }
  const least = blackPrice({ ...atTheMoney, volatility: 1e-4 });
  assert.deepEqual(impliedVolatility({ ...atTheMoney, price: least * (1 - 1e-14) }), {
    ok: false,
    reason: "BELOW_INTRINSIC",
  });
  assert.equal(impliedVolatility({ ...atTheMoney, price: least * (1 + 1e-14) }).ok, true);
});

test("no time left means no volatility", () => {
  const found = impliedVolatility({ ...atTheMoney, years: 0, price: 10 });
  assert.equal(found.ok, false);
});
