import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_MODEL } from "../../keeper/markets/defaults.ts";
import { type HaircutInputs, haircut, maxSlippage } from "../../keeper/model/haircut.ts";
import { near } from "../support/near.ts";

const eth: HaircutInputs = {
  volatility: 0.6,
  multiplier: 1,
  depthUsd: 60e6,
  depthShare: 1,
  longRunVolatility: 0.6,
  dailyVolumeUsd: 800e6,
  oracleDeviation: 0,
};
const at = (change: Partial<HaircutInputs>, parameters = DEFAULT_MODEL) => haircut({ ...eth, ...change }, parameters);

describe("a haircut", () => {
  it("is 1 when there is no depth or no volume: what cannot be sold is no collateral", () => {
    for (const change of [{ depthUsd: 0 }, { dailyVolumeUsd: 0 }, { depthShare: 0 }, { depthUsd: 1 }]) {
      const { haircut: h, lossBinding, horizonHours } = at(change);
      assert.deepEqual([h, lossBinding, horizonHours], [1, "unsellable", 8760]);
    }
  });

  it("of nothing to sell needs neither depth nor volume", () => {
    const none = { ...DEFAULT_MODEL, largestBorrowerUsd: 0, supplyCapUsd: 0 };
    const { sizeUsd, horizonHours, impact } = at({ depthUsd: 0, dailyVolumeUsd: 0 }, none);
    assert.deepEqual([sizeUsd, horizonHours, impact], [0, 24, 0]);
  });

  it("with no risk at all still keeps the bonus and one basis point", () => {
    const bare = { ...DEFAULT_MODEL, idiosyncratic: 0, oracleDeviation: 0 };
    near(at({ volatility: 0 }, bare).haircut, 1 - 0.9999 / 1.05, 1e-12);
    near(at({ volatility: 0 }, { ...bare, liquidationBonus: 0 }).haircut, 1e-4, 1e-12);
  });

  it("takes the largest of the three losses and says which", () => {
    assert.equal(at({}).lossBinding, "student");
    const historical = at({ historicalLoss: 0.2, riskNeutralLoss: 0.15 });
    assert.equal(historical.lossBinding, "historical");
    near(historical.loss, 0.2, 1e-12);
    const riskNeutral = at({ historicalLoss: null, riskNeutralLoss: 0.15 });
    assert.equal(riskNeutral.lossBinding, "riskNeutral");
    near(riskNeutral.loss, 0.15, 1e-12);
  });

  it("scales those losses in logarithms with the multiplier and the root of the horizon", () => {
    // The cap keeps the size, and with it the horizon, from growing with the loss.
    const capped = { ...DEFAULT_MODEL, supplyCapUsd: 20e6 };
    near(at({ historicalLoss: 0.2, multiplier: 1.5 }, capped).loss, 1 - 0.8 ** 1.5, 1e-12);
    const slow = { ...capped, refillMinutes: 24 * 60 * 4 - 60 };
    const { loss, horizonHours } = at({ historicalLoss: 0.2, volatility: 0.1, longRunVolatility: 1 }, slow);
    assert.equal(horizonHours, 96);
    near(loss, 1 - 0.8 ** 2, 1e-12);
  });

  it("does not add the slippage to the bonus: more depth than one slice needs changes nothing", () => {
    assert.equal(at({ depthUsd: 20e6 }).haircut, at({ depthUsd: 2000e6 }).haircut);
  });

  it("pays for thin depth with time: fifty slices half an hour apart", () => {
    const thin = at({ depthUsd: 400_000 });
    assert.deepEqual([thin.slices, thin.horizonHours, thin.horizonBinding], [50, 26, "slices"]);
    assert.ok(thin.haircut > at({}).haircut);
  });

  it("uses the larger of the feed's threshold and what it deviates now", () => {
    assert.equal(at({ oracleDeviation: 0.004 }).oracleError, at({}).oracleError);
    near(at({ oracleDeviation: 0.02 }).oracleError - at({}).oracleError, 0.015, 1e-12);
  });

  it("counts depth less in stress, and at its floor when the long run is unknown", () => {
    const depthFactor = (volatility: number, longRunVolatility: number | null, parameters = DEFAULT_MODEL) =>
      at({ volatility, longRunVolatility }, parameters).depthFactor;
    near(depthFactor(0.9, 0.6, DEFAULT_MODEL), 2 / 3, 1e-12);
    assert.equal(depthFactor(9, 0.6, DEFAULT_MODEL), 0.3);
    assert.equal(depthFactor(0.3, 0.6, DEFAULT_MODEL), 1);
    assert.equal(depthFactor(0.3, null, DEFAULT_MODEL), 0.3);
    assert.equal(depthFactor(0, 0.6, DEFAULT_MODEL), 1);
    assert.equal(depthFactor(6, 0.6, { ...DEFAULT_MODEL, depthStressElasticity: 0 }), 1);
    const floored = { ...DEFAULT_MODEL, depthStressFloor: 30 };
    assert.throws(() => depthFactor(1, 0.6, floored), { code: "OUT_OF_RANGE", message: /depthStressFloor.*30/ });
  });

  it("measures depth at what the bonus can pay for after costs", () => {
    near(maxSlippage(0.05, 0.005), 0.05 / 1.05 - 0.005, 1e-15);
    assert.equal(maxSlippage(0, 0.01), 0);
  });

  it("refuses what is not a finite amount, naming it", () => {
    for (const name of ["volatility", "depthUsd", "dailyVolumeUsd", "oracleDeviation"] as const) {
      for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
        assert.throws(() => at({ [name]: value }), new RegExp(name));
      }
    }
    assert.throws(() => at({ historicalLoss: 1.1 }), /historicalLoss/);
  });
});
