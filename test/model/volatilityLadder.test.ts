import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_MODEL } from "../../keeper/markets/defaults.ts";
import { NO_SOURCES, poolVolatility } from "../../keeper/model/volatilityLadder.ts";
import { near } from "../support/near.ts";

type VolatilityInputs = Parameters<typeof poolVolatility>[0];
const calm: VolatilityInputs = {
  ...NO_SOURCES,
  implied: 0.64,
  riskNeutral: 0.6,
  index: 0.65,
  har: 0.49,
  ewma: 0.5,
  longRun: 0.7,
  realised: 0.48,
  range: 0.47,
  confidence: 0.5,
  historyDays: 400,
};
const at = (change: Partial<VolatilityInputs>) => poolVolatility({ ...calm, ...change }, DEFAULT_MODEL);
const noOptions = { implied: null, riskNeutral: null, index: null };

describe("pooling", () => {
  it("is the geometric mean of implied and forecast volatility at equal weights", () => {
    const { level, pooled, used, binding, multiplier } = at({});
    near(pooled, 0.56, 1e-12);
    near(used, 0.56, 1e-12);
    assert.deepEqual([level, binding, multiplier], ["L1", "pooled", 1]);
  });

  it("takes governance's weight from 180 days of history on, kept within 0.2 and 0.8", () => {
    const weighted = (impliedWeight: number, historyDays: number) =>
      poolVolatility({ ...calm, historyDays }, { ...DEFAULT_MODEL, impliedWeight }).pooled;
    near(weighted(0.7, 180), 0.64 ** 0.7 * 0.49 ** 0.3, 1e-12);
    near(weighted(0.7, 179), 0.56, 1e-12);
    near(weighted(1, 400), 0.64 ** 0.8 * 0.49 ** 0.2, 1e-12);
  });

  it("is floored by the smaller of implied and risk-neutral volatility when confidence is 0.8 or more", () => {
    const high = at({ confidence: 0.8 });
    assert.deepEqual([high.used, high.binding], [0.6, "impliedFloor"]);
    assert.equal(at({ confidence: 0.8, riskNeutral: null }).used, 0.64);
    near(at({ confidence: 0.79 }).used, 0.56, 1e-12);
  });

  it("is floored by 0.9 of EWMA and by 0.6 of the long run", () => {
    const storm = at({ ewma: 1 });
    assert.deepEqual([storm.used, storm.binding], [0.9, "ewmaFloor"]);
    const lull = at({ longRun: 1.2 });
    near(lull.used, 0.72, 1e-12);
    assert.equal(lull.binding, "longRunFloor");
  });
});

describe("the source ladder", () => {
  it("L2: the index times 1.05", () => {
    const { level, multiplier, used } = at({ implied: null, riskNeutral: null, index: 0.7 });
    assert.deepEqual([level, multiplier], ["L2", 1.05]);
    near(used, 1.05 * Math.sqrt(0.7 * 0.49), 1e-12);
  });

  it("L2: a surface without log-HAR pools with the next physical estimator", () => {
    const { level, pooled } = at({ har: null });
    assert.equal(level, "L2");
    near(pooled, Math.sqrt(0.64 * 0.5), 1e-12);
    near(at({ har: null, ewma: null, realised: null, range: null }).pooled, 0.64, 1e-12);
  });

  it("L3: own realised volatility times the reference's implied over realised, at least 1 and at most 1.5", () => {
    const link = { ...noOptions, transferImplied: 0.72, transferRealised: 0.6 };
    const { level, multiplier, pooled } = at(link);
    assert.deepEqual([level, multiplier], ["L3", 1.15]);
    near(pooled, Math.sqrt(0.48 * 1.2 * 0.49), 1e-12);
    near(at({ ...link, transferImplied: 3 }).pooled, Math.sqrt(0.48 * 1.5 * 0.49), 1e-12);
    near(at({ ...link, transferImplied: 0.1 }).pooled, Math.sqrt(0.48 * 0.49), 1e-12);
  });

  it("L4: physical volatility times 1.20, log-HAR before EWMA before realised before range", () => {
    const physical = { ...noOptions, ewma: null, longRun: null };
    near(at({ ...physical }).used, 1.2 * 0.49, 1e-12);
    near(at({ ...physical, har: null }).used, 1.2 * 0.48, 1e-12);
    near(at({ ...physical, har: null, realised: null }).used, 1.2 * 0.47, 1e-12);
    assert.equal(at(noOptions).level, "L4");
  });

  it("L6: governance's static volatility when nothing is known", () => {
    const none = poolVolatility({ ...NO_SOURCES, confidence: 0, historyDays: 0 }, DEFAULT_MODEL);
    assert.deepEqual([none.level, none.used, none.binding], ["L6", 1.5, "static"]);
  });

  it("counts zero as missing: no data is not zero risk", () => {
    assert.equal(at({ implied: 0, riskNeutral: 0, index: 0 }).level, "L4");
  });

  it("refuses percent given for a fraction, and names the source", () => {
    assert.throws(() => at({ implied: 64 }), /implied.*64.*\[0, 10\]/);
    assert.throws(() => at({ held: { har: Number.NaN } }), /har/);
  });
});

describe("a source that goes away", () => {
  const crisis = { implied: 1.6, riskNeutral: 1.5, index: 1.55, confidence: 0.9, har: 0.7 };

  it("is held: volatility stays although the rung below would be far lower, and the step is visible", () => {
    const before = at(crisis);
    const after = at({ ...crisis, ...noOptions, confidence: 0.3, held: { implied: 1.6, riskNeutral: 1.5 } });
    assert.equal(before.used, 1.5);
    assert.equal(after.used, 1.6, "the smaller of two numbers that are both gone is not relied on");
    assert.deepEqual([after.level, after.binding], ["L4", "held"]);
    assert.equal(after.implied, null, "what is shown as implied is what is there now");
  });

  it("steps down the ladder when the hold is over: this is the part no pure function can prevent", () => {
    assert.ok(at({ ...crisis, ...noOptions }).used < at(crisis).used);
  });

  it("takes the place of nothing that is there", () => {
    assert.deepEqual(at({ held: { implied: 1.6, har: 1.5 } }), at({}));
  });

  it("does not hold volatility down when the rung below is higher", () => {
    const held = { implied: 0.3, riskNeutral: 0.3 };
    near(at({ ...noOptions, held }).used, 1.2 * 0.49, 1e-12);
  });
});
