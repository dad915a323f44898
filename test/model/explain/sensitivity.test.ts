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
    for (const { input, maintenanceBpsPerPercent, initialBpsPerPercent } of sensitivity(calmEth(), DEFAULT_MODEL)) {
      const falls = ["depthUsd", "dailyVolumeUsd", "longRunVolatility"].includes(input);
      for (const slope of [maintenanceBpsPerPercent, initialBpsPerPercent]) {
        // A larger number of degrees of freedom thins the tail at 99.9 %, yet not everywhere at 99 %.
        if (input !== "degreesOfFreedom") assert.ok(falls ? slope <= 1e-9 : slope >= -1e-9, `${input} ${slope}`);
      }
    }
  });

  it("agree with the difference of two targets", () => {
    const change =
      target(calmEth({ used: 0.606 }), DEFAULT_MODEL).maintenance -
      target(calmEth({ used: 0.594 }), DEFAULT_MODEL).maintenance;
    near(of("volatility").maintenanceBpsPerPercent, (change * 10_000) / 2, 1e-9);
    near(of("volatility").maintenanceBpsPerPercent, 7.8, 0.5);
  });

  it("of depth are zero while one slice is enough, and negative when depth is thin", () => {
    assert.equal(of("depthUsd").maintenanceBpsPerPercent, 0);
    const thin = calmEth({ depth: { ...calmEth().depth, robustUsd: 300_000 } });
    assert.ok(of("depthUsd", thin).maintenanceBpsPerPercent < 0);
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
