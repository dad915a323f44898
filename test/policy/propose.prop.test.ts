import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { minuteOf } from "../../keeper/domain/calendar.ts";
import type { DueMarket, OnChainMarket, Target } from "../../keeper/domain/decision.ts";
import { DEFAULT_POLICY } from "../../keeper/markets/defaults.ts";
import { decide } from "../../keeper/policy/decide.ts";
import { fitBatch } from "../../keeper/policy/fitBatch.ts";
import { looseningBlockers, looseningLeftBps } from "../../keeper/policy/loosening.ts";
import { propose } from "../../keeper/policy/propose.ts";
import { applyBatch } from "../../scripts/lab/contractModel/applyBatch.ts";
import { onChainMarket } from "../../scripts/lab/contractModel/effective.ts";
import { setAggregateBudget } from "../../scripts/lab/contractModel/govern.ts";
import { type ContractState, marketCount } from "../../scripts/lab/contractModel/state.ts";
import { perform } from "../lab/contractModel/calls.ts";
import { deployed, START } from "../lab/contractModel/genesis.ts";
import { Random } from "../lab/contractModel/random.ts";
import { randomStep } from "../lab/contractModel/randomStep.ts";
import { as, done, SOMEBODY } from "../lab/contractModel/world.ts";
import { NO_HISTORY } from "../support/onChain.ts";

/** A policy that asks for more than any limit allows, so that only the limits hold it. */
const GREEDY = { ...DEFAULT_POLICY, looseningHalfLifeDays: 0.01, maxLooseningBpsPerDay: 5_000, deadBandBps: 1 };

/** A contract after some dozens of random calls by everybody, and the time of the last. */
function livedIn(random: Random): { readonly state: ContractState; readonly now: number } {
  let now = START;
  const hotBps = random.between(10, 800);
  let state = done(setAggregateBudget(deployed(SOMEBODY, START), hotBps, 2 * hotBps, as("governance", START)));
  for (let calls = random.between(5, 60); calls > 0; calls--) {
    const step = randomStep(random, state, now, "mixed");
    now += step.seconds;
    const outcome = perform(state, step, SOMEBODY, now);
    if ("state" in outcome) state = outcome.state;
  }
  return { state, now };
}

/** What the keeper makes of one market when the model wants `target`; data of the last 40 seconds. */
function dueOf(onChain: OnChainMarket, target: Target, now: number, asOf: number): DueMarket {
  const history = { ...NO_HISTORY, lastLoosening: now - 86_400 };
  const facts = { now, confidence: 1, agreement: true, depthHours: 48, mode: onChain.mode, history };
  const newer = minuteOf(asOf) > minuteOf(onChain.asOf);
  const blockers = looseningBlockers({ ...facts, tightenOnly: onChain.door.tightenOnly, newer }, GREEDY);
  const budgetBps = looseningLeftBps(onChain);
  const proposed = propose(target, { now, onChain, history, blockers, budgetBps, maintenanceMayMove: true }, GREEDY);
  const seen = { now, asOf, confidence: 1, sources: 55, onChain, history, blockers };
  return { onChain, decision: decide(proposed, { ...seen, usable: true, wouldLoosen: true }, GREEDY) };
}

/** A batch for every market there is, as the cycle makes it, with targets anywhere. */
function planned(random: Random, state: ContractState, now: number) {
  const ids = Array.from({ length: marketCount(state) }, (_, index) => index + 1);
  const due = ids.flatMap((id) => {
    const onChain = onChainMarket(state, id, now);
    if (onChain === null) return [];
    const [a, b] = [random.between(0, 7_000), random.between(0, 7_000)];
    const target = { initial: Math.max(a, b) / 10_000, maintenance: Math.min(a, b) / 10_000 } as Target;
    const market = dueOf(onChain, target, now, now - random.between(0, 40));
    return market.decision.action === "submit" ? [market] : [];
  });
  const { sequence, generation } = state.door;
  const place = { sequence: sequence + 1, generation, deadline: now + 600, modelVersion: 2 };
  return { ...place, evidence: `0x${"e".repeat(64)}` as const, entries: fitBatch(due, now).entries };
}

describe("what the keeper plans", () => {
  it("is applied whole, wherever governance has put bounds and budgets and whatever was spent before", () => {
    let applied = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (seed) => {
        const random = new Random(seed);
        const { state, now } = livedIn(random);
        const batch = planned(random, state, now);
        if (batch.entries.length === 0) return;
        const outcome = applyBatch(state, batch, as("keeper", now), false, () => true);
        assert.ok("events" in outcome, JSON.stringify(outcome));
        const [said, ...more] = outcome.events;
        assert.equal(said?.name, "BatchApplied", JSON.stringify(said));
        assert.deepEqual(more, []);
        applied += 1;
      }),
      { numRuns: 400 },
    );
    assert.ok(applied > 300, `${applied} batches were not empty`);
  });

  it("never trips the contract's breaker, however long the batch waits for its block", () => {
    let loosened = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), fc.integer({ min: 0, max: 600 }), (seed, wait) => {
        const random = new Random(seed);
        const { state, now } = livedIn(random);
        const batch = planned(random, state, now);
        const outcome = applyBatch(state, batch, as("keeper", now + wait), false, () => true);
        if (!("events" in outcome)) return;
        const tripped = outcome.events.find(({ name }) => name === "BreakerTripped");
        assert.equal(tripped, undefined, JSON.stringify(tripped));
        if (outcome.state.door.spentBps > state.door.spentBps) loosened += 1;
      }),
      { numRuns: 400 },
    );
    assert.ok(loosened > 50, `${loosened} batches loosened`);
  });
});
