import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DAY_SECONDS, HOUR_SECONDS } from "../../keeper/domain/calendar.ts";
import type { OnChainMarket } from "../../keeper/domain/decision.ts";
import { whenMoved } from "../../keeper/domain/follow.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../keeper/markets/defaults.ts";
import { target as targetOf } from "../../keeper/model/target.ts";
import { arrivals } from "../../keeper/policy/arrival.ts";
import type { Situation } from "../../keeper/policy/loosening.ts";
import { respond } from "../../keeper/policy/respond.ts";
import { calmEth } from "../support/modelRisk.ts";
import { CALM_LIMITS, calmMarket, NO_HISTORY } from "../support/onChain.ts";

const NOW = 1_772_323_200; // 2026-03-01T00:00:00Z
const MODEL = { ...targetOf(calmEth(), DEFAULT_MODEL), initial: 0.19, maintenance: 0.16, initialBinding: "market" };

/** What is said of a market at 25 / 16 % that should be at 19 / 16 %. */
function said(change: Partial<Situation> = {}, chain: Partial<OnChainMarket> = {}, target = MODEL) {
  const high = { initialBps: 2_500, storedInitialBps: 2_500, maintenanceBps: 1_600, maintenanceTargetBps: 1_600 };
  const at: Situation = {
    ...{ now: NOW, asOf: NOW - 20, confidence: 1, sources: 55, agreement: true, depthHours: 48, history: NO_HISTORY },
    ...{ onChain: calmMarket(NOW, { ...high, ...chain }), priceUsd: null, maintenanceMayMove: true, usable: true },
    ...change,
  };
  return arrivals(target, at, respond(target, at, DEFAULT_POLICY), DEFAULT_POLICY);
}
const after = (at: number | null) => ((at ?? Number.NaN) - NOW) / DAY_SECONDS;

describe("arrivals", () => {
  it("say why initial is where it is, where it comes to rest and when: 1.5 points a day, then half in two days", () => {
    const { because, value, at } = said().initial;
    assert.equal(because, "it loosens at a limited pace");
    assert.ok(value >= 1_900 && value < 1_950, "within the dead band of the target");
    assert.ok(after(at) > 6.5 && after(at) < 9, `${after(at)} days`);
  });

  it("say of a number at its target what it follows", () => {
    const { maintenance } = said();
    assert.deepEqual(maintenance, { because: "long-run volatility asks for it", value: 1_600, at: NOW });
  });

  it("say of a rise of maintenance when the contract has made it: ten basis points a day", () => {
    const { because, value, at } = said({}, {}, { ...MODEL, initial: 0.25, maintenance: 0.22 }).maintenance;
    assert.deepEqual([because, value], ["the contract moves it by at most 300 bp in 30 days", 2_200]);
    assert.equal(after(at), 60);
  });

  it("give no time while data that nobody can vouch for holds a loosening, and say where it would go", () => {
    const { because, value, at } = said({ confidence: 0.5 }).initial;
    assert.deepEqual([because, value, at], ["loosening needs more confidence in the data than there is", 1_900, null]);
  });

  it("wait for what lapses by itself: a rest after a steep rise, a hold by governance, a day of depth", () => {
    const free = after(said().initial.at);
    const rested = said({ history: { ...NO_HISTORY, lastBreaker: NOW - HOUR_SECONDS } }).initial;
    assert.ok(after(rested.at) >= free + 2.6 && after(rested.at) <= free + 3.3, `${after(rested.at)}, ${free}`);
    const held = after(said({}, { heldUntil: NOW + 10 * DAY_SECONDS }).initial.at);
    assert.ok(held >= free + 9.6 && held <= free + 10.4, `${held}, ${free}`);
    const young = after(said({ depthHours: 12 }).initial.at);
    assert.ok(young >= free + 0.4 && young <= free + 0.9, `${young}, ${free}`);
  });

  it("give no time to a ramp that silence stops: without data nothing renews the value, and it moves for its ttl alone", () => {
    const ramp = { maintenanceTargetBps: 2_200 };
    assert.equal(said({ usable: false }, ramp).maintenance.at, null);
    const short = said({ usable: false }, { maintenanceTargetBps: 1_605 }).maintenance;
    assert.ok(after(short.at) > 0 && after(short.at) < 1);
  });
});

it("whenMoved is the minute at which the contract's clock has ticked so often", () => {
  const calm = { ...calmMarket(NOW), ...CALM_LIMITS };
  assert.equal(whenMoved({ ...calm, maintenanceTargetBps: 2_200 }, 10, NOW), NOW + DAY_SECONDS);
  assert.equal(whenMoved({ ...calm, maintenanceTargetBps: 1_800 }, 100, NOW), NOW + DAY_SECONDS);
  const frozen = { ...calm, mode: "FROZEN", modeUntil: NOW + DAY_SECONDS, maintenanceTargetBps: 1_800 } as const;
  assert.equal(whenMoved(frozen, 100, NOW), NOW + 2 * DAY_SECONDS);
});
