import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { ModelParameters } from "../../keeper/domain/parameters.ts";
import { DEFAULT_MODEL } from "../../keeper/markets/defaults.ts";
import { type HaircutInputs, haircut } from "../../keeper/model/haircut.ts";
import { haircutInputs, modelParameters } from "../support/arbitraryRisk.ts";
import { near } from "../support/near.ts";

const growth = fc.double({ min: 1, max: 50, noNaN: true });
const more = fc.double({ min: 0, max: 0.5, noNaN: true });

/** Checks that a change never lowers the haircut. */
function neverLowers<T>(
  amount: fc.Arbitrary<T>,
  change: (inputs: HaircutInputs, parameters: ModelParameters, by: T) => readonly [HaircutInputs, ModelParameters],
): void {
  fc.assert(
    fc.property(haircutInputs, modelParameters, amount, (inputs, parameters, by) => {
      const before = haircut(inputs, parameters).haircut;
      const after = haircut(...change(inputs, parameters, by)).haircut;
      assert.ok(after >= before - 1e-12, `${after} < ${before}`);
    }),
    { numRuns: 300 },
  );
}

describe("a haircut", () => {
  it("never falls when volatility rises", () => {
    neverLowers(growth, (inputs, parameters, by) => [{ ...inputs, volatility: inputs.volatility * by }, parameters]);
  });

  it("never falls when the largest borrower grows", () => {
    neverLowers(growth, (inputs, parameters, by) => [
      inputs,
      { ...parameters, largestBorrowerUsd: parameters.largestBorrowerUsd * by },
    ]);
  });

  it("never falls when more collateral becomes liquidatable at the same fall", () => {
    neverLowers(growth, (inputs, parameters, by) => [
      inputs,
      { ...parameters, liquidationProfile: parameters.liquidationProfile.map(([fall, usd]) => [fall, usd * by]) },
    ]);
  });

  it("never falls when the oracle deviates more", () => {
    neverLowers(more, (inputs, parameters, by) => [
      { ...inputs, oracleDeviation: inputs.oracleDeviation + by },
      parameters,
    ]);
  });

  it("never falls when the oracle lags more", () => {
    neverLowers(growth, (inputs, parameters, by) => [
      inputs,
      { ...parameters, oracleLatencySeconds: parameters.oracleLatencySeconds * by },
    ]);
  });

  it("never falls when depth falls", () => {
    neverLowers(growth, (inputs, parameters, by) => [{ ...inputs, depthUsd: inputs.depthUsd / by }, parameters]);
  });

  it("never falls when volume falls", () => {
    neverLowers(growth, (inputs, parameters, by) => [
      { ...inputs, dailyVolumeUsd: inputs.dailyVolumeUsd / by },
      parameters,
    ]);
  });

  it("rises with every slice more that thin depth makes of a sale, and is level only within the least horizon", () => {
    const size = DEFAULT_MODEL.largestBorrowerUsd;
    const parameters = { ...DEFAULT_MODEL, supplyCapUsd: size };
    // After an hour a slice every half hour: 46 of them take the day that is the least.
    const within = 46;
    const sold = (slices: number) =>
      haircut(
        {
          ...{ volatility: 0.6, multiplier: 1, longRunVolatility: 0.6, depthShare: 1, oracleDeviation: 0 },
          depthUsd: (size / slices) * (1 + 1e-12),
          dailyVolumeUsd: 1e15,
        },
        parameters,
      );
    const count = fc.integer({ min: 1, max: 3_000 });
    fc.assert(
      fc.property(count, count, (one, more) => {
        const [thick, thin] = [sold(one), sold(one + more)];
        assert.deepEqual([thick.slices, thin.slices], [one, one + more]);
        if (one + more <= within) assert.equal(thin.haircut, thick.haircut);
        else assert.ok(thin.haircut > thick.haircut, `${thin.haircut} at ${thin.horizonHours} h, ${thick.haircut}`);
      }),
    );
  });

  it("never falls when the bonus rises and depth stays", () => {
    neverLowers(more, (inputs, parameters, by) => [
      inputs,
      { ...parameters, liquidationBonus: parameters.liquidationBonus + by },
    ]);
  });

  it("never falls when a tail estimator is added", () => {
    neverLowers(more, (inputs, parameters, by) => [
      { ...inputs, historicalLoss: Math.min(1, (inputs.historicalLoss ?? 0) + by) },
      parameters,
    ]);
  });

  it("never falls when the long-run volatility becomes unknown", () => {
    neverLowers(fc.constant(null), (inputs, parameters) => [{ ...inputs, longRunVolatility: null }, parameters]);
  });

  it("keeps (1 - haircut)(1 + bonus) below 1, also in whole basis points", () => {
    fc.assert(
      fc.property(haircutInputs, modelParameters, (inputs, parameters) => {
        const result = haircut(inputs, parameters);
        assert.ok(result.liquidationThreshold * (1 + parameters.liquidationBonus) < 1);
        const bps = Math.ceil(result.haircut * 10_000 - 1e-9);
        assert.ok((10_000 - bps) * (1 + parameters.liquidationBonus) < 10_000);
      }),
    );
  });

  it("is a number in [0, 1] with finite terms on any finite non-negative input", () => {
    fc.assert(
      fc.property(haircutInputs, modelParameters, (inputs, parameters) => {
        const result = haircut(inputs, parameters);
        assert.ok(result.haircut >= 0 && result.haircut <= 1);
        for (const [name, value] of Object.entries(result)) {
          if (typeof value === "number") assert.ok(Number.isFinite(value), `${name} is ${value}`);
        }
      }),
    );
  });

  it("does not depend on the currency that sizes, depth and volume are counted in", () => {
    fc.assert(
      fc.property(haircutInputs, modelParameters, fc.integer({ min: -20, max: 20 }), (inputs, parameters, power) => {
        const rate = 2 ** power;
        const other = haircut(
          { ...inputs, depthUsd: inputs.depthUsd * rate, dailyVolumeUsd: inputs.dailyVolumeUsd * rate },
          {
            ...parameters,
            largestBorrowerUsd: parameters.largestBorrowerUsd * rate,
            supplyCapUsd: parameters.supplyCapUsd * rate,
            liquidationProfile: parameters.liquidationProfile.map(([fall, usd]) => [fall, usd * rate]),
          },
        );
        near(other.haircut, haircut(inputs, parameters).haircut, 1e-12);
      }),
    );
  });
});
