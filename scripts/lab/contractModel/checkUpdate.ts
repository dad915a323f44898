import { minuteOf, timeOf, WINDOWS_TOUCHED, windowOf } from "../../../keeper/domain/calendar.ts";
import { type ContractLimits, SKIP_REASONS, type SkipReason } from "../../../keeper/domain/contract.ts";
import { asOfOf, maintenanceAt, spentAt } from "./effective.ts";
import {
  type ContractState,
  type Group,
  idOf,
  limitsOf,
  type Market,
  marketCount,
  paceOf,
  placeOf,
  refuse,
} from "./state.ts";

/** One market of a batch, spelled out. */
export type MarketUpdate = {
  readonly marketId: number;
  readonly initialBps: number;
  readonly maintenanceTargetBps: number;
  readonly asOf: number;
};

/** The first rule broken, the value given and the nearest value allowed (zeros for NONE). */
export type Finding = { readonly reason: SkipReason; readonly given: number; readonly allowed: number };

/** What a market's probe says to a loosening of initial. Markets without a probe are not asked. */
export type MayLoosen = (marketId: number, fromBps: number, toBps: number) => boolean;

/** Hot key or signer quorum, which block, and what probes answer. */
export type Terms = { readonly now: number; readonly quorum: boolean; readonly mayLoosen: MayLoosen };

/** What earlier markets of the batch have left. */
export type Budgets = { readonly aggregateLeftBps: number; readonly tightenOnly: boolean };

/** A market against which an update is judged, with what it may still loosen. */
type Case = {
  readonly market: Market;
  readonly update: MarketUpdate;
  readonly limits: ContractLimits;
  readonly now: number;
  readonly asOfMinute: number;
  readonly maintenanceBps: number;
  /** A target above effective maintenance has moved nothing yet: loosening counts from the lower of the two. */
  readonly targetFrom: number;
  readonly stepBps: number;
  readonly budgetLeftBps: number;
  readonly budgets: Budgets;
  readonly probeRefuses: () => boolean;
};

type Rule = (of: Case) => Finding;

export const OK: Finding = { reason: "NONE", given: 0, allowed: 0 };
const broken = (reason: SkipReason, given: number, allowed: number): Finding => ({ reason, given, allowed });

/** What a batch of this one market would meet: the contract's `previewUpdate`. */
export function checkUpdate(state: ContractState, update: MarketUpdate, terms: Terms): Finding {
  const { at, lane } = placeOf(update.marketId);
  return judge(state, state.groups[at], at, lane, update, terms, budgetsOf(state, terms));
}

/** Aggregate budget and tighten-only mode as a batch of this kind finds them. */
export function budgetsOf(state: ContractState, { now, quorum }: Terms): Budgets {
  const { door } = state;
  const spent = door.window === windowOf(minuteOf(now)) ? door.spentBps : 0;
  const budget = quorum ? door.quorumAggregateBps : door.aggregateBps;
  return { aggregateLeftBps: budget - spent, tightenOnly: door.tightenOnly };
}

/** The first rule an update of one lane breaks. Tightening breaks none of those that come after the gap. */
export function judge(
  state: ContractState,
  group: Group | undefined,
  at: number,
  lane: number,
  update: MarketUpdate,
  terms: Terms,
  budgets: Budgets,
): Finding {
  const market = group?.markets[lane];
  if (!group || !market) return broken("UNKNOWN_MARKET", idOf(at, lane), marketCount(state));
  const { now, quorum } = terms;
  const minute = minuteOf(now);
  const limits = limitsOf(state, group.classId);
  const maintenanceBps = maintenanceAt(group, market, paceOf(state, group.classId, now), minute);
  const budget = quorum ? limits.quorumLooseningBudgetBpsPerDay : limits.looseningBudgetBpsPerDay;
  const id = idOf(at, lane);
  const of: Case = {
    ...{ market, update, limits, now, maintenanceBps, budgets },
    asOfMinute: asOfOf(group, market),
    targetFrom: Math.min(market.maintenanceTargetBps, maintenanceBps),
    stepBps: quorum ? limits.quorumLooseningStepBps : limits.maxLooseningStepBps,
    budgetLeftBps: Math.max(0, budget / WINDOWS_TOUCHED - spentAt(group, minute)),
    probeRefuses: () =>
      limits.probed && state.probes.has(id) && !terms.mayLoosen(id, market.initialBps, update.initialBps),
  };
  return firstOf(RULES, of);
}

const held: Rule = ({ asOfMinute, now, update }) =>
  asOfMinute > minuteOf(now) ? broken("OVERRIDDEN", update.asOf, timeOf(asOfMinute)) : OK;

const age: Rule = ({ update: { asOf }, now, limits }) => {
  if (asOf > now) return broken("ASOF_IN_FUTURE", asOf, now);
  return asOf + limits.maxAgeSeconds < now ? broken("ASOF_TOO_OLD", asOf, now - limits.maxAgeSeconds) : OK;
};

/** Of the same minute only tightening is taken, of an earlier one nothing. */
const order: Rule = ({ update, market, asOfMinute, targetFrom }) => {
  const minute = minuteOf(update.asOf);
  if (minute > asOfMinute) return OK;
  const loosens = update.initialBps < market.initialBps || update.maintenanceTargetBps < targetFrom;
  return minute === asOfMinute && !loosens ? OK : broken("ASOF_NOT_INCREASING", update.asOf, timeOf(asOfMinute + 1));
};

/** Bounds and gap of the values themselves: lower bounds are strict, upper ones yield to what is stored. */
export const VALUE_RULES: readonly ((of: Pick<Case, "update" | "market" | "limits" | "maintenanceBps">) => Finding)[] =
  [
    ({ update: { initialBps }, limits, market }) => {
      if (initialBps < limits.minInitialBps) return broken("INITIAL_OUT_OF_BOUNDS", initialBps, limits.minInitialBps);
      const highest = Math.max(limits.maxInitialBps, market.initialBps);
      return initialBps > highest ? broken("INITIAL_OUT_OF_BOUNDS", initialBps, highest) : OK;
    },
    ({ update: { maintenanceTargetBps: target }, limits, market }) => {
      const lowest = limits.minMaintenanceBps;
      if (target < lowest) return broken("MAINTENANCE_OUT_OF_BOUNDS", target, lowest);
      const highest = Math.max(limits.maxMaintenanceBps, market.maintenanceTargetBps);
      return target > highest ? broken("MAINTENANCE_OUT_OF_BOUNDS", target, highest) : OK;
    },
    ({ update: { initialBps, maintenanceTargetBps }, limits, maintenanceBps }) => {
      const lowest = Math.max(maintenanceTargetBps, maintenanceBps) + limits.minGapBps;
      return initialBps < lowest ? broken("GAP_TOO_SMALL", initialBps, lowest) : OK;
    },
  ];

const step: Rule = ({ update: { initialBps, maintenanceTargetBps: target }, market, targetFrom, stepBps }) => {
  const lowest = market.initialBps - stepBps;
  if (initialBps < lowest) return broken("STEP_TOO_LARGE", initialBps, lowest);
  return target < targetFrom - stepBps ? broken("STEP_TOO_LARGE", target, targetFrom - stepBps) : OK;
};

const breaker: Rule = ({ update: { initialBps, maintenanceTargetBps: target }, market, targetFrom, budgets }) => {
  if (!budgets.tightenOnly) return OK;
  if (initialBps < market.initialBps) return broken("TIGHTEN_ONLY", initialBps, market.initialBps);
  return target < targetFrom ? broken("TIGHTEN_ONLY", target, targetFrom) : OK;
};

const budget: Rule = ({ update: { initialBps }, market, budgetLeftBps }) => lowest(initialBps, market, budgetLeftBps);

const aggregate: Rule = ({ update: { initialBps }, market, budgets: { aggregateLeftBps } }) =>
  lowest(initialBps, market, Math.max(0, aggregateLeftBps), "AGGREGATE_BUDGET_SPENT");

const probe: Rule = ({ update: { initialBps }, market, probeRefuses }) =>
  initialBps < market.initialBps && probeRefuses() ? broken("PROBE_REFUSED", initialBps, market.initialBps) : OK;

/** Loosening of initial by no more than what is left. */
function lowest(
  initialBps: number,
  market: Market,
  left: number,
  reason: SkipReason = "LOOSENING_BUDGET_SPENT",
): Finding {
  if (initialBps >= market.initialBps - left) return OK;
  return broken(reason, initialBps, Math.max(0, market.initialBps - left));
}

const RULES: readonly Rule[] = [held, age, order, ...VALUE_RULES, step, breaker, budget, aggregate, probe];

/** The first rule broken, OK when none is. */
export function firstOf<Case>(rules: readonly ((of: Case) => Finding)[], of: Case): Finding {
  for (const rule of rules) {
    const found = rule(of);
    if (found !== OK) return found;
  }
  return OK;
}

/** The first values of a new market, or those of an override, break the limits of the class. */
export function badValues(marketId: number, { reason, given, allowed }: Finding) {
  return refuse("BadValues", marketId, SKIP_REASONS.indexOf(reason), given, allowed);
}
