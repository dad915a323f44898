import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_MODEL } from "../../keeper/markets/defaults.ts";
import { target } from "../../keeper/model/target.ts";
import { calmEth } from "../support/modelRisk.ts";
import { near } from "../support/near.ts";

/** k of a Student law of four degrees of freedom at 99 % (MODEL.md section 2). */
const K = 3.69151049;
/** LT at a volatility, written out with the default numbers. */
const threshold = (s: number) => {
  const loss = 1 - Math.exp((-K * s) / Math.sqrt(365));
  const error = 0.005 + K * s * Math.sqrt(120 / 31_536_000);
  return ((1 - error) * (1 - loss) * 0.9975) / 1.05;
};

describe("ETH with the default parameters", () => {
  const { maintenanceTerms, initialBinding, maintenance, initial } = target(calmEth(), DEFAULT_MODEL);

  it("in a calm hour comes out at LT 83.8 % and LTV 80.8 %, three points below it", () => {
    assert.equal((100 * (1 - maintenance)).toFixed(1), "83.8");
    assert.equal((100 * (1 - initial)).toFixed(1), "80.8");
    assert.equal(initialBinding, "gap");
  });

  it("has this maintenance waterfall: a day of the long run, and nothing of the market", () => {
    const term = maintenanceTerms;
    near(term.tailMultiple, K, 1e-8);
    assert.equal(term.horizonHours, 24);
    near(term.loss, 1 - Math.exp((-K * 0.6) / Math.sqrt(365)), 1e-9);
    near(term.loss, 0.109466, 1e-6);
    near(term.oracleError, 0.005 + K * 0.6 * Math.sqrt(120 / 31_536_000), 1e-9);
    near(term.oracleError, 0.009321, 1e-6);
    near(1 - term.haircut, ((1 - 0.009321) * (1 - 0.109466) * 0.9975) / 1.05, 2e-6);
    assert.equal(term.haircut, maintenance);
  });

  it("at four times its long run keeps maintenance and has initial at twice the volatility: LTV 74.3 %", () => {
    const storm = target(calmEth({ used: 2.4 }), DEFAULT_MODEL);
    near(storm.maintenance, 1 - threshold(0.6), 1e-8);
    near(storm.initial, 1 - threshold(1.2), 1e-8);
    assert.equal(storm.initialBinding, "market");
    assert.equal((100 * (1 - storm.initial)).toFixed(1), "74.3");
  });
});
