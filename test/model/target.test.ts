import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DEFAULT_MODEL } from "../../keeper/markets/defaults.ts";
import { target } from "../../keeper/model/target.ts";
import { haircutInputs, modelParameters } from "../support/arbitraryRisk.ts";
import { calmEth } from "../support/modelRisk.ts";
import { near } from "../support/near.ts";

describe("the target", () => {
  it("is the blend with the stressed haircut while markets are calm", () => {
    const { maintenance, maintenanceTerms } = target(calmEth(), DEFAULT_MODEL);
    const { current, stressed, binding } = maintenanceTerms;
    assert.equal(binding, "blend");
    near(maintenance, 0.75 * current.haircut + 0.25 * stressed.haircut, 1e-15);
  });

  it("is the long-run haircut when today is a lull in a wild asset", () => {
    const { maintenance, maintenanceTerms } = target(calmEth({ used: 0.3, longRun: 1 }), DEFAULT_MODEL);
    assert.equal(maintenanceTerms.binding, "longRun");
    assert.equal(maintenance, maintenanceTerms.longRun.haircut);
  });

  it("is today's haircut once volatility is beyond the stress", () => {
    const { maintenanceTerms, maintenance } = target(calmEth({ used: 2 }), DEFAULT_MODEL);
    assert.equal(maintenanceTerms.binding, "current");
    assert.equal(maintenance, maintenanceTerms.current.haircut);
  });

  it("moves less than the plain haircut when volatility moves: that is its purpose", () => {
    const [low, high] = [target(calmEth({ used: 0.4 }), DEFAULT_MODEL), target(calmEth({ used: 0.9 }), DEFAULT_MODEL)];
    const plain = high.maintenanceTerms.current.haircut - low.maintenanceTerms.current.haircut;
    assert.ok(high.maintenance - low.maintenance < 0.76 * plain);
  });

  it("stresses both sides alike and multiplies nothing twice", () => {
    const { maintenanceTerms, initialTerms } = target(calmEth(), DEFAULT_MODEL);
    assert.deepEqual(initialTerms.stressed, maintenanceTerms.stressed);
    assert.deepEqual([maintenanceTerms.stressed.volatility, maintenanceTerms.stressed.multiplier], [1.5, 1]);
    assert.equal(maintenanceTerms.stressed.depthFactor, DEFAULT_MODEL.depthStressFloor);
  });

  it("applies the long-run floor alike on both sides, so that initial stands above it by its own stress or the gap", () => {
    const { maintenanceTerms, initialTerms } = target(calmEth({ used: 0.3, longRun: 1 }), DEFAULT_MODEL);
    assert.deepEqual([initialTerms.longRun.volatility, initialTerms.longRun.multiplier], [1, 1]);
    near(initialTerms.longRun.loss, maintenanceTerms.longRun.loss, 1e-12);
  });

  it("counts the smaller of stressed and shocked depth, not their product", () => {
    const depth = { ...calmEth().depth, robustUsd: 60e6, shockedUsd: 10e6 };
    const { current } = target(calmEth({ depth, used: 0.9, longRun: 0.6 }), DEFAULT_MODEL).maintenanceTerms;
    near(current.sliceUsd, 10e6, 1e-6);
    const unshocked = { ...depth, shockedUsd: 50e6 };
    near(
      target(calmEth({ depth: unshocked, used: 0.9, longRun: 0.6 }), DEFAULT_MODEL).maintenanceTerms.current.sliceUsd,
      40e6,
      1e-3,
    );
  });

  it("keeps the gap when initial alone would be too near", () => {
    const same = { ...DEFAULT_MODEL, initialVolatilityMultiple: 1, initialDepthShare: 1 };
    const { initial, maintenance, initialTerms } = target(calmEth(), same);
    assert.equal(initialTerms.binding, "gap");
    near(initial, maintenance + 0.03, 1e-15);
  });

  it("counts of a price that rose too fast only what is believed, in the initial haircut alone", () => {
    const calm = target(calmEth(), DEFAULT_MODEL);
    const rise = { priceUsd: 4_000, believedUsd: 2_000 };
    const risen = target(calmEth({ priceRise: rise }), DEFAULT_MODEL);
    assert.equal(risen.maintenance, calm.maintenance);
    assert.deepEqual([risen.rise, calm.rise], [rise, undefined]);
    near(4_000 * (1 - risen.initial), 2_000 * (1 - calm.initial), 1e-9);
    const believed = { priceUsd: 2_000, believedUsd: 4_000 };
    assert.equal(target(calmEth({ priceRise: believed }), DEFAULT_MODEL).initial, calm.initial);
  });

  it("never loosens on a rise of the price, and borrows no more than against what is believed", () => {
    const amount = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 3, noNaN: true }), amount, amount, (used, priceUsd, believedUsd) => {
        const { initial } = target(calmEth({ used }), DEFAULT_MODEL);
        const risen = target(calmEth({ used, priceRise: { priceUsd, believedUsd } }), DEFAULT_MODEL).initial;
        assert.ok(risen >= initial && risen <= 1);
        const counted = Math.min(priceUsd, believedUsd) * (1 - initial);
        assert.ok(priceUsd * (1 - risen) <= counted + 1e-12 * priceUsd, `${priceUsd * (1 - risen)} of ${counted}`);
      }),
    );
  });

  it("is 1 on both sides when there is no depth", () => {
    const depth = { ...calmEth().depth, robustUsd: 0 };
    const { initial, maintenance } = target(calmEth({ depth }), DEFAULT_MODEL);
    assert.deepEqual([initial, maintenance], [1, 1]);
  });

  it("takes the larger of today's and the static volatility for an unknown long run, and so never loosens", () => {
    const unknown = target(calmEth({ longRun: null }), DEFAULT_MODEL);
    assert.equal(unknown.maintenanceTerms.longRun.volatility, DEFAULT_MODEL.staticVolatility);
    const known = target(calmEth({ longRun: 0.6 }), DEFAULT_MODEL);
    assert.ok(unknown.maintenance > known.maintenance && unknown.initial > known.initial);
  });

  it("always keeps initial at least the gap above maintenance, and both in [0, 1]", () => {
    fc.assert(
      fc.property(haircutInputs, modelParameters, (inputs, parameters) => {
        const risk = calmEth({
          used: inputs.volatility,
          longRun: inputs.longRunVolatility,
          depth: { ...calmEth().depth, robustUsd: inputs.depthUsd },
          tail: { historical: inputs.historicalLoss ?? null, riskNeutral: inputs.riskNeutralLoss ?? null },
          dailyVolumeUsd: inputs.dailyVolumeUsd,
          oracleDeviation: inputs.oracleDeviation,
        });
        const { initial, maintenance } = target(risk, parameters);
        assert.ok(initial >= Math.min(1, maintenance + parameters.minimumGap));
        assert.ok(maintenance >= 0 && initial <= 1);
        assert.ok((1 - maintenance) * (1 + parameters.liquidationBonus) < 1);
      }),
    );
  });
});
