import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "../../../keeper/domain/contract.ts";
import type { ContractEvent } from "../../../scripts/lab/contractModel/events.ts";
import { admit, changeMarket, delistMarket, setManually } from "../../../scripts/lab/contractModel/govern.ts";
import { haltWriter, holdClass } from "../../../scripts/lab/contractModel/guard.ts";
import { listMarket } from "../../../scripts/lab/contractModel/listMarket.ts";
import { rebuildFromEvents } from "../../../scripts/lab/contractModel/rebuild.ts";
import type { ContractState, Outcome } from "../../../scripts/lab/contractModel/state.ts";
import { ACCOUNTS, PROBES } from "./calls.ts";
import { deployed, GENESIS, HIGHEST_LIMIT, LOWEST_LIMIT, START } from "./genesis.ts";
import { as, done, entryOf, HOUR, marketIn, mode, publish, said } from "./world.ts";

type Act = (state: ContractState, now: number) => Outcome;

/** Runs calls, an hour apart, on a contract just deployed; returns its state and all that was said. */
function run(...calls: readonly Act[]) {
  const { state: first, events: constructed } = deployed();
  let state = first;
  const events: ContractEvent[] = [...constructed];
  for (const [index, call] of calls.entries()) {
    const now = START + (index + 1) * HOUR;
    const outcome = call(state, now);
    events.push(...said(outcome).map((event) => ({ ...event, time: now })));
    state = done(outcome);
  }
  return { state, events };
}

const batch =
  (id: number, change: Partial<Entry>, options: Parameters<typeof publish>[3] = {}): Act =>
  (state, now) =>
    publish(state, now, [entryOf(state, id, now, change), entryOf(state, 2, now)], options);
const probe = { classId: 0, lowestLimit: LOWEST_LIMIT, highestLimit: HIGHEST_LIMIT, probe: PROBES.even };

test("The constructor's events alone give what was deployed; no events, no contract.", () => {
  const { state, events } = run();
  assert.deepEqual(rebuildFromEvents(events), state);
  assert.equal(state.owner, ACCOUNTS.governance);
  assert.equal(rebuildFromEvents([]).markets.length, 0);
});

test("Everything that can be done comes back to the bit.", () => {
  const poor = { account: ACCOUNTS.second, power: "HOT", aggregateBps: 5, tripBps: 20 } as const;
  const { state, events } = run(
    batch(1, { initialBps: 2_290, limit: 7_000 }),
    batch(3, { initialBps: 0 }),
    (before, now) => admit(before, poor, as("governance", now)),
    batch(1, { initialBps: 2_260, orTighter: true, maintenanceTargetBps: 1_850 }, { by: "second" }),
    (before, now) => changeMarket(before, 3, { ...probe, classId: 1 }, as("governance", now)),
    (before, now) => changeMarket(before, 1, probe, as("governance", now)),
    batch(1, { initialBps: 2_285, orTighter: true, limit: 6_900 }, { mayLoosen: false }),
    (before, now) => mode(before, now, "challenger", "NO_NEW_RISK", 3),
    (before, now) => mode(before, now, "guardian", "FROZEN", 3),
    (before, now) => haltWriter(before, ACCOUNTS.keeper, as("guardian", now)),
    (before, now) => holdClass(before, 0, as("guardian", now)),
    (before, now) =>
      setManually(
        before,
        [{ ...marketIn(before, 2), marketId: 2, initialBps: 2_300, until: now + HOUR }],
        as("governance", now),
      ),
    (before, now) => delistMarket(before, 5, as("governance", now)),
    (before, now) =>
      listMarket(before, { ...(GENESIS.markets[4] as (typeof GENESIS.markets)[number]) }, as("governance", now)),
    batch(4, { maintenanceTargetBps: 2_100 }, { by: "quorum" }),
  );
  const names = new Set(events.map((event) => event.name));
  for (const name of ["LooseningSkipped", "MarketSkipped", "WriterTripped", "MarketDelisted"]) {
    assert.ok(names.has(name as never), name);
  }
  assert.deepEqual(rebuildFromEvents(events), state);
});

test("Of a market named twice and skipped once, the entry that the skip means is found.", () => {
  const twice = (first: Partial<Entry>, second: Partial<Entry>): Act => {
    return (state, now) => publish(state, now, [entryOf(state, 1, now, first), entryOf(state, 1, now, second)]);
  };
  for (const acts of [
    twice({ initialBps: 2_310 }, { initialBps: 2_300 }),
    twice({ initialBps: 0 }, { initialBps: 2_310 }),
  ]) {
    const { state, events } = run(acts);
    assert.deepEqual(rebuildFromEvents(events), state);
    assert.equal(marketIn(state, 1).initialBps, 2_310);
  }
});

test("Events that no batch of these rules can have are refused, with the batch and what differs.", () => {
  const { events } = run(batch(3, { initialBps: 0 }));
  const without = events.filter(({ name }) => name !== "MarketSkipped");
  assert.throws(
    () => rebuildFromEvents(without),
    /batch 1 of 0x0.*a0002: nothing where the rules say MarketSkipped 3 TOO_LOOSE/,
  );
  const altered = events.map((event) => (event.name === "MarketSkipped" ? { ...event, marketId: 2 } : event));
  assert.throws(() => rebuildFromEvents(altered), RangeError);
  const repeated = [...events, ...events.slice(-1)];
  assert.throws(() => rebuildFromEvents(repeated), /batch 1 of .*: the rules refuse it with WrongSequence/);
});
