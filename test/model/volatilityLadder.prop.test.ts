import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DEFAULT_MODEL } from "../../keeper/markets/defaults.ts";
import { NO_SOURCES, poolVolatility, type VolatilitySources } from "../../keeper/model/volatilityLadder.ts";

type VolatilityInputs = Parameters<typeof poolVolatility>[0];
const SOURCE_NAMES = Object.keys(NO_SOURCES) as (keyof VolatilitySources)[];
const volatility = fc.option(fc.double({ min: 0, max: 5, noNaN: true }), { nil: null });
const sources: fc.Arbitrary<VolatilitySources> = fc.record({
  implied: volatility,
  riskNeutral: volatility,
  index: volatility,
  transferImplied: volatility,
  transferRealised: volatility,
  har: volatility,
  ewma: volatility,
  longRun: volatility,
  realised: volatility,
  range: volatility,
});
const confidence = fc.double({ min: 0, max: 1, noNaN: true });
const historyDays = fc.nat(1000);
const used = (inputs: VolatilityInputs) => poolVolatility(inputs, DEFAULT_MODEL).used;

describe("pooled volatility", () => {
  it("is never lowered by removing any set of sources whose last values are held, at any confidence", () => {
    const removed = fc.subarray([...SOURCE_NAMES]);
    fc.assert(
      fc.property(sources, removed, confidence, confidence, historyDays, (all, gone, before, after, days) => {
        const left = { ...all, ...Object.fromEntries(gone.map((name) => [name, null])) };
        const missing = gone.some((name) => (all[name] ?? 0) > 0);
        const then = used({ ...all, confidence: before, historyDays: days });
        const now = used({ ...left, confidence: missing ? after : before, historyDays: days, held: all });
        assert.ok(now >= then, `${now} < ${then} without ${gone.join(", ")}`);
      }),
      { numRuns: 2000 },
    );
  });

  it("is never lowered by removing sources one after the other", () => {
    fc.assert(
      fc.property(sources, fc.shuffledSubarray([...SOURCE_NAMES]), confidence, (all, order, c) => {
        let last = used({ ...all, confidence: c, historyDays: 300, held: all });
        let left: VolatilitySources = all;
        for (const name of order) {
          left = { ...left, [name]: null };
          const now = used({ ...left, confidence: c, historyDays: 300, held: all });
          assert.ok(now >= last);
          last = now;
        }
      }),
    );
  });

  it("is never lowered by holding more", () => {
    fc.assert(
      fc.property(sources, sources, confidence, (now, held, c) => {
        const inputs = { ...now, confidence: c, historyDays: 300 };
        assert.ok(used({ ...inputs, held }) >= used(inputs));
      }),
    );
  });

  it("climbs down with multipliers that only rise, from L1 to L4", () => {
    const [l1, l2, l3, l4] = DEFAULT_MODEL.ladderMultipliers;
    assert.ok(l1 <= l2 && l2 <= l3 && l3 <= l4);
  });

  it("rises with every source that it uses directly", () => {
    const direct = fc.constantFrom("implied", "har", "ewma", "longRun", "index", "riskNeutral") as fc.Arbitrary<
      keyof VolatilitySources
    >;
    fc.assert(
      fc.property(sources, direct, fc.double({ min: 1, max: 2, noNaN: true }), confidence, (all, name, factor, c) => {
        const value = all[name];
        if (value === null || value === 0) return;
        const inputs = { ...all, confidence: c, historyDays: 300 };
        assert.ok(used({ ...inputs, [name]: value * factor }) >= used(inputs) - 1e-12);
      }),
    );
  });

  it("is finite and positive whatever is there", () => {
    fc.assert(
      fc.property(sources, sources, confidence, historyDays, (now, held, c, days) => {
        const value = used({ ...now, confidence: c, historyDays: days, held });
        assert.ok(Number.isFinite(value) && value > 0);
      }),
    );
    assert.ok(used({ ...NO_SOURCES, confidence: 0, historyDays: 0 }) > 0);
  });
});
