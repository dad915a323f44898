import assert from "node:assert/strict";
import { test } from "node:test";
import { AGGREGATE_BUDGET, PROFILES, RISK_CLASSES } from "../../../keeper/markets/limits.ts";
import { certificateLines, certificateOf } from "../../../scripts/deploy/certificate.ts";
import { mostLoosened, mostMoved, windowsIn } from "../../../scripts/deploy/worstCase.ts";

const plan = () => ({
  classes: Object.values(RISK_CLASSES),
  profiles: PROFILES,
  markets: [{ classId: 0 }, { classId: 4 }],
  aggregate: AGGREGATE_BUDGET as { hotBps: number; quorumBps: number },
});

test("The closed form is that of the contract's own test, which an adversary reaches to the basis point.", () => {
  // test/contracts/Damage.t.sol, test_the_closed_form_in_numbers
  const loosened = [1, 24, 72].map((hours) => mostLoosened(hours, 200, 80));
  assert.deepEqual([...loosened, mostLoosened(24, 400, 80)], [100, 200, 500, 400]);
  const moved = [1, 24, 72].map((hours) => mostMoved(hours, 150));
  assert.deepEqual([...moved, mostMoved(24, 50)], [7, 150, 450, 50]);
});

test("An hour can touch two windows, eight hours two, a day four.", () => {
  assert.deepEqual([1, 7, 8, 9, 24, 72].map(windowsIn), [2, 2, 2, 3, 4, 10]);
});

test("The certificate of the governance numbers, in full for a major.", () => {
  const { classes, allMarkets } = certificateOf(plan());
  assert.deepEqual(classes[0], {
    id: 0,
    hotKey: [
      { hours: 1, loosenedBps: 100, maintenanceUpBps: 7, maintenanceDownBps: 5 },
      { hours: 24, loosenedBps: 200, maintenanceUpBps: 150, maintenanceDownBps: 100 },
      { hours: 72, loosenedBps: 500, maintenanceUpBps: 450, maintenanceDownBps: 300 },
    ],
    quorum: [
      { hours: 1, loosenedBps: 200, maintenanceUpBps: 7, maintenanceDownBps: 5 },
      { hours: 24, loosenedBps: 400, maintenanceUpBps: 150, maintenanceDownBps: 100 },
      { hours: 72, loosenedBps: 1_000, maintenanceUpBps: 450, maintenanceDownBps: 300 },
    ],
  });
  assert.deepEqual(allMarkets, [
    { hours: 1, hotKeyBps: 200, quorumBps: 400 },
    { hours: 24, hotKeyBps: 400, quorumBps: 800 },
    { hours: 72, hotKeyBps: 1_000, quorumBps: 2_000 },
  ]);
});

test("With more markets the aggregate budget binds; without a budget, or a step, nothing loosens.", () => {
  const many = { ...plan(), markets: Array.from({ length: 50 }, () => ({ classId: 0 })) };
  assert.equal(certificateOf(many).allMarkets[1]?.hotKeyBps, 400);
  const closed = { ...plan(), aggregate: { hotBps: 0, quorumBps: 0 } };
  assert.deepEqual(
    certificateOf(closed).allMarkets.map(({ hotKeyBps }) => hotKeyBps),
    [0, 0, 0],
  );
  assert.equal(certificateOf(closed).classes[0]?.quorum[2]?.loosenedBps, 0);
  assert.equal(mostLoosened(72, 200, 0), 0);
});

test("It is printed with the names of the classes.", () => {
  const lines = certificateLines(certificateOf(plan()), (id) => (id === 0 ? "major" : "wrapped"));
  assert.equal(
    lines[1],
    "  class 0 major, hot key: loosens initial 100 / 200 / 500; maintenance up 7 / 150 / 450, down 5 / 100 / 300",
  );
  assert.equal(lines.length, 1 + 4 + 1);
});
