import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observed } from "../../keeper/domain/observation.ts";
import { fresh, freshnessFault } from "../../keeper/quality/freshness.ts";
import { calmFeed } from "../support/observations.ts";

const LIMITS = { maxAgeSeconds: 60, maxFutureSeconds: 5 };
const at = (eventTime: number) => freshnessFault({ source: "x", eventTime }, 1_000, LIMITS);

describe("freshnessFault", () => {
  it("lets both limits through and names what lies beyond them", () => {
    assert.deepEqual([at(940), at(1_000), at(1_005)], [null, null, null]);
    assert.deepEqual(at(939), { code: "STALE", source: "x", detail: "age 61 s, limit 60 s" });
    assert.deepEqual(at(1_006), { code: "FUTURE", source: "x", detail: "6 s ahead of now, limit 5 s" });
  });

  it("rounds what it says to whole seconds, not what it compares", () => {
    assert.deepEqual(at(939.4), { code: "STALE", source: "x", detail: "age 61 s, limit 60 s" });
    assert.deepEqual(at(938.5 - 0.1), { code: "STALE", source: "x", detail: "age 62 s, limit 60 s" });
    assert.deepEqual(at(1_005.7), { code: "FUTURE", source: "x", detail: "6 s ahead of now, limit 5 s" });
  });

  it("calls a time that is no number by its own name, never fresh", () => {
    for (const time of [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]) {
      assert.deepEqual(at(time), { code: "NOT_FINITE", source: "x", detail: `event time ${time}` });
    }
  });
});

describe("fresh", () => {
  const known = { code: "WIDE", source: "priceFeed:WETH", detail: "spread", count: 2 } as const;
  const observed = (eventTime: number): Observed => ({
    source: "priceFeed:WETH",
    observation: calmFeed(eventTime, 3_000),
    faults: [known],
  });

  it("accepts a fresh observation with the faults it came with", () => {
    const { accepted, faults } = fresh(observed(990), 1_000, LIMITS);
    assert.deepEqual([accepted, faults], [calmFeed(990, 3_000), [known]]);
  });

  it("holds a stale one back and adds why, after what was known", () => {
    const { accepted, faults } = fresh(observed(900), 1_000, LIMITS);
    assert.equal(accepted, null);
    assert.deepEqual(faults, [known, { code: "STALE", source: "priceFeed:WETH", detail: "age 100 s, limit 60 s" }]);
  });

  it("keeps the faults of a source that gave no observation, and has nothing to say of one never asked", () => {
    const silent: Observed = { source: "priceFeed:WETH", observation: null, faults: [known] };
    assert.deepEqual(fresh(silent, 1_000, LIMITS), { accepted: null, faults: [known] });
    assert.deepEqual(fresh(null, 1_000, LIMITS), { accepted: null, faults: [] });
  });
});
