import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { normalCdf, normalPdf } from "../../../keeper/model/numerics/distributions.ts";
import { normalisedPrice } from "../../../keeper/model/options/black76.ts";
import { riskNeutralQuantile, riskNeutralShortfall } from "../../../keeper/model/options/riskNeutralTail.ts";
import { butterfly, type SviParameters, slope, totalVariance } from "../../../keeper/model/options/svi.ts";
import { near } from "../../support/near.ts";
import { atDays } from "../../support/smileBoard.ts";

/** One day at 60 % a year, without smile. */
const flat: SviParameters = { a: 0.36 / 365, b: 0, rho: 0, m: 0, sigma: 1 };

/** The law of ln(S/F) at expiry in closed form, as MODEL.md writes it. */
function riskNeutralCdf(smile: SviParameters, k: number): number {
  const root = Math.sqrt(totalVariance(smile, k));
  const d2 = -k / root - root / 2;
  return normalCdf(-d2) + (normalPdf(d2) * slope(smile, k)) / (2 * root);
}
function riskNeutralDensity(smile: SviParameters, k: number): number {
  const root = Math.sqrt(totalVariance(smile, k));
  return (butterfly(smile, k) * normalPdf(-k / root - root / 2)) / root;
}

test("known answer 8: the lognormal tail", () => {
  near(Math.exp(riskNeutralQuantile(flat, 0.01) ?? 0), 0.92908679, 5e-9, "quantile");
  near(riskNeutralShortfall(flat, 0.01) ?? 0, 0.08070467, 5e-9, "ES");
});

test("below the lowest quoted strike the tail is lognormal at that strike's volatility, whatever the wing does", () => {
  const smile = atDays(1);
  const quantile = riskNeutralQuantile(smile, 0.01) ?? 0;
  const lowest = quantile / 2;
  const root = Math.sqrt(totalVariance(smile, lowest));
  const level: SviParameters = { a: root * root, b: 0, rho: 0, m: 0, sigma: 1 };
  near(riskNeutralShortfall(smile, 0.01, lowest) ?? 0, riskNeutralShortfall(level, 0.01) ?? 1, 1e-12);
  // A wing that is quoted down to its quantile is taken as it is.
  assert.equal(riskNeutralShortfall(smile, 0.01, quantile - 0.001), riskNeutralShortfall(smile, 0.01));
});

test("the distribution is the slope of the put price by strike", () => {
  const smile = atDays(7);
  const put = (strike: number) => {
    const k = Math.log(strike);
    const time = Math.exp(k / 2) * normalisedPrice(k, Math.sqrt(totalVariance(smile, k)));
    return time + Math.max(strike - 1, 0);
  };
  for (const strike of [0.6, 0.8, 0.95, 1.05, 1.3]) {
    const h = 1e-5;
    near(riskNeutralCdf(smile, Math.log(strike)), (put(strike + h) - put(strike - h)) / (2 * h), 1e-8, `at ${strike}`);
  }
});

test("the density of an accepted smile is nowhere negative, integrates to one and keeps the forward", () => {
  for (const days of [1, 7, 30, 180]) {
    const smile = atDays(days);
    const step = Math.sqrt(totalVariance(smile, 0)) / 400;
    let [mass, mean] = [0, 0];
    for (let k = -6000 * step; k <= 6000 * step; k += step) {
      const density = riskNeutralDensity(smile, k);
      assert.ok(density >= 0);
      mass += density * step;
      mean += Math.exp(k) * density * step;
    }
    const inside = riskNeutralCdf(smile, 6000 * step) - riskNeutralCdf(smile, -6000 * step);
    assert.ok(inside > 0.9998);
    near(mass, inside, 1e-5, `mass at ${days} days`);
    near(mean, 1, 2e-4, `forward at ${days} days`);
  }
});

test("the expected shortfall is the mean of the tail", () => {
  const smile = atDays(2);
  const quantile = riskNeutralQuantile(smile, 0.01) ?? 0;
  const step = 1e-5;
  let sum = 0;
  for (let k = quantile - step / 2; k > -2; k -= step) sum += Math.exp(k) * riskNeutralDensity(smile, k) * step;
  near(riskNeutralShortfall(smile, 0.01) ?? 0, 1 - sum / 0.01, 1e-4, "ES");
});

test("quantile and distribution undo each other, and the mean loss beyond exceeds the quantile's", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 365, noNaN: true }),
      fc.double({ min: 0.001, max: 0.5, noNaN: true }),
      (days, probability) => {
        const smile = atDays(days);
        const k = riskNeutralQuantile(smile, probability);
        assert.ok(k !== null);
        near(riskNeutralCdf(smile, k), probability, 1e-12, "probability");
        const loss = riskNeutralShortfall(smile, probability);
        assert.ok(loss !== null && loss > -Math.expm1(k) && loss < 1);
      },
    ),
  );
});

test("a put skew of the same at-the-money volatility loses more", () => {
  const smile: SviParameters = { a: 0.0002, b: 0.02, rho: -0.5, m: 0, sigma: 0.04 };
  const level: SviParameters = { ...flat, a: totalVariance(smile, 0) };
  assert.ok((riskNeutralShortfall(smile, 0.01) ?? 0) > (riskNeutralShortfall(level, 0.01) ?? 1));
});

for (const given of [0, 1, Number.NaN]) {
  test(`a tail of probability ${given} is refused`, () => {
    assert.throws(
      () => riskNeutralQuantile(flat, given),
      (error) => error instanceof TonsorError && error.code === "OUT_OF_RANGE",
    );
  });
}
