import assert from "node:assert/strict";
import { test } from "node:test";
import { aggregateLeftBps, looseningLeftBps, windowLeftBps } from "../../keeper/policy/loosening.ts";
import { CALM_LIMITS, CALM_WRITER } from "../support/onChain.ts";

const left = (spentBps: number, hotBudgetBps = 50) =>
  windowLeftBps({ limits: { ...CALM_LIMITS, hotBudgetBps }, spentBps });

test("a window has the hot key's budget, less what the market has used of it", () => {
  assert.deepEqual([left(0), left(20), left(49), left(50)], [50, 30, 1, 0]);
});

test("a budget that governance has lowered below what is spent leaves nothing, and owes nothing", () => {
  assert.equal(left(50, 25), 0);
});

test("of the aggregate budget a tenth, rounded up, is never used", () => {
  const aggregate = (aggregateBps: number, spentBps: number) => aggregateLeftBps({ aggregateBps, spentBps });
  assert.deepEqual([aggregate(100, 0), aggregate(105, 0), aggregate(105, 20)], [90, 94, 74]);
  assert.deepEqual([aggregate(1, 0), aggregate(0, 0), aggregate(100, 95)], [0, 0, 0]);
});

test("one market may plan for the lesser of the two", () => {
  const market = (aggregateBps: number) => ({
    ...{ limits: CALM_LIMITS, spentBps: 10 },
    writer: { ...CALM_WRITER, aggregateBps },
  });
  assert.deepEqual([looseningLeftBps(market(1_000)), looseningLeftBps(market(20))], [40, 18]);
});
