import assert from "node:assert/strict";
import { test } from "node:test";
import { RISK_CLASSES, WRITER_BUDGETS } from "../../../keeper/markets/limits.ts";
import { certificateLines, certificateOf } from "../../../scripts/deploy/certificate.ts";
import { mostLoosened, windowsIn, worstOf } from "../../../scripts/deploy/worstCase.ts";

const plan = () => ({
  classes: Object.values(RISK_CLASSES),
  markets: [{ classId: 0 }, { classId: 1 }],
  budgets: WRITER_BUDGETS as { hot: { aggregateBps: number }; quorum: { aggregateBps: number } },
});

test("An hour can touch two windows, eight hours two, a day four, thirty days ninety-one.", () => {
  assert.deepEqual([1, 7, 8, 9, 24, 720].map(windowsIn), [2, 2, 2, 3, 4, 91]);
});

test("The closed form in numbers: a budget a window, and whole ticks of a speed.", () => {
  assert.deepEqual(
    [1, 24, 720].map((hours) => mostLoosened(hours, 50, 80)),
    [100, 200, 4_550],
  );
  const limits = { ...RISK_CLASSES.major.limits, tightenSpeedBpsPer30Days: 200 };
  assert.deepEqual(
    [1, 24, 720].map((hours) => worstOf(hours, limits, false, 100).maintenanceUpBps),
    [1, 7, 200],
  );
  assert.equal(mostLoosened(72, 200, 0), 0);
});

test("The certificate of the governance numbers, in full for a major.", () => {
  const { classes, allMarkets } = certificateOf(plan());
  assert.deepEqual(classes[0], {
    id: 0,
    hotKey: [
      { hours: 1, loosenedBps: 100, raisedNotches: 144, maintenanceUpBps: 1, maintenanceDownBps: 5 },
      { hours: 24, loosenedBps: 200, raisedNotches: 288, maintenanceUpBps: 10, maintenanceDownBps: 100 },
      { hours: 720, loosenedBps: 4_000, raisedNotches: 6_552, maintenanceUpBps: 300, maintenanceDownBps: 3_000 },
    ],
    quorum: [
      { hours: 1, loosenedBps: 200, raisedNotches: 280, maintenanceUpBps: 1, maintenanceDownBps: 5 },
      { hours: 24, loosenedBps: 400, raisedNotches: 560, maintenanceUpBps: 10, maintenanceDownBps: 100 },
      { hours: 720, loosenedBps: 4_000, raisedNotches: 12_740, maintenanceUpBps: 300, maintenanceDownBps: 3_000 },
    ],
  });
  assert.deepEqual(allMarkets, [
    { hours: 1, hotKeyBps: 200, quorumBps: 400 },
    { hours: 24, hotKeyBps: 400, quorumBps: 800 },
    { hours: 720, hotKeyBps: 7_800, quorumBps: 7_800 },
  ]);
});

test("In no class and by no key does maintenance rise by more than the gap in 30 days: the thirty days' notice.", () => {
  for (const { limits } of Object.values(RISK_CLASSES)) {
    for (const quorum of [false, true]) {
      assert.ok(worstOf(720, limits, quorum, 2 ** 24).maintenanceUpBps <= limits.minGapBps);
    }
  }
});

test("With more markets the aggregate budget binds; without a budget, or a step, nothing loosens.", () => {
  const many = { ...plan(), markets: Array.from({ length: 50 }, () => ({ classId: 0 })) };
  assert.equal(certificateOf(many).allMarkets[1]?.hotKeyBps, 400);
  const closed = { ...plan(), budgets: { hot: { aggregateBps: 0 }, quorum: { aggregateBps: 0 } } };
  assert.deepEqual(
    certificateOf(closed).allMarkets.map(({ hotKeyBps }) => hotKeyBps),
    [0, 0, 0],
  );
  assert.equal(certificateOf(closed).classes[0]?.quorum[2]?.loosenedBps, 0);
  const { maintenanceDownBps, raisedNotches } = worstOf(
    24,
    { ...RISK_CLASSES.major.limits, hotStepBps: 0 },
    false,
    100,
  );
  assert.deepEqual([maintenanceDownBps, raisedNotches], [0, 288]);
});

test("It is printed with the names of the classes, what tightening and silence do, and how long each takes to undo.", () => {
  const lines = certificateLines(certificateOf(plan()), Object.values(RISK_CLASSES));
  assert.deepEqual(lines.slice(1, 5), [
    "  class 0 major, hot key: loosens initial 100 / 200 / 4000; raises the exposure limit x1.1 / x1.22 / x84.4, to its highest at most; " +
      "maintenance up 1 / 10 / 300, down 5 / 100 / 3000",
    "  class 0 major, quorum: loosens initial 200 / 400 / 4000; raises the exposure limit x1.21 / x1.46 / x5560, to its highest at most; " +
      "maintenance up 1 / 10 / 300, down 5 / 100 / 3000",
    "  class 0 major, tightened: initial up by 4000 and the limit to its lowest at once; undone by setManually after the " +
      "timelock's delay, or by a hot key in 27 days",
    "  class 0 major, silent: stale after 24 h, initial at 9500 and no more exposure after 48 h; maintenance never moves; " +
      "undone by one update",
  ]);
  assert.equal(lines.length, 1 + 4 * 4 + 3);
});
