import assert from "node:assert/strict";
import { before, test } from "node:test";
import fc from "fast-check";
import type { OnChainLimits, OnChainMarket } from "../../keeper/domain/decision.ts";
import { applyLimits, applyMode, applyUpdate, effectiveHaircuts } from "../../keeper/policy/limits.ts";
import { readMarkets } from "../../keeper/protocols/collateralParameters.ts";
import { readEvents, readUpdates } from "../../keeper/protocols/events.ts";
import { rebuildFromEvents } from "../../keeper/protocols/rebuild.ts";
import { SAMPLE_LIMITS } from "../support/limits.ts";
import { type LimitsWorld, limitsWorld } from "./limitsWorld.ts";

const MODES = ["NORMAL", "NO_NEW_RISK", "FROZEN"] as const;
const SEED = 20_260_128;
const seen = new Map<string, number>();
let world: LimitsWorld;

before(async () => {
  world = await limitsWorld();
});

/** Limits that differ where it matters and always hold together; gap and bonus stay, so a change is never refused. */
const limits: fc.Arbitrary<OnChainLimits> = fc.record({
  minInitialBps: fc.integer({ min: 500, max: 2_000 }),
  maxInitialBps: fc.integer({ min: 8_000, max: 9_500 }),
  minMaintenanceBps: fc.integer({ min: 0, max: 1_700 }),
  maxMaintenanceBps: fc.integer({ min: 2_000, max: 7_500 }),
  minGapBps: fc.constant(SAMPLE_LIMITS.minGapBps),
  liquidationBonusBps: fc.constant(SAMPLE_LIMITS.liquidationBonusBps),
  maxLooseningStepBps: fc.integer({ min: 0, max: 300 }),
  looseningBudgetBpsPerDay: fc.integer({ min: 0, max: 601 }),
  tightenSpeedBpsPerDay: fc.integer({ min: 0, max: 3_000 }),
  loosenSpeedBpsPerDay: fc.integer({ min: 0, max: 1_000 }),
  staleInitialCapBps: fc.integer({ min: 9_500, max: 10_000 }),
  ttlSeconds: fc.integer({ min: 7_200, max: 40_000 }),
  decaySeconds: fc.integer({ min: 1, max: 200_000 }),
  maxAgeSeconds: fc.integer({ min: 1, max: 7_200 }),
});

const seconds = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 7_200 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 400_000 }) },
);
/** A value near what is stored, or anything. */
const move = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -110, max: 120 }).map((by) => ({ by })) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 65_535 }).map((to) => ({ to })) },
  { weight: 2, arbitrary: fc.integer({ min: 500, max: 7_000 }).map((to) => ({ to })) },
);
const age = fc.oneof(
  { weight: 8, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: -5, max: 8_000 }) },
);
const confidenceBps = fc.oneof({ weight: 20, arbitrary: fc.constant(9_000) }, fc.constant(10_001));
const action = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant("update"), seconds, initial: move, target: move, age, confidenceBps }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait"), seconds }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("mode"), seconds, mode: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("limits"), seconds, limits }) },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

const moved = (from: number, by: { by: number } | { to: number }) =>
  "to" in by ? by.to : Math.min(65_535, Math.max(0, from + by.by));

async function read(marketId: number): Promise<OnChainMarket> {
  const [market] = (await readMarkets(world.client, world.address, await world.blockNumber(), [marketId])).markets;
  assert.ok(market !== undefined);
  return market;
}

/** Does one thing on chain and in the model, and returns the model's market. */
async function step(market: OnChainMarket, next: Action): Promise<OnChainMarket> {
  const now = world.now() + next.seconds;
  if (next.kind === "wait") {
    await world.wait(next.seconds);
    return market;
  }
  if (next.kind === "mode") {
    const { mode } = next as Extract<Action, { mode: number }>;
    await world.setMode(next.seconds, market.marketId, mode);
    return applyMode(market, market.limits, MODES[mode] ?? "NORMAL", now);
  }
  if (next.kind === "limits") {
    const { limits } = next as Extract<Action, { limits: OnChainLimits }>;
    await world.setLimits(next.seconds, market.marketId, limits);
    return { ...applyLimits(market, market.limits, limits, now), limits: { ...limits } };
  }
  const wanted = next as Extract<Action, { confidenceBps: number }>;
  const update = {
    initialBps: moved(market.storedInitialBps, wanted.initial),
    maintenanceTargetBps: moved(market.maintenanceTargetBps, wanted.target),
    confidenceBps: wanted.confidenceBps,
    asOf: now - wanted.age,
  };
  const transactionHash = await world.update(next.seconds, market.marketId, update);
  const { check, state } = applyUpdate(market, market.limits, update, now);
  seen.set(check.reason, (seen.get(check.reason) ?? 0) + 1);
  const [batch] = await readUpdates(world.client, world.address, { transactionHash });
  const skipped = batch?.skipped.map(({ reason, given, allowed }) => ({
    reason,
    given: +`${given}`,
    allowed: +`${allowed}`,
  }));
  assert.deepEqual(
    skipped,
    check.reason === "NONE" ? [] : [check],
    "the contract skips for the model's reason and figures",
  );
  return state;
}

test("the model and the contract agree to the nano-bp over thousands of random steps", async () => {
  await fc.assert(
    fc.asyncProperty(limits, fc.array(action, { minLength: 40, maxLength: 60 }), async (first, actions) => {
      let market = await read(await world.list(2_200, 1_800, first));
      for (const next of actions) {
        market = await step(market, next);
        const { initialBps, maintenanceBps } = effectiveHaircuts(market, market.limits, world.now());
        assert.deepEqual({ ...market, initialBps, maintenanceBps }, await read(market.marketId), JSON.stringify(next));
      }
    }),
    { seed: SEED, numRuns: 60, endOnFailure: true },
  );
});

test("the random steps met every reason there is for skipping a market", () => {
  const reasons = [
    ...["NONE", "ASOF_NOT_INCREASING", "ASOF_TOO_OLD", "ASOF_IN_FUTURE", "INITIAL_OUT_OF_BOUNDS"],
    ...["MAINTENANCE_OUT_OF_BOUNDS", "GAP_TOO_SMALL", "TOXIC_LIQUIDATION", "STEP_TOO_LARGE"],
    ...["LOOSENING_BUDGET_SPENT", "CONFIDENCE_OUT_OF_RANGE"],
  ];
  assert.deepEqual([...seen.keys()].sort(), reasons.sort(), JSON.stringify([...seen]));
});

test("I15: the state rebuilt from the events alone equals what is stored, for every market", async () => {
  const toBlock = await world.blockNumber();
  const events = await readEvents(world.client, world.address, { fromBlock: 0n, toBlock });
  const rebuilt = rebuildFromEvents(events);
  const ids = [...rebuilt.markets.keys()];
  assert.equal(ids.length, 61);
  const { markets, sequence } = await readMarkets(world.client, world.address, toBlock, ids);
  assert.equal(rebuilt.sequence, sequence);
  for (const market of markets) {
    const again = rebuilt.markets.get(market.marketId);
    assert.ok(again !== undefined && again.limits !== null);
    const { initialBps, maintenanceTargetBps, maintenanceNanoBps, maintenanceTime, asOf, mode, limits } = again;
    const { budgetNanoBps, budgetTime } = again;
    const values = { storedInitialBps: initialBps, maintenanceTargetBps, maintenanceNanoBps, maintenanceTime, asOf };
    assert.deepEqual({ ...market, ...values, mode, budgetNanoBps, budgetTime, limits }, market);
  }
});
