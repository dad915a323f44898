import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DEFAULT_MODEL } from "../../../keeper/markets/defaults.ts";
import { fitSizeWeight, haircutSchedule, type SizeWeight } from "../../../scripts/lab/baselines/concentration.ts";
import { haircutInputs } from "../../support/arbitraryRisk.ts";
import { near } from "../../support/near.ts";

const eth = {
  volatility: 0.6,
  multiplier: 1,
  depthUsd: 60e6,
  depthShare: 1,
  longRunVolatility: 0.6,
  dailyVolumeUsd: 800e6,
  oracleDeviation: 0,
};

/** The weight that a fit stands for, by the formula of Drift and FTX. */
const weightAt = ({ smallWeight, imf }: SizeWeight, sizeUsd: number) =>
  sizeUsd === 0 ? smallWeight : Math.min(smallWeight, 1.1 / (1 + imf * Math.sqrt(sizeUsd)));

describe("size on chain", () => {
  it("samples the haircut at 0.5, 1, 2, 5 and 10 slices, rising", () => {
    const schedule = haircutSchedule(eth, DEFAULT_MODEL);
    assert.deepEqual(
      schedule.map(([size]) => size),
      [30e6, 60e6, 120e6, 300e6, 600e6],
    );
    for (const [i, [, h]] of schedule.entries()) assert.ok(h >= (schedule[i - 1]?.[1] ?? 0));
  });

  it("fits these numbers", () => {
    const fit = fitSizeWeight(
      [
        [1e6, 0.2],
        [1e8, 0.5],
      ],
      0.85,
    );
    near(fit.imf, Math.max((1.1 / 0.8 - 1) / 1e3, (1.1 / 0.5 - 1) / 1e4), 1e-15);
    near(fit.imf, 0.000375, 1e-12);
  });

  it("needs no imf when the small weight already covers the schedule", () => {
    assert.deepEqual(
      fitSizeWeight(
        [
          [1e6, 0.1],
          [1e8, 0.15],
        ],
        0.85,
      ),
      { smallWeight: 0.85, imf: 0 },
    );
  });

  it("weighs nothing where the schedule says that all is lost", () => {
    assert.equal(weightAt(fitSizeWeight([[1e6, 1]], 0.8), 1e6), 0);
  });

  it("is nowhere looser than the schedule it was fitted to", () => {
    const weight = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(haircutInputs, weight, (inputs, smallWeight) => {
        const schedule = haircutSchedule(inputs, DEFAULT_MODEL);
        const fit = fitSizeWeight(schedule, smallWeight);
        for (const [size, h] of schedule) {
          if (size > 0) assert.ok(weightAt(fit, size) <= 1 - h + 1e-9, `${size}: ${weightAt(fit, size)} ${1 - h}`);
        }
      }),
    );
  });
});
