import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEPTH_FAMILIES } from "../../../scripts/lab/frontier/depthFamilies.ts";
import { offered, scaleForLtv } from "../../../scripts/lab/frontier/rules.ts";

const nan = Number.NaN;
const path = (maintenance: readonly number[], initial: readonly number[] = maintenance.map(() => nan)) => ({
  maintenance: Float64Array.from(maintenance),
  initial: Float64Array.from(initial),
});

describe("what a scaled rule offers", () => {
  it("keeps the LTV a gap below the threshold, and the threshold below the toxic frontier", () => {
    const { threshold, ltv } = offered(path([0.2, 0.01, 0.9]), 1, 0.03, 0.05);
    assert.deepEqual(
      [...threshold].map((one) => one.toFixed(4)),
      ["0.8000", (1 / 1.05 - 0.005).toFixed(4), "0.1000"],
    );
    assert.deepEqual(
      [...ltv].map((one) => one.toFixed(4)),
      ["0.7700", (1 / 1.05 - 0.035).toFixed(4), "0.0700"],
    );
  });

  it("takes a rule's own initial haircut where it is the stricter, and keeps the last of an hour without one", () => {
    const { threshold, ltv } = offered(path([nan, 0.2, nan, 0.1], [nan, 0.3, nan, 0.11]), 1, 0.03, 0.05);
    assert.deepEqual([...threshold], [0.8, 0.8, 0.8, 0.9]);
    assert.deepEqual(
      [...ltv].map((one) => one.toFixed(2)),
      ["0.77", "0.70", "0.70", "0.87"],
    );
  });

  it("has the mean LTV that was asked for, over the origins that count", () => {
    const rule = path([0.1, 0.2, 0.4, 0.3]);
    const counts = (i: number) => i > 0;
    const scale = scaleForLtv(rule, 0.7, 0.03, 0.05, counts);
    assert.ok(scale !== null);
    const { ltv } = offered(rule, scale, 0.03, 0.05);
    assert.ok(Math.abs(ltv.subarray(1).reduce((sum, one) => sum + one, 0) / 3 - 0.7) < 1e-5);
    assert.equal(scaleForLtv(rule, 0.99, 0.03, 0.05, counts), null, "no scale lends that much");
  });
});

describe("families of depth", () => {
  const hours = 200 * 24;
  const times = Float64Array.from({ length: hours }, (_, i) => i * 3_600);
  const prices = Float64Array.from({ length: hours }, (_, i) => (i < 3_000 ? 1_000 : 850));
  const volumes = Float64Array.from({ length: hours }, (_, i) => (i < 2_400 ? 100 : 50));
  const scales = Object.fromEntries(DEPTH_FAMILIES.map(({ name, scale }) => [name, scale({ times, prices, volumes })]));
  const at = (name: string, hour: number) => (scales[name] as Float64Array)[hour] as number;

  it("are a multiple of the usual depth at each hour", () => {
    assert.deepEqual(Object.keys(scales), ["constant", "volume", "halved", "collapse"]);
    for (const scale of Object.values(scales)) {
      assert.equal(scale.length, hours);
      assert.ok(scale.every((one) => one > 0 && one < 3));
    }
  });

  it("follow volume, halve by the month, and collapse for two days after a fall of a tenth", () => {
    assert.ok(Math.abs(at("volume", 4_700) / at("volume", 2_399) - 0.5) < 1e-9);
    assert.equal(at("halved", 89 * 24), 1);
    assert.equal(at("halved", 91 * 24), 0.5);
    assert.deepEqual(
      [2_999, 3_000, 3_023, 3_070, 3_071].map((hour) => at("collapse", hour)),
      [1, 0.1, 0.1, 0.1, 1],
    );
  });
});
