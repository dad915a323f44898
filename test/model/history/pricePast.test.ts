import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Candle, PriceHistory, PricePast } from "../../../keeper/domain/observation.ts";
import { worstOf } from "../../../keeper/model/history/historicalTail.ts";
import { historyVolatility } from "../../../keeper/model/history/historyVolatility.ts";
import { EMPTY_PAST, pastAfter, pastUntil } from "../../../keeper/model/history/pricePast.ts";
import { endOf, HOUR, historyOf, START, walk } from "../../support/candles.ts";
import { near } from "../../support/near.ts";

const DAY = 24 * HOUR;
/** Days of candles that are kept, and the share of shocks in a tail that so few can have. */
const KEPT = 120;
const LEVEL = 0.985;

/** Calm, but for a crash on day 60; holes short and long, and hours without a move. */
const crash = (hour: number) => (hour >= 60 * 24 && hour < 60 * 24 + 30 ? 4 : 0.5);
const holes = [
  [24 * 31 + 5, 3],
  [24 * 45 + 20, 40],
  [24 * 80, 24 * 9 + 7],
] as const;
const candles = walk(24 * 400, crash, 3)
  .map((candle, i): Candle => {
    const [time, open] = candle;
    return i >= 24 * 100 && i < 24 * 101 ? [time, open, open, open, open, 0] : candle;
  })
  .filter((_, i) => !holes.some(([from, length]) => i >= from && i < from + length));
const until = (now: number) => candles.filter(([time]) => time + HOUR <= now);

/** What is left of all hours before `end`, in steps of so many days. */
function past(end: number, steps: readonly number[] = [17], all: readonly Candle[] = candles): PricePast {
  let found = EMPTY_PAST;
  for (let i = 0, at = START; at < end; i++) {
    at = Math.min(end, at + (steps[i % steps.length] as number) * DAY);
    found = pastAfter(found, historyOf(all), at);
  }
  return found;
}

/** What a keeper holds at a time that keeps 120 days of candles, and what it held before there was a past. */
const kept = (now: number): PriceHistory => historyOf(until(now).filter(([time]) => time >= now - KEPT * DAY));
const remembering = (now: number): PriceHistory => ({ ...kept(now), before: past(pastUntil(now, KEPT)) });

const says = (history: PriceHistory) => {
  const found = historyVolatility(history, history.eventTime);
  return { ...found, tail: worstOf(found.shocks, LEVEL) };
};

describe("the past of a price", () => {
  it("makes long run, days and tail those of every candle there ever was, at any hour, around holes", () => {
    for (const hours of [24 * 371 + 1, 24 * 379 + 13, 24 * 383, 24 * 386 + 23, 24 * 392 + 7, 24 * 400]) {
      const now = START + hours * HOUR;
      const [short, every] = [says(remembering(now)), says(historyOf(until(now)))];
      assert.equal(short.days, every.days, `${hours}`);
      near((short.longRun ?? 0) / (every.longRun ?? 1), 1, 1e-13);
      near((short.tail?.multiple ?? 0) / (every.tail?.multiple ?? 1), 1, 1e-12);
      assert.equal(short.tail?.observations, every.tail?.observations);
      assert.deepEqual(
        [short.ewma, short.har],
        [says(kept(now)).ewma, says(kept(now)).har],
        "today is of the candles alone",
      );
    }
  });

  it("has no edge: as a crash leaves the candles long run and tail stay, where they fell off before", () => {
    const falls = (held: (now: number) => PriceHistory) => {
      const days = Array.from({ length: 12 }, (_, i) => says(held(START + (KEPT + 53 + i) * DAY)));
      const drop = (of: (one: ReturnType<typeof says>) => number) =>
        Math.max(...days.map((one, i) => (i === 0 ? 0 : 1 - of(one) / of(days[i - 1] ?? one))));
      return [drop((one) => one.longRun ?? 0), drop((one) => worstOf(one.shocks, 0.95)?.multiple ?? 0)];
    };
    const [forgets, remembers] = [falls(kept), falls(remembering)];
    assert.ok((forgets[0] ?? 0) > 0.1 && (forgets[1] ?? 0) > 0.05, `${forgets}`);
    assert.ok((remembers[0] ?? 1) < 0.01 && (remembers[1] ?? 1) < 0.01, `${remembers}`);
  });

  it("does not depend on the steps in which it was read, nor on candles that come twice", () => {
    const end = START + 200 * DAY;
    const whole = past(end, [200]);
    const twice = candles.flatMap((candle, i) => (i % 7 === 0 ? [candle, candle] : [candle]));
    for (const other of [past(end, [1]), past(end, [60]), past(end, [3, 41, 1, 9]), past(end, [17], twice)]) {
      assert.equal(other.shocks, whole.shocks);
      assert.equal(other.worst.length, whole.worst.length);
      for (const [i, score] of other.worst.entries()) near(score, whole.worst[i] ?? 0, 1e-10);
      for (const [hour, [known, sum, average]] of other.days.entries()) {
        assert.equal(known, whole.days[hour]?.[0]);
        near(sum / (whole.days[hour]?.[1] ?? 1), 1, 1e-12);
        near(average / (whole.days[hour]?.[2] ?? 1), 1, 1e-12);
      }
    }
  });

  it("counts a day that is known by half, though the candles end in it for weeks", () => {
    const midnight = START + 60 * DAY;
    const all = walk(24 * 120, () => 0.6).filter(
      ([time]) => time < midnight - 10 * HOUR || time >= midnight + 20 * DAY,
    );
    const asRead = (from: PricePast, until: number) =>
      pastAfter(from, historyOf(all.filter(([time]) => time < until + 2 * DAY)), until);
    const end = START + 120 * DAY;
    const [steps, whole] = [asRead(asRead(EMPTY_PAST, midnight), end), pastAfter(EMPTY_PAST, historyOf(all), end)];
    assert.deepEqual(
      steps.days.map(([known]) => known),
      whole.days.map(([known]) => known),
    );
    assert.equal(whole.days[0]?.[0], 100, "the day that lacks ten hours, and none of the twenty after it");
  });

  it("makes no long run of fewer than ninety days in all", () => {
    const young = walk(24 * 100, () => 0.6);
    const now = START + 100 * DAY;
    const late = historyOf(young.filter(([time]) => time >= now - 40 * DAY));
    const before = (days: number) => pastAfter(EMPTY_PAST, historyOf(young), START + days * DAY);
    const counting = (past: PricePast) => historyVolatility({ ...late, before: past }, now);
    const gap = { ...before(45), until: START + 60 * DAY };
    assert.deepEqual([counting(gap).days, counting(gap).longRun], [85, null]);
    assert.equal(counting(before(60)).days, 100);
    assert.notEqual(counting(before(60)).longRun, null);
  });

  it("keeps a shock for good: no later calm takes more from it than its share of the days", () => {
    const sums = [70, 120, 180, 240].map((day) => past(START + day * DAY).days[0] ?? [0, 0, 0]);
    for (const [i, [known, sum]] of sums.entries()) {
      const [before = 0, earlier = 0] = sums[i - 1] ?? [];
      assert.ok(known > before && sum > earlier, "days are added, and none is taken away");
    }
  });

  it("counts shocks that it does not tell apart as the mildest of those it does: never milder than they were", () => {
    const now = START + 390 * DAY;
    const whole = remembering(now);
    const before = whole.before ?? EMPTY_PAST;
    const few = { ...before, worst: before.worst.slice(0, 5) };
    const [all, less] = [says(whole).tail?.multiple ?? 0, says({ ...whole, before: few }).tail?.multiple ?? 0];
    const milder = worstOf({ ...says(whole).shocks, before: { ...before, worst: [] } }, LEVEL)?.multiple ?? 0;
    assert.ok(less < all && milder <= less && milder > 1.9, "they count as -2");
    const many = { ...before, shocks: 100 * before.shocks };
    near(says({ ...whole, before: many }).tail?.multiple ?? 0, 2, 0.1);
  });

  it("that cannot be is a fault on which nothing loosens, and is not used", () => {
    const now = START + 390 * DAY;
    const whole = remembering(now);
    const before = whole.before ?? EMPTY_PAST;
    const [first, ...rest] = before.days;
    const lies: readonly Partial<PricePast>[] = [
      { until: before.until + HOUR },
      { until: Math.ceil(now / DAY + 1) * DAY },
      { days: rest },
      { days: [[-1, 0, 0], ...rest] },
      { days: [[first?.[0] ?? 0, -1e-3, 0], ...rest] },
      { days: [[first?.[0] ?? 0, 0, 0], ...rest] },
      { shocks: before.worst.length - 1 },
      { worst: [...before.worst, -1.5] },
      { worst: [...before.worst].reverse() },
    ];
    for (const lie of lies) {
      const found = says({ ...whole, before: { ...before, ...lie } });
      assert.deepEqual(
        found.faults.filter(({ code, count }) => code === "INCONSISTENT" && count === undefined).length,
        1,
        JSON.stringify(Object.keys(lie)),
      );
      assert.equal(found.longRun, says(kept(now)).longRun);
    }
    assert.deepEqual(
      says(whole).faults.filter(({ code }) => code === "INCONSISTENT"),
      [],
    );
  });

  it("that nobody knows leaves every number as it was before there was one, to the last digit", () => {
    const shaken = walk(24 * 540 + 7, (hour) => (hour % 1000 < 40 ? 2 : 0.6), 4);
    const holed = shaken.filter((_, i) => i < 5000 || i > 5030);
    const { longRun, days, har, ewma, shocks } = historyVolatility(historyOf(holed), endOf(holed));
    assert.deepEqual(
      { longRun, days, har, ewma, ...worstOf(shocks, 0.99) },
      {
        ...{ longRun: 0.7304391684221981, days: 540, har: 0.7393280300089088, ewma: 0.632015331967108 },
        ...{ multiple: 3.2523976433440525, observations: 532 },
      },
    );
  });

  it("reaches to the first midnight that leaves candles enough to go on from", () => {
    assert.equal(pastUntil(550 * DAY + 1, 550), 6 * DAY);
    assert.equal(pastUntil(550 * DAY, 550), 5 * DAY);
    const hundred = historyOf(walk(24 * 100, () => 0.6));
    assert.equal(pastAfter(EMPTY_PAST, hundred, hundred.eventTime).days[0]?.[0], 100);
  });
});
