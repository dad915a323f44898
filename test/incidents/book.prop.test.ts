import assert from "node:assert/strict";
import { test } from "node:test";
import { uniforms } from "../../scripts/lab/validation/statistics/random.ts";
import { Adversary } from "./support/adversary.ts";
import { atMaximum, bookValues, countLiquidatable, minutesToFirst, type Position } from "./support/book.ts";
import { incidentWorld } from "./support/incidentWorld.ts";
import { type Outcome, PAIRS, REASONS, TIGHTEN_SPEED, ticks } from "./support/terms.ts";

const START = Date.parse("2026-03-10T00:00:00Z") / 1000;
const LANES = 2;
const STEPS = 200;
const SEEDS = [1, 2, 3];
/** Ten thousand collaterals over six markets: two of each pair. */
const VALUES = Array.from({ length: PAIRS.length * LANES }, (_, market) =>
  bookValues(10_000, 11).filter((_, i) => i % (PAIRS.length * LANES) === market),
);

const pairOf = (market: number) => PAIRS[Math.floor(market / LANES)] ?? PAIRS[0];
const bookAt = (initial: (market: number) => number): readonly (readonly Position[])[] =>
  VALUES.map((values, market) => values.map((value) => atMaximum(value, initial(market))));
const lost = (book: readonly (readonly Position[])[], haircuts: Outcome["after"]): number =>
  book.reduce((sum, positions, market) => sum + countLiquidatable(positions, haircuts[market]?.maintenanceBps ?? 0), 0);

/** What was true of every batch of one search, and what came up in it. */
async function search(seed: number) {
  const world = await incidentWorld(START, PAIRS, LANES);
  await world.does(world.governance, START + 2, "setAggregateBudget", [60, 400]);
  for (let lane = 0; lane < LANES; lane += 1) {
    await world.does(world.governance, START + 3 + lane, "setProbe", [11 + lane, world.keeperAddress]);
  }
  const adversary = new Adversary(world, uniforms(seed));
  const standing = bookAt((market) => pairOf(market)?.initialBps ?? 0);
  const seen = { reasons: new Set<string>(), applied: 0, lostBefore: 0, firstLoss: Infinity, slack: Infinity };
  for (let step = 0; step < STEPS; step += 1) {
    const outcome = await adversary.step();
    const { before, after } = outcome;
    const what = `seed ${seed}, batch ${step}`;
    for (const [market, now] of after.entries()) {
      assert.equal(now.maintenanceBps, before[market]?.maintenanceBps, `${what}: maintenance jumped`);
      const most = (pairOf(market)?.maintenanceBps ?? 0) + ticks(TIGHTEN_SPEED, START, world.now());
      assert.ok(now.maintenanceBps <= most, `${what}: maintenance went faster than its speed`);
      const slack = now.initialBps - now.maintenanceBps - (pairOf(market)?.minGapBps ?? 0);
      seen.slack = Math.min(seen.slack, slack);
    }
    if (outcome.refusal !== "") assert.deepEqual(after, before, `${what}: refused, yet something moved`);
    // Opened when the market was listed, and never touched since.
    const already = lost(standing, before);
    assert.equal(lost(standing, after), already, `${what}: a standing position was lost in the block of the update`);
    // Opened at the maximum in the very block of the update, before it and after it.
    const fresh = bookAt((market) => before[market]?.initialBps ?? 0);
    assert.equal(lost(fresh, before), 0, `${what}: a position was liquidatable when opened`);
    assert.equal(lost(fresh, after), 0, `${what}: a position opened before the update was lost in its block`);
    assert.equal(
      lost(
        bookAt((market) => after[market]?.initialBps ?? 0),
        after,
      ),
      0,
      `${what}: one opened after it`,
    );
    if (already > 0) seen.firstLoss = Math.min(seen.firstLoss, world.now() - START);
    seen.lostBefore = Math.max(seen.lostBefore, already);
    if (outcome.refusal === "") seen.applied += 1;
    for (const { reason } of outcome.skipped) seen.reasons.add(reason);
  }
  return seen;
}

test("no sequence of keeper updates makes one of ten thousand positions liquidatable in the block of the update", async (t) => {
  const reasons = new Set<string>();
  for (const seed of SEEDS) {
    const seen = await search(seed);
    for (const reason of seen.reasons) reasons.add(reason);
    t.diagnostic(`seed ${seed}: ${seen.applied} of ${STEPS} applied, up to ${seen.lostBefore} lost to time alone`);
    assert.ok(seen.applied > STEPS / 2, "most batches did something");
    assert.equal(seen.slack, 0, "the search did bring initial down to the least gap above maintenance");
    assert.ok(seen.lostBefore > 0, "the search did push positions over, slowly: it is not vacuous");
    // Never sooner than the closed form of the narrowest gap.
    const [narrowest] = PAIRS.map((pair) => pair.initialBps - pair.maintenanceBps).sort((a, b) => a - b);
    assert.ok(seen.firstLoss >= minutesToFirst(narrowest ?? 0, TIGHTEN_SPEED) * 60);
  }
  const missing = REASONS.filter((reason) => reason !== "NONE" && !reasons.has(reason));
  assert.deepEqual(missing, [], "every reason to skip came up");
});
