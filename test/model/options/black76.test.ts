import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { normalisedPrice } from "../../../keeper/model/options/black76.ts";
import { blackPrice, coinFromUsd } from "../../../scripts/lab/blackPrice.ts";

const atTheMoney = { kind: "call", forward: 1500, strike: 1500, years: 7 / 365, volatility: 1 } as const;

test("known answer 6: Black-76 as in Derive's tests, to the printed digits", () => {
  assert.ok(Math.abs(blackPrice(atTheMoney) - 82.80508066863456) < 1e-12);
  const wing = { forward: 1000, strike: 1200, years: 30 / 365, volatility: 0.25, discount: 0.9991784198737006 };
  assert.ok(Math.abs(blackPrice({ kind: "call", ...wing }) - 0.1370821284265793) < 1e-14);
  assert.ok(Math.abs(blackPrice({ kind: "put", ...wing }) - 199.97276610316672) < 1e-12);
});

test("known answer 7: Haug's options on a spot price, through the forward F = S exp((r - q) T)", () => {
  const calls = [90, 100, 110].map((spot) =>
    blackPrice({ kind: "call", forward: spot, strike: 100, years: 0.1, volatility: 0.15, discount: Math.exp(-0.01) }),
  );
  // Haug prints 1.8734 where 50 digits give 1.87334457; QuantLib tests this table with a tolerance of 1e-4, so do we.
  for (const [i, expected] of [0.0205, 1.8734, 9.9413].entries()) {
    assert.ok(Math.abs((calls[i] ?? 0) - expected) < 1e-4, `${calls[i]} against ${expected}`);
  }
  const put = { kind: "put", strike: 70, years: 0.5, volatility: 0.35, discount: Math.exp(-0.05) } as const;
  assert.equal(blackPrice({ ...put, forward: 75 * Math.exp((0.1 - 0.05) * 0.5) }).toFixed(4), "4.0870");
});

test("the printed examples hold", () => {
  assert.equal(blackPrice(atTheMoney).toFixed(11), "82.80508066863");
  assert.equal(normalisedPrice(0, 1).toPrecision(15), "0.382924922548026");
});

/** [ln(K/F), s sqrt T, price / sqrt(F K)], from 60-digit arithmetic (mpmath). */
const NORMALISED: readonly (readonly [number, number, number])[] = [
  [-0.1, 0.01, 7.474468572496729e-27],
  [-0.5, 0.02, 2.4374726016356547e-141],
  [-1, 0.49, 0.0036395392935499593],
  [-1, 0.51, 0.004686376291991585],
  [-0.001, 0.3, 0.11873605708903155],
  [-3, 0.6, 3.075357108781757e-8],
  [-3, 4, 0.18620213690775986],
  [0, 0.000001, 3.98942280401416e-7],
  [-0.2, 0.2, 0.01661030345431643],
  [-4, 0.45, 1.4878675464613984e-20],
];

test("the normalised price keeps its digits from the money to prices of 1e-141", () => {
  for (const [x, deviation, expected] of NORMALISED) {
    const error = Math.abs(normalisedPrice(x, deviation) / expected - 1);
    assert.ok(error < 5e-14, `at ${x}, ${deviation}: relative error ${error}`);
    assert.equal(normalisedPrice(-x, deviation), normalisedPrice(x, deviation));
  }
});

test("zero volatility or no time left gives the intrinsic value", () => {
  assert.equal(blackPrice({ ...atTheMoney, strike: 1400, volatility: 0 }), 100);
  assert.equal(blackPrice({ ...atTheMoney, strike: 1600, years: 0 }), 0);
  assert.equal(blackPrice({ ...atTheMoney, kind: "put", strike: 1600, years: 0 }), 100);
});

const market = fc.record({
  forward: fc.double({ min: 1, max: 1e5, noNaN: true }),
  moneyness: fc.double({ min: 0.3, max: 3, noNaN: true }),
  years: fc.double({ min: 1 / 365, max: 2, noNaN: true }),
  volatility: fc.double({ min: 0.05, max: 3, noNaN: true }),
});

test("call minus put is the discounted forward minus strike", () => {
  fc.assert(
    fc.property(market, ({ forward, moneyness, years, volatility }) => {
      const inputs = { forward, strike: forward * moneyness, years, volatility, discount: 0.97 };
      const parity = blackPrice({ kind: "call", ...inputs }) - blackPrice({ kind: "put", ...inputs });
      assert.ok(Math.abs(parity - 0.97 * (forward - inputs.strike)) < 1e-10 * forward);
    }),
  );
});

test("prices rise with volatility and are free of the currency unit", () => {
  fc.assert(
    fc.property(market, fc.constantFrom(1e-6, 0.01, 1000), ({ forward, moneyness, years, volatility }, unit) => {
      const inputs = { kind: "call", forward, strike: forward * moneyness, years, volatility } as const;
      const price = blackPrice(inputs);
      assert.ok(blackPrice({ ...inputs, volatility: volatility * 1.01 }) >= price);
      const scaled = blackPrice({ ...inputs, forward: forward * unit, strike: inputs.strike * unit });
      assert.ok(Math.abs(scaled - price * unit) <= 1e-12 * forward * unit);
    }),
  );
});

test("coin prices convert with the forward of the expiry", () => {
  assert.equal(coinFromUsd(82.8, 1500), 0.0552);
});

for (const [field, given] of [
  ["forward", 0],
  ["strike", -1],
  ["years", Number.NaN],
  ["volatility", -0.1],
  ["discount", 0],
] as const) {
  test(`${field} ${given} is refused by name`, () => {
    assert.throws(
      () => blackPrice({ ...atTheMoney, [field]: given }),
      (error) => error instanceof TonsorError && error.code === "OUT_OF_RANGE" && error.facts.field === field,
    );
  });
}
