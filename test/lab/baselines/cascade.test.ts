import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { amplification, loopGain } from "../../../scripts/lab/baselines/cascade.ts";
import { smartLtv } from "../../../scripts/lab/baselines/smartLtv.ts";
import { near } from "../../support/near.ts";

describe("cascades", () => {
  it("amplify 1.25, 2 and 5 times at loop gains .2, .5 and .8 (known answer 21)", () => {
    near(amplification(0.2), 1.25, 1e-12);
    near(amplification(0.5), 2, 1e-12);
    near(amplification(0.8), 5, 1e-12);
  });

  it("do not end from a loop gain of 1 on", () => {
    assert.equal(amplification(1), Number.POSITIVE_INFINITY);
    assert.equal(amplification(3), Number.POSITIVE_INFINITY);
  });

  it("equal the sum of their rounds", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.9, noNaN: true }), (gain) => {
        let [round, sum] = [1, 0];
        for (let i = 0; i < 500; i++) [sum, round] = [sum + round, round * gain];
        near(sum, amplification(gain), 1e-9);
      }),
    );
  });

  it("are fed by price and by the keeper's own answer", () => {
    const slopes = { pricePerUsd: 1e-9, usdPerPrice: 2e8, thresholdPerUsd: 2e-10, usdPerThreshold: 5e8 };
    near(loopGain(slopes), 0.2 + 0.1, 1e-12);
    assert.throws(() => loopGain({ ...slopes, usdPerPrice: -1 }), /usdPerPrice/);
  });
});

describe("the reference formulas", () => {
  it("SmartLTV is .82444657 (known answer 12)", () => {
    assert.equal(smartLtv(1e6, 2e5, 0.1, 0.05, 3).toFixed(8), "0.82444657");
  });

  it("SmartLTV lends nothing against what cannot be sold", () => {
    assert.equal(smartLtv(0, 2e5, 0.1, 0.05, 3), 0);
    assert.equal(smartLtv(1, 2e5, 0.1, 0.05, 3), 0);
  });
});
