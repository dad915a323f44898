import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AppliedBatch } from "../../../keeper/domain/contract.ts";
import { fault } from "../../../keeper/domain/fault.ts";
import type { EvidenceBundle } from "../../../keeper/evidence/schema.ts";
import { CALM_LIMIT } from "../../support/entries.ts";
import { loosenings, looseningsFromBadData, restsOnGoodData } from "./loosenings.ts";
import { shuffled } from "./shuffled.ts";
import { sumLedgers } from "./sumLedgers.ts";

type Values = readonly [marketId: number, initialBps: number, limit?: number];

const batch = (entries: readonly Values[], change: Partial<AppliedBatch> = {}) =>
  ({
    ...{ evidence: `0x${"00".repeat(32)}`, skipped: [], tightened: [] },
    entries: entries.map(([marketId, initialBps, limit = CALM_LIMIT]) => ({ marketId, initialBps, limit })),
    ...change,
  }) as unknown as AppliedBatch;
const refused = (marketId: number) => [{ marketId, reason: "HELD", given: 0, allowed: 0 }] as const;
const before = new Map([
  [1, { initialBps: 2_200, limit: CALM_LIMIT }],
  [2, { initialBps: 2_700, limit: CALM_LIMIT }],
]);

describe("loosenings", () => {
  it("counts each entry against what the one before it left", () => {
    const applied = [
      batch([
        [1, 2_500],
        [2, 2_700],
      ]),
      batch([
        [1, 2_400],
        [2, 2_699],
      ]),
      batch([[1, 2_400]]),
    ];
    assert.equal(loosenings(applied, before), 2);
  });

  it("counts a limit that rises, whatever initial does", () => {
    assert.equal(loosenings([batch([[1, 2_300, CALM_LIMIT + 1]])], before), 1);
    assert.equal(loosenings([batch([[1, 2_200, CALM_LIMIT - 1]])], before), 0);
  });

  it("counts nothing of a market that was skipped, or only tightened", () => {
    const skipped = batch([[1, 2_100]], { skipped: refused(1) });
    assert.equal(loosenings([skipped, batch([[1, 2_200]])], before), 0);
    const tightened = batch([[1, 2_100, CALM_LIMIT - 9]], { tightened: refused(1) });
    assert.equal(loosenings([tightened], before), 0);
    assert.equal(loosenings([tightened, batch([[1, 2_199, CALM_LIMIT - 9]])], before), 1, "initial stayed");
    assert.equal(loosenings([tightened, batch([[1, 2_200, CALM_LIMIT - 8]])], before), 1, "the limit went down");
  });

  it("without evidence each of them counts as from bad data", async () => {
    const one = batch([
      [1, 2_100],
      [2, 2_800],
    ]);
    assert.equal(await looseningsFromBadData([one], before, ["/nowhere"]), 1);
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
