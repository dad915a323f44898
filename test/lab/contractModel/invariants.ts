import assert from "node:assert/strict";
import { minuteOf } from "../../../keeper/domain/calendar.ts";
import { MODES } from "../../../keeper/domain/contract.ts";
import { checkUpdate } from "../../../scripts/lab/contractModel/checkUpdate.ts";
import { asOfOf, readHaircuts } from "../../../scripts/lab/contractModel/effective.ts";
import {
  type ContractState,
  limitsOf,
  locate,
  marketCount,
  profileOf,
} from "../../../scripts/lab/contractModel/state.ts";
import { answers, type Step } from "./calls.ts";
import { ticksTo } from "./ticks.ts";

const DAY = 86_400;

/** One step of a run: the state before and after it, and the times of the last block and of this one. */
export type Transition = {
  readonly step: Step;
  readonly before: ContractState;
  readonly after: ContractState;
  readonly last: number;
  readonly now: number;
};

type Loosened = { readonly time: number; readonly bps: number; readonly hot: boolean };
type Budget = { readonly time: number; readonly hot: number; readonly quorum: number };

/** Watches one run of calls; what it looks back at is a day of loosening and of budgets. */
export class Invariants {
  readonly #loosened = new Map<number, Loosened[]>();
  readonly #budgets = new Map<number, Budget[]>();

  /** Throws an AssertionError whose message is the invariant that does not hold. */
  check(transition: Transition): void {
    const { step, before, after, now } = transition;
    this.#watchBudgets(before, now);
    for (let id = 1; id <= marketCount(after); id++) {
      const is = locate(after, id);
      if (!is) continue;
      const { market, group } = is;
      const read = readHaircuts(after, id, now);
      // Of maintenance as it is read (I1): new limits do not settle a group, so what is stored may still stand higher.
      const gap = market.initialBps - Math.max(read.maintenanceBps, market.maintenanceTargetBps);
      assert.ok(gap >= limitsOf(after, group.classId).minGapBps, `market ${id}: the gap holds after every call`);
      assert.ok(read.maintenanceBps < read.initialBps, `market ${id}: maintenance stays below initial`);
      tighteningLives(after, id, now);
      if (locate(before, id)) this.#moved(transition, id);
    }
    const { door } = after;
    assert.ok(
      door.sequence - before.door.sequence === Number(before !== after && isBatch(step)),
      "one batch, one number",
    );
    if (isBatch(step) && door.spentBps > spentBefore(before, door.window)) {
      const budget = step.call.kind === "update" ? before.door.aggregateBps : before.door.quorumAggregateBps;
      assert.ok(door.spentBps <= budget, "what all markets loosen in a window stays within the aggregate budget");
      assert.ok(!before.door.tightenOnly, "nothing loosens while the breaker is tripped");
    }
  }

  #moved(transition: Transition, id: number): void {
    const { step, before, after, last, now } = transition;
    const [was, is] = [locate(before, id), locate(after, id)];
    if (!was || !is) return;
    const [reads, read] = [readHaircuts(before, id, now), readHaircuts(after, id, now)];
    assert.equal(read.maintenanceBps, reads.maintenanceBps, `market ${id}: no call moves maintenance in its own block`);
    const profile = profileOf(before, was.group.classId);
    const way = read.maintenanceBps - readHaircuts(before, id, last).maintenanceBps;
    const ticks = (speed: number) => ticksTo(speed, minuteOf(now)) - ticksTo(speed, minuteOf(last));
    assert.ok(way <= ticks(profile.tightenSpeedBpsPerDay), `market ${id}: maintenance rises no faster than its speed`);
    assert.ok(-way <= ticks(profile.loosenSpeedBpsPerDay), `market ${id}: maintenance falls no faster than its speed`);
    const changed =
      is.market.initialBps !== was.market.initialBps ||
      is.market.maintenanceTargetBps !== was.market.maintenanceTargetBps;
    if (changed) assert.ok(names(step, id), `market ${id}: what is not named does not change`);
    if (step.call.kind === "setMode" && step.by !== "governance") {
      assert.ok(read.initialBps >= reads.initialBps, `market ${id}: only governance opens`);
      assert.ok(MODES.indexOf(read.mode) >= MODES.indexOf(reads.mode), "only governance opens");
    }
    if (!isBatch(step)) return;
    assert.ok(asOfOf(is.group, is.market) >= asOfOf(was.group, was.market), `market ${id}: asOf never goes back`);
    this.#loosens(transition, id, was.market.initialBps - is.market.initialBps);
  }

  /** In any 24 hours no more than the greatest budget a day that was in force in them. */
  #loosens({ step, now }: Transition, id: number, bps: number): void {
    if (bps <= 0) return;
    const list = (this.#loosened.get(id) ?? []).filter(({ time }) => time > now - DAY);
    list.push({ time: now, bps, hot: step.call.kind === "update" });
    this.#loosened.set(id, list);
    const budgets = this.#budgets.get(Math.floor((id - 1) / 5)) ?? [];
    const sum = (of: readonly Loosened[]) => of.reduce((total, one) => total + one.bps, 0);
    const most = (key: "hot" | "quorum") => Math.max(...budgets.map((budget) => budget[key]));
    const why = (who: string) => `market ${id}: ${who} loosens no more than its budget in any 24 hours`;
    assert.ok(sum(list) <= most("quorum"), why("nobody"));
    assert.ok(sum(list.filter(({ hot }) => hot)) <= most("hot"), why("the hot key"));
  }

  #watchBudgets(before: ContractState, now: number): void {
    for (const [at, { classId }] of before.groups.entries()) {
      const { looseningBudgetBpsPerDay: hot, quorumLooseningBudgetBpsPerDay: quorum } = limitsOf(before, classId);
      const list = this.#budgets.get(at) ?? [];
      while (list[0] && list[0].time <= now - DAY) list.shift();
      list.push({ time: now, hot, quorum });
      this.#budgets.set(at, list);
    }
  }
}

/** Whatever the mode, the breaker, the budgets: fresh data that only tightens is taken, unless governance holds the values. */
function tighteningLives(state: ContractState, marketId: number, now: number): void {
  const found = locate(state, marketId);
  if (!found) return;
  const limits = limitsOf(state, found.group.classId);
  const update = {
    marketId,
    initialBps: Math.max(limits.maxInitialBps, found.market.initialBps),
    maintenanceTargetBps: Math.max(limits.minMaintenanceBps, found.market.maintenanceTargetBps),
    asOf: now,
  };
  const held = asOfOf(found.group, found.market) > minuteOf(now);
  const { reason } = checkUpdate(state, update, { now, quorum: false, mayLoosen: answers(state) });
  assert.equal(reason, held ? "OVERRIDDEN" : "NONE", `market ${marketId}: tightening never waits`);
}

const isBatch = ({ call }: Step) => call.kind === "update" || call.kind === "updateByQuorum";

function spentBefore({ door }: ContractState, window: number): number {
  return door.window === window ? door.spentBps : 0;
}

/** Whether a step names the market. */
function names({ call }: Step, marketId: number): boolean {
  if (call.kind === "overrideMarkets") return call.values.some((value) => value.marketId === marketId);
  if (call.kind !== "update" && call.kind !== "updateByQuorum") return false;
  return call.batch.entries.some(({ group, lanes }) => Boolean(lanes[marketId - 1 - group * 5]));
}
