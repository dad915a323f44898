import assert from "node:assert/strict";
import { test } from "node:test";
import type { Decision, DueMarket, OnChainMarket, Reason } from "../../keeper/domain/decision.ts";
import { fitBatch } from "../../keeper/policy/fitBatch.ts";
import { CALM_DOOR, calmMarket } from "../support/onChain.ts";

const NOW = 1_770_000_000;

/** A market that is due, with `by` taken off initial (added, when negative). */
function due(marketId: number, by: number, change: Partial<OnChainMarket> = {}, decided: Partial<Decision> = {}) {
  const onChain = calmMarket(NOW, { marketId, storedInitialBps: 2_500, initialBps: 2_500, ...change });
  const reasons: readonly Reason[] = [by > 0 ? "LOOSEN" : "TIGHTEN"];
  const decision: Decision = {
    ...{ action: "submit", reasons, initialBps: onChain.storedInitialBps - by },
    ...{ maintenanceTargetBps: onChain.maintenanceTargetBps, asOf: NOW - 5, breaker: false },
    ...{ confidence: onChain.confidence, sources: onChain.sources, ...decided },
  };
  return { onChain, decision } satisfies DueMarket;
}
const fit = (...markets: readonly DueMarket[]) => fitBatch(markets, NOW);
const initials = ({ decisions }: ReturnType<typeof fitBatch>) => decisions.map(({ initialBps }) => initialBps);
const door = (aggregateBps: number, spentBps = 0) => ({ door: { ...CALM_DOOR, aggregateBps, spentBps } });

test("what fits passes as it was decided, and an empty batch is empty", () => {
  const market = due(1, 40);
  assert.deepEqual(fit(market).decisions, [market.decision]);
  assert.deepEqual(fit(), { decisions: [], entries: [] });
});

test("a tightening passes whole whatever is spent", () => {
  const spent = { spentBps: 255, ...door(0) };
  assert.deepEqual(initials(fit(due(1, -3_000, spent), due(7, -1, spent))), [5_500, 2_501]);
});

test("five markets of a group travel in one entry, each with the window's budget for itself", () => {
  const { entries, decisions } = fit(...[5, 3, 1, 2, 4].map((id) => due(id, 60)));
  assert.equal(entries.length, 1);
  assert.deepEqual(
    entries[0]?.lanes.map((lane) => lane?.initialBps),
    [2_450, 2_450, 2_450, 2_450, 2_450],
  );
  assert.deepEqual(decisions[0]?.reasons, ["LOOSEN", "BUDGET"]);
});

test("what the group has used in the window is taken off", () => {
  const { decisions } = fit(due(1, 40, { spentBps: 20 }));
  assert.deepEqual([decisions[0]?.initialBps, decisions[0]?.reasons], [2_470, ["LOOSEN", "BUDGET"]]);
});

test("a second entry of a group has what the greatest loosening of the first leaves", () => {
  // Market 2 has a newer minute on chain than the data of market 1, so they cannot share a time.
  const first = due(1, 30, {}, { asOf: NOW - 600 });
  const second = due(2, 45, { asOf: NOW - 300 }, { asOf: NOW - 5 });
  const { entries, decisions } = fit(first, second);
  assert.deepEqual(
    entries.map(({ asOf }) => asOf),
    [NOW - 600, NOW - 5],
  );
  assert.deepEqual(
    decisions.map(({ initialBps, asOf }) => [initialBps, asOf]),
    [
      [2_470, NOW - 600],
      [2_480, NOW - 5],
    ],
  );
});

test("markets of a group share the oldest of their times", () => {
  const { entries, decisions } = fit(due(1, 10, {}, { asOf: NOW - 70 }), due(2, 10));
  assert.deepEqual(
    entries.map(({ asOf }) => asOf),
    [NOW - 70],
  );
  assert.deepEqual(
    decisions.map(({ asOf }) => asOf),
    [NOW - 70, NOW - 70],
  );
});

test("with data of the minute on chain a tightening may still share, a loosening goes by itself", () => {
  const standing = Math.floor((NOW - 70) / 60) * 60;
  const shared = (by: number) => fit(due(1, 10, {}, { asOf: NOW - 70 }), due(2, by, { asOf: standing })).entries.length;
  assert.deepEqual([shared(-10), shared(10)], [1, 2]);
});

test("a market whose data is too old for the contract does not take its neighbours with it", () => {
  const { entries } = fit(due(1, 10, { asOf: NOW - 90_000 }, { asOf: NOW - 21_601 }), due(2, 10));
  assert.deepEqual(
    entries.map(({ asOf, lanes }) => [asOf, lanes.findIndex((lane) => lane !== null)]),
    [
      [NOW - 5, 1],
      [NOW - 21_601, 0],
    ],
  );
});

test("what all markets together have left is shared in proportion, rounded down, a tenth kept back", () => {
  // 90 of 100 bp are used: 120 bp wanted.
  const { decisions } = fit(...[50, 50, 20].map((by, index) => due(index * 5 + 1, by, door(100))));
  assert.deepEqual(
    decisions.map(({ initialBps }) => 2_500 - initialBps),
    [37, 37, 15],
  );
  assert.ok(decisions.every(({ reasons }) => reasons.includes("AGGREGATE_BUDGET")));
});

test("with nothing left nothing loosens, and no LOOSEN is claimed", () => {
  const { decisions } = fit(due(1, 40, door(100, 90)), due(6, -70, door(100, 90)));
  assert.deepEqual(
    decisions.map(({ initialBps, reasons }) => [initialBps, reasons]),
    [
      [2_500, ["AGGREGATE_BUDGET"]],
      [2_570, ["TIGHTEN"]],
    ],
  );
});

test("the maintenance target is bound by no budget", () => {
  const { decisions } = fit(due(1, 40, door(0), { maintenanceTargetBps: 1_850 }));
  assert.deepEqual(
    [decisions[0]?.initialBps, decisions[0]?.maintenanceTargetBps, decisions[0]?.reasons],
    [2_500, 1_850, ["LOOSEN", "AGGREGATE_BUDGET"]],
  );
});

test("confidence and sources travel when those of one market of the entry have changed", () => {
  const quality = (change: Partial<Decision>) => fit(due(1, 10), due(2, 10, {}, change)).entries[0]?.withQuality;
  assert.deepEqual([quality({}), quality({ confidence: 30 }), quality({ sources: 1 })], [false, true, true]);
});
