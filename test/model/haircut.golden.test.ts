import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_MODEL } from "../../keeper/markets/defaults.ts";
import { haircut } from "../../keeper/model/haircut.ts";
import { target } from "../../keeper/model/target.ts";
import { calmEth } from "../support/modelRisk.ts";
import { near } from "../support/near.ts";

describe("calm ETH with the default parameters", () => {
  const { maintenanceTerms, initialTerms, maintenance, initial } = target(calmEth(), DEFAULT_MODEL);

  it("comes out at LT 83.4 % and LTV 78.3 % before anti-procyclicality", () => {
    assert.equal((100 * maintenanceTerms.current.liquidationThreshold).toFixed(1), "83.4");
    assert.equal((100 * initialTerms.current.liquidationThreshold).toFixed(1), "78.3");
  });

  it("has this maintenance waterfall", () => {
    const term = maintenanceTerms.current;
    near(term.tailMultiple, 3.69151049, 1e-8);
    assert.equal(term.horizonHours, 24);
    assert.equal(term.horizonBinding, "floor");
    assert.equal(term.slices, 1);
    assert.equal(term.sliceUsd, 60e6);
    assert.equal(term.depthFactor, 1);
    assert.equal(term.sizeUsd, 20e6);
    near(term.loss, 1 - Math.exp((-3.69151049 * 0.6) / Math.sqrt(365)), 1e-9);
    near(term.loss, 0.109466, 1e-6);
    near(term.impact, (0.6 / Math.sqrt(365)) * Math.sqrt(20 / 800), 1e-12);
    near(term.impact, 0.004966, 1e-6);
    near(term.oracleError, 0.005 + 3.69151049 * 0.6 * Math.sqrt(120 / 31_536_000), 1e-9);
    near(term.oracleError, 0.009321, 1e-6);
    near(term.haircut, 0.166039, 1e-6);
  });

  it("has this initial waterfall: 1.5 times the volatility on 0.3 of the depth, again cut by phi", () => {
    const term = initialTerms.current;
    near(term.depthFactor, 2 / 3, 1e-12);
    near(term.sliceUsd, 12e6, 1e-6);
    assert.equal(term.slices, 2);
    near(term.loss, 0.159619, 1e-6);
    near(term.impact, 0.007448, 1e-6);
    near(term.oracleError, 0.011481, 1e-6);
    near(term.haircut, 0.216682, 1e-6);
  });

  it("is raised by the stress blend to LT 79.8 % and LTV 76.0 %", () => {
    assert.equal(maintenanceTerms.binding, "blend");
    assert.equal(initialTerms.binding, "blend");
    near(maintenance, 0.202382, 1e-6);
    near(initial, 0.240364, 1e-6);
  });

  it("needs no more than the worked lines of the formula, written out", () => {
    const k = 3.6915104934;
    const loss = 1 - Math.exp(-k * 0.6 * Math.sqrt(1 / 365));
    const impact = (0.6 / Math.sqrt(365)) * Math.sqrt(20e6 / 800e6);
    const error = 0.005 + k * 0.6 * Math.sqrt(120 / 31_536_000);
    const threshold = ((1 - error) * (1 - loss) * (1 - impact) * (1 - 0.0025)) / 1.05;
    const inputs = {
      volatility: 0.6,
      multiplier: 1,
      depthUsd: 60e6,
      depthShare: 1,
      longRunVolatility: 0.6,
      dailyVolumeUsd: 800e6,
      oracleDeviation: 0,
    };
    near(haircut(inputs, DEFAULT_MODEL).liquidationThreshold, threshold, 1e-9);
  });
});
