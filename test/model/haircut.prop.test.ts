import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { ModelParameters } from "../../keeper/domain/parameters.ts";
import { haircut } from "../../keeper/model/haircut.ts";
import { haircutInputs, modelParameters } from "../support/arbitraryRisk.ts";

const growth = fc.double({ min: 1, max: 50, noNaN: true });
const more = fc.double({ min: 0, max: 0.5, noNaN: true });

/** Checks that a change never lowers the haircut. */
function neverLowers<T>(
  amount: fc.Arbitrary<T>,
  change: (
    inputs: Parameters<typeof haircut>[0],
    parameters: ModelParameters,
    by: T,
  ) => readonly [Parameters<typeof haircut>[0], ModelParameters],
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

  it("never falls when the bonus rises", () => {
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
});
