import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { minuteOf } from "../../keeper/domain/calendar.ts";
import { tokensOf } from "../../keeper/domain/contract.ts";
import type { DueMarket, OnChainMarket, Target } from "../../keeper/domain/decision.ts";
import { DEFAULT_POLICY } from "../../keeper/markets/defaults.ts";
import { fitBatch, looseningBlockers, looseningLeftBps } from "../../keeper/policy/loosening.ts";
import { decide, propose } from "../../keeper/policy/propose.ts";
import { admit } from "../../scripts/lab/contractModel/govern.ts";
import { publishBatch } from "../../scripts/lab/contractModel/publishBatch.ts";
import { onChainMarket } from "../../scripts/lab/contractModel/read.ts";
import { accountOf, type ContractBatch, type ContractState } from "../../scripts/lab/contractModel/state.ts";
import { ACCOUNTS, perform } from "../lab/contractModel/calls.ts";
import { deployed, START } from "../lab/contractModel/genesis.ts";
import { Random } from "../lab/contractModel/random.ts";
import { idsOf, randomStep } from "../lab/contractModel/randomStep.ts";
import { as, done } from "../lab/contractModel/world.ts";
import { NO_HISTORY } from "../support/onChain.ts";

/** A policy that asks for more than any limit allows, so that only the limits hold it. */
const GREEDY = { ...DEFAULT_POLICY, looseningHalfLifeDays: 0.01, maxLooseningBpsPerDay: 5_000, deadBandBps: 1 };

/** A contract after some dozens of random calls by everybody, with the keeper's key still a writer, and the time of the last. */
function livedIn(random: Random): { readonly state: ContractState; readonly now: number } {
  let now = START;
  let { state } = deployed();
  const aggregateBps = random.between(10, 800);
  const setting = { account: ACCOUNTS.keeper, power: "HOT", aggregateBps, tripBps: aggregateBps } as const;
  state = done(admit(state, setting, as("governance", now)));
  for (let calls = random.between(5, 60); calls > 0; calls--) {
    const step = randomStep(random, state, now, "mixed");
    now += step.seconds;
    const outcome = perform(state, step, now);
    if ("state" in outcome) state = outcome.state;
  }
  const isWriter = accountOf(state, ACCOUNTS.keeper).power === "HOT";
  return { state: isWriter ? state : done(admit(state, setting, as("governance", now))), now };
}

/** What the keeper makes of one market when the model wants `target`. */
function dueOf(onChain: OnChainMarket, target: Target, now: number, asOf: number, priceUsd: number | null): DueMarket {
  const history = { ...NO_HISTORY, lastLoosening: now - 86_400 };
  const facts = { now, confidence: 1, agreement: true, depthHours: 48, mode: onChain.mode, history };
  const held = {
    tightenOnly: onChain.writer.tightenOnly || onChain.classHeldUntil > now,
    overridden: onChain.heldUntil > now,
    newer: minuteOf(asOf) > minuteOf(onChain.asOf),
  };
  const blockers = looseningBlockers({ ...facts, ...held }, GREEDY);
  const budgetBps = looseningLeftBps(onChain);
  const known = { now, onChain, history, blockers, budgetBps, priceUsd };
  const proposed = propose(target, { ...known, maintenanceMayMove: true }, GREEDY);
  const seen = { now, asOf, confidence: 1, sources: 55, onChain, history, blockers };
  return { onChain, decision: decide(proposed, { ...seen, usable: true, wouldLoosen: true }, GREEDY) };
}

/** A batch for every market there is, as the cycle makes it, with targets anywhere and data of the last minutes. */
function planned(random: Random, state: ContractState, now: number): ContractBatch {
  const due = idsOf(state).flatMap((id) => {
    const onChain = onChainMarket(state, id, now, ACCOUNTS.keeper);
    if (onChain === null) return [];
    const [a, b] = [random.between(0, 7_000), random.between(0, 7_000)];
    const wanted = random.between(Math.max(0, onChain.lowestLimit - 500), Math.min(0xffff, onChain.highestLimit + 500));
    const limit = { usd: 2 * Number(tokensOf(wanted)) };
    const target = { initial: Math.max(a, b) / 10_000, maintenance: Math.min(a, b) / 10_000, limit } as Target;
    const priceUsd = random.chance(0.9) ? 2 : null;
    const oldest = Math.min(600, onChain.limits.maxAgeMinutes * 60);
    const market = dueOf(onChain, target, now, now - random.between(0, oldest), priceUsd);
    return market.decision.action === "submit" ? [market] : [];
  });
  const sequence = accountOf(state, ACCOUNTS.keeper).sequence + 1;
  const place = { sequence, deadline: now + 600, modelVersion: 2, evidence: `0x${"e".repeat(64)}` } as const;
  return { ...place, entries: fitBatch(due).entries };
}

const seeds = fc.integer({ min: 1, max: 2 ** 31 });

describe("what the keeper plans", () => {
  it("is applied whole, wherever governance has put bounds and budgets and whatever was spent or held before", () => {
    let applied = 0;
    let held = 0;
    let raised = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = new Random(seed);
        const { state, now } = livedIn(random);
        const batch = planned(random, state, now);
        if (batch.entries.length === 0) return;
        const outcome = publishBatch(state, batch, as("keeper", now));
        assert.ok("events" in outcome, JSON.stringify(outcome));
        assert.deepEqual(
          outcome.events.map(({ name }) => name),
          ["BatchApplied"],
          JSON.stringify(outcome.events),
        );
        applied += 1;
        for (const { marketId, limit } of batch.entries) {
          raised += Number(limit > (onChainMarket(state, marketId, now, ACCOUNTS.keeper)?.limit ?? limit));
        }
        const hard = batch.entries.some(({ marketId, asOf }) => {
          const market = onChainMarket(state, marketId, now, ACCOUNTS.keeper);
          return market !== null && (market.heldUntil > now || asOf <= market.asOf || market.writer.tightenOnly);
        });
        held += Number(hard);
      }),
      { numRuns: 400 },
    );
    assert.ok(applied > 250, `${applied} batches were not empty`);
    assert.ok(raised > 50, `${raised} entries raised the exposure limit`);
    assert.ok(held > 30, `${held} had a tightening that nothing but its direction lets through`);
  });

  it("never counts towards the writer's trip, however long the batch waits for its block", () => {
    let loosened = 0;
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 600 }), (seed, wait) => {
        const random = new Random(seed);
        const { state, now } = livedIn(random);
        const batch = planned(random, state, now);
        const outcome = publishBatch(state, batch, as("keeper", now + wait));
        if (!("events" in outcome)) return;
        const before = accountOf(state, ACCOUNTS.keeper);
        const after = accountOf(outcome.state, ACCOUNTS.keeper);
        assert.equal(after.tightenOnly, before.tightenOnly);
        assert.equal(after.refusedBps, after.window === before.window ? before.refusedBps : 0);
        if (after.spentBps > (after.window === before.window ? before.spentBps : 0)) loosened += 1;
      }),
      { numRuns: 400 },
    );
    assert.ok(loosened > 50, `${loosened} batches loosened`);
  });
});
