import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Proposed, Target } from "../../keeper/domain/decision.ts";
import { DEFAULT_POLICY as DEPLOYED } from "../../keeper/markets/defaults.ts";
import { propose } from "../../keeper/policy/propose.ts";
import { CALM_LIMIT } from "../support/entries.ts";
import { CALM_LIMITS, calmMarket, NO_HISTORY } from "../support/onChain.ts";

/** Slow enough for its half-life and its limit a day to be told apart. */
const DEFAULT_POLICY = { ...DEPLOYED, looseningHalfLifeDays: 10, maxLooseningBpsPerDay: 50 };

type ProposeContext = Parameters<typeof propose>[1];

const NOW = 1_770_000_000;

/** A market whose initial haircut is clear of the gap above maintenance. */
const ROOMY = calmMarket(NOW, { storedInitialBps: 2_500, initialBps: 2_500 });

/** Only the haircuts matter to `propose` without a price; the terms behind them are for people. */
function target(initial: number, maintenance: number): Target {
  return { initial, maintenance, limit: { usd: 0 } } as Target;
}

function world(change: Partial<ProposeContext> = {}): ProposeContext {
  return {
    now: NOW,
    onChain: calmMarket(NOW),
    history: NO_HISTORY,
    blockers: [],
    budgetBps: 200,
    priceUsd: null,
    maintenanceMayMove: true,
    ...change,
  };
}

const values = ({ initialBps, maintenanceTargetBps }: Proposed) => [initialBps, maintenanceTargetBps];

describe("propose", () => {
  it("passes a tightening on in full, whatever blocks loosening", () => {
    const blocked = world({ blockers: ["LOW_CONFIDENCE", "BREAKER_REST"], budgetBps: 0 });
    assert.deepEqual(values(propose(target(0.35, 0.28), blocked, DEFAULT_POLICY)), [3_500, 2_800]);
  });

  it("rounds haircuts up to whole basis points", () => {
    assert.deepEqual(values(propose(target(0.300001, 0.250001), world(), DEFAULT_POLICY)), [3_001, 2_501]);
  });

  it("loosens by no more than half a point a day and the half-life", () => {
    const day = world({ onChain: ROOMY, history: { ...NO_HISTORY, lastLoosening: NOW - 86_400 } });
    const far = propose(target(0.1, 0.07), day, DEFAULT_POLICY);
    assert.deepEqual(values(far), [2_450, 1_850]);
    const near = propose(target(0.23, 0.17), day, DEFAULT_POLICY);
    // 200 bp away: 200 (1 - 2^-0.1) = 13.4
    assert.deepEqual(values(near), [2_487, 1_887]);
  });

  it("earns at most one day of loosening from a month of silence", () => {
    const month = world({ onChain: ROOMY, history: { ...NO_HISTORY, lastLoosening: NOW - 30 * 86_400 } });
    assert.deepEqual(values(propose(target(0.1, 0.07), month, DEFAULT_POLICY)), [2_450, 1_850]);
  });

  it("holds both sides while something blocks loosening, and says what", () => {
    const result = propose(target(0.1, 0.07), world({ blockers: ["BREAKER_REST"] }), DEFAULT_POLICY);
    assert.deepEqual(values(result), [2_200, 1_900]);
    assert.ok(result.adjustments.every((one) => one.rule === "loosening held: BREAKER_REST"));
  });

  it("stays inside the loosening budget left on chain", () => {
    const day = { ...NO_HISTORY, lastLoosening: NOW - 86_400 };
    const left = (budgetBps: number) =>
      propose(target(0.1, 0.07), world({ onChain: ROOMY, history: day, budgetBps }), DEFAULT_POLICY).initialBps;
    assert.deepEqual([left(7), left(0)], [2_493, 2_500]);
  });

  it("ignores a loosening inside the dead band", () => {
    assert.deepEqual(values(propose(target(0.2151, 0.1851), world(), DEFAULT_POLICY)), [2_200, 1_900]);
  });

  it("keeps the gap above a maintenance that is still on its way down", () => {
    const onChain = calmMarket(NOW, { maintenanceBps: 2_400, maintenanceTargetBps: 1_500, storedInitialBps: 2_700 });
    const day = { ...NO_HISTORY, lastLoosening: NOW - 86_400 };
    assert.equal(propose(target(0.2, 0.15), world({ onChain, history: day }), DEFAULT_POLICY).initialBps, 2_700);
  });

  it("moves targets into governance's bounds", () => {
    const high = propose(target(0.99, 0.9), world(), DEFAULT_POLICY);
    assert.deepEqual(values(high), [6_000, 5_000]);
    const onChain = calmMarket(NOW, { storedInitialBps: 900, maintenanceTargetBps: 510, maintenanceBps: 510 });
    const day = { ...NO_HISTORY, lastLoosening: NOW - 86_400 };
    const low = propose(target(0, 0), world({ onChain, history: day }), { ...DEFAULT_POLICY, deadBandBps: 1 });
    assert.equal(low.maintenanceTargetBps, 510);
    const least = propose(target(0.5, 0), world({ onChain: calmMarket(NOW) }), DEFAULT_POLICY);
    assert.deepEqual(
      least.adjustments.filter(({ rule }) => rule === "governance minimum"),
      [{ side: "maintenance", rule: "governance minimum", fromBps: 0, toBps: 500 }],
    );
  });

  it("lets maintenance give way when the gap would push initial over its maximum", () => {
    const limits = { ...CALM_LIMITS, maxMaintenanceBps: 5_900 };
    const result = propose(target(0.99, 0.99), world({ onChain: calmMarket(NOW, { limits }) }), DEFAULT_POLICY);
    assert.deepEqual(values(result), [6_000, 5_700]);
  });

  it("never moves maintenance when no market datum is behind the number", () => {
    const blind = propose(target(0.5, 0.4), world({ maintenanceMayMove: false }), DEFAULT_POLICY);
    assert.deepEqual(values(blind), [5_000, 1_900]);
  });

  it("follows a raised minimum of maintenance without a market datum too, for the contract takes nothing below it", () => {
    const onChain = calmMarket(NOW, { limits: { ...CALM_LIMITS, minMaintenanceBps: 1_901 } });
    const blind = propose(target(0.5, 0.1), world({ onChain, maintenanceMayMove: false }), DEFAULT_POLICY);
    assert.equal(blind.maintenanceTargetBps, 1_901);
  });

  it("walks down to a maximum lowered below what is stored as to any lower target, and not while loosening is blocked", () => {
    const limits = { ...CALM_LIMITS, maxInitialBps: 3_000, maxMaintenanceBps: 2_500 };
    const onChain = calmMarket(NOW, { limits, storedInitialBps: 4_000 });
    const day = { ...NO_HISTORY, lastLoosening: NOW - 86_400 };
    const of = (change: Partial<ProposeContext>) =>
      propose(target(0.9, 0.19), world({ onChain, history: day, ...change }), DEFAULT_POLICY).initialBps;
    assert.deepEqual([of({}), of({ blockers: ["LOW_CONFIDENCE"] })], [3_950, 4_000]);
  });

  it("stops a ramp at once where it is when the model asks for less, whatever rests, and loosens nothing by it", () => {
    const ramping = calmMarket(NOW, { maintenanceTargetBps: 3_500, maintenanceBps: 2_400, storedInitialBps: 4_000 });
    const resting = world({ onChain: ramping, blockers: ["BREAKER_REST", "COOL_DOWN"] });
    assert.deepEqual(values(propose(target(0.4, 0.2), resting, DEFAULT_POLICY)), [4_000, 2_400]);
    // The model still asks for part of the way: the ramp stops there.
    assert.deepEqual(values(propose(target(0.4, 0.28), resting, DEFAULT_POLICY)), [4_000, 2_800]);
  });

  it("lets a ramp run on while the data is doubtful", () => {
    const onChain = calmMarket(NOW, { maintenanceTargetBps: 3_500, maintenanceBps: 2_400, storedInitialBps: 4_000 });
    for (const blockers of [["LOW_CONFIDENCE"], ["FROZEN_ON_CHAIN"]] as const) {
      assert.equal(propose(target(0.4, 0.2), world({ onChain, blockers }), DEFAULT_POLICY).maintenanceTargetBps, 3_500);
    }
  });

  it("goes on below effective maintenance only at the pace of loosening", () => {
    const onChain = calmMarket(NOW, { maintenanceTargetBps: 3_500, maintenanceBps: 2_400, storedInitialBps: 4_000 });
    const day = world({ onChain, history: { ...NO_HISTORY, lastLoosening: NOW - 86_400 } });
    assert.equal(propose(target(0.4, 0.1), day, DEFAULT_POLICY).maintenanceTargetBps, 2_350);
  });

  it("starts from what is already on its way", () => {
    const onChain = calmMarket(NOW, {
      pending: { initialBps: 3_000, maintenanceTargetBps: 2_500, limit: CALM_LIMIT, asOf: NOW - 60 },
    });
    const day = { ...NO_HISTORY, lastLoosening: NOW - 86_400 };
    assert.deepEqual(
      values(propose(target(0.1, 0.07), world({ onChain, history: day }), DEFAULT_POLICY)),
      [2_950, 1_850],
    );
  });
});
