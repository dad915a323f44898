import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchPlan, CycleReport } from "../../keeper/domain/cycle.ts";
import type { BookState, PositionBook } from "../../keeper/domain/position.ts";
import { heldByImpact, type ImpactParts, impactGate, weighing } from "../../keeper/impact/impactGate.ts";
import { KEEPER_DEFAULTS } from "../../keeper/runtime/configFile.ts";
import { calmMarket } from "../support/onChain.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const NOW = 1_769_572_800;

/** A decision about market `id` that moves the target of maintenance from 19 % to this. */
function entry(id: number, maintenanceTargetBps: number, priceUsd: number | null = 2_000) {
  const onChain = { ...calmMarket(0), marketId: id, maintenanceBps: 1_800, maintenanceTargetBps: 1_900 };
  const market = { name: `M${id}`, quality: { maxPriceDisagreement: 0.03 } };
  return {
    input: { market, onChain },
    assessment: { decision: { maintenanceTargetBps }, readings: { priceUsd } },
  };
}
type Entry = ReturnType<typeof entry>;
const candidates = (...entries: readonly Entry[]) => ({
  ...{ now: NOW, entries },
  chain: { blockNumber: 7n, blockTime: NOW },
});

type Given = { readonly states?: readonly BookState[]; readonly books?: readonly PositionBook[] };
/** The gate's parts with lenders whose books are these; counts how often they are read. */
function partsOf({ states = [], books = [] }: Given = {}) {
  const asked = { times: 0 };
  const lenders = async () => {
    asked.times += 1;
    return { books, markets: new Map(), states };
  };
  const { impact: settings } = KEEPER_DEFAULTS;
  const parts = { settings, folder: temporaryFolder(), deadlineSeconds: 300, lenders } as unknown as ImpactParts;
  return { parts, asked };
}
const faulted = (markets: readonly number[]): BookState => ({
  ...{ lender: "Aave", markets, borrowers: null },
  fault: "POOL_MOVED: elsewhere",
});
const bookAt = (priceUsd: number): PositionBook => ({
  ...{ source: "Aave", time: NOW, positions: [] },
  priceUsd: new Map([[1, priceUsd]]),
});

test("a lender that cannot be read holds raises of maintenance in its own markets, and nothing else", async () => {
  const { parts } = partsOf({ states: [faulted([1])] });
  const held = await heldByImpact(candidates(entry(1, 1_901), entry(2, 1_901), entry(3, 1_800)), parts);
  assert.deepEqual(held, [{ market: "M1", reason: "IMPACT_UNKNOWN: Aave: POOL_MOVED: elsewhere" }]);
  assert.deepEqual(await heldByImpact(candidates(entry(1, 1_900), entry(2, 1_901)), parts), []);
  const report = { now: NOW, blockNumber: 7n, blockTime: NOW, entries: [entry(1, 1_900), entry(2, 1_900)] };
  const { weighed = [] } = await weighing(parts)(report as unknown as CycleReport);
  assert.deepEqual(
    weighed.map(({ why }) => why),
    ["not read: Aave: POOL_MOVED: elsewhere", "neither the record nor the impact settings name positions"],
  );
});

test("a lender whose price is further from ours than the market allows holds the raise of that market", async () => {
  const heldAt = async (priceUsd: number, ours: number | null = 2_000) => {
    const { parts } = partsOf({ books: [bookAt(priceUsd)] });
    return heldByImpact(candidates(entry(1, 1_950, ours), entry(2, 1_950, ours)), parts);
  };
  assert.deepEqual(await heldAt(2_060), []);
  assert.deepEqual(await heldAt(1_940), []);
  for (const wrong of [2_060.1, 1_939.9, 0, 1e30, Number.POSITIVE_INFINITY, Number.NaN]) {
    const reason = `IMPACT_UNKNOWN: Aave: OTHER_PRICE: ${wrong} USD for M1, ours is 2000`;
    assert.deepEqual(await heldAt(wrong), [{ market: "M1", reason }]);
  }
  assert.match((await heldAt(2_000, null))[0]?.reason ?? "", /OTHER_PRICE: 2000 USD for M1, ours is not known/);
});

test("what raises no maintenance waits for no lender, in a batch or before a signature", async () => {
  const { parts, asked } = partsOf({ states: [faulted([1])] });
  const plan = candidates(entry(1, 1_900)) as unknown as BatchPlan;
  const gated = await impactGate(parts)(plan);
  assert.deepEqual([gated.held, gated.weighed, gated.plan === plan], [[], undefined, true]);
  await heldByImpact(plan, parts);
  assert.equal(asked.times, 0);
});

test("after a cycle books are read every ten minutes, at once again while one is not read, and never without a market", async () => {
  const report = (now: number, ...entries: readonly Entry[]) =>
    ({ now, blockNumber: 7n, blockTime: now, entries }) as unknown as CycleReport;
  const well = partsOf({ states: [{ ...faulted([1]), borrowers: 1, fault: null }] });
  const weigh = weighing(well.parts);
  const reads = async (now: number) => {
    const before = well.asked.times;
    const { books } = await weigh(report(now, entry(1, 1_900)));
    assert.equal(books !== undefined, well.asked.times > before);
    return well.asked.times > before;
  };
  assert.deepEqual(await weigh(report(NOW)), {});
  const seen: boolean[] = [];
  for (const at of [NOW, NOW + 599, NOW + 600, NOW + 601, NOW - 1]) seen.push(await reads(at));
  assert.deepEqual(seen, [true, false, true, false, true], "also when the clock was set back");
  const sick = partsOf({ states: [faulted([1])] });
  const again = weighing(sick.parts);
  for (const at of [NOW, NOW + 1]) await again(report(at, entry(1, 1_900)));
  assert.equal(sick.asked.times, 4, "twice in each: for the state of each lender, and to weigh");
  assert.deepEqual(await weighing({ ...sick.parts, lenders: null })(report(NOW, entry(1, 1_900))), {});
});
