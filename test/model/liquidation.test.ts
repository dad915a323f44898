import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DEFAULT_MODEL } from "../../keeper/markets/defaults.ts";
import { liquidatableUsd, liquidationHorizon, liquidationSize } from "../../keeper/model/liquidation.ts";
import { modelParameters } from "../support/arbitraryRisk.ts";
import { near } from "../support/near.ts";

const profile = [
  [0.1, 4e6],
  [0.2, 20e6],
] as const;

describe("collateral that a fall makes liquidatable", () => {
  it("is linear between the points and through the origin", () => {
    assert.equal(liquidatableUsd(0, profile, 400e6), 0);
    near(liquidatableUsd(0.05, profile, 400e6), 2e6, 1e-6);
    near(liquidatableUsd(0.15, profile, 400e6), 12e6, 1e-6);
    assert.equal(liquidatableUsd(0.2, profile, 400e6), 20e6);
  });

  it("goes on to the whole supply cap at a fall of 1, where nobody measured", () => {
    near(liquidatableUsd(0.6, profile, 400e6), 210e6, 1e-6);
    assert.equal(liquidatableUsd(1, profile, 400e6), 400e6);
    near(liquidatableUsd(0.3, [], 400e6), 120e6, 1e-6);
  });

  it("never falls as the price falls further", () => {
    const fall = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(modelParameters, fall, fall, ({ liquidationProfile, supplyCapUsd }, a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        const at = (x: number) => liquidatableUsd(x, liquidationProfile, supplyCapUsd);
        assert.ok(at(more) >= at(less) * (1 - 1e-12));
      }),
    );
  });
});

describe("the size to be sold", () => {
  it("is the largest borrower while the profile gives less", () => {
    assert.equal(
      liquidationSize(() => 0.15, DEFAULT_MODEL),
      20e6,
    );
  });

  it("is what the fall makes liquidatable when that is more, to 1/10000 of the cap, rounded up", () => {
    const size = liquidationSize(() => 0.2512, DEFAULT_MODEL);
    near(size, 32.8e6, 40_000);
    assert.ok(size >= 32.8e6 - 1);
    assert.equal(
      liquidationSize(() => 0.3, DEFAULT_MODEL),
      45e6,
    );
  });

  it("is the fixed point of a loss that grows with size", () => {
    const lossAt = (size: number) => Math.min(1, 0.2 + size / 1e9);
    const size = liquidationSize(lossAt, DEFAULT_MODEL);
    const wanted = liquidatableUsd(lossAt(size), DEFAULT_MODEL.liquidationProfile, DEFAULT_MODEL.supplyCapUsd);
    assert.ok(size >= wanted - 1 && size <= wanted + 40_001, `${size} against ${wanted}`);
  });

  it("runs to the supply cap when every sale frees more than itself, and no further", () => {
    assert.equal(
      liquidationSize((size) => Math.min(1, 0.3 + size / 1e8), DEFAULT_MODEL),
      400e6,
    );
    assert.equal(
      liquidationSize(() => 1, { ...DEFAULT_MODEL, supplyCapUsd: 5e6 }),
      5e6,
    );
    assert.equal(
      liquidationSize(() => 1, { ...DEFAULT_MODEL, supplyCapUsd: 0 }),
      0,
    );
  });

  it("always ends, at a point where nothing more becomes liquidatable", () => {
    const slope = fc.double({ min: 0, max: 1e-5, noNaN: true });
    fc.assert(
      fc.property(modelParameters, slope, (parameters, rise) => {
        const lossAt = (size: number) => Math.min(1, 0.05 + size * rise);
        const size = liquidationSize(lossAt, parameters);
        const wanted = liquidatableUsd(lossAt(size), parameters.liquidationProfile, parameters.supplyCapUsd);
        assert.ok(size <= parameters.supplyCapUsd);
        assert.ok(size >= Math.min(parameters.supplyCapUsd, wanted) - 1e-9 * parameters.supplyCapUsd);
      }),
    );
  });
});

describe("the liquidation horizon", () => {
  const horizon = (size: number, slice: number, volume: number) =>
    liquidationHorizon(size, slice, volume, DEFAULT_MODEL);

  it("is the floor for a liquid major", () => {
    assert.deepEqual(horizon(20e6, 60e6, 800e6), { hours: 24, binding: "floor", slices: 1, unsellable: false });
  });

  it("is reaction plus one refill a slice when depth is thin", () => {
    assert.deepEqual(horizon(20e6, 0.3e6, 800e6), { hours: 34.5, binding: "slices", slices: 67, unsellable: false });
  });

  it("is reaction plus size over a tenth of stressed volume when volume is thin", () => {
    const { hours, binding } = horizon(20e6, 60e6, 80e6);
    assert.equal(binding, "volume");
    near(hours, 1 + (24 * 20e6) / (0.1 * 0.5 * 80e6), 1e-9);
  });

  it("ends at a year, and says that this cannot be sold", () => {
    for (const [slice, volume] of [
      [0, 1e9],
      [1e9, 0],
      [1, 1e9],
      [0, 0],
    ] as const) {
      const { hours, unsellable, slices } = horizon(20e6, slice, volume);
      assert.deepEqual([hours, unsellable], [8_760, true]);
      assert.ok(slices <= 1e9);
    }
  });

  it("of nothing is the floor", () => {
    assert.deepEqual(horizon(0, 0, 0), { hours: 24, binding: "floor", slices: 0, unsellable: false });
  });
});
