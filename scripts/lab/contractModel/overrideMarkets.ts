import { DAY_SECONDS, minuteOf } from "../../../keeper/domain/calendar.ts";
import { badValues, firstOf, OK, VALUE_RULES } from "./checkUpdate.ts";
import { settle } from "./effective.ts";
import {
  type Caller,
  type ContractState,
  type Group,
  lacks,
  limitsOf,
  locate,
  type Outcome,
  paceOf,
  refuse,
  withAt,
  withGroup,
} from "./state.ts";

/** Values governance sets by hand; `until` in Unix seconds. */
export type ManualOverride = {
  readonly marketId: number;
  readonly initialBps: number;
  readonly maintenanceTargetBps: number;
  readonly until: number;
};

/** How far ahead an override may reach, seconds. */
const MAX_OVERRIDE = 30 * DAY_SECONDS;

/** The contract's `overrideMarkets`: all of them or none. Bounds, gap and tighten-only mode hold; steps and budgets do not. */
export function overrideMarkets(state: ContractState, values: readonly ManualOverride[], caller: Caller): Outcome {
  const missing = lacks(caller, "governance");
  if (missing) return missing;
  let next = state;
  for (const value of values) {
    const result = override(next, value, caller.now);
    if ("refused" in result) return result;
    next = result.state;
  }
  return { state: next, events: values.map((value) => ({ name: "MarketOverridden" as const, ...value })) };
}

function override(state: ContractState, value: ManualOverride, now: number): Outcome {
  const { marketId, initialBps, maintenanceTargetBps: target, until } = value;
  const found = locate(state, marketId);
  if (!found) return refuse("UnknownMarket", marketId);
  const latest = now + MAX_OVERRIDE;
  if (until < now || until > latest) return refuse("BadUntil", marketId, until, now, latest);
  const settled = settle(found.group, paceOf(state, found.group.classId, now), minuteOf(now));
  const market = settled.markets[found.lane] ?? found.market;
  const limits = limitsOf(state, found.group.classId);
  const { maintenanceBps } = market;
  const broken = firstOf(VALUE_RULES, { update: { ...value, asOf: until }, market, limits, maintenanceBps });
  if (broken !== OK) return badValues(marketId, broken);
  const from = Math.min(market.maintenanceTargetBps, maintenanceBps);
  const tightens = (given: number, allowed: number) => badValues(marketId, { reason: "TIGHTEN_ONLY", given, allowed });
  if (state.door.tightenOnly && initialBps < market.initialBps) return tightens(initialBps, market.initialBps);
  if (state.door.tightenOnly && target < from) return tightens(target, from);
  return { state: withGroup(state, found.at, overridden(settled, found.lane, value)), events: [] };
}

/** A settled group with the values of an override in one lane, held until its minute. */
export function overridden(settled: Group, lane: number, value: ManualOverride): Group {
  const { initialBps, maintenanceTargetBps } = value;
  const market = settled.markets[lane];
  if (!market) return settled;
  const next = { ...market, initialBps, maintenanceTargetBps, ownAsOfMinute: minuteOf(value.until) };
  return { ...settled, markets: withAt(settled.markets, lane, next) };
}
