import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_MODEL } from "../../../keeper/markets/defaults.ts";
import { MODEL_RANGES, type ModelNumber } from "../../../keeper/markets/modelRanges.ts";
import { RISK_INPUTS } from "../../../keeper/model/explain/riskInputs.ts";
import { type Reach, whatWouldMove } from "../../../keeper/model/explain/sensitivity.ts";
import { target } from "../../../keeper/model/target.ts";
import { NO_SOURCES, poolVolatility } from "../../../keeper/model/volatilityLadder.ts";
import { calmEth } from "../../support/modelRisk.ts";
import { near } from "../../support/near.ts";

const of = (input: string, risk = calmEth(), bps = 100): Reach =>
  whatWouldMove(risk, DEFAULT_MODEL, bps).find((row) => row.input === input) ?? assert.fail(`no row ${input}`);

/** Both haircuts in basis points with one input set. */
const withInput = (input: string, value: number, risk = calmEth()) => {
  const moved = RISK_INPUTS[input]?.write({ risk, parameters: DEFAULT_MODEL }, value) ?? assert.fail(input);
  const found = target(moved.risk, moved.parameters);
  return { initial: 10_000 * found.initial, maintenance: 10_000 * found.maintenance };
};

describe("what would have to happen", () => {
  it("is a long run from 60 to 66 % for maintenance to rise by 100 bp, and nothing that volatility does today", () => {
    near(of("longRunVolatility").maintenanceRises ?? 0, 0.6599, 5e-5);
    assert.equal(of("longRunVolatility").value, 0.6);
    const { maintenanceRises, maintenanceFalls, value } = of("volatility");
    assert.deepEqual([maintenanceRises, maintenanceFalls, value], [null, null, 0.6]);
  });

  it("does happen at the value named, and not a little before it", () => {
    const now = withInput("volatility", 0.6);
    for (const row of whatWouldMove(calmEth(), DEFAULT_MODEL)) {
      for (const [side, sign, at] of [
        ["initial", 1, row.initialRises],
        ["initial", -1, row.initialFalls],
        ["maintenance", 1, row.maintenanceRises],
        ["maintenance", -1, row.maintenanceFalls],
      ] as const) {
        if (at === null) continue;
        const moved = sign * (withInput(row.input, at)[side] - now[side]);
        assert.ok(moved >= 100 - 1e-6, `${row.input} ${side} ${sign}: ${moved} bp at ${at}`);
        const before = at + (row.value - at) * 1e-6;
        assert.ok(sign * (withInput(row.input, before)[side] - now[side]) < 100, `${row.input} ${side} before ${at}`);
        assert.ok(at >= row.least && at <= row.most, `${row.input}: ${at} in ${row.least}..${row.most}`);
      }
    }
  });

  it("names nothing that governance could not set", () => {
    for (const row of whatWouldMove(calmEth({ used: 1.5 }), DEFAULT_MODEL)) {
      if (row.setBy !== "governance") continue;
      const { low, high } = MODEL_RANGES[row.input as ModelNumber];
      for (const at of [row.initialRises, row.initialFalls, row.maintenanceRises, row.maintenanceFalls]) {
        assert.ok(at === null || (at >= low && at <= high), `${row.input} ${at}`);
      }
    }
  });

  it("is further away for a larger move", () => {
    // At 150 % initial follows the market; in a calm hour it stands on the gap and cannot fall.
    const at = (bps: number) => of("volatility", calmEth({ used: 1.5 }), bps);
    const [small, middle, large] = [at(50), at(100), at(200)];
    assert.ok((small.initialRises ?? 9) < (middle.initialRises ?? 0));
    assert.ok((middle.initialRises ?? 9) < (large.initialRises ?? 0));
    assert.ok((small.initialFalls ?? 0) > (large.initialFalls ?? 9));
    assert.equal(of("volatility").initialFalls, null);
  });

  it("is null where nothing in the plausible range does it", () => {
    assert.equal(of("recentVolatility").initialFalls, null, "a floor that does not bind");
  });

  it("searches upward from zero too: the feed does not lag now", () => {
    const gap = of("oracleGap");
    assert.equal(gap.value, 0);
    // Of today's 16.19 % to 20.19 %: 1 - 0.990679 x 0.798122 / 0.838122, less the feed's latency, 0.004321.
    near(gap.initialRises ?? 0, 1 - (0.990679414 * 0.798122437) / 0.838122437 - 0.004320586, 1e-6);
    assert.deepEqual([gap.initialFalls, gap.maintenanceRises, gap.maintenanceFalls], [null, null, null]);
  });

  it("leaves out what is unknown", () => {
    const names = whatWouldMove(calmEth({ longRun: null }), DEFAULT_MODEL).map(({ input }) => input);
    assert.equal(names.includes("longRunVolatility"), false);
    assert.equal(names.includes("volatility"), true);
  });
});

describe("inputs and what follows from them", () => {
  it("volatility takes the asset's own tail along", () => {
    const risk = calmEth({ tail: { historical: 0.19, riskNeutral: 0.1 } });
    const moved = RISK_INPUTS["volatility"]?.write({ risk, parameters: DEFAULT_MODEL }, 1.2).risk ?? assert.fail();
    near(moved.tail.historical ?? 0, 1 - 0.81 ** 2, 1e-15, "its logarithm doubles");
    assert.equal(moved.tail.riskNeutral, 0.1, "what options say is another source");
  });

  it("writing the value that stands there changes nothing", () => {
    const risk = calmEth({ tail: { historical: 0.15, riskNeutral: 0.12 } });
    const now = target(risk, DEFAULT_MODEL);
    for (const [name, input] of Object.entries(RISK_INPUTS)) {
      const value = input.read({ risk, parameters: DEFAULT_MODEL });
      if (value === null) continue;
      const same = input.write({ risk, parameters: DEFAULT_MODEL }, value);
      near(target(same.risk, same.parameters).maintenance, now.maintenance, 1e-12, name);
    }
  });

  it("implied volatility counts by its weight in the pool", () => {
    const pooled = RISK_INPUTS["impliedVolatility"]?.write({ risk: calmEth(), parameters: DEFAULT_MODEL }, 1.2).risk;
    const weighted = poolVolatility(
      { ...NO_SOURCES, implied: 1.2, har: 0.6, ewma: 0.6, longRun: 0.6, confidence: 1, historyDays: 400 },
      DEFAULT_MODEL,
    );
    assert.equal(pooled?.volatility.used, weighted.used);
  });

  it("implied volatility takes the options' own tail along", () => {
    const risk = calmEth({ tail: { historical: null, riskNeutral: 0.19 } });
    const moved = RISK_INPUTS["impliedVolatility"]?.write({ risk, parameters: DEFAULT_MODEL }, 1.2).risk;
    near(moved?.tail.riskNeutral ?? 0, 1 - 0.81 ** 2, 1e-15);
    assert.ok((moved?.volatility.used ?? 0) > 0.8);
  });

  it("a volatility that was held or given is not taken apart", () => {
    const risk = calmEth();
    const held = { ...risk, volatility: { ...risk.volatility, used: 0.77, binding: "held" } };
    assert.equal(RISK_INPUTS["impliedVolatility"]?.read({ risk: held, parameters: DEFAULT_MODEL }), null);
    const moved = RISK_INPUTS["longRunVolatility"]?.write({ risk: held, parameters: DEFAULT_MODEL }, 0.9).risk;
    assert.equal(moved?.volatility.used, 0.77, "long-run volatility still moves maintenance");
    assert.equal(moved?.volatility.longRun, 0.9);
  });
});
