import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { robustDepth } from "../../../keeper/model/depth/robustDepth.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;
const NOW = 1_700_000_000;

/** Hourly samples over the last `days`, the value by age in hours. */
const hourly = (days: number, usd: (ageHours: number) => number): [number, number][] =>
  Array.from({ length: days * 24 }, (_, i): [number, number] => {
    const age = days * 24 - i;
    return [NOW - age * HOUR, usd(age)];
  });

test("the example: a pool seen once a day ago counts at what it was then", () => {
  assert.deepEqual(robustDepth([[0, 100]], 86_400, 1_000, 0.5), {
    robustUsd: 100,
    binding: "twap24h",
    historyHours: 24,
  });
});

test("steady depth counts in full", () => {
  assert.deepEqual(
    robustDepth(
      hourly(28, () => 5e6),
      NOW,
      5e6,
      0.3,
    ),
    { robustUsd: 5e6, binding: "now", historyHours: 672 },
  );
});

test("a fall of depth counts at once", () => {
  const steady = hourly(28, () => 4_000);
  assert.deepEqual(robustDepth(steady, NOW, 500, 0.3), { robustUsd: 500, binding: "now", historyHours: 672 });
});

test("ten times the depth in one sample changes nothing, also when it is the sample now", () => {
  const calm = hourly(28, () => 1e6);
  const spike = hourly(28, (age) => (age === 5 ? 1e7 : 1e6));
  for (const history of [calm, spike]) assert.equal(robustDepth(history, NOW, 1e6, 0.3).robustUsd, 1e6);
  assert.equal(robustDepth(calm, NOW, 1e7, 0.3).robustUsd, 1e6);
});

test("depth that left counts as gone until it has stood for an hour, whoever brings it back", () => {
  const calm = hourly(28, () => 8e6);
  const back = (minutes: number) => {
    const dip = [8e6, 1e6, 8e6].map((usd, i): [number, number] => [NOW - minutes * 60 - 2 + i, usd]);
    return robustDepth([...calm, ...dip], NOW, 8e6, 0.3);
  };
  assert.deepEqual(back(5), { robustUsd: 1e6, binding: "least1h", historyHours: 672 });
  assert.equal(back(59).robustUsd, 1e6);
  assert.ok(back(61).robustUsd > 7.9e6, `${back(61).robustUsd}`);
});

test("a rise of depth is believed slowly: after 8 days of ten times as much it is still bound by the 28 days", () => {
  const rise = (days: number) =>
    robustDepth(
      hourly(28, (age) => (age < days * 24 ? 1e7 : 1e6)),
      NOW,
      1e7,
      0.3,
    );
  assert.equal(rise(0.5).binding, "quantile7d");
  assert.equal(rise(0.5).robustUsd, 1e6);
  const late = rise(8);
  assert.equal(late.binding, "tma28d");
  // Triangle over 28 days: the last 8 carry 8^2 / 2 of 14^2, less the hour in which the rise happened.
  assert.ok(Math.abs(late.robustUsd - (1e6 + (9e6 * 32) / 196)) < 2e4, `${late.robustUsd}`);
});

test("with less than 24 h of history only a share of the depth now counts", () => {
  assert.deepEqual(robustDepth([], NOW, 1e6, 0.3), { robustUsd: 3e5, binding: "coldStart", historyHours: 0 });
  const young = hourly(1, () => 1e6).slice(1);
  assert.equal(robustDepth(young, NOW, 1e6, 0.3).binding, "coldStart");
  assert.equal(
    robustDepth(
      hourly(1, () => 1e6),
      NOW,
      1e6,
      0.3,
    ).binding,
    "now",
  );
});

test("averages are weighted by time: one hour of depth is one hour however often it was sampled", () => {
  const sparse: [number, number][] = [
    [NOW - DAY, 100],
    [NOW - HOUR, 100],
    [NOW - HOUR + 1, 1_000],
  ];
  const dense: [number, number][] = Array.from({ length: 59 }, (_, i) => [NOW - HOUR + (i + 1) * 60, 1_000]);
  const few = robustDepth(sparse, NOW, 1_000, 1).robustUsd;
  const many = robustDepth([...sparse, ...dense], NOW, 1_000, 1).robustUsd;
  assert.equal(few, many);
  assert.equal(few, 100);
});

test("nothing later than now is read", () => {
  const past = hourly(28, () => 1e6);
  const future: [number, number][] = [
    [NOW + 1, 0],
    [NOW + DAY, Number.NaN],
  ];
  assert.deepEqual(robustDepth([...past, ...future], NOW, 1e6, 0.3), robustDepth(past, NOW, 1e6, 0.3));
});

test("a value that is no amount is refused by name", () => {
  assert.throws(() => robustDepth([], NOW, Number.NaN, 0.3), { code: "OUT_OF_RANGE", message: /nowUsd/ });
  assert.throws(() => robustDepth([], NOW, 1, 1.1), { code: "OUT_OF_RANGE", message: /coldStartShare/ });
  assert.throws(() => robustDepth([[NOW, -1]], NOW, 1, 0.5), { code: "OUT_OF_RANGE", message: /history/ });
});

const histories = fc.array(
  fc.tuple(fc.integer({ min: NOW - 40 * DAY, max: NOW }), fc.double({ min: 0, max: 1e9, noNaN: true })),
  { maxLength: 60 },
);
const amount = fc.double({ min: 0, max: 1e9, noNaN: true });

test("never more than the depth now, never less than the least ever seen or the cold-start share", () => {
  fc.assert(
    fc.property(histories, amount, fc.double({ min: 0, max: 1, noNaN: true }), (history, usd, share) => {
      const { robustUsd } = robustDepth(history, NOW, usd, share);
      const least = Math.min(usd * share, ...history.map(([, value]) => value));
      assert.ok(robustUsd <= usd && robustUsd >= least * (1 - 1e-9));
    }),
  );
});

test("more depth in any sample never gives less, and the order of samples does not matter", () => {
  fc.assert(
    fc.property(histories, amount, fc.nat(), amount, (history, usd, at, more) => {
      const before = robustDepth(history, NOW, usd, 0.5).robustUsd;
      const raised = history.map(([time, value], i): [number, number] => [
        time,
        i === at % history.length ? value + more : value,
      ]);
      assert.ok(robustDepth(raised, NOW, usd, 0.5).robustUsd >= before * (1 - 1e-9));
      const distinct = [...new Map(history)];
      assert.equal(
        robustDepth(distinct.toReversed(), NOW, usd, 0.5).robustUsd,
        robustDepth(distinct, NOW, usd, 0.5).robustUsd,
      );
    }),
  );
});
