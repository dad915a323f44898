import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { minuteOf, timeOf } from "../../../keeper/domain/calendar.ts";
import { MODES } from "../../../keeper/domain/contract.ts";
import { preview } from "../../../scripts/lab/contractModel/publishBatch.ts";
import { readExposureLimit, readHaircuts } from "../../../scripts/lab/contractModel/read.ts";
import { type ContractState, classOf, type Market, storedMarket } from "../../../scripts/lab/contractModel/state.ts";
import { ACCOUNTS, callerOf, type Step } from "./calls.ts";

const DAY = 86_400;
const WRITERS = ["keeper", "second", "quorum"] as const;

/** One step of a run: the state before and after it, and the times of the last block and of this one. */
export type Transition = {
  readonly step: Step;
  readonly before: ContractState;
  readonly after: ContractState;
  readonly last: number;
  readonly now: number;
};

/** A market before and after a step. */
type Moved = Transition & { readonly id: number; readonly was: Market; readonly is: Market };
type Loosened = { readonly time: number; readonly bps: number; readonly notches: number; readonly hot: boolean };
type Budget = {
  readonly time: number;
  readonly hot: number;
  readonly quorum: number;
  readonly hotRaise: number;
  readonly raise: number;
};

/** Watches one run of calls by the numbers of contracts/INVARIANTS.md; it looks back at a day of loosening and a month of openings. */
export class Invariants {
  readonly #loosened = new Map<number, Loosened[]>();
  readonly #budgets = new Map<number, Budget[]>();
  /** The lowest initial at which a position could be opened, by market and day. */
  readonly #opened = new Map<number, Map<number, number>>();

  /** Throws an AssertionError whose message is the invariant that does not hold. */
  check(transition: Transition): void {
    const { before, after, now } = transition;
    accountsHold(transition);
    for (const [index, is] of after.markets.entries()) {
      const id = index + 1;
      stateHolds(after, id, is, now);
      const was = storedMarket(before, id);
      if (was === null) continue;
      const moved: Moved = { ...transition, id, was, is };
      timeHolds(moved);
      callHolds(moved);
      this.#loosens(moved);
      this.#notice(moved);
    }
  }

  /** I10. */
  #loosens({ step, before, id, was, is, now }: Moved): void {
    const { limits } = classOf(before, was);
    const budgets = (this.#budgets.get(id) ?? []).filter(({ time }) => time > now - DAY);
    const { hotBudgetBps: hot, quorumBudgetBps: quorum, hotRaiseBudget: hotRaise, quorumRaiseBudget: raise } = limits;
    budgets.push({ time: now, hot, quorum, hotRaise, raise });
    this.#budgets.set(id, budgets);
    if (step.call.kind !== "publishBatch") return;
    const list = (this.#loosened.get(id) ?? []).filter(({ time }) => time > now - DAY);
    const [bps, notches] = [Math.max(0, was.initialBps - is.initialBps), Math.max(0, is.limit - was.limit)];
    if (bps + notches > 0) list.push({ time: now, bps, notches, hot: step.by !== "quorum" });
    this.#loosened.set(id, list);
    const sum = (of: readonly Loosened[], key: "bps" | "notches") => of.reduce((total, one) => total + one[key], 0);
    const most = (key: keyof Budget) => 4 * Math.max(...budgets.map((budget) => budget[key]));
    const byHot = list.filter((one) => one.hot);
    const why = (who: string, what: string) =>
      `I10, market ${id}: ${who} ${what} no more than four windows' budgets in any 24 hours`;
    assert.ok(sum(list, "bps") <= most("quorum"), why("nobody", "loosens"));
    assert.ok(sum(list, "notches") <= most("raise"), why("nobody", "raises"));
    assert.ok(sum(byHot, "bps") <= most("hot"), why("no hot key", "loosens"));
    assert.ok(sum(byHot, "notches") <= most("hotRaise"), why("no hot key", "raises"));
  }

  /** I22; governance changing limits or class starts the count anew. */
  #notice({ after, before, id, was, is, now }: Moved): void {
    const opened = this.#opened.get(id) ?? new Map<number, number>();
    this.#opened.set(id, opened);
    if (was.classId !== is.classId || classOf(before, was).limits !== classOf(after, is).limits) opened.clear();
    const day = Math.floor(now / DAY);
    for (const state of [before, after]) {
      const { initialBps, maintenanceBps } = readHaircuts(state, id, now);
      for (const [at, lowest] of opened) {
        if (at <= day - 30) opened.delete(at);
        else assert.ok(maintenanceBps <= lowest, `I22, market ${id}: nobody is liquidatable within 30 days of opening`);
      }
      opened.set(day, Math.min(opened.get(day) ?? 10_000, initialBps));
    }
  }
}

/** What holds of a market in any state. */
function stateHolds(state: ContractState, id: number, market: Market, now: number): void {
  const { limits } = classOf(state, market);
  const read = readHaircuts(state, id, now);
  assert.ok(read.maintenanceBps < read.initialBps, `I1, market ${id}: maintenance stays below initial`);
  assert.ok(read.initialBps >= market.initialBps, `I1, market ${id}: nobody reads less than what is stored`);
  const { tokens, mayGrow } = readExposureLimit(state, id, now);
  assert.ok(tokens > 0n, `market ${id}: the limit of a known market is never nothing`);
  assert.ok(!mayGrow || read.initialBps === market.initialBps, `market ${id}: what is closed or stale does not grow`);
  if (market.generation === 0) return;
  const gap = market.initialBps - Math.max(read.maintenanceBps, market.maintenanceTargetBps);
  assert.ok(gap >= limits.minGapBps, `I1, market ${id}: the gap holds after every call`);
  // I13: fresh data that only tightens, by any writer.
  for (const name of WRITERS) {
    const entry = {
      ...{ marketId: id, generation: market.generation, confidence: 1, sources: 1, orTighter: false },
      asOf: timeOf(minuteOf(now)),
      initialBps: Math.max(limits.maxInitialBps, market.initialBps),
      maintenanceTargetBps: Math.max(limits.minMaintenanceBps, market.maintenanceTargetBps),
      limit: Math.min(market.limit, market.highestLimit),
    };
    const { reason } = preview(state, ACCOUNTS[name], entry, callerOf(state, ACCOUNTS[name], now));
    assert.equal(reason, "NONE", `I13, market ${id}: tightening never waits`);
  }
}

/** What time alone did to a market since the last block. */
function timeHolds({ before, id, was, last, now }: Moved): void {
  const [reads, read] = [readHaircuts(before, id, last), readHaircuts(before, id, now)];
  const way = read.maintenanceBps - reads.maintenanceBps;
  const ticksTo = (speed: number, time: number) => Math.floor((speed * minuteOf(time)) / 43_200);
  const ticks = (speed: number) => ticksTo(speed, now) - ticksTo(speed, last);
  assert.ok(way <= ticks(was.tightenSpeedBpsPer30Days), `I2, market ${id}: maintenance rises no faster than its clock`);
  assert.ok(-way <= ticks(was.loosenSpeedBpsPer30Days), `I2, market ${id}: maintenance falls no faster than its clock`);
  const isFrozen = reads.mode === "FROZEN" && read.mode === "FROZEN";
  assert.ok(!isFrozen || way >= 0, `I4, market ${id}: FROZEN stops the fall of maintenance`);
  const isLapsed = read.mode !== reads.mode;
  assert.ok(isLapsed || read.initialBps >= reads.initialBps, `I5, market ${id}: time alone never loosens initial`);
}

/** What a call did to a market. */
function callHolds({ step, before, after, id, was, is, now }: Moved): void {
  const [reads, read] = [readHaircuts(before, id, now), readHaircuts(after, id, now)];
  assert.equal(
    read.maintenanceBps,
    reads.maintenanceBps,
    `I3, market ${id}: no call moves maintenance in its own block`,
  );
  if (!names(step, id)) assert.ok(isDeepStrictEqual(was, is), `I6, market ${id}: what is not named does not change`);
  assert.ok(is.asOf >= was.asOf, `I7, market ${id}: asOf never goes back`);
  const { kind } = step.call;
  const isMoved =
    was.initialBps !== is.initialBps || was.maintenanceTargetBps !== is.maintenanceTargetBps || was.limit !== is.limit;
  const mayMove =
    kind === "publishBatch" || (["setManually", "delistMarket"].includes(kind) && step.by === "governance");
  assert.ok(!isMoved || mayMove, `I8, market ${id}: only writers and governance move values`);
  if (step.by === "governance") return;
  assert.ok(MODES.indexOf(read.mode) >= MODES.indexOf(reads.mode), `I8, market ${id}: only governance opens`);
  assert.deepEqual([is.classId, is.generation, is.probe], [was.classId, was.generation, was.probe], "I8: settings");
}

/** I7, I8 and the aggregate budget. */
function accountsHold({ step, before, after, now }: Transition): void {
  const isBatch = step.call.kind === "publishBatch" && before !== after;
  for (const [holder, is] of after.accounts) {
    const was = before.accounts.get(holder);
    if (was === undefined) continue;
    const went = Number(isBatch && holder === ACCOUNTS[step.by]);
    assert.equal(is.sequence - was.sequence, went, "I7: one batch, one number, of its own writer");
    assert.ok(
      is.spentBps <= is.aggregateBps,
      "I10: what a writer loosens in a window stays within its aggregate budget",
    );
    if (step.by === "governance") continue;
    assert.equal(is.power, was.power, "I8: only governance gives and takes powers");
    assert.ok(is.tightenOnly || !was.tightenOnly, "I8: only governance ends a trip");
    if (!went) continue;
    assert.ok(was.haltedUntil <= now, "a halted writer sends nothing");
    const spent = is.window === was.window ? was.spentBps : 0;
    assert.ok(!was.tightenOnly || is.spentBps === spent, "a writer that has tripped loosens nothing");
  }
  for (const [id, { limits }] of after.classes) {
    assert.ok(limits.tightenSpeedBpsPer30Days <= limits.minGapBps, "I22: thirty days' notice in every class");
    const was = before.classes.get(id);
    assert.ok(step.by === "governance" || was?.limits === limits, "I8: only governance sets limits");
  }
}

/** Whether a step names the market. */
function names({ call }: Step, marketId: number): boolean {
  if (call.kind === "publishBatch") return call.batch.entries.some((entry) => entry.marketId === marketId);
  if (call.kind === "setManually") return call.values.some((value) => value.marketId === marketId);
  return "marketId" in call && call.marketId === marketId;
}
