import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AppliedBatch } from "../../../keeper/domain/contract.ts";
import { fault } from "../../../keeper/domain/fault.ts";
import type { EvidenceBundle } from "../../../keeper/evidence/schema.ts";
import { lowerings, loweringsFromBadData, restsOnGoodData } from "./loosenings.ts";
import { shuffled } from "./shuffled.ts";
import { sumLedgers } from "./sumLedgers.ts";

const batch = (...updates: readonly (readonly [marketId: number, initialBps: number])[]) =>
  ({
    evidence: `0x${"00".repeat(32)}`,
    updates: updates.map(([marketId, initialBps]) => ({ marketId, initialBps })),
  }) as unknown as AppliedBatch;
const before = new Map([
  [1, 2_200],
  [2, 2_700],
]);

describe("lowerings", () => {
  it("counts each update against what the one before it left", () => {
    const applied = [batch([1, 2_500], [2, 2_700]), batch([1, 2_400], [2, 2_699]), batch([1, 2_400])];
    assert.equal(lowerings(applied, before), 2);
  });

  it("without evidence each of them counts as from bad data", async () => {
    assert.equal(await loweringsFromBadData([batch([1, 2_100], [2, 2_800])], before, ["/nowhere"]), 1);
  });
});

describe("restsOnGoodData", () => {
  const bundle = (change: { readonly observed?: readonly unknown[]; readonly confidence?: number }) => {
    const { observed = [{ source: "a", observation: {}, faults: [] }], confidence = 1 } = change;
    const market = {
      marketId: 1,
      observed,
      decision: { confidence },
      parameters: { policy: { minLooseningConfidence: 0.8 } },
    };
    return { markets: [market] } as unknown as EvidenceBundle;
  };
  const dropped = fault("CROSSED", "a", "one record", 1);
  const lost = fault("STALE", "a", "age 320 s");

  it("asks for an answer of every source, no fault that cost a whole one, and confidence", () => {
    assert.equal(restsOnGoodData(bundle({}), 1), true);
    assert.equal(restsOnGoodData(bundle({ observed: [{ source: "a", observation: {}, faults: [dropped] }] }), 1), true);
    assert.equal(restsOnGoodData(bundle({ observed: [{ source: "a", observation: {}, faults: [lost] }] }), 1), false);
    assert.equal(restsOnGoodData(bundle({ observed: [{ source: "a", observation: null, faults: [lost] }] }), 1), false);
    assert.equal(restsOnGoodData(bundle({ observed: [] }), 1), false);
    assert.equal(restsOnGoodData(bundle({ confidence: 0.79 }), 1), false);
    assert.equal(restsOnGoodData(bundle({}), 2), false, "a market that is not in it");
  });
});

describe("sumLedgers", () => {
  const clean = { liquidations: 0, lost: 0, doubled: 0, loosened: 0, recovered: true };
  it("adds counts, keeps what was not counted, and recovers only as a whole", () => {
    assert.deepEqual(
      sumLedgers([clean, { ...clean, lost: 2, loosened: null }, { ...clean, lost: 1, recovered: false }]),
      {
        liquidations: 0,
        lost: 3,
        doubled: 0,
        loosened: null,
        recovered: false,
      },
    );
  });
});

describe("shuffled", () => {
  it("has everything once, in an order that the numbers give", () => {
    const numbers = [0.5, 0.9, 0.1, 0];
    assert.deepEqual(
      shuffled([1, 2, 3, 4], () => numbers.shift() ?? 0),
      [3, 4, 1, 2],
    );
    const all = [1, 2];
    shuffled(all, () => 0);
    assert.deepEqual(all, [1, 2]);
  });
});
