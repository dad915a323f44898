import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observed } from "../../keeper/domain/observation.ts";
import { ask } from "../../keeper/quality/acceptance.ts";
import { calmFeed, calmObserved, seen } from "../support/observations.ts";

const NOW = 1_770_000_000;
const FEED = "priceFeed:WETH";
const LIMITS = { now: 1_000, maxAgeSeconds: 60, maxFutureSeconds: 5 };
const feedAt = (eventTime: number) => ask([seen(calmFeed(eventTime, 3_000))], ["priceFeed"], FEED, LIMITS);

describe("a source asked for by its name", () => {
  const observed = calmObserved(NOW);
  const limits = { now: NOW, maxAgeSeconds: 3_600, maxFutureSeconds: 5 };

  it("is found by source and kind", () => {
    assert.equal(ask(observed, ["priceFeed"], FEED, limits).accepted, observed[4]?.observation);
    assert.equal(ask(observed, ["optionBoard"], "deribit:ETH:options", limits).accepted, observed[0]?.observation);
  });

  it("is UNREACHABLE where another kind has the name, or no source has it", () => {
    const swapped: Observed = { ...seen(calmFeed(NOW, 3_000)), source: "deribit:ETH:options" };
    for (const [all, name] of [
      [[swapped], "deribit:ETH:options"],
      [observed, "deribit:BTC:options"],
    ] as const) {
      const { accepted, faults } = ask(all, ["optionBoard"], name, limits);
      assert.deepEqual([accepted, faults], [null, [{ code: "UNREACHABLE", source: name, detail: "was not observed" }]]);
    }
  });

  it("keeps the faults of what gave no observation, and no more", () => {
    const refused = { code: "UNREACHABLE", source: FEED, detail: "refused" } as const;
    const silent: Observed = { source: FEED, observation: null, faults: [refused] };
    assert.deepEqual(ask([silent], ["priceFeed"], FEED, limits).faults, [refused]);
  });
});

describe("the age of an observation", () => {
  const fault = (eventTime: number) => feedAt(eventTime).faults[0] ?? null;
  const named = (code: string, detail: string) => ({ code, source: FEED, detail });

  it("may reach both limits, and has a name beyond them", () => {
    assert.deepEqual([fault(940), fault(1_000), fault(1_005)], [null, null, null]);
    assert.deepEqual(fault(939), named("STALE", "age 61 s, limit 60 s"));
    assert.deepEqual(fault(1_006), named("FUTURE", "6 s ahead of now, limit 5 s"));
  });

  it("is rounded to whole seconds where it is said, not where it is compared", () => {
    assert.deepEqual(fault(939.4), named("STALE", "age 61 s, limit 60 s"));
    assert.deepEqual(fault(938.5 - 0.1), named("STALE", "age 62 s, limit 60 s"));
    assert.deepEqual(fault(1_005.7), named("FUTURE", "6 s ahead of now, limit 5 s"));
  });

  it("has a name of its own where the time is no number, and is never fresh", () => {
    for (const time of [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]) {
      assert.deepEqual(fault(time), named("NOT_FINITE", `event time ${time}`));
      assert.equal(feedAt(time).accepted, null);
    }
  });

  it("adds its fault after those that were known, and leaves what came to be seen", () => {
    const known = { code: "WIDE", source: FEED, detail: "spread", count: 2 } as const;
    const at = (eventTime: number) =>
      ask([{ ...seen(calmFeed(eventTime, 3_000)), faults: [known] }], ["priceFeed"], FEED, LIMITS);
    assert.deepEqual([at(990).accepted, at(990).faults], [calmFeed(990, 3_000), [known]]);
    const stale = at(900);
    assert.deepEqual([stale.accepted, stale.seen], [null, calmFeed(900, 3_000)]);
    assert.deepEqual(stale.faults, [known, named("STALE", "age 100 s, limit 60 s")]);
  });
});
