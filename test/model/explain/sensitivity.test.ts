import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_MODEL } from "../../../keeper/markets/defaults.ts";
import { RISK_INPUTS } from "../../../keeper/model/explain/riskInputs.ts";
import { sensitivity } from "../../../keeper/model/explain/sensitivity.ts";
import { target } from "../../../keeper/model/target.ts";
import { NO_SOURCES, poolVolatility } from "../../../keeper/model/volatilityLadder.ts";
import { calmEth } from "../../support/modelRisk.ts";
import { near } from "../../support/near.ts";

const of = (input: string, risk = calmEth()) =>
  sensitivity(risk, DEFAULT_MODEL).find((row) => row.input === input) ?? assert.fail(`no row ${input}`);

describe("sensitivities", () => {
  it("have the sign that the model promises", () => {
    const rows = [calmEth(), calmEth({ used: 1.5 })].flatMap((risk) => sensitivity(risk, DEFAULT_MODEL));
    for (const { input, maintenanceBpsPerPercent, initialBpsPerPercent } of rows) {
      for (const slope of [maintenanceBpsPerPercent, initialBpsPerPercent]) {
        // A larger number of degrees of freedom thins the tail at 99.9 %, yet not everywhere at 99 %.
        if (input !== "degreesOfFreedom") assert.ok(slope >= -1e-9, `${input} ${slope}`);
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

  it("are of what moves a haircut in some market, each of them", () => {
    const known = { ...NO_SOURCES, har: 2.4, ewma: 1.5, longRun: 0.6, confidence: 1, historyDays: 400 };
    const [wild, jumped] = [
      { ...known, implied: 1.5 },
      { ...known, ewma: 4 },
    ].map((sources) => {
      const volatility = { ...poolVolatility(sources, DEFAULT_MODEL), historyDays: 400 };
      return calmEth({ volatility, oracleDeviation: 0.02 });
    });
    const rows = [wild, jumped].flatMap((risk) => sensitivity(risk ?? assert.fail(), DEFAULT_MODEL));
    // The feed's threshold counts where the gap of the moment is less.
    rows.push(...sensitivity(calmEth(), DEFAULT_MODEL));
    assert.deepEqual(new Set(rows.map(({ input }) => input)), new Set(Object.keys(RISK_INPUTS)));
    for (const name of Object.keys(RISK_INPUTS)) {
      const moving = rows.filter(({ input, initialBpsPerPercent }) => input === name && initialBpsPerPercent !== 0);
      assert.notEqual(moving.length, 0, name);
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
