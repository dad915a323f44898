import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { windowOf } from "../../keeper/domain/calendar.ts";
import { limitOf, percentApart, tokensOf } from "../../keeper/domain/contract.ts";
import type { Decision, DueMarket, MarketHistory, OnChainMarket } from "../../keeper/domain/decision.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../keeper/markets/defaults.ts";
import { target } from "../../keeper/model/target.ts";
import { fitBatch } from "../../keeper/policy/loosening.ts";
import { respond } from "../../keeper/policy/respond.ts";
import { admit } from "../../scripts/lab/contractModel/govern.ts";
import { publishBatch } from "../../scripts/lab/contractModel/publishBatch.ts";
import { onChainMarket } from "../../scripts/lab/contractModel/read.ts";
import { accountOf, type ContractState } from "../../scripts/lab/contractModel/state.ts";
import { ACCOUNTS, perform } from "../lab/contractModel/calls.ts";
import { COLLATERAL, deployed, GENESIS, START } from "../lab/contractModel/genesis.ts";
import { Random } from "../lab/contractModel/random.ts";
import { idsOf, randomStep } from "../lab/contractModel/randomStep.ts";
import { as, done, HOUR } from "../lab/contractModel/world.ts";
import { CLASS_LIMITS } from "../support/classLimits.ts";
import { calmEth } from "../support/modelRisk.ts";
import { NO_HISTORY } from "../support/onChain.ts";

type Seen = { readonly depthUsd: number; readonly priceUsd: number | null; readonly confidence: number };
/** What the keeper remembers, by market. */
type Memory = Map<number, MarketHistory>;

/** What the model's own target becomes on its way to a batch, as in `assess`; and what it wanted the limit to be. */
function dueOf(onChain: OnChainMarket, history: MarketHistory, now: number, seen: Seen) {
  const { depthUsd, priceUsd, confidence } = seen;
  const depth = { ...calmEth().depth, nowUsd: depthUsd, robustUsd: depthUsd, shockedUsd: depthUsd };
  const wanted = target(calmEth({ depth, confidence }), DEFAULT_MODEL);
  const facts = { now, asOf: now, confidence, sources: 55, agreement: true, depthHours: 48, onChain, history };
  const moves = { priceUsd, maintenanceMayMove: true, usable: priceUsd !== null };
  const { decision } = respond(wanted, { ...facts, ...moves }, DEFAULT_POLICY);
  const tokens = priceUsd === null ? null : limitOf(Math.floor(wanted.limit.usd / priceUsd));
  return { onChain, decision, tokens };
}

function remembered(history: MarketHistory, now: number, { reasons, breaker, initialBps }: Decision): MarketHistory {
  return {
    ...history,
    lastLoosening: reasons.includes("LOOSEN") ? now : history.lastLoosening,
    lastBreaker: breaker ? now : history.lastBreaker,
    initials: [[now, initialBps]],
  };
}

/** One cycle over every market; the state after it, and the limits before. The contract must take all of it. */
function cycle(state: ContractState, memory: Memory, now: number, see: (id: number) => Seen) {
  const markets = idsOf(state).flatMap((id) => {
    const onChain = onChainMarket(state, id, now, ACCOUNTS.keeper);
    return onChain === null ? [] : [dueOf(onChain, memory.get(id) ?? NO_HISTORY, now, see(id))];
  });
  const due = markets.filter(({ decision }) => decision.action === "submit");
  if (due.length === 0) return { state, markets };
  const { decisions, entries } = fitBatch(due satisfies readonly DueMarket[]);
  const sequence = accountOf(state, ACCOUNTS.keeper).sequence + 1;
  const head = { sequence, deadline: now, modelVersion: 4, evidence: `0x${"e".repeat(64)}` } as const;
  const outcome = publishBatch(state, { ...head, entries }, as("keeper", now));
  assert.ok("events" in outcome, JSON.stringify(outcome));
  const skips = outcome.events.filter(({ name }) => name !== "BatchApplied");
  assert.deepEqual(skips, [], JSON.stringify(entries));
  for (const [i, { onChain }] of due.entries()) {
    const { marketId } = onChain;
    memory.set(marketId, remembered(memory.get(marketId) ?? NO_HISTORY, now, decisions[i] as Decision));
  }
  return { state: outcome.state, markets };
}

test("on random paths of depth and price, among everybody's calls, the contract takes every limit whole, and every fall at once", () => {
  const count = { raised: 0, fell: 0, twice: 0, short: 0 };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (seed) => {
      const random = new Random(seed);
      const memory: Memory = new Map();
      let { state } = deployed();
      let [now, depthUsd, priceUsd] = [START, 1.2e7, 2_500];
      const raises = new Map<number, number>();
      for (let n = 0; n < 40; n++) {
        if (random.chance(0.25)) {
          const step = randomStep(random, state, now, "mixed");
          now += step.seconds;
          const outcome = perform(state, step, now);
          if ("state" in outcome) state = outcome.state;
          const setting = { account: ACCOUNTS.keeper, power: "HOT", aggregateBps: 600, tripBps: 1_200 } as const;
          if (accountOf(state, ACCOUNTS.keeper).power !== "HOT")
            state = done(admit(state, setting, as("governance", now)));
        }
        now += random.pick([60, 600, HOUR, 6 * HOUR, 6 * HOUR, 9 * HOUR]);
        depthUsd = random.chance(0.05) ? 0 : Math.max(2e5, depthUsd) * 2 ** (random.between(-100, 100) / 100);
        if (random.chance(0.1)) depthUsd /= 20;
        if (random.chance(0.3)) depthUsd = 4e7;
        priceUsd *= 2 ** (random.between(-10, 10) / 100);
        const seen = {
          depthUsd,
          priceUsd: random.chance(0.95) ? priceUsd : null,
          confidence: random.chance(0.8) ? 1 : 0,
        };
        const after = cycle(state, memory, now, () => seen);
        state = after.state;
        for (const { onChain, decision, tokens } of after.markets) {
          const { marketId, limit: before, lowestLimit, highestLimit, limits, raised } = onChain;
          const { limit } = onChainMarket(state, marketId, now, ACCOUNTS.keeper) as OnChainMarket;
          if (decision.action === "hold" && decision.reasons.some((one) => one === "DELISTED" || one === "HALTED"))
            continue;
          if (tokens === null) {
            assert.equal(limit, before, "nothing is known, nothing is written");
            continue;
          }
          if (limit > before) {
            count.raised += 1;
            assert.equal(seen.confidence, 1, "doubtful data raises nothing");
            const most = Math.ceil(limits.hotRaiseBudget / 2);
            assert.ok(limit - before <= Math.min(most, limits.hotRaiseStep, limits.hotRaiseBudget - raised));
            if (raises.get(marketId) === windowOf(now)) count.twice += 1;
            if (limit - before < Math.min(limits.hotRaiseStep, most)) count.short += 1;
            raises.set(marketId, windowOf(now));
          }
          const wanted = Math.min(highestLimit, Math.max(lowestLimit, tokens));
          if (before > highestLimit || (wanted < before && percentApart(wanted, before) >= 5)) {
            count.fell += 1;
            assert.ok(
              limit <= highestLimit && percentApart(wanted, limit) < 5,
              `${before} -> ${limit}, wanted ${wanted}`,
            );
          }
        }
      }
    }),
    { numRuns: 60 },
  );
  for (const [what, times] of Object.entries(count)) assert.ok(times > 20, `${what}: ${times} times`);
});

test("a limit that fell to an eighth comes back by half a window's budget each cool-down, two in a window, and no faster", () => {
  const limits = {
    ...CLASS_LIMITS,
    hotRaiseStep: 72,
    hotRaiseBudget: 72,
    quorumRaiseStep: 140,
    quorumRaiseBudget: 140,
  };
  const [market] = GENESIS.markets;
  assert.ok(market);
  const listing = {
    ...market,
    collateral: COLLATERAL,
    limit: limitOf(12_000),
    lowestLimit: 20,
    highestLimit: limitOf(12_000),
  };
  let { state } = deployed({ ...GENESIS, classes: [{ classId: 0, limits }], markets: [{ ...listing, classId: 0 }] });
  const memory: Memory = new Map();
  const stored = () => onChainMarket(state, 1, now, ACCOUNTS.keeper)?.limit ?? 0;
  // What the model makes of a million of depth is one price away from any number of tokens.
  const { usd } = target(
    calmEth({ depth: { ...calmEth().depth, robustUsd: 1e6, shockedUsd: 1e6 } }),
    DEFAULT_MODEL,
  ).limit;
  let now = START;
  const look = (tokens: number) => {
    now += 600;
    state = cycle(state, memory, now, () => ({ depthUsd: 1e6, priceUsd: usd / (tokens + 0.5), confidence: 1 })).state;
  };
  look(1_500);
  assert.equal(tokensOf(stored()), 1_500n);
  const raises: (readonly [time: number, by: number])[] = [];
  for (const end = now + 60 * 24 * HOUR; now < end && stored() < limitOf(11_408); ) {
    const before = stored();
    look(12_000);
    if (stored() > before) raises.push([now, stored() - before]);
  }
  assert.ok(percentApart(limitOf(12_000), stored()) < 5.3, "the dead band is all that is missing at the end");
  assert.ok(raises.every(([, by]) => by === 36));
  // From 1500 to 4498 as written, by 36 each: 84 raises, six hours apart, three weeks.
  const rests = raises.slice(1).map(([time], i) => time - (raises[i]?.[0] ?? 0));
  assert.ok(
    rests.every((rest) => rest >= 6 * HOUR && rest <= 6 * HOUR + 600),
    `${rests}`,
  );
  const inWindows = [...Map.groupBy(raises, ([time]) => windowOf(time)).values()].map((own) => own.length);
  assert.equal(Math.max(...inWindows), 2);
  assert.equal(raises.length, 84);
});
