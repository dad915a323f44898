import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deployedAt } from "../../../scripts/lab/frontier/deployed.ts";
import { DEPTH_FAMILIES } from "../../../scripts/lab/frontier/depthFamilies.ts";
import { offered, scaleForLtv } from "../../../scripts/lab/frontier/offered.ts";
import { regimesOf } from "../../../scripts/lab/frontier/regimes.ts";

const nan = Number.NaN;
const path = (maintenance: readonly number[], initial: readonly number[] = maintenance.map(() => nan)) => ({
  maintenance: Float64Array.from(maintenance),
  initial: Float64Array.from(initial),
  ...{ limit: null, riseADay: Number.POSITIVE_INFINITY, deployed: false },
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

  it("lets maintenance rise no faster than its ramp while the LTV follows at once, and fall freely", () => {
    const ramped = { ...path([0.2, 0.3, 0.3, 0.1]), riseADay: 0.24 };
    const { threshold, ltv } = offered(ramped, 1, 0.03, 0.05);
    const digits = (values: Float64Array) => [...values].map((one) => one.toFixed(2));
    assert.deepEqual(digits(threshold), ["0.80", "0.79", "0.78", "0.90"]);
    assert.deepEqual(digits(ltv), ["0.77", "0.67", "0.67", "0.87"]);
  });

  it("offers a lender's own parameters as they were, with no gap but the lender's", () => {
    const { threshold, ltv } = offered({ ...path([0.175], [0.2]), deployed: true }, 1, 0.03, 0.05);
    assert.deepEqual([threshold[0], ltv[0]], [0.825, 0.8]);
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

describe("parameters of real lenders", () => {
  it("change on their day, and the first stand for the time before", () => {
    const times = Float64Array.from(["2018-01-01", "2020-12-03", "2022-01-01", "2026-01-01"], (day) => {
      return Date.parse(day) / 1_000;
    });
    const eth = deployedAt({ name: "ETH", deployed: { bonus: 0.05, ltv: 0.5, lt: 0.6, by: "a test" } }, times);
    assert.deepEqual(
      [...eth.initial].map((one) => (1 - one).toFixed(4)),
      ["0.6666", "0.8000", "0.8250", "0.8050"],
    );
    const crv = deployedAt({ name: "CRV", deployed: { bonus: 0.05, ltv: 0.5, lt: 0.6, by: "a test" } }, times);
    assert.deepEqual(
      [...crv.maintenance].map((one) => (1 - one).toFixed(2)),
      ["0.55", "0.55", "0.60", "0.61"],
    );
    const other = deployedAt({ name: "none", deployed: { bonus: 0.05, ltv: 0.5, lt: 0.6, by: "a test" } }, times);
    assert.deepEqual([other.initial[3], other.maintenance[0]], [0.5, 0.4]);
  });
});

describe("regimes", () => {
  it("are a crash below the week's high, a recovery for thirty days after it, calm else", () => {
    const hours = 60 * 24;
    const times = Float64Array.from({ length: hours }, (_, i) => i * 3_600);
    const prices = times.map((_, i) => (i < 240 ? 100 : i < 246 ? 80 : 90));
    const regimes = regimesOf(times, prices, 0.15);
    assert.deepEqual(
      [239, 240, 245, 246, 245 + 720, 246 + 720].map((hour) => regimes[hour]),
      [2, 0, 0, 1, 1, 2],
    );
  });
});

describe("families of depth", () => {
  const hours = 200 * 24;
  const times = Float64Array.from({ length: hours }, (_, i) => i * 3_600);
  const prices = Float64Array.from({ length: hours }, (_, i) => (i < 3_000 ? 1_000 : 850));
  const volumes = Float64Array.from({ length: hours }, (_, i) => (i < 2_400 ? 100 : 50));
  const books = { times: Float64Array.of(3_600, 4 * 3_600), tokens: Float64Array.of(5, 7) };
  const paths = Object.fromEntries(
    DEPTH_FAMILIES.map(({ name, path: of }) => [name, of({ times, prices, volumes, books })]),
  );
  const at = (name: string, hour: number) => (paths[name] as Float64Array)[hour] as number;

  it("know the past alone", () => {
    const early = (values: Float64Array) => values.subarray(0, 3_010);
    for (const { name, path: of } of DEPTH_FAMILIES) {
      const known = of({ times: early(times), prices: early(prices), volumes: early(volumes), books });
      assert.deepEqual(known, early(paths[name] as Float64Array), name);
    }
  });

  it("follow volume and turnover, halve by the month, and collapse for two days after a fall of a tenth", () => {
    assert.ok(Math.abs(at("volume", 4_700) / at("volume", 2_399) - 0.5) < 1e-9);
    assert.ok(Math.abs(at("turnover", 4_700) / at("turnover", 2_399) - 0.425) < 1e-9);
    assert.deepEqual([at("halved", 89 * 24), at("halved", 91 * 24)], [1, 0.5]);
    assert.deepEqual(
      [2_999, 3_000, 3_023, 3_070, 3_071].map((hour) => at("collapse", hour)),
      [1, 0.1, 0.1, 0.1, 1],
    );
  });

  it("hold a recorded book for eight hours, and know nothing else", () => {
    assert.deepEqual(
      [0, 1, 3, 4, 12, 13].map((hour) => at("recorded", hour)),
      [nan, 5, 5, 7, 7, nan],
    );
  });
});
