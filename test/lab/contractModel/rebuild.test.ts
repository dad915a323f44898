import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContractEvent, Entry } from "../../../keeper/domain/contract.ts";
import { setAggregateBudget } from "../../../scripts/lab/contractModel/govern.ts";
import { rebuildFromEvents } from "../../../scripts/lab/contractModel/rebuild.ts";
import type { ContractState, Outcome } from "../../../scripts/lab/contractModel/state.ts";
import { deployed, deployedEvents, START } from "./genesis.ts";
import { as, done, entry, HOUR, mode, SOMEBODY, said, update } from "./world.ts";

/** Runs calls on a contract just deployed and returns its state and the one its events give. */
function both(...calls: readonly ((state: ContractState, now: number) => Outcome)[]) {
  let state = deployed(SOMEBODY, START);
  const events: ContractEvent[] = [...deployedEvents(SOMEBODY, START)];
  for (const [index, call] of calls.entries()) {
    const now = START + (index + 1) * HOUR;
    const outcome = call(state, now);
    events.push(...said(outcome).map((event) => ({ ...event, time: now })));
    state = done(outcome);
  }
  return { state, rebuilt: rebuildFromEvents(events) };
}

const budgets = (state: ContractState, now: number) => setAggregateBudget(state, 500, 900, as("governance", now));
const batch =
  (...entries: readonly ((now: number) => Entry)[]) =>
  (state: ContractState, now: number) =>
    update(
      state,
      now,
      entries.map((of) => of(now)),
    );

test("the constructor's events alone give what was deployed", () => {
  const { state, rebuilt } = both();
  assert.deepEqual(rebuilt, state);
  assert.equal(rebuilt.door.generation, 16);
});

test("no events, no contract", () => {
  assert.equal(rebuildFromEvents([]).groups.length, 0);
});

test("a batch with skips, a trip and a closing come back to the basis point", () => {
  const { state, rebuilt } = both(
    budgets,
    batch((now) =>
      entry(0, now, [
        [2_170, 1_790],
        [9_999, 0],
        [2_400, 1_980],
      ]),
    ),
    (before, now) => mode(before, now, "challenger", "NO_NEW_RISK", 3),
    (before, now) => mode(before, now, "guardian", "FROZEN", 3),
    (before, now) => setAggregateBudget(before, 1, 1, as("guardian", now)),
    batch((now) => entry(0, now, [[2_168, 1_790], null, [2_500, 1_980]])),
  );
  assert.deepEqual(rebuilt, state);
  assert.equal(rebuilt.door.tightenOnly, true);
});

test("of a market named twice and skipped once, the entry that the skip means is found", () => {
  const first = both(
    batch(
      (now) => entry(0, now, [[2_300, 1_800]]),
      (now) => entry(0, now, [[2_300, 1_790]]),
    ),
  );
  assert.deepEqual(first.rebuilt, first.state);
  assert.equal(first.rebuilt.groups[0]?.markets[0]?.maintenanceTargetBps, 1_800);
  const second = both(
    batch(
      (now) => entry(0, now, [[2_300, 5]]),
      (now) => entry(0, now, [[2_300, 1_790]]),
    ),
  );
  assert.deepEqual(second.rebuilt, second.state);
  assert.equal(second.rebuilt.groups[0]?.markets[0]?.maintenanceTargetBps, 1_790);
});
