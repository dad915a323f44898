import assert from "node:assert/strict";
import { test } from "node:test";
import { countLiquidatable } from "./support/book.ts";
import { CAPO, capoAccounts, ERRONEOUS_VALUES, TRUE_VALUES } from "./support/capo.ts";
import { type IncidentWorld, incidentWorld } from "./support/incidentWorld.ts";
import { type Haircuts, PAIRS, type Values } from "./support/terms.ts";

const START = Date.parse(CAPO.incidentDay) / 1000;
const ACCOUNTS = capoAccounts();
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const eMode = PAIRS.slice(0, 1);

const named = (values: Values, asOf: number) => [{ group: 0, asOf, lanes: [values] }];
const lost = (haircuts: readonly Haircuts[]): number => countLiquidatable(ACCOUNTS, haircuts[0]?.maintenanceBps ?? 0);

/** A keeper that repeats these values every hour until `end`. */
async function repeat(world: IncidentWorld, values: Values, end: number): Promise<void> {
  for (let time = world.now() + HOUR; time <= end; time += HOUR) {
    assert.equal((await world.send(time, named(values, time))).refusal, "");
  }
}

test("the published figures of the incident agree with each other", () => {
  const limited = CAPO.snapshotRatio * (1 + CAPO.ratioStep);
  const cap = limited * (1 + (CAPO.yearlyGrowth * CAPO.anchorAgeDays) / 365);
  assert.equal(cap.toFixed(4), "1.1940");
  assert.ok(Math.abs(cap - CAPO.publishedCap) < 2e-4, "about 1.1939");
  const rate = CAPO.publishedCap / (1 - CAPO.undervaluation);
  assert.equal(rate.toFixed(4), "1.2289");
  assert.ok(Math.abs(CAPO.publishedCap * CAPO.highestHealthFactor - rate) < 1e-3, "a health factor of 1.0288");
  assert.equal(ERRONEOUS_VALUES.initialBps, Math.ceil(1e4 * (1 - CAPO.ltv * (1 - CAPO.undervaluation))));
  assert.equal(
    ERRONEOUS_VALUES.maintenanceTargetBps,
    Math.ceil(1e4 * (1 - CAPO.threshold * (1 - CAPO.undervaluation))),
  );
});

test("none of the 34 accounts is liquidatable at the true threshold and all are at the erroneous one", () => {
  assert.equal(ACCOUNTS.length, 34);
  assert.equal(countLiquidatable(ACCOUNTS, TRUE_VALUES.maintenanceTargetBps), 0);
  assert.equal(countLiquidatable(ACCOUNTS, ERRONEOUS_VALUES.maintenanceTargetBps), 34);
});

test("an update with the incident's seven-day-old time is refused whole, one with a time ahead too", async () => {
  const world = await incidentWorld(START, eMode);
  const now = START + HOUR;
  const old = await world.send(now, named(ERRONEOUS_VALUES, now - CAPO.anchorAgeDays * DAY));
  assert.equal(old.refusal, "NoMarketApplied(1, 4)", "ASOF_TOO_OLD");
  assert.deepEqual(old.after, old.before);
  const ahead = await world.send(now + 1, named(ERRONEOUS_VALUES, now + CAPO.anchorAgeDays * DAY));
  assert.equal(ahead.refusal, "NoMarketApplied(1, 3)", "ASOF_IN_FUTURE");
  assert.deepEqual(ahead.after, ahead.before);
  assert.equal(lost(ahead.after), 0);
});

test("the erroneous update, passed off as fresh, reaches new loans at once and none of the 34 accounts", async () => {
  const world = await incidentWorld(START, eMode);
  await world.send(START + HOUR, named(TRUE_VALUES, START + HOUR));
  const { before, after, refusal } = await world.send(START + DAY, named(ERRONEOUS_VALUES, START + DAY));
  assert.equal(refusal, "");
  assert.equal(after[0]?.initialBps, 966, "tightening never waits");
  assert.deepEqual([before[0]?.maintenanceBps, after[0]?.maintenanceBps], [500, 500]);
  assert.equal(lost(after), 0);
});

test("left uncorrected, the error reaches the first of the 34 accounts after 87 minutes and the last after 2554", async () => {
  const world = await incidentWorld(START, eMode);
  const from = START + DAY;
  await world.send(from, named(ERRONEOUS_VALUES, from));
  await repeat(world, ERRONEOUS_VALUES, from + HOUR);
  assert.equal(lost(await world.haircuts(from + 86 * MINUTE)), 0);
  assert.equal(lost(await world.haircuts(from + 87 * MINUTE)), 1);
  await world.send(from + 2 * HOUR, named(ERRONEOUS_VALUES, from + 2 * HOUR));
  await repeat(world, ERRONEOUS_VALUES, from + 42 * HOUR);
  assert.equal(lost(await world.haircuts(from + 2_553 * MINUTE)), 33);
  assert.equal(lost(await world.haircuts(from + 2_554 * MINUTE)), 34);
});

test("corrected within the hour, the error costs none of the 34 accounts anything, ever", async () => {
  const world = await incidentWorld(START, eMode);
  const from = START + DAY;
  await world.send(from, named(ERRONEOUS_VALUES, from));
  const corrected = { initialBps: 966 - 50, maintenanceTargetBps: TRUE_VALUES.maintenanceTargetBps };
  const outcome = await world.send(from + HOUR, named(corrected, from + HOUR));
  assert.deepEqual(
    [outcome.refusal, outcome.skipped],
    ["", []],
    "a target that was never reached is taken back in one step",
  );
  assert.equal(outcome.after[0]?.maintenanceBps, 506, "6.25 bp in the hour");
  for (let hour = 2; hour <= 48; hour += 1) {
    const { after } = await world.send(from + hour * HOUR, named(corrected, from + hour * HOUR));
    assert.equal(lost(after), 0, `hour ${hour}`);
  }
  assert.equal((await world.haircuts(from + 49 * HOUR))[0]?.maintenanceBps, 500);
});

test("the first update after two years of silence moves maintenance by nothing", async () => {
  // As CAPO's: a snapshot of February 2024, never touched until March 2026.
  const world = await incidentWorld(Date.parse(CAPO.snapshotDay) / 1000, eMode);
  const { before, after, refusal } = await world.send(START, named(ERRONEOUS_VALUES, START));
  assert.equal(refusal, "");
  assert.deepEqual([before[0]?.initialBps, after[0]?.initialBps], [10_000, 966], "closed to new loans until then");
  assert.deepEqual([before[0]?.maintenanceBps, after[0]?.maintenanceBps], [500, 500]);
  assert.equal(lost(after), 0);
  assert.equal((await world.haircuts(START + HOUR))[0]?.maintenanceBps, 506, "the speed counts from the update");
});

test("a tightening under way stops at the ttl, and no update makes up for the silence after it", async () => {
  const world = await incidentWorld(START, eMode);
  const from = START + DAY;
  await world.send(from, named(ERRONEOUS_VALUES, from));
  assert.equal((await world.haircuts(from + 6 * HOUR))[0]?.maintenanceBps, 537, "37.5 bp in the ttl");
  const back = from + 7 * DAY;
  assert.equal((await world.haircuts(back - 1))[0]?.maintenanceBps, 537);
  const { before, after } = await world.send(back, named(ERRONEOUS_VALUES, back));
  assert.deepEqual([before[0]?.maintenanceBps, after[0]?.maintenanceBps], [537, 537]);
  assert.equal((await world.haircuts(back + HOUR))[0]?.maintenanceBps, 543);
});
