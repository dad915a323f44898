import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { openJournal } from "../../keeper/journal/journal.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { IDENTITY, NOW, sampleAssessment } from "./sample.ts";

const [HOUR, DAY] = [3_600, 86_400];
const depthAt = (time: number) => 5e6 + ((time * 7_919) % 1_000_003);

/** A journal on disk, and what a journal opened just now knows of the same file. */
function pair() {
  const path = join(temporaryFolder(), "journal.sqlite");
  const store = openJournal(path, IDENTITY);
  const record = (now: number, depthUsd = depthAt(now), one = store) =>
    one.recordTick({
      now,
      blockNumber: null,
      markets: [{ marketId: 1, market: "WETH", assessment: sampleAssessment({ depthUsd }) }],
    });
  const fresh = (now: number) => {
    const other = openJournal(path, IDENTITY);
    const { depth } = other.history(1, now);
    other.close();
    return depth;
  };
  return { path, store, record, fresh };
}

test("depth that is led on in memory is that which a journal opened anew reads, through a month and a half", () => {
  const { store, record, fresh } = pair();
  let time = NOW;
  for (let step = 0; step < 260; step++) {
    // Minutes, hours, a pause of days; and now and then a cycle asks earlier than the one before.
    time += step % 40 === 39 ? 4 * DAY : step % 5 === 0 ? HOUR : 61 * (1 + (step % 7));
    record(time);
    if (step % 17 === 0) assert.deepEqual(store.history(1, time - 1).depth, fresh(time - 1), "before it was written");
    const depth = store.history(1, time + (step % 3)).depth;
    if (step % 13 === 0) assert.deepEqual(depth, fresh(time + (step % 3)), `step ${step}`);
    if (step % 50 === 49) assert.deepEqual(store.history(1, time - 2 * HOUR).depth, fresh(time - 2 * HOUR));
  }
  assert.ok(store.history(1, time + 28 * DAY).depth.length === 0, "all of it is forgotten in the end");
  store.close();
});

test("before the last day the lowest of each hour is left, of a sample that is just a day old too", () => {
  const { store, record, fresh } = pair();
  const start = NOW - (NOW % HOUR);
  record(start + 60, 100);
  record(start + 120, 90);
  record(start + 180, 80);
  const [before, after] = [start + 120 + DAY, start + 180 + DAY].map((now) => store.history(1, now).depth);
  assert.deepEqual(before, [
    [start + 120, 90],
    [start + 180, 80],
  ]);
  assert.deepEqual(after, [[start + 180, 80]]);

  for (let minute = 4; minute < 1_000; minute++) record(start + 60 * minute);
  for (const later of [DAY, DAY + 2 * HOUR, 2 * DAY]) {
    const now = start + 60_000 + later;
    assert.deepEqual(store.history(1, now).depth, fresh(now));
  }
  store.close();
});

test("what another process wrote is seen, a sample of the same second takes the place of the one before, and what was undone was never there", () => {
  const { path, store, record } = pair();
  record(NOW, 100);
  const handed = store.history(1, NOW).depth;
  record(NOW, 90);
  assert.deepEqual(store.history(1, NOW).depth, [[NOW, 90]]);
  assert.deepEqual(handed, [[NOW, 100]], "what was handed out stays");

  const other = openJournal(path, IDENTITY);
  record(NOW + 60, 80, other);
  other.close();
  assert.deepEqual(store.history(1, NOW + 60).depth.at(-1), [NOW + 60, 80]);

  const broken = { ...sampleAssessment({ depthUsd: 1 }), decision: undefined as never };
  const bad = { marketId: 2, market: "WBTC", assessment: broken };
  const good = { marketId: 1, market: "WETH", assessment: sampleAssessment({ depthUsd: 70 }) };
  assert.throws(() => store.recordTick({ now: NOW + 120, blockNumber: null, markets: [good, bad] }));
  assert.deepEqual(store.history(1, NOW + 120).depth.at(-1), [NOW + 60, 80]);
  store.close();
});
