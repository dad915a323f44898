import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { RISK_CLASSES } from "../../../keeper/markets/limits.ts";
import type { Terms } from "../../../scripts/lab/market/collateralMarket.ts";
import { parameterContract } from "../../../scripts/lab/market/parameterContract.ts";

const LIMITS = RISK_CLASSES.major.limits;
const HOUR = 3_600;
/** Midnight UTC, where the windows of the budgets begin. */
const MIDNIGHT = Date.UTC(2025, 0, 1) / 1_000;
const at = (ltv: number, threshold: number): Terms => ({ ltv, threshold, limit: 1_000 });
const bps = (share: number) => Math.round(share * 10_000);

/** Terms after each hour, targets given hour by hour. */
function hours(opening: Terms, targets: readonly Terms[]): readonly Terms[] {
  const contract = parameterContract(LIMITS).open(opening, MIDNIGHT - HOUR);
  return targets.map((target) => contract.follow(target, HOUR));
}

describe("the contract's rules in the market", () => {
  it("let the initial haircut rise at once, and maintenance by 10 bp a day", () => {
    const read = hours(
      at(0.78, 0.81),
      Array.from({ length: 49 }, () => at(0.7, 0.75)),
    );
    assert.equal(bps(read[0]?.ltv ?? 0), 7_000);
    assert.equal(bps(read[0]?.threshold ?? 0), 8_100);
    // Written at the first hour; a day and two days later.
    assert.deepEqual(
      [24, 48].map((hour) => bps(read[hour]?.threshold ?? 0)),
      [8_090, 8_080],
    );
  });

  it("let the initial haircut fall by 50 bp in a window of eight hours, however much is asked", () => {
    const read = hours(
      at(0.7, 0.75),
      Array.from({ length: 24 }, () => at(0.8, 0.83)),
    );
    const ltvs = read.map(({ ltv }) => bps(ltv));
    assert.deepEqual([ltvs[0], ltvs[7], ltvs[8], ltvs[16], ltvs[23]], [7_050, 7_050, 7_100, 7_150, 7_150]);
  });

  it("let the exposure limit fall at once, and rise by 72 notches, 5 %, in a window of eight hours", () => {
    const to = (limit: number): Terms => ({ ltv: 0.7, threshold: 0.75, limit });
    const read = hours(
      to(10_000),
      Array.from({ length: 24 }, (_, hour) => to(hour === 0 ? 2_048 : 10_000)),
    );
    const limits = [0, 7, 8, 16, 23].map((hour) => read[hour]?.limit);
    assert.deepEqual(limits, [2_048, 2_192, 2_336, 2_480, 2_480]);
    const [open, low] = [hours(to(Infinity), [to(Infinity)]), hours(to(0.3), [to(0)])];
    assert.deepEqual([open[0]?.limit, low[0]?.limit], [Infinity, 1]);
  });

  it("keep the gap and the bounds of the class", () => {
    const [read] = hours(at(0.5, 0.97), [at(0.9, 0.97)]);
    assert.equal(bps(read?.threshold ?? 0), 10_000 - LIMITS.minMaintenanceBps);
    assert.ok(bps(read?.ltv ?? 0) <= 10_000 - LIMITS.minInitialBps);
  });

  it("never move faster than the class allows, whatever a rule asks for, and never stop being renewed", () => {
    const target = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(fc.array(target, { minLength: 30, maxLength: 60 }), (asked) => {
        const read = hours(
          at(0.7, 0.75),
          asked.map(([ltv, threshold]) => at(Math.min(ltv, threshold), threshold)),
        );
        for (let hour = 1; hour < read.length; hour += 1) {
          const [before, now] = [read[hour - 1] as Terms, read[hour] as Terms];
          const fell = bps(before.threshold) - bps(now.threshold);
          assert.ok(fell <= 1 && fell >= -5, `threshold by ${fell} bp in hour ${hour}`);
          assert.ok(bps(now.ltv) - bps(before.ltv) <= 50, `LTV in hour ${hour}`);
          assert.ok(now.threshold - now.ltv > 0, "an LTV below the threshold");
          // Stale values would close new lending: initial rises to the cap of 95 %.
          assert.ok(bps(now.ltv) > 500);
        }
      }),
      { numRuns: 40, seed: 7 },
    );
  });
});
