/** What the certificate says of powers other than loosening: tightening, silence, calm numbers restated, a guardian's key. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readExposureLimit, readHaircuts } from "../../../scripts/lab/contractModel/read.ts";
import { CLASS_LIMITS } from "../../support/classLimits.ts";
import { LIMIT, LOWEST_LIMIT, START } from "./genesis.ts";
import { Random } from "./random.ts";
import { calm, DAY, done, entryOf, HOUR, MINUTE, marketIn, mode, publish } from "./world.ts";

const NOW = START + HOUR;

test("Tightening: to the tightest bounds at once; back by a hot key's budget a window, three windows a day.", () => {
  const tightest = { initialBps: CLASS_LIMITS.maxInitialBps, limit: LOWEST_LIMIT };
  let state = done(publish(calm(), NOW, [entryOf(calm(), 1, NOW, tightest)]));
  assert.equal(readHaircuts(state, 1, NOW).initialBps, CLASS_LIMITS.maxInitialBps);
  for (let window = 1; window <= 9; window++) {
    const now = NOW + 8 * HOUR * window;
    const initialBps = marketIn(state, 1).initialBps - CLASS_LIMITS.hotBudgetBps;
    state = done(publish(state, now, [entryOf(state, 1, now, { initialBps })], { by: "keeper" }));
  }
  assert.equal(marketIn(state, 1).initialBps, CLASS_LIMITS.maxInitialBps - 3 * 3 * CLASS_LIMITS.hotBudgetBps);
});

test("Silence: nothing until the ttl, the cap after the decay, no more exposure, no maintenance; one update ends it.", () => {
  const state = calm();
  const at = (seconds: number) => readHaircuts(state, 1, START + seconds);
  const [ttl, decay] = [CLASS_LIMITS.ttlHours * HOUR, CLASS_LIMITS.decayHours * HOUR];
  assert.equal(at(ttl).initialBps, 2_300);
  assert.equal(at(ttl + MINUTE).initialBps, 2_306);
  assert.deepEqual([at(ttl + decay).initialBps, at(300 * DAY).initialBps], [10_000, 10_000]);
  assert.equal(at(300 * DAY).maintenanceBps, 1_800);
  const now = START + 300 * DAY;
  assert.equal(readExposureLimit(state, 1, now).mayGrow, false);
  const back = done(publish(state, now, [entryOf(state, 1, now)]));
  assert.deepEqual(readHaircuts(back, 1, now).initialBps, 2_300);
  assert.deepEqual(readExposureLimit(back, 1, now).mayGrow, true);
});

test("Calm numbers restated every minute: any other writer tightens at once, with older data, and the time unchanged shows it.", () => {
  let state = calm();
  for (let minute = 1; minute <= 600; minute++) {
    const now = START + minute * MINUTE;
    state = done(publish(state, now, [entryOf(state, 1, now)]));
  }
  assert.equal(marketIn(state, 1).unchangedMinutes, 600);
  const now = START + 600 * MINUTE;
  const honest = entryOf(state, 1, now - 59 * MINUTE, { initialBps: 3_000, limit: LIMIT - 100 });
  assert.equal(marketIn(done(publish(state, now, [honest], { by: "second" })), 1).initialBps, 3_000);
});

test("A guardian's key closes a market for 72 of every 96 hours, whenever it tries and whatever is challenged between.", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new Random(seed);
    let [state, closed, last, closings, wait] = [calm(), 0, 0, 0, 0];
    for (let hour = 0; hour < 40 * 24; hour++) {
      const now = NOW + hour * HOUR;
      const was = marketIn(state, 1).modeUntil;
      const tried = mode(state, now, "guardian", random.pick(["NO_NEW_RISK", "FROZEN"]));
      if ("state" in tried) state = tried.state;
      if (marketIn(state, 1).modeUntil > was) {
        assert.ok(closings === 0 || now >= last + 96 * HOUR, `seed ${seed}, hour ${hour}: once in 96 hours`);
        wait = Math.max(wait, closings === 0 ? 0 : now - last);
        [last, closings] = [now, closings + 1];
      }
      if (readHaircuts(state, 1, now).mode !== "NORMAL") closed += 1;
      if (seed === 1 || !random.chance(0.03)) continue;
      const proved = mode(state, now, "challenger", "NO_NEW_RISK");
      if ("state" in proved) state = proved.state;
    }
    assert.ok(closings > 4 && wait <= 103 * HOUR, "and no challenge but one in force keeps it waiting");
    if (seed === 1) assert.equal(closed, 720, "72 of every 96 hours, exactly");
    assert.equal(marketIn(state, 1).initialBps, 2_300, "it moves no value");
  }
});
