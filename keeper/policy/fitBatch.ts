import { minuteOf } from "../domain/calendar.ts";
import { type Entry, LANES, placeOf } from "../domain/contract.ts";
import type { Decision, DueMarket, FittedBatch, OnChainMarket } from "../domain/decision.ts";
import { aggregateLeftBps, windowLeftBps } from "./loosening.ts";

/** Markets of one group that share an entry, and so its time. */
type Share = { readonly group: number; readonly asOf: number; readonly members: readonly Fitting[] };

/** One market on its way into the batch. */
type Fitting = { readonly due: DueMarket; looseningBps: number };

/**
 * Decisions made one by one, fitted into one batch at `now` (Unix seconds). Markets of a group share an entry under the
 * oldest of their times where each may carry it. Loosening of initial is cut to what the group has left in the budget
 * window, of which every entry takes its greatest, and then in proportion, rounded down, to what all markets together
 * have left: the keeper never puts the contract into tighten-only mode. Tightening passes untouched.
 */
export function fitBatch(due: readonly DueMarket[], now: number): FittedBatch {
  const all = due.map((one): Fitting => ({ due: one, looseningBps: looseningOf(one) }));
  const shares = sharesOf(all, now);
  fitWindows(shares);
  fitAggregate(all);
  const asOfs = new Map(shares.flatMap(({ members, asOf }) => members.map((one) => [one, asOf] as const)));
  const decided = new Map(all.map((one) => [one, decisionOf(one, asOfs.get(one) ?? one.due.decision.asOf)]));
  const entries = shares.map((share) => entryOf(share, decided));
  return { decisions: all.map((one) => decided.get(one) ?? one.due.decision), entries };
}

function looseningOf({ onChain, decision }: DueMarket): number {
  return Math.max(0, onChain.storedInitialBps - decision.initialBps);
}

/** By group, and in it by market; markets that cannot carry their group's oldest time go by themselves. */
function sharesOf(all: readonly Fitting[], now: number): readonly Share[] {
  const groups = new Map<number, Fitting[]>();
  const sorted = [...all].sort((a, b) => a.due.onChain.marketId - b.due.onChain.marketId);
  for (const one of sorted) {
    const { group } = placeOf(one.due.onChain.marketId);
    groups.set(group, [...(groups.get(group) ?? []), one]);
  }
  return [...groups].flatMap(([group, members]) => {
    const alone = (one: Fitting): Share => ({ group, asOf: one.due.decision.asOf, members: [one] });
    const fresh = members.filter(({ due }) => due.decision.asOf + due.onChain.limits.maxAgeSeconds >= now);
    const late = members.filter((one) => !fresh.includes(one));
    const asOf = Math.min(...fresh.map(({ due }) => due.decision.asOf));
    const together = fresh.length > 0 && fresh.every(({ due }) => mayCarry(due, asOf));
    const shared = together ? [{ group, asOf, members: fresh }] : fresh.map(alone);
    return [...shared, ...late.map(alone)];
  });
}

/** With data of the same minute as on chain the contract takes only tightening, with older data nothing. */
function mayCarry({ onChain, decision }: DueMarket, asOf: number): boolean {
  const ahead = minuteOf(asOf) - minuteOf(onChain.asOf);
  return ahead > 0 || (ahead === 0 && !loosens(onChain, decision));
}

/** Loosening as the contract counts it: of the target from the lower of old target and effective maintenance. */
function loosens(onChain: OnChainMarket, { initialBps, maintenanceTargetBps }: Decision): boolean {
  const from = Math.min(onChain.maintenanceTargetBps, onChain.maintenanceBps);
  return initialBps < onChain.storedInitialBps || maintenanceTargetBps < from;
}

function fitWindows(shares: readonly Share[]): void {
  const left = new Map<number, number>();
  for (const { group, members } of shares) {
    const [first] = members;
    if (first === undefined) continue;
    const before = left.get(group) ?? windowLeftBps(first.due.onChain);
    for (const one of members) one.looseningBps = Math.min(one.looseningBps, before);
    left.set(group, before - Math.max(...members.map(({ looseningBps }) => looseningBps)));
  }
}

function fitAggregate(all: readonly Fitting[]): void {
  const [first] = all;
  if (first === undefined) return;
  const left = aggregateLeftBps(first.due.onChain.door);
  const total = all.reduce((sum, { looseningBps }) => sum + looseningBps, 0);
  if (total <= left) return;
  for (const one of all) one.looseningBps = Math.floor((one.looseningBps * left) / total);
}

/** The decision as it is written: under the entry's time, its loosening cut, with the reason when it was. */
function decisionOf({ due, looseningBps }: Fitting, asOf: number): Decision {
  const { onChain, decision } = due;
  const cut = looseningOf(due) - looseningBps;
  if (cut === 0) return { ...decision, asOf };
  const initialBps = onChain.storedInitialBps - looseningBps;
  const fitted = { ...decision, asOf, initialBps };
  const kept = decision.reasons.filter((reason) => reason !== "LOOSEN" || loosens(onChain, fitted));
  const why = looseningOf(due) > windowLeftBps(onChain) ? "BUDGET" : "AGGREGATE_BUDGET";
  return { ...fitted, reasons: [...kept, why] };
}

/** Confidence and sources travel only when those of a market have changed: they cost a slot of their own. */
function entryOf({ group, asOf, members }: Share, decided: ReadonlyMap<Fitting, Decision>): Entry {
  const lanes: Entry["lanes"][number][] = new Array(LANES).fill(null);
  let withQuality = false;
  for (const one of members) {
    const { onChain } = one.due;
    const { initialBps, maintenanceTargetBps, confidence, sources } = decided.get(one) ?? one.due.decision;
    withQuality ||= confidence !== onChain.confidence || sources !== onChain.sources;
    lanes[placeOf(onChain.marketId).lane] = { initialBps, maintenanceTargetBps, confidence, sources };
  }
  return { group, asOf, lanes, withQuality };
}
