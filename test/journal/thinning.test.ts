import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openJournal } from "../../keeper/journal/journal.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { IDENTITY, NOW, sampleAssessment, samplePlan } from "./sample.ts";

const [MINUTE, HOUR, DAY] = [60, 3_600, 86_400];
/** A time at which an hour begins. */
const START = NOW - (NOW % HOUR);

const depthAt = (time: number) => 5e6 + (((time / MINUTE) * 7_919) % 1_000_003);

test("what a pause of days left as it was is thinned afterwards, a little with each tick", () => {
  const store = openJournal(":memory:", IDENTITY);
  const record = (now: number) => store.recordTick({ now, blockNumber: null, markets: [] });
  for (let time = START; time < START + 2 * HOUR; time += MINUTE) record(time);
  const later = START + 9 * DAY;
  for (let n = 0; n < 60; n++) record(later + n * MINUTE);
  assert.deepEqual(
    store.recentTicks(1_000).flatMap(({ now }) => (now < later ? now : [])),
    [START + 2 * HOUR - MINUTE, START + HOUR - MINUTE],
  );
  store.close();
});

test("ticks and depth of before a day are thinned by the hour, what led to a transaction stays, and nothing is remembered differently", () => {
  const file = join(temporaryFolder(), "journal.sqlite");
  const store = openJournal(file, IDENTITY);
  const samples: [number, number][] = [];
  let sent = 0;
  const days = 3;
  for (let time = START; time < START + days * DAY; time += MINUTE) {
    const assessment = sampleAssessment({ depthUsd: depthAt(time) });
    const tick = store.recordTick({
      now: time,
      blockNumber: null,
      markets: [{ marketId: 1, market: "WETH", assessment }],
    });
    samples.push([time, depthAt(time)]);
    if (time === START + 10 * MINUTE) sent = store.planIntent(samplePlan(tick)).tick;
  }
  for (const now of [START + days * DAY, START + days * DAY + 17 * MINUTE + 5]) {
    const expected = new Map<string, [number, number]>();
    for (const [time, usd] of samples) {
      const key = time > now - DAY ? `${time}` : `hour ${Math.floor(time / HOUR)}`;
      const known = expected.get(key);
      if (known === undefined || usd < known[1]) expected.set(key, [time, usd]);
    }
    assert.deepEqual(store.history(1, now).depth, [...expected.values()]);
  }
  store.close();
  const database = new DatabaseSync(file, { readOnly: true });
  const count = (query: string) => Number(database.prepare(`SELECT COUNT(*) AS n FROM ${query}`).get()?.["n"]);
  const old = START + (days - 1) * DAY - HOUR;
  assert.equal(
    count(`ticks WHERE now < ${old}`),
    24 * (days - 1) - 1 + 1,
    "the last of each hour, and the one that sent",
  );
  assert.equal(count(`ticks WHERE id = ${sent}`), 1);
  assert.equal(count(`assessments`), count("ticks"));
  assert.ok(count(`depth_samples WHERE time < ${old - HOUR}`) <= 24 * (days - 1));
  assert.equal(count(`ticks WHERE now >= ${START + (days - 1) * DAY}`), 1_440);
  database.close();
});
