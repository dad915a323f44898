import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DAY_SECONDS, HOUR_SECONDS } from "../../keeper/domain/calendar.ts";
import type { MarketHistory, OnChainMarket, Target } from "../../keeper/domain/decision.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../keeper/markets/defaults.ts";
import { RISK_CLASSES } from "../../keeper/markets/limits.ts";
import { target as targetOf } from "../../keeper/model/target.ts";
import { arrivals } from "../../keeper/policy/arrival.ts";
import type { Situation } from "../../keeper/policy/loosening.ts";
import { respond } from "../../keeper/policy/respond.ts";
import { OneMarket } from "../../scripts/lab/contractModel/oneMarket.ts";
import { START } from "../lab/contractModel/genesis.ts";
import { calmEth } from "../support/modelRisk.ts";
import { NO_HISTORY } from "../support/onChain.ts";

const CYCLE = 60;
const LAG = 20;
/** How often is looked once only the contract moves. */
const LOOK = 24 * CYCLE;
const { limits } = RISK_CLASSES.major;

/** What a keeper sees at `now` of a market that wants the same numbers all the time. */
function seen(market: OneMarket, history: MarketHistory, now: number): Situation {
  const onChain = { ...market.read(now), pending: null };
  const facts = { now, asOf: now - LAG, confidence: 1, sources: 55, agreement: true, depthHours: 48 };
  return { ...facts, onChain, history, priceUsd: 2_000, maintenanceMayMove: true, usable: true };
}

/** One cycle of the live policy against the model of the contract. */
function cycle(market: OneMarket, target: Target, history: MarketHistory, now: number): MarketHistory {
  const { decision } = respond(target, seen(market, history, now), DEFAULT_POLICY);
  if (decision.action === "hold") return history;
  market.write(now, decision);
  return {
    ...history,
    lastLoosening: decision.reasons.includes("LOOSEN") ? now : history.lastLoosening,
    lastBreaker: decision.breaker ? now : history.lastBreaker,
    initials: [[now, decision.initialBps]],
  };
}

const numbers = ({ storedInitialBps, maintenanceBps, limit }: OnChainMarket) => [
  storedInitialBps,
  maintenanceBps,
  limit,
];

test("every number is on chain when and where it was said to come to rest, by the live policy on the contract's model, cycle by cycle", () => {
  const count = { loosened: 0, tightened: 0, raised: 0, lowered: 0 };
  fc.assert(
    fc.property(
      fc.record({
        from: fc.record({
          initialBps: fc.integer({ min: 1_600, max: 4_800 }),
          gap: fc.integer({ min: 300, max: 1_200 }),
        }),
        to: fc.record({ initial: fc.integer({ min: 900, max: 5_200 }), gap: fc.integer({ min: 300, max: 1_200 }) }),
        tokens: fc.tuple(fc.integer({ min: 1_500, max: 12_000 }), fc.integer({ min: 900, max: 13_000 })),
        rested: fc.integer({ min: 0, max: 12 * HOUR_SECONDS }),
        at: fc.integer({ min: 0, max: DAY_SECONDS }),
      }),
      ({ from, to, tokens, rested, at }) => {
        const start = START + at - (at % CYCLE);
        const values = { initialBps: from.initialBps, maintenanceTargetBps: Math.max(700, from.initialBps - from.gap) };
        const market = new OneMarket(limits, start - HOUR_SECONDS, values, tokens[0], 12_000);
        const model = targetOf(calmEth(), DEFAULT_MODEL);
        const target = {
          ...model,
          initial: to.initial / 10_000,
          maintenance: Math.max(500, to.initial - to.gap) / 10_000,
          limit: { ...model.limit, usd: tokens[1] * 2_000 },
        };
        let history: MarketHistory = { ...NO_HISTORY, lastLoosening: start - rested };
        const situation = seen(market, history, start);
        const said = arrivals(target, situation, respond(target, situation, DEFAULT_POLICY), DEFAULT_POLICY);
        const promised = [said.initial, said.maintenance, said.limit];
        const last = Math.max(...promised.map(({ at: when }) => when ?? Number.NaN));
        assert.ok(Number.isFinite(last), JSON.stringify(said));

        const before = numbers(situation.onChain);
        const changed = [start, start, start];
        let known = before;
        // Once the policy rests only the contract moves, and its clock is looked at every so many cycles.
        const policyRests = Math.max(said.initial.at ?? 0, said.limit.at ?? 0) + 3 * DAY_SECONDS;
        for (let now = start; now <= last + 2 * DAY_SECONDS; now += now < policyRests ? CYCLE : LOOK) {
          history = cycle(market, target, history, now);
          const found = numbers(market.read(now));
          for (const [i, value] of found.entries()) if (value !== known[i]) changed[i] = now;
          known = found;
        }
        assert.deepEqual(
          known,
          promised.map(({ value }) => value),
          JSON.stringify(said),
        );
        for (const [i, { at: when }] of promised.entries()) {
          const off = (changed[i] as number) - (when as number);
          assert.ok(off >= 0 && off < (i === 1 ? LOOK : CYCLE), `number ${i}: ${off} s off, ${JSON.stringify(said)}`);
        }
        count.loosened += Number((known[0] as number) < (before[0] as number));
        count.tightened += Number((known[1] as number) > (before[1] as number));
        count.raised += Number((known[2] as number) > (before[2] as number));
        count.lowered += Number((known[2] as number) < (before[2] as number));
      },
    ),
    { numRuns: 12, seed: 7 },
  );
  for (const [what, times] of Object.entries(count)) assert.ok(times > 2, `${what}: ${times} times`);
});
