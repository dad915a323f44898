import assert from "node:assert/strict";
import { test } from "node:test";
import type { Journal } from "../../keeper/domain/journal.ts";
import { SOURCE_BITS } from "../../keeper/domain/risk.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { IDENTITY, NOW, sampleAssessment, samplePlan } from "./sample.ts";

const DAY = 86_400;
type Change = Parameters<typeof sampleAssessment>[0];

function record(store: Journal, now: number, change: Change = {}): number {
  return store.recordTick({
    now,
    blockNumber: null,
    markets: [{ marketId: 1, market: "WETH", assessment: sampleAssessment(change) }],
  });
}
const fresh = () => openJournal(":memory:", IDENTITY);

test("an empty journal remembers nothing", () => {
  assert.deepEqual(fresh().history(1, NOW), {
    depth: [],
    lastImplied: null,
    lastVolatility: [],
    lastDepth: null,
    lastBreaker: null,
    lastLoosening: null,
    initials: [],
  });
});

test("nothing later than now is seen, and nothing of another market", () => {
  const store = fresh();
  record(store, NOW - 60, { depthUsd: 1e6, implied: 0.5 });
  record(store, NOW + 60, { depthUsd: 9e6, implied: 0.9, decision: { breaker: true, reasons: ["LOOSEN"] } });
  const history = store.history(1, NOW);
  assert.deepEqual(history.depth, [[NOW - 60, 1e6]]);
  assert.deepEqual(history.lastImplied, { time: NOW - 60, vol: 0.5 });
  assert.equal(history.lastBreaker, null);
  assert.equal(history.lastLoosening, null);
  assert.deepEqual(store.history(2, NOW).depth, []);
  assert.equal(store.history(1, NOW + 60).lastBreaker, NOW + 60);
});

test("a held value does not become a sample, so holding cannot renew itself", () => {
  const store = fresh();
  const held = SOURCE_BITS.options | SOURCE_BITS.pools | SOURCE_BITS.heldVolatility | SOURCE_BITS.heldDepth;
  record(store, NOW - 600, { implied: 0.5, depthUsd: 1e6 });
  record(store, NOW - 60, { implied: 0.9, depthUsd: 9e6, decision: { sources: held } });
  record(store, NOW - 30, { implied: 0.9, depthUsd: 9e6, decision: { sources: 0 } });
  const history = store.history(1, NOW);
  assert.deepEqual(history.lastImplied, { time: NOW - 600, vol: 0.5 });
  assert.deepEqual(history.lastDepth, { time: NOW - 600, usd: 1e6 });
});

test("depth after a fall is remembered for an hour, as it was seen and not as it counted", () => {
  const store = fresh();
  record(store, NOW - 3_600, { shocked: { shockedUsd: 1e6 } });
  record(store, NOW - 3_599, { shocked: { shockedUsd: 2e6 } });
  record(store, NOW - 60, { shocked: { shockedUsd: 2e6, shockedNowUsd: 8e6 } });
  record(store, NOW - 30, { shocked: { shockedUsd: null } });
  record(store, NOW + 1, { shocked: { shockedUsd: 3e6 } });
  assert.deepEqual(store.history(1, NOW).shockedDepth, [
    [NOW - 3_599, 2e6],
    [NOW - 60, 8e6],
  ]);
  assert.equal(store.history(1, NOW + 5_000).shockedDepth, undefined);
});

test("depth is remembered for 28 days, in full for one day and as the lowest of each hour before", () => {
  const store = fresh();
  const hour = Math.floor((NOW - 3 * DAY) / 3600) * 3600;
  record(store, NOW - 28 * DAY, { depthUsd: 7 });
  record(store, NOW - 28 * DAY + 1, { depthUsd: 6 });
  record(store, hour + 10, { depthUsd: 300 });
  record(store, hour + 20, { depthUsd: 100 });
  record(store, hour + 30, { depthUsd: 200 });
  record(store, hour + 3600, { depthUsd: 400 });
  record(store, NOW - 2, { depthUsd: 500 });
  record(store, NOW - 1, { depthUsd: 600 });
  assert.deepEqual(store.history(1, NOW).depth, [
    [NOW - 28 * DAY + 1, 6],
    [hour + 20, 100],
    [hour + 3600, 400],
    [NOW - 2, 500],
    [NOW - 1, 600],
  ]);
});

test("a day of ticks each minute and 27 days before it stay below 2100 samples", () => {
  const store = fresh();
  for (let time = NOW - 2 * DAY; time <= NOW; time += 60) record(store, time);
  const { depth } = store.history(1, NOW);
  assert.equal(depth.length, 1440 + 25);
});

test("breaker and loosening are remembered when decided, a held loosening is not", () => {
  const store = fresh();
  record(store, NOW - 500, { decision: { breaker: true } });
  record(store, NOW - 400, { decision: { reasons: ["LOOSEN"] } });
  record(store, NOW - 300, { decision: { action: "hold", reasons: ["LOOSEN", "COOL_DOWN"] } });
  const history = store.history(1, NOW);
  assert.equal(history.lastBreaker, NOW - 500);
  assert.equal(history.lastLoosening, NOW - 400);
});

test("initials are those of the last day's transactions that were not lost", () => {
  const store = fresh();
  const tick = record(store, NOW);
  store.planIntent(samplePlan(tick, 1, { plannedAt: NOW - DAY }));
  const plans = [2, 3, 4, 5].map((n) => store.planIntent(samplePlan(tick, n, { plannedAt: NOW - 100 * n })));
  const [second, third, fourth] = plans;
  assert.ok(second && third && fourth);
  store.resolveIntent(second.id, { status: "CONFIRMED", at: NOW, blockNumber: 1n });
  store.resolveIntent(third.id, { status: "REVERTED", at: NOW, blockNumber: 1n });
  store.resolveIntent(fourth.id, { status: "SUPERSEDED", at: NOW });
  assert.deepEqual(store.history(1, NOW).initials, [
    [NOW - 500, 2200],
    [NOW - 200, 2200],
  ]);
});

test("the newest volatility of each source is remembered with its own time, and nothing for a source not seen", () => {
  const store = fresh();
  record(store, NOW - 600, { volatility: { har: 0.5, ewma: 0.4, transferImplied: null } });
  record(store, NOW - 60, { volatility: { har: 0.6, ewma: null, realised: 0.45 } });
  record(store, NOW + 60, { volatility: { har: 0.9 } });
  assert.deepEqual(store.history(1, NOW).lastVolatility, [
    ["har", NOW - 60, 0.6],
    ["ewma", NOW - 600, 0.4],
    ["realised", NOW - 60, 0.45],
  ]);
  assert.deepEqual(store.history(2, NOW).lastVolatility, []);
});

test("sources in quarantine are those of the last observation of the market, at most a week old", () => {
  const store = fresh();
  const observe = (now: number, quarantine?: readonly (readonly [string, number, number])[]) => {
    const assessment = sampleAssessment();
    const readings = { ...assessment.readings, ...(quarantine === undefined ? {} : { quarantine }) };
    const entry = { marketId: 1, market: "WETH", assessment: { ...assessment, readings } };
    store.recordTick({ now, blockNumber: null, markets: [entry] });
  };
  observe(NOW - 120, [["okx:ETH:options", NOW - 300, 2]]);
  assert.deepEqual(store.history(1, NOW).quarantine, [["okx:ETH:options", NOW - 300, 2]]);
  assert.equal(store.history(2, NOW).quarantine, undefined);
  assert.equal(store.history(1, NOW - 121).quarantine, undefined);
  assert.equal(store.history(1, NOW + 7 * DAY).quarantine, undefined);
  store.recordTick({ now: NOW - 60, blockNumber: null, markets: [{ marketId: 1, market: "WETH", error: "failed" }] });
  assert.equal(store.history(1, NOW).quarantine?.length, 1, "an observation that failed says nothing");
  observe(NOW - 30);
  assert.equal(store.history(1, NOW).quarantine, undefined);
});

test("of exchange rates the lowest of each day of the last week is remembered, and nothing later than now", () => {
  const store = fresh();
  const midnight = NOW - (NOW % DAY);
  const read = [
    [midnight - 8 * DAY, 1.1],
    [midnight - DAY + 60, 1.21],
    [midnight - DAY + 120, 1.2],
    [midnight - DAY + 180, 1.9],
    [midnight + 60, 1.22],
    [NOW + 60, 1.3],
  ] as const;
  for (const [time, rate] of read) record(store, time, { rate });
  assert.deepEqual(store.history(1, NOW).rates, [
    [midnight - DAY + 60, 1.2],
    [midnight + 60, 1.22],
  ]);
  assert.ok(!("rates" in store.history(2, NOW)));
});
