import assert from "node:assert/strict";
import { test } from "node:test";
import { minuteOf } from "../../../keeper/domain/calendar.ts";
import { SKIP_REASONS } from "../../../keeper/domain/contract.ts";
import { applyBatch } from "../../../scripts/lab/contractModel/applyBatch.ts";
import { asOfOf } from "../../../scripts/lab/contractModel/effective.ts";
import { setAggregateBudget } from "../../../scripts/lab/contractModel/govern.ts";
import { type ContractState, locate } from "../../../scripts/lab/contractModel/state.ts";
import { START } from "./genesis.ts";
import { as, calm, done, entry, HOUR, MINUTE, mode, refusal, said, update } from "./world.ts";

const NOW = START + HOUR;
const reason = (name: (typeof SKIP_REASONS)[number]) => SKIP_REASONS.indexOf(name);
const initials = (state: ContractState, at = 0) => state.groups[at]?.markets.map((market) => market?.initialBps);
const asOf = (state: ContractState, id: number) => {
  const found = locate(state, id);
  return found && asOfOf(found.group, found.market);
};
const skips = (events: ReturnType<typeof said>) =>
  events.flatMap((event) => (event.name === "MarketSkipped" ? [[event.marketId, event.reason]] : []));

test("a batch must be the next, of this generation, in time and not empty", () => {
  const state = calm();
  const entries = [entry(0, NOW, [[2_300, 1_800]])];
  assert.deepEqual(refusal(update(state, NOW, entries, { sequence: 1 })), ["WrongSequence", 1, 2]);
  assert.deepEqual(refusal(update(state, NOW, entries, { sequence: 3 })), ["WrongSequence", 3, 2]);
  assert.deepEqual(refusal(update(state, NOW, entries, { generation: 15 })), ["WrongGeneration", 15, 16]);
  assert.deepEqual(refusal(update(state, NOW, entries, { deadline: NOW - 1 })), ["DeadlinePassed", NOW - 1, NOW]);
  assert.deepEqual(refusal(update(state, NOW, [])), ["EmptyBatch"]);
});

test("each door wants its own role", () => {
  const batch = { sequence: 2, deadline: NOW, generation: 16, modelVersion: 1, evidence: "0x", entries: [] } as const;
  const through = (quorum: boolean, role: "keeper" | "quorum") =>
    refusal(applyBatch(calm(), batch, as(role, NOW), quorum, () => true))[0];
  assert.equal(through(false, "quorum"), "AccessControlUnauthorizedAccount");
  assert.equal(through(true, "keeper"), "AccessControlUnauthorizedAccount");
  assert.equal(through(true, "quorum"), "EmptyBatch");
});

test("one poisoned market of ten leaves nine applied and one event with the reason", () => {
  const lanes: [number, number][] = [0, 1, 2, 3, 4].map((lane) => [2_250 + 100 * lane, 1_800 + 90 * lane]);
  const poisoned = lanes.map((pair, lane): [number, number] => (lane === 2 ? [16_383, 0] : pair));
  const outcome = update(calm(), NOW, [entry(0, NOW, lanes), entry(1, NOW, poisoned)]);
  assert.deepEqual(initials(done(outcome)), [2_250, 2_350, 2_450, 2_550, 2_650]);
  assert.deepEqual(initials(done(outcome), 1), [2_250, 2_350, 2_400, 2_550, 2_650]);
  assert.deepEqual(skips(said(outcome)), [[8, "INITIAL_OUT_OF_BOUNDS"]]);
});

test("a batch of which nothing can be applied is refused with the first reason", () => {
  const entries = [
    entry(0, NOW, [
      [999, 1_800],
      [2_300, 5],
    ]),
  ];
  const wanted = ["NoMarketApplied", 1, reason("INITIAL_OUT_OF_BOUNDS")];
  assert.deepEqual(refusal(update(calm(), NOW, entries)), wanted);
});

test("a market that is left out keeps its own time when the group's moves on, and joins it again", () => {
  const behind = done(update(calm(), NOW, [entry(0, NOW, [[2_300, 1_800]])]));
  assert.deepEqual([asOf(behind, 1), asOf(behind, 2)], [minuteOf(NOW), minuteOf(START)]);
  assert.equal(locate(behind, 2)?.market.ownAsOfMinute, minuteOf(START));
  const again = done(update(behind, NOW + MINUTE, [entry(0, NOW + MINUTE, [null, [2_400, 1_900]])]));
  assert.equal(locate(again, 2)?.market.ownAsOfMinute, null);
  assert.equal(locate(again, 1)?.market.ownAsOfMinute, minuteOf(NOW));
});

test("older data for a market that is behind is taken, and the group's time does not go back", () => {
  const behind = done(update(calm(), NOW, [entry(0, NOW, [[2_300, 1_800]])]));
  const outcome = update(behind, NOW + MINUTE, [entry(0, NOW - 10 * MINUTE, [null, [2_400, 1_900]])]);
  assert.deepEqual(skips(said(outcome)), []);
  const state = done(outcome);
  assert.deepEqual([asOf(state, 1), asOf(state, 2)], [minuteOf(NOW), minuteOf(NOW) - 10]);
});

test("maintenance of a market left out is settled with the rest and not moved by it", () => {
  const moving = done(
    update(calm(), START + MINUTE, [
      entry(0, START + MINUTE, [
        [5_000, 4_000],
        [5_000, 4_000],
      ]),
    ]),
  );
  const state = done(update(moving, START + 4 * HOUR, [entry(0, START + 4 * HOUR, [[5_001, 4_000]])]));
  assert.equal(locate(state, 2)?.market.maintenanceBps, 1_915);
  assert.equal(locate(state, 1)?.market.maintenanceBps, 1_825);
});

test("the budget is charged with the greatest loosening of the group and is whole again in the next window", () => {
  const state = done(
    update(calm(), NOW, [
      entry(0, NOW, [
        [2_190, 1_800],
        [2_260, 1_890],
      ]),
    ]),
  );
  assert.equal(state.groups[0]?.spentBps, 40);
  const next = START - (START % 28_800) + 28_800;
  const later = done(update(state, next, [entry(0, next, [[2_140, 1_800]])]));
  assert.equal(later.groups[0]?.spentBps, 50);
});

test("past the aggregate budget the breaker trips, the market that did it is skipped and the rest only tightens", () => {
  const state = done(setAggregateBudget(calm(), 60, 60, as("governance", START)));
  const outcome = update(state, NOW, [
    entry(0, NOW, [
      [2_160, 1_800],
      [2_279, 1_890],
      [2_399, 1_980],
      [2_501, 2_070],
    ]),
  ]);
  assert.deepEqual(skips(said(outcome)), [
    [2, "AGGREGATE_BUDGET_SPENT"],
    [3, "TIGHTEN_ONLY"],
  ]);
  const tripped = said(outcome).find((event) => event.name === "BreakerTripped");
  assert.deepEqual(tripped, { name: "BreakerTripped", sequence: 2, givenBps: 61, allowedBps: 60 });
  const next = done(outcome);
  assert.deepEqual(initials(next), [2_160, 2_300, 2_400, 2_501, 2_600]);
  assert.deepEqual([next.door.tightenOnly, next.door.spentBps], [true, 40]);
});

test("a batch of which nothing is applied still lands when it trips the breaker", () => {
  const state = done(setAggregateBudget(calm(), 5, 5, as("governance", START)));
  const outcome = update(state, NOW, [entry(0, NOW, [[2_194, 1_800]])]);
  assert.deepEqual(
    said(outcome).map(({ name }) => name),
    ["MarketSkipped", "BreakerTripped", "BatchApplied"],
  );
  assert.equal(done(outcome).groups[0], state.groups[0]);
});

test("a market closed by a mode takes values and keeps the mode", () => {
  const closed = done(mode(calm(), START + MINUTE, "guardian", "NO_NEW_RISK"));
  const state = done(update(closed, NOW, [entry(0, NOW, [[2_300, 1_800]])]));
  const found = locate(state, 1);
  assert.deepEqual([found?.market.initialBps, found?.market.mode], [2_300, "NO_NEW_RISK"]);
  assert.equal(found?.market.ownAsOfMinute, minuteOf(NOW));
});

test("quality travels with the values when the entry has it and stays when not", () => {
  const plain = entry(0, NOW, [[2_300, 1_800]]);
  const lanes = plain.lanes.map((lane) => lane && { ...lane, confidence: 31, sources: 2_047 });
  const state = done(update(calm(), NOW, [{ ...plain, lanes, withQuality: true }]));
  const later = done(update(state, NOW + MINUTE, [entry(0, NOW + MINUTE, [[2_301, 1_800]])]));
  const market = locate(later, 1)?.market;
  assert.deepEqual([market?.confidence, market?.sources], [31, 2_047]);
});

test("a group named twice is judged against what its first entry left", () => {
  const outcome = update(calm(), NOW, [entry(0, NOW, [[2_300, 1_800]]), entry(0, NOW, [[2_299, 1_800]])]);
  assert.deepEqual(skips(said(outcome)), [[1, "ASOF_NOT_INCREASING"]]);
});

test("a group whose ids do not fit 16 bits is no entry, and the batch says at which byte", () => {
  const first = { ...entry(0, NOW, [[2_300, 1_800]]), withQuality: true };
  assert.deepEqual(refusal(update(calm(), NOW, [first, entry(13_107, NOW, [[2_300, 1_800]])])), ["BadEntry", 34]);
  const last = update(calm(), NOW, [entry(0, NOW, [[2_300, 1_800]]), entry(13_106, NOW, [[2_300, 1_800]])]);
  assert.deepEqual(skips(said(last)), [[65_531, "UNKNOWN_MARKET"]]);
});
