import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { limitOf } from "../../keeper/domain/contract.ts";
import type { Decision, DueMarket, OnChainMarket, Reason } from "../../keeper/domain/decision.ts";
import { fitBatch } from "../../keeper/policy/loosening.ts";
import { CALM_WRITER, calmMarket } from "../support/onChain.ts";

const NOW = 1_770_000_000;

/** A market that is due, with `by` taken off initial (added, when negative). */
function due(marketId: number, by: number, change: Partial<OnChainMarket> = {}, decided: Partial<Decision> = {}) {
  const onChain = calmMarket(NOW, { marketId, storedInitialBps: 2_500, initialBps: 2_500, ...change });
  const reasons: readonly Reason[] = [by > 0 ? "LOOSEN" : "TIGHTEN"];
  const decision: Decision = {
    ...{ action: "submit", reasons, initialBps: onChain.storedInitialBps - by },
    ...{ maintenanceTargetBps: onChain.maintenanceTargetBps, limit: onChain.limit, asOf: NOW - 5, breaker: false },
    ...{ confidence: onChain.confidence, sources: onChain.sources, ...decided },
  };
  return { onChain, decision } satisfies DueMarket;
}
const fit = (...markets: readonly DueMarket[]) => fitBatch(markets);
const initials = ({ decisions }: ReturnType<typeof fitBatch>) => decisions.map(({ initialBps }) => initialBps);
const writer = (aggregateBps: number, spentBps = 0) => ({ writer: { ...CALM_WRITER, aggregateBps, spentBps } });

test("what fits passes as it was decided, and an empty batch is empty", () => {
  const market = due(1, 40);
  assert.deepEqual(fit(market).decisions, [market.decision]);
  assert.deepEqual(fit(), { decisions: [], entries: [] });
});

test("a tightening passes whole whatever is spent", () => {
  const spent = { spentBps: 255, ...writer(0) };
  assert.deepEqual(initials(fit(due(1, -3_000, spent), due(7, -1, spent))), [5_500, 2_501]);
});

test("each market travels in an entry of its own, in the order given, as it is on chain now", () => {
  const markets = [due(5, 40, { generation: 17 }), due(3, -60), due(4_095, 0, { confidence: 7, sources: 3 })];
  const { entries } = fit(...markets);
  assert.deepEqual(
    entries.map(({ marketId, generation, initialBps, maintenanceTargetBps, confidence, sources }) => [
      ...[marketId, generation, initialBps, maintenanceTargetBps, confidence, sources],
    ]),
    [
      [5, 17, 2_460, 1_900, 31, 55],
      [3, 16, 2_560, 1_900, 31, 55],
      [4_095, 16, 2_500, 1_900, 7, 3],
    ],
  );
});

test("of the time of the data the minute travels, each market's own", () => {
  const { entries, decisions } = fit(due(1, 10, {}, { asOf: 1_769_999_999 }), due(2, 10, {}, { asOf: 1_769_999_941 }));
  assert.deepEqual(
    entries.map(({ asOf }) => asOf),
    [1_769_999_940, 1_769_999_940],
  );
  assert.deepEqual(
    decisions.map(({ asOf }) => asOf),
    [1_769_999_999, 1_769_999_941],
  );
});

test("the exposure limit travels as it was decided, and is bound by no budget of initial", () => {
  const entries = (limit: number) => fit(due(1, 40, writer(0), { limit: limitOf(limit) })).entries;
  assert.deepEqual(
    [11_000, 12_000, 12_300].map((limit) => entries(limit)[0]?.limit),
    [11_000, 12_000, 12_300].map(limitOf),
  );
});

test("every entry may be applied as the tighter of each number, tightenings and loosenings alike", () => {
  assert.deepEqual(
    fit(due(1, 10), due(2, -10), due(3, 0)).entries.map(({ orTighter }) => orTighter),
    [true, true, true],
  );
});

test("what all markets together have left is shared in proportion, rounded down, a tenth kept back", () => {
  // 90 of 100 bp are used: 120 bp wanted.
  const { decisions } = fit(...[50, 50, 20].map((by, index) => due(index + 1, by, writer(100))));
  assert.deepEqual(
    decisions.map(({ initialBps }) => 2_500 - initialBps),
    [37, 37, 15],
  );
  assert.ok(decisions.every(({ reasons }) => reasons.includes("AGGREGATE_BUDGET")));
});

test("with nothing left nothing loosens, and no LOOSEN is claimed", () => {
  const { decisions } = fit(due(1, 40, writer(100, 90)), due(2, -70, writer(100, 90)));
  assert.deepEqual(
    decisions.map(({ initialBps, reasons }) => [initialBps, reasons]),
    [
      [2_500, ["AGGREGATE_BUDGET"]],
      [2_570, ["TIGHTEN"]],
    ],
  );
});

test("the maintenance target is bound by no budget", () => {
  const { decisions } = fit(due(1, 40, writer(0), { maintenanceTargetBps: 1_850 }));
  assert.deepEqual(
    [decisions[0]?.initialBps, decisions[0]?.maintenanceTargetBps, decisions[0]?.reasons],
    [2_500, 1_850, ["LOOSEN", "AGGREGATE_BUDGET"]],
  );
});

test("LOOSEN stays named where something still loosens: a part of initial, or a target below effective maintenance alone", () => {
  const reasons = (budget: number, change: Partial<OnChainMarket>, maintenanceTargetBps: number) =>
    fit(due(1, 40, { ...writer(budget), ...change }, { maintenanceTargetBps })).decisions[0]?.reasons;
  assert.deepEqual(reasons(20, {}, 1_900), ["LOOSEN", "AGGREGATE_BUDGET"], "18 of 40 bp of initial");
  // A ramp under way is taken back to where maintenance is: nothing loosens.
  const ramp = { maintenanceTargetBps: 2_100, maintenanceBps: 1_950 };
  assert.deepEqual(reasons(0, ramp, 1_950), ["AGGREGATE_BUDGET"]);
  assert.deepEqual(reasons(0, ramp, 1_949), ["LOOSEN", "AGGREGATE_BUDGET"]);
});

test("LOOSEN stays named where the exposure limit alone still rises, and not where it stays or falls", () => {
  const reasons = (by: number) => {
    const market = due(1, 40, writer(0));
    const decision = { ...market.decision, limit: market.onChain.limit + by };
    return fit({ ...market, decision }).decisions[0]?.reasons;
  };
  assert.deepEqual([1, 0, -1].map(reasons), [
    ["LOOSEN", "AGGREGATE_BUDGET"],
    ["AGGREGATE_BUDGET"],
    ["AGGREGATE_BUDGET"],
  ]);
});

test("however much is wanted, all markets together stay within what is left, and no decision moves the wrong way", () => {
  const market = fc.record({ by: fc.integer({ min: -500, max: 500 }), target: fc.integer({ min: 1_500, max: 2_200 }) });
  const markets = fc.array(market, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(markets, fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 600 }), (asked, budget, spent) => {
      const wanted = asked.map(({ by, target }, i) =>
        due(i + 1, by, writer(budget, spent), { maintenanceTargetBps: target }),
      );
      const fitted = initials(fit(...wanted));
      const loosened = fitted.map((bps) => Math.max(0, 2_500 - bps));
      const left = Math.max(0, Math.floor(budget * 0.9) - spent);
      assert.ok(loosened.reduce((sum, one) => sum + one, 0) <= left, `${loosened} of ${left}`);
      for (const [i, { by }] of asked.entries()) {
        const bps = fitted[i] as number;
        if (by <= 0) assert.equal(bps, 2_500 - by);
        else assert.ok(bps >= 2_500 - by && bps <= 2_500, `${bps} for ${by}`);
      }
    }),
  );
});
