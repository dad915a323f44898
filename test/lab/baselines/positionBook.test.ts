import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { liquidatableUsd } from "../../../keeper/model/haircut.ts";
import { amplification, simulatedAmplification } from "../../../scripts/lab/baselines/cascade.ts";
import { type Position, profileOf, soldUsd, steepestSales } from "../../../scripts/lab/baselines/positionBook.ts";

const BONUS = 0.05;
const position: fc.Arbitrary<Position> = fc.record({
  collateralUsd: fc.double({ min: 1, max: 1e8, noNaN: true }),
  debtUsd: fc.double({ min: 0, max: 9e7, noNaN: true }),
  threshold: fc.double({ min: 0.3, max: 0.95, noNaN: true }),
});
/** Fall of the price at which a position falls due, in [0, 1]. */
const triggerFall = ({ collateralUsd, debtUsd, threshold }: Position) =>
  debtUsd === 0 ? 1 : Math.max(0, 1 - debtUsd / (collateralUsd * threshold));
const book = fc.array(position, { maxLength: 40 });
const at = (profile: ReturnType<typeof profileOf>, fall: number) => liquidatableUsd(fall, profile, 0);

describe("a book of positions", () => {
  it("falls due where debt meets threshold, by hand", () => {
    const sells = (one: Position, fall: number) => soldUsd([one], fall, BONUS) > 0;
    const due = { collateralUsd: 200, debtUsd: 100, threshold: 0.8 };
    assert.deepEqual([sells(due, 0.374), sells(due, 0.375)], [false, true]);
    assert.equal(sells({ collateralUsd: 100, debtUsd: 90, threshold: 0.8 }, 0), true, "it is due already");
    assert.equal(sells({ collateralUsd: 100, debtUsd: 0, threshold: 0.8 }, 0.999), false);
  });

  it("sells what repays debt and bonus at the fallen price, and never more than there is", () => {
    const one = [{ collateralUsd: 150, debtUsd: 100, threshold: 0.8 }];
    assert.equal(soldUsd(one, 0.16, BONUS), 0);
    assert.equal(soldUsd(one, 0.2, BONUS), 131.25);
    assert.equal(soldUsd(one, 0.5, BONUS), 150);
    assert.equal(soldUsd([{ collateralUsd: 150, debtUsd: 0, threshold: 0.8 }], 1, BONUS), 0);
  });

  it("sells, step by step, what a simulation of every borrower sells", () => {
    fc.assert(
      fc.property(book, fc.double({ min: 0, max: 0.999, noNaN: true }), (positions, fall) => {
        let simulated = 0;
        for (const { collateralUsd, debtUsd, threshold } of positions) {
          const value = collateralUsd * (1 - fall);
          if (debtUsd === 0 || value * threshold > debtUsd) continue;
          const seized = Math.min(value, debtUsd * (1 + BONUS));
          simulated += seized / (1 - fall);
        }
        const found = soldUsd(positions, fall, BONUS);
        // A borrower to the last digit at the edge may fall on either side.
        const edge = positions.some((one) => Math.abs(triggerFall(one) - fall) < 1e-12);
        assert.ok(edge || Math.abs(found - simulated) <= 1e-9 * Math.max(1, simulated), `${found} ${simulated}`);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it("has a profile that is nowhere below it, rises, and ends at what can be sold at all", () => {
    const falls = fc.array(fc.double({ min: 0.0001, max: 0.9999, noNaN: true }), { minLength: 50, maxLength: 50 });
    fc.assert(
      fc.property(book, falls, (positions, looked) => {
        const profile = profileOf(positions, BONUS);
        for (const [i, [, usd]] of profile.entries()) assert.ok(usd >= (profile[i - 1]?.[1] ?? 0), "rises");
        const total = positions.reduce((sum, one) => sum + (one.debtUsd > 0 ? one.collateralUsd : 0), 0);
        for (const fall of [...looked, ...positions.map(triggerFall).filter((f) => f > 0.0001 && f < 1)]) {
          const line = liquidatableUsd(fall, profile, total);
          const sold = soldUsd(positions, fall, BONUS);
          assert.ok(line >= sold * (1 - 1e-12) - 1e-6, `at ${fall}: ${line} below ${sold}`);
        }
      }),
      { numRuns: 200, seed: 2 },
    );
  });

  it("is fitted closely: on a thousand alike borrowers spread evenly, within a tenth beyond the first falls", () => {
    const even = Array.from({ length: 1_000 }, (_, i) => {
      const fall = (i + 0.5) / 1_000;
      return { collateralUsd: 1_000, debtUsd: 800 * (1 - fall), threshold: 0.8 };
    });
    const profile = profileOf(even, BONUS);
    for (const fall of [0.12, 0.18, 0.27, 0.35, 0.45, 0.6, 0.7]) {
      const [line, sold] = [at(profile, fall), soldUsd(even, fall, BONUS)];
      assert.ok(line >= sold && line < 1.1 * sold, `at ${fall}: ${line} for ${sold}`);
    }
  });

  it("bounds every cascade, borrower by borrower, by its steepest sales", () => {
    const [shock, step] = [0.1, 0.05];
    const due = fc.tuple(fc.double({ min: 0.1, max: 0.6, noNaN: true }), fc.double({ min: 1, max: 1e3, noNaN: true }));
    const later = fc.array(due, { minLength: 1, maxLength: 30 }).map((all) =>
      all.map(([fall, collateralUsd]) => ({
        collateralUsd,
        debtUsd: 0.8 * collateralUsd * (1 - fall),
        threshold: 0.8,
      })),
    );
    const whole = fc.double({ min: 0.05, max: 1.5, noNaN: true });
    let [finite, grown] = [0, 0];
    fc.assert(
      fc.property(later, whole, (positions, fallByAll) => {
        const pricePerUsd = fallByAll / positions.reduce((sum, one) => sum + one.collateralUsd, 0);
        const bound = amplification(pricePerUsd * steepestSales(positions, BONUS, shock, step));
        const sold = (fall: number) => soldUsd(positions, fall, BONUS) - soldUsd(positions, shock, BONUS);
        const simulated = simulatedAmplification(sold, pricePerUsd, shock, step);
        assert.ok(simulated <= bound * (1 + 1e-9), `${simulated} beyond ${bound}`);
        if (Number.isFinite(bound)) finite += 1;
        if (simulated > 1.05 && Number.isFinite(bound)) grown += 1;
      }),
      { numRuns: 400, seed: 4 },
    );
    assert.ok(finite > 50 && grown > 10, `${finite} bounded, ${grown} of them grew`);
  });

  it("is met exactly where sales rise in a straight line", () => {
    const even = Array.from({ length: 2_000 }, (_, i) => {
      const fall = (i + 0.5) / 2_000;
      return { collateralUsd: 1_000, debtUsd: 990 * (1 - fall), threshold: 0.99 };
    });
    const sold = (fall: number) => soldUsd(even, fall, 0.05) - soldUsd(even, 0.1, 0.05);
    const perUsd = 0.3 / 2e6;
    const [gain, found] = [
      perUsd * steepestSales(even, 0.05, 0.1, 0.05),
      simulatedAmplification(sold, perUsd, 0.1, 0.05),
    ];
    assert.ok(Math.abs(gain - 0.3) < 0.005, String(gain));
    assert.ok(Math.abs(found / amplification(0.3) - 1) < 0.01, String(found));
  });

  it("refuses a threshold in percent, and amounts that are none", () => {
    const wrong = (change: Partial<Position>) => () =>
      profileOf([{ collateralUsd: 1, debtUsd: 1, threshold: 0.8, ...change }], BONUS);
    assert.throws(wrong({ threshold: 80 }), { code: "OUT_OF_RANGE" });
    assert.throws(wrong({ debtUsd: Number.NaN }), { code: "OUT_OF_RANGE" });
    assert.throws(wrong({ collateralUsd: -1 }), { code: "OUT_OF_RANGE" });
  });
});
