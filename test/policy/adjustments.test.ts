import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Adjustment, OnChainMarket, Target } from "../../keeper/domain/decision.ts";
import { DEFAULT_POLICY as DEPLOYED } from "../../keeper/markets/defaults.ts";
import { propose } from "../../keeper/policy/propose.ts";
import { CALM_LIMITS, calmMarket, NO_HISTORY } from "../support/onChain.ts";

/** Slow enough for its half-life and its limit a day to be told apart. */
const DEFAULT_POLICY = { ...DEPLOYED, looseningHalfLifeDays: 10, maxLooseningBpsPerDay: 50 };

type ProposeContext = Parameters<typeof propose>[1];

const NOW = 1_770_000_000;
const DAY_AGO = { ...NO_HISTORY, lastLoosening: NOW - 86_400 };

const target = (initial: number, maintenance: number) => ({ initial, maintenance, limit: { usd: 0 } }) as Target;
const context = (change: Partial<ProposeContext> = {}): ProposeContext => ({
  now: NOW,
  onChain: calmMarket(NOW),
  history: DAY_AGO,
  blockers: [],
  budgetBps: 200,
  ...{ priceUsd: null, maintenanceMayMove: true },
  ...change,
});
const standing = (change: Partial<OnChainMarket>) => calmMarket(NOW, change);

/** What was proposed, and each step on the way as "side: rule: from -> to". */
function steps(wanted: Target, change: Partial<ProposeContext> = {}): readonly [number, number, string[]] {
  const { initialBps, maintenanceTargetBps, adjustments } = propose(wanted, context(change), DEFAULT_POLICY);
  const words = ({ side, rule, fromBps, toBps }: Adjustment) => `${side}: ${rule}: ${fromBps} -> ${toBps}`;
  return [initialBps, maintenanceTargetBps, adjustments.map(words)];
}

describe("the adjustments of a proposal", () => {
  it("are none for a tightening that fits", () => {
    assert.deepEqual(steps(target(0.3, 0.25)), [3_000, 2_500, []]);
  });

  it("name the dead band, on both sides, and a move of exactly its width is one", () => {
    const onChain = standing({ storedInitialBps: 2_500 });
    assert.deepEqual(steps(target(0.2451, 0.1851), { onChain }), [
      2_500,
      1_900,
      ["maintenance: dead band: 1851 -> 1900", "initial: dead band: 2451 -> 2500"],
    ]);
    assert.deepEqual(steps(target(0.245, 0.185), { onChain }), [
      2_497,
      1_897,
      ["maintenance: loosening pace: 1850 -> 1897", "initial: loosening pace: 2450 -> 2497"],
    ]);
  });

  it("name the pace of loosening", () => {
    const onChain = standing({ storedInitialBps: 2_500 });
    assert.deepEqual(steps(target(0.1, 0.07), { onChain }), [
      2_450,
      1_850,
      ["maintenance: loosening pace: 700 -> 1850", "initial: loosening pace: 1000 -> 2450"],
    ]);
  });

  it("give a first loosening the time of one cool-down", () => {
    const onChain = standing({ storedInitialBps: 2_500 });
    // Six hours of 50 bp a day.
    assert.deepEqual(steps(target(0.1, 0.07), { onChain, history: NO_HISTORY }).slice(0, 2), [2_488, 1_888]);
    const sixHours = { ...NO_HISTORY, lastLoosening: NOW - 6 * 3_600 };
    assert.deepEqual(steps(target(0.1, 0.07), { onChain, history: sixHours }).slice(0, 2), [2_488, 1_888]);
  });

  it("name every blocker", () => {
    const blockers = ["LOW_CONFIDENCE", "COOL_DOWN"] as const;
    assert.deepEqual(steps(target(0.1, 0.07), { blockers }), [
      2_200,
      1_900,
      [
        "maintenance: loosening held: LOW_CONFIDENCE, COOL_DOWN: 700 -> 1900",
        "initial: loosening held: LOW_CONFIDENCE, COOL_DOWN: 1000 -> 2200",
      ],
    ]);
  });

  it("name the gap that lifts initial above maintenance", () => {
    assert.deepEqual(steps(target(0.22, 0.21)), [2_400, 2_100, ["initial: gap above maintenance: 2200 -> 2400"]]);
  });

  it("name a maintenance that no market data is behind", () => {
    assert.deepEqual(steps(target(0.5, 0.4), { maintenanceMayMove: false }), [
      5_000,
      1_900,
      ["maintenance: held: no market data behind it: 4000 -> 1900"],
    ]);
  });

  it("name governance's maximum and the room that it leaves maintenance", () => {
    const limits = { ...CALM_LIMITS, maxMaintenanceBps: 5_900 };
    assert.deepEqual(steps(target(0.99, 0.58), { onChain: standing({ limits }) }), [
      6_000,
      5_700,
      [
        "initial: governance maximum: 9900 -> 6000",
        "initial: gap above maintenance: 6000 -> 6100",
        "initial: governance maximum: 6100 -> 6000",
        "maintenance: room below initial: 5800 -> 5700",
      ],
    ]);
  });

  it("ask nothing of maintenance when initial is exactly at its maximum", () => {
    assert.deepEqual(steps(target(0.6, 0.5)), [6_000, 5_000, []]);
  });

  it("name a ramp that stops, and the loosening after it", () => {
    const onChain = standing({ maintenanceTargetBps: 3_500, maintenanceBps: 2_400, storedInitialBps: 4_000 });
    assert.deepEqual(steps(target(0.4, 0.28), { onChain }), [4_000, 2_800, []]);
    assert.deepEqual(steps(target(0.4, 0.1), { onChain }), [
      4_000,
      2_350,
      ["maintenance: ramp stopped: 1000 -> 2400", "maintenance: loosening pace: 1000 -> 2350"],
    ]);
    // Exactly at effective maintenance there is nothing left to loosen.
    assert.deepEqual(steps(target(0.4, 0.24), { onChain }), [4_000, 2_400, []]);
  });

  it("stop no ramp where the contract takes no lower target: it would be sent again in every cycle", () => {
    const onChain = standing({ maintenanceTargetBps: 3_500, maintenanceBps: 2_400, storedInitialBps: 4_000 });
    for (const held of ["TIGHTEN_ONLY", "OVERRIDDEN", "NO_NEWER_DATA"] as const) {
      assert.equal(steps(target(0.4, 0.2), { onChain, blockers: [held] })[1], 3_500, held);
    }
  });

  it("stop no ramp on doubtful data, whichever doubt it is", () => {
    const onChain = standing({ maintenanceTargetBps: 3_500, maintenanceBps: 2_400, storedInitialBps: 4_000 });
    for (const doubt of ["LOW_CONFIDENCE", "NO_AGREEMENT", "FROZEN_ON_CHAIN"] as const) {
      assert.equal(steps(target(0.4, 0.2), { onChain, blockers: [doubt] })[1], 3_500, doubt);
    }
    assert.equal(steps(target(0.4, 0.2), { onChain, blockers: ["BREAKER_REST"] })[1], 2_400);
  });

  it("stop no ramp for less than the dead band", () => {
    const onChain = standing({ maintenanceTargetBps: 2_449, maintenanceBps: 2_400, storedInitialBps: 4_000 });
    assert.deepEqual(steps(target(0.4, 0.24), { onChain })[1], 2_449);
    const wider = standing({ maintenanceTargetBps: 2_450, maintenanceBps: 2_400, storedInitialBps: 4_000 });
    assert.deepEqual(steps(target(0.4, 0.24), { onChain: wider })[1], 2_400);
  });
});

const share = fc.double({ min: 0, max: 1, noNaN: true });
const market = fc
  .record({
    storedInitialBps: fc.integer({ min: 500, max: 6_000 }),
    maintenanceTargetBps: fc.integer({ min: 500, max: 5_000 }),
    maintenanceBps: fc.integer({ min: 500, max: 5_000 }),
  })
  .map((change) => standing(change));
const blockers = fc.subarray(["LOW_CONFIDENCE", "COOL_DOWN", "BREAKER_REST", "FROZEN_ON_CHAIN"] as const);

describe("any proposal", () => {
  const world = fc.record({
    onChain: market,
    blockers,
    budgetBps: fc.integer({ min: 0, max: 200 }),
    maintenanceMayMove: fc.boolean(),
  });

  it("is whole basis points inside governance's bounds, with the gap between them", () => {
    fc.assert(
      fc.property(share, share, world, (initial, maintenance, change) => {
        const made = propose(target(initial, maintenance), context(change), DEFAULT_POLICY);
        for (const value of [made.initialBps, made.maintenanceTargetBps]) assert.ok(Number.isInteger(value));
        assert.ok(made.initialBps >= 500 && made.initialBps <= 6_000);
        assert.ok(made.maintenanceTargetBps >= 500 && made.maintenanceTargetBps <= 5_700);
        assert.ok(made.initialBps - made.maintenanceTargetBps >= 300 || made.maintenanceTargetBps === 500);
      }),
    );
  });

  it("never asks for less of a riskier target", () => {
    fc.assert(
      fc.property(share, share, share, world, (a, b, maintenance, change) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map(
          (initial) => propose(target(initial, maintenance), context(change), DEFAULT_POLICY).initialBps,
        );
        assert.ok(low !== undefined && high !== undefined);
        // Inside the dead band a larger wish may stand still where a smaller one moves by less than it.
        assert.ok(high >= low - DEFAULT_POLICY.deadBandBps, `${low} against ${high}`);
      }),
    );
  });

  it("loosens initial by no more than the step, the budget and the daily pace", () => {
    fc.assert(
      fc.property(share, share, world, (initial, maintenance, change) => {
        const made = propose(target(initial, maintenance), context(change), DEFAULT_POLICY);
        const given = change.onChain.storedInitialBps - made.initialBps;
        assert.ok(given <= Math.min(change.budgetBps, DEFAULT_POLICY.maxLooseningBpsPerDay));
        if (change.blockers.length > 0) assert.ok(given <= 0);
      }),
    );
  });
});
