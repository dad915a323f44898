import assert from "node:assert/strict";
import { test } from "node:test";
import type { Observed, OptionBoard } from "../../keeper/domain/observation.ts";
import { frozenWatch } from "../../keeper/venues/frozenWatch.ts";
import { smileBoard } from "../support/smileBoard.ts";

const board = smileBoard();
const at = (seconds: number, change: Partial<OptionBoard> = {}): Observed<OptionBoard> => ({
  source: board.source,
  observation: { ...board, eventTime: board.eventTime + seconds, ...change },
  faults: [],
});
const codes = (observed: Observed<OptionBoard>) => observed.faults.map((one) => one.code);

test("the same quotes are live for a minute of the venue's clock and frozen after it", () => {
  const watch = frozenWatch();
  for (const seconds of [0, 1, 59, 60]) assert.deepEqual(codes(watch(at(seconds))), []);
  const frozen = watch(at(61));
  assert.deepEqual(codes(frozen), ["FROZEN"]);
  assert.equal(frozen.observation, null);
  assert.match(frozen.faults[0]?.detail ?? "", /61 s/);
});

test("one quote or the index that moves starts the minute anew", () => {
  const watch = frozenWatch();
  watch(at(0));
  assert.deepEqual(codes(watch(at(50, { indexUsd: board.indexUsd + 0.01 }))), []);
  const [first, ...rest] = board.quotes;
  const moved = first === undefined ? [] : [{ ...first, markCoin: first.markCoin * 1.0001 }, ...rest];
  assert.deepEqual(codes(watch(at(100, { quotes: moved }))), []);
  assert.deepEqual(codes(watch(at(160, { quotes: moved }))), []);
  assert.deepEqual(codes(watch(at(161, { quotes: moved }))), ["FROZEN"]);
});

test("a frozen source is live again with its first new number", () => {
  const watch = frozenWatch();
  watch(at(0));
  assert.deepEqual(codes(watch(at(3600))), ["FROZEN"]);
  assert.deepEqual(codes(watch(at(3601, { indexUsd: 1 }))), []);
});

test("an answer that failed changes nothing and passes as it is", () => {
  const watch = frozenWatch();
  watch(at(0));
  const failed: Observed<OptionBoard> = { source: board.source, observation: null, faults: [] };
  assert.equal(watch(failed), failed);
  assert.deepEqual(codes(watch(at(61))), ["FROZEN"]);
});

test("a clock that stands still with its numbers is no fault here: such a board grows old by itself", () => {
  const watch = frozenWatch();
  for (let i = 0; i < 10; i += 1) assert.deepEqual(codes(watch(at(0))), []);
});
