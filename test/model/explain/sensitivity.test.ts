import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_MODEL } from "../../../keeper/markets/defaults.ts";
import { sensitivity } from "../../../keeper/model/explain/sensitivity.ts";
import { target } from "../../../keeper/model/target.ts";
import { calmEth } from "../../support/modelRisk.ts";
import { near } from "../../support/near.ts";

const of = (input: string, risk = calmEth()) =>
  sensitivity(risk, DEFAULT_MODEL).find((row) => row.input === input) ?? assert.fail(`no row ${input}`);

describe("sensitivities", () => {
  it("have the sign that the model promises", () => {
    const rows = [calmEth(), calmEth({ used: 1.5 })].flatMap((risk) => sensitivity(risk, DEFAULT_MODEL));
    for (const { input, maintenanceBpsPerPercent, initialBpsPerPercent } of rows) {
      const falls = ["depthUsd", "dailyVolumeUsd"].includes(input);
      for (const slope of [maintenanceBpsPerPercent, initialBpsPerPercent]) {
        // A larger number of degrees of freedom thins the tail at 99.9 %, yet not everywhere at 99 %.
        if (input !== "degreesOfFreedom") assert.ok(falls ? slope <= 1e-9 : slope >= -1e-9, `${input} ${slope}`);
      }
    }
  });

  it("agree with the difference of two targets", () => {
    const at = (longRun: number) => target(calmEth({ longRun }), DEFAULT_MODEL).maintenance;
    near(of("longRunVolatility").maintenanceBpsPerPercent, ((at(0.606) - at(0.594)) * 10_000) / 2, 1e-9);
    // LT times k s / sqrt(365), and of the feed's latency k s sqrt(120 s): 0.8381 x (0.1159 + 0.0044).
    near(of("longRunVolatility").maintenanceBpsPerPercent, 10.1, 0.05);
  });

  it("of today's volatility are zero on maintenance, and on initial while that stands on the gap", () => {
    const [calm, wild] = [of("volatility"), of("volatility", calmEth({ used: 1.5 }))];
    assert.deepEqual([calm.maintenanceBpsPerPercent, calm.initialBpsPerPercent], [0, 0]);
    assert.equal(wild.maintenanceBpsPerPercent, 0);
    assert.ok(wild.initialBpsPerPercent > 1);
  });

  it("of depth and volume are zero on both: they move the limit", () => {
    const thin = calmEth({ used: 1.5, depth: { ...calmEth().depth, robustUsd: 600_000 } });
    for (const input of ["depthUsd", "dailyVolumeUsd"]) {
      const rows = sensitivity(thin, DEFAULT_MODEL).filter((row) => row.input === input);
      for (const row of rows) assert.deepEqual([row.maintenanceBpsPerPercent, row.initialBpsPerPercent], [0, 0]);
    }
  });

  it("leave out what is unknown", () => {
    const rows = sensitivity(calmEth({ longRun: null }), DEFAULT_MODEL);
    assert.equal(
      rows.some(({ input }) => input === "longRunVolatility"),
      false,
    );
    assert.deepEqual(rows[0], { ...of("volatility", calmEth({ longRun: null })) });
  });
});
