import { hourOf, minuteOf, windowOf } from "../../../keeper/domain/calendar.ts";
import { type ContractEvent, NEVER_LAPSES, type UptimeRound } from "../../../keeper/domain/contract.ts";
import { accept } from "./applyBatch.ts";
import { asOfOf, settle } from "./effective.ts";
import { withProbe } from "./govern.ts";
import { firstMarket, listed } from "./listMarket.ts";
import { overridden } from "./overrideMarkets.ts";
import { CHALLENGE_HOURS, cooledAt } from "./setMode.ts";
import { type Skipped, Skips } from "./skips.ts";
import { type ContractState, EMPTY_STATE, locate, paceOf, placeOf, withAt, withGroup } from "./state.ts";

type Of<Name extends ContractEvent["name"]> = Extract<ContractEvent, { name: Name }>;

/**
 * Returns the contract's whole state from its events alone, in chain order from its first block on: what an auditor
 * without an archive node needs; on a rollup also from the rounds of its sequencer's feed, the oldest first. Nothing is judged again: what a batch did follows from its entries and its skips.
 */
export function rebuildFromEvents(
  events: readonly ContractEvent[],
  rounds: readonly UptimeRound[] = [],
): ContractState {
  let state = EMPTY_STATE;
  let skips: Skipped[] = [];
  for (const event of events) {
    if (event.name === "MarketSkipped") skips.push(event);
    else if (event.name === "BatchApplied") {
      state = batchApplied(state, event, skips);
      skips = [];
    } else state = afterEvent(state, event, rounds);
  }
  return state;
}

function afterEvent(
  state: ContractState,
  event: Exclude<ContractEvent, Of<"MarketSkipped" | "BatchApplied">>,
  rounds: readonly UptimeRound[],
): ContractState {
  const { door } = state;
  switch (event.name) {
    case "ProfileFixed":
      return { ...state, profiles: withAt(state.profiles, event.profile, event.values) };
    case "SequencerFixed":
      return { ...state, sequencer: { graceSeconds: event.values.graceSeconds, rounds } };
    case "LimitsChanged":
      return { ...state, classes: new Map(state.classes).set(event.classId, event.limits) };
    case "AggregateBudgetChanged":
      return { ...state, door: { ...door, aggregateBps: event.hotBps, quorumAggregateBps: event.quorumBps } };
    case "BreakerTripped":
      return { ...state, door: { ...door, tightenOnly: true } };
    case "BreakerReset":
      return { ...state, door: { ...door, tightenOnly: false } };
    case "ProbeChanged":
      return { ...state, probes: withProbe(state.probes, event.marketId, event.probe) };
    case "MarketListed":
      return marketListed(state, event);
    case "ClassChanged":
      return classChanged(state, event);
    case "ModeChanged":
      return modeChanged(state, event);
    case "MarketOverridden":
      return marketOverridden(state, event);
  }
}

function marketListed(state: ContractState, event: Of<"MarketListed">): ContractState {
  const { at, lane } = placeOf(event.marketId);
  return listed(state, at, lane, firstMarket(event, minuteOf(event.asOf)), event.classId, event.time);
}

function classChanged(state: ContractState, { group: at, classId, time }: Of<"ClassChanged">): ContractState {
  const group = state.groups[at];
  if (!group) return state;
  return withGroup(state, at, { ...settle(group, paceOf(state, group.classId, time), minuteOf(time)), classId });
}

/** The event does not say who the caller was; only a challenger closes to new risk for six hours. */
function modeChanged(state: ContractState, event: Of<"ModeChanged">): ContractState {
  const found = locate(state, event.marketId);
  if (!found) return state;
  const { at, lane, group, market } = found;
  const minute = minuteOf(event.time);
  const settled = settle(group, paceOf(state, group.classId, event.time), minute);
  const modeUntilHour = event.until === NEVER_LAPSES ? Infinity : hourOf(minuteOf(event.until));
  const hour = hourOf(minute);
  const byChallenger = event.mode === "NO_NEW_RISK" && modeUntilHour - hour === CHALLENGE_HOURS;
  const challenged = byChallenger && hour >= cooledAt(market);
  const maintenanceBps = settled.markets[lane]?.maintenanceBps ?? market.maintenanceBps;
  const mode = { mode: event.mode, modeUntilHour, challenged, ownAsOfMinute: asOfOf(group, market) };
  return withGroup(state, at, {
    ...settled,
    markets: withAt(settled.markets, lane, { ...market, maintenanceBps, ...mode }),
  });
}

function marketOverridden(state: ContractState, event: Of<"MarketOverridden">): ContractState {
  const found = locate(state, event.marketId);
  if (!found) return state;
  const settled = settle(found.group, paceOf(state, found.group.classId, event.time), minuteOf(event.time));
  return withGroup(state, found.at, overridden(settled, found.lane, event));
}

function batchApplied(state: ContractState, event: Of<"BatchApplied">, skips: readonly Skipped[]): ContractState {
  const window = windowOf(minuteOf(event.time));
  const left = new Skips(skips, event.entries, event.time);
  let spentBps = state.door.window === window ? state.door.spentBps : 0;
  let next = state;
  for (const entry of event.entries) {
    const group = next.groups[entry.group];
    if (!group) continue;
    const accepted = new Set<number>();
    for (const [lane, values] of entry.lanes.entries()) {
      const market = group.markets[lane];
      if (!values || !market || left.takes(next, entry, lane)) continue;
      accepted.add(lane);
      spentBps += Math.max(0, market.initialBps - values.initialBps);
    }
    if (accepted.size > 0) next = withGroup(next, entry.group, accept(next, group, entry, accepted, event.time));
  }
  return { ...next, door: { ...next.door, sequence: event.sequence, window, spentBps } };
}
