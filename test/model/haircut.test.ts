import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_MODEL } from "../../keeper/markets/defaults.ts";
import { haircut, maxSlippage, scaleLoss } from "../../keeper/model/haircut.ts";
import { near } from "../support/near.ts";

const at = (change: Partial<Parameters<typeof haircut>[0]> = {}, parameters = DEFAULT_MODEL) =>
  haircut({ volatility: 0.6, oracleDeviation: 0, ...change }, parameters);

describe("a haircut", () => {
  it("is its example: a day of 60 % a year, written out", () => {
    const k = 3.6915104934;
    const loss = 1 - Math.exp(-k * 0.6 * Math.sqrt(1 / 365));
    const error = 0.005 + k * 0.6 * Math.sqrt(120 / 31_536_000);
    near(at().liquidationThreshold, ((1 - error) * (1 - loss) * (1 - 0.0025)) / 1.05, 1e-9);
    near(at().liquidationThreshold, 0.8381, 5e-5);
    assert.equal(at().haircut, 1 - at().liquidationThreshold);
  });

  it("grows with the root of the least horizon", () => {
    const { loss, horizonHours } = at({}, { ...DEFAULT_MODEL, minimumHorizonHours: 96 });
    assert.equal(horizonHours, 96);
    near(Math.log1p(-loss), 2 * Math.log1p(-at().loss), 1e-12);
  });

  it("with no risk at all still keeps the bonus and one basis point", () => {
    const bare = { ...DEFAULT_MODEL, idiosyncratic: 0, oracleDeviation: 0 };
    near(at({ volatility: 0 }, bare).haircut, 1 - 0.9999 / 1.05, 1e-12);
    near(at({ volatility: 0 }, { ...bare, liquidationBonus: 0 }).haircut, 1e-4, 1e-12);
  });

  it("takes the largest of the three losses, over the least horizon as given, and says which", () => {
    assert.equal(at().lossBinding, "student");
    const historical = at({ historicalLoss: 0.2, riskNeutralLoss: 0.15 });
    assert.deepEqual([historical.lossBinding, historical.loss], ["historical", 0.2]);
    const riskNeutral = at({ historicalLoss: null, riskNeutralLoss: 0.15 });
    assert.deepEqual([riskNeutral.lossBinding, riskNeutral.loss], ["riskNeutral", 0.15]);
  });

  it("uses the larger of the feed's threshold and what it deviates now", () => {
    assert.equal(at({ oracleDeviation: 0.004 }).oracleError, at().oracleError);
    near(at({ oracleDeviation: 0.02 }).oracleError - at().oracleError, 0.015, 1e-12);
  });

  it("measures depth at what the bonus can pay for after costs", () => {
    near(maxSlippage(0.05, 0.005), 0.05 / 1.05 - 0.005, 1e-15);
    near(maxSlippage(0.05, 0.005), 0.0426, 5e-5);
    assert.equal(maxSlippage(0, 0.01), 0);
  });

  it("refuses what is not a finite amount, naming it", () => {
    for (const name of ["volatility", "oracleDeviation"] as const) {
      for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
        assert.throws(() => at({ [name]: value }), new RegExp(name));
      }
    }
    assert.throws(() => at({ historicalLoss: 1.1 }), /historicalLoss/);
    assert.throws(() => at({ riskNeutralLoss: -0.1 }), /riskNeutralLoss/);
    assert.throws(() => at({}, { ...DEFAULT_MODEL, minimumHorizonHours: 0 }), /minimumHorizonHours/);
  });
});

describe("a loss scaled in its logarithm", () => {
  it("is half the logarithm at half the scale: of 19 % it is 10 %, and twice 10 % makes 19", () => {
    near(scaleLoss(0.19, 0.5), 0.1, 1e-15);
    near(scaleLoss(0.1, 2), 0.19, 1e-15);
  });

  it("keeps nothing and everything as they are, and stays a loss however far it is scaled", () => {
    assert.deepEqual([scaleLoss(0, 5), scaleLoss(1, 0.01), scaleLoss(0.3, 0)], [0, 1, 0]);
    assert.ok(scaleLoss(0.3, 1_000) <= 1);
  });
});
