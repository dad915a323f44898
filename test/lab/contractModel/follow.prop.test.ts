import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { maintenanceAt, settle } from "../../../scripts/lab/contractModel/follow.ts";
import type { Market } from "../../../scripts/lab/contractModel/state.ts";
import { START } from "./genesis.ts";
import { calm, DAY, HOUR, marketIn } from "./world.ts";

const market = marketIn(calm(), 1);
/** A market with room on both sides, whose data stays fresh for the whole test. */
const away = (change: Partial<Market>): Market => ({ ...market, heldUntil: START + 100 * DAY, ...change });

const anyMarket = fc
  .record({
    maintenanceBps: fc.integer({ min: 700, max: 8_000 }),
    maintenanceTargetBps: fc.integer({ min: 700, max: 8_000 }),
    tightenSpeedBpsPer30Days: fc.integer({ min: 0, max: 4_095 }),
    loosenSpeedBpsPer30Days: fc.integer({ min: 0, max: 4_095 }),
    mode: fc.constantFrom("NORMAL", "NO_NEW_RISK", "FROZEN"),
    modeUntil: fc.integer({ min: 0, max: 300 }).map((hours) => START + hours * HOUR),
    heldUntil: fc.integer({ min: 0, max: 300 }).map((hours) => START + hours * HOUR),
  })
  .map((change) => away(change as Partial<Market>));
const times = fc.array(fc.integer({ min: 0, max: 20 * DAY }), { minLength: 1, maxLength: 8 });

describe("maintenance on its way", () => {
  it("is 200 bp nearer after 30 days, and falls 1500 bp in them", () => {
    const up = away({ maintenanceTargetBps: 4_000 });
    assert.equal(maintenanceAt(up, START + 30 * DAY), 2_000);
    assert.equal(maintenanceAt(away({ maintenanceBps: 4_000, maintenanceTargetBps: 700 }), START + 30 * DAY), 2_500);
    assert.equal(
      maintenanceAt(away({ maintenanceTargetBps: 1_803 }), START + 30 * DAY),
      1_803,
      "never past its target",
    );
  });

  it("is the same whenever it is settled in between, to the last basis point", () => {
    fc.assert(
      fc.property(anyMarket, times, (one, between) => {
        const last = START + Math.max(...between) + HOUR;
        let settled = one;
        for (const after of [...between].sort((a, b) => a - b)) settled = settle(settled, START + after);
        assert.equal(maintenanceAt(settled, last), maintenanceAt(one, last));
      }),
      { numRuns: 500 },
    );
  });

  it("never turns back, never passes its target, and stands still once the data is stale", () => {
    fc.assert(
      fc.property(anyMarket, times, (one, at) => {
        const [from, target] = [one.maintenanceBps, one.maintenanceTargetBps];
        const values = [...at].sort((a, b) => a - b).map((after) => maintenanceAt(one, START + after));
        for (const [index, value] of values.entries()) {
          const before = values[index - 1] ?? from;
          assert.ok(target >= from ? value >= before && value <= target : value <= before && value >= target);
        }
        const stale = Math.max(one.asOf, one.heldUntil) + one.ttlHours * HOUR;
        assert.equal(maintenanceAt(one, stale + 40 * DAY), maintenanceAt(one, stale));
      }),
      { numRuns: 500 },
    );
  });
});
