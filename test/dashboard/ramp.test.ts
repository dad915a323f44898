import assert from "node:assert/strict";
import { test } from "node:test";
import { rampOf } from "../../keeper/dashboard/ramp.ts";
import { DAY_SECONDS } from "../../keeper/domain/calendar.ts";
import type { OnChainMarket } from "../../keeper/domain/decision.ts";
import { calmMarket } from "../support/onChain.ts";
import { NOW } from "./explanations.ts";

const calm = calmMarket(NOW);
const towards = (maintenanceTargetBps: number, change: Partial<OnChainMarket> = {}) =>
  rampOf({ ...calm, maintenanceBps: 1_700, maintenanceTargetBps, ...change }, NOW);

test("a rise is told week by week, at the contract's speed, up to its end", () => {
  const ramp = towards(1_850);
  assert.equal(ramp?.bpsPer30Days, 300);
  assert.deepEqual(
    ramp?.steps.map(({ time, maintenanceBps }) => [Math.round((time - NOW) / DAY_SECONDS), maintenanceBps]),
    [
      [7, 1_770],
      [14, 1_840],
      [15, 1_850],
    ],
  );
});

test("a long way has longer steps, and the last is always the end", () => {
  const ramp = towards(4_700);
  assert.ok((ramp?.steps.length ?? 0) <= 9, `${ramp?.steps.length} steps`);
  assert.equal(ramp?.steps.at(-1)?.maintenanceBps, 4_700);
});

test("maintenance at its target, or that nothing moves, gives no schedule", () => {
  assert.equal(towards(1_700), null);
  assert.equal(towards(1_850, { limits: { ...calm.limits, tightenSpeedBpsPer30Days: 0 } }), null);
});

test("a frozen market waits with its fall until the freeze lapses", () => {
  const frozen = { mode: "FROZEN", modeUntil: NOW + 20 * DAY_SECONDS } as const;
  const free = towards(1_690)?.steps.at(-1)?.time ?? 0;
  assert.ok((towards(1_690, frozen)?.steps.at(-1)?.time ?? 0) > free + 19 * DAY_SECONDS);
});
