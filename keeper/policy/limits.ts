import type { OnChainLimits, OnChainMarket } from "../domain/decision.ts";
import { BPS_ONE } from "../domain/units.ts";
import { leastMaintenanceBps } from "./bounds.ts";
import { budgetAvailableNanoBps } from "./budget.ts";
import { effectiveHaircuts, type StoredMarket, settle } from "./effective.ts";

export { type EffectiveHaircuts, effectiveHaircuts, type StoredMarket } from "./effective.ts";

/** Why the contract leaves a market of a batch as it was; the names of its enum. */
export type LimitReason =
  | "NONE"
  | "ASOF_NOT_INCREASING"
  | "ASOF_TOO_OLD"
  | "ASOF_IN_FUTURE"
  | "INITIAL_OUT_OF_BOUNDS"
  | "MAINTENANCE_OUT_OF_BOUNDS"
  | "GAP_TOO_SMALL"
  | "TOXIC_LIQUIDATION"
  | "STEP_TOO_LARGE"
  | "LOOSENING_BUDGET_SPENT"
  | "CONFIDENCE_OUT_OF_RANGE";

/** One market of a batch, without its id. */
export type LimitedUpdate = {
  readonly initialBps: number;
  readonly maintenanceTargetBps: number;
  readonly confidenceBps: number;
  readonly asOf: number;
};

/** The first rule broken, the value given and the nearest value allowed (zeros for NONE). */
export type LimitCheck = { readonly reason: LimitReason; readonly given: number; readonly allowed: number };

const NANO = 1_000_000_000n;
const OK: LimitCheck = { reason: "NONE", given: 0, allowed: 0 };
const broken = (reason: LimitReason, given: number, allowed: number): LimitCheck => ({ reason, given, allowed });

/**
 * What the contract would say to an update in a block at `now`: the same rules in the same order as UpdateCheck.sol,
 * to the same integers (test/differential/limits.test.ts). Rules on loosening never stop a tightening.
 */
export function checkUpdate(
  state: StoredMarket,
  limits: OnChainLimits,
  update: LimitedUpdate,
  now: number,
): LimitCheck {
  for (const check of [checkTime, checkBounds, checkRelations, checkLoosening]) {
    const found = check(state, limits, update, now);
    if (found !== OK) return found;
  }
  if (update.confidenceBps > BPS_ONE) return broken("CONFIDENCE_OUT_OF_RANGE", update.confidenceBps, BPS_ONE);
  return OK;
}

/**
 * The market after the update, applied whole, or unchanged when a rule is broken, and what was found.
 * `now` is the time of the block that carries it.
 */
export function applyUpdate<State extends StoredMarket>(
  state: State,
  limits: OnChainLimits,
  update: LimitedUpdate,
  now: number,
): { readonly check: LimitCheck; readonly state: State } {
  const check = checkUpdate(state, limits, update, now);
  if (check.reason !== "NONE") return { check, state };
  const settled = settle(state, limits, now);
  const loosened = Math.max(0, settled.storedInitialBps - update.initialBps);
  const next = {
    ...settled,
    storedInitialBps: update.initialBps,
    maintenanceTargetBps: update.maintenanceTargetBps,
    asOf: update.asOf,
    budgetNanoBps: settled.budgetNanoBps - BigInt(loosened) * NANO,
  };
  return { check, state: next };
}

/** The market after a change of mode: effective maintenance stays where it is, and goes on from there. */
export function applyMode<State extends StoredMarket>(
  state: State,
  limits: OnChainLimits,
  mode: OnChainMarket["mode"],
  now: number,
): State {
  return { ...settle(state, limits, now), mode };
}

/** The market after new limits: maintenance and budget settled under the old ones, the budget cut to its new capacity. */
export function applyLimits<State extends StoredMarket>(
  state: State,
  previous: OnChainLimits,
  next: OnChainLimits,
  now: number,
): State {
  const settled = settle(state, previous, now);
  return { ...settled, budgetNanoBps: budgetAvailableNanoBps({ ...settled, limits: next }, now) };
}

type Rule = (state: StoredMarket, limits: OnChainLimits, update: LimitedUpdate, now: number) => LimitCheck;

const checkTime: Rule = (state, limits, { asOf }, now) => {
  if (asOf <= state.asOf) return broken("ASOF_NOT_INCREASING", asOf, state.asOf + 1);
  if (asOf + limits.maxAgeSeconds < now) return broken("ASOF_TOO_OLD", asOf, now - limits.maxAgeSeconds);
  if (asOf > now) return broken("ASOF_IN_FUTURE", asOf, now);
  return OK;
};

/** Lower bounds are strict; upper ones yield to what is stored, so that a lowered bound cannot lock the market. */
const checkBounds: Rule = (state, limits, { initialBps, maintenanceTargetBps: target }) => {
  const highestInitial = Math.max(limits.maxInitialBps, state.storedInitialBps);
  if (initialBps < limits.minInitialBps) return broken("INITIAL_OUT_OF_BOUNDS", initialBps, limits.minInitialBps);
  if (initialBps > highestInitial) return broken("INITIAL_OUT_OF_BOUNDS", initialBps, highestInitial);
  const highest = Math.max(limits.maxMaintenanceBps, state.maintenanceTargetBps);
  if (target < limits.minMaintenanceBps) return broken("MAINTENANCE_OUT_OF_BOUNDS", target, limits.minMaintenanceBps);
  if (target > highest) return broken("MAINTENANCE_OUT_OF_BOUNDS", target, highest);
  return OK;
};

const checkRelations: Rule = (state, limits, { initialBps, maintenanceTargetBps: target }, now) => {
  const { maintenanceBps } = effectiveHaircuts(state, limits, now);
  const lowestInitial = Math.max(target, maintenanceBps) + limits.minGapBps;
  if (initialBps < lowestInitial) return broken("GAP_TOO_SMALL", initialBps, lowestInitial);
  const lowestTarget = leastMaintenanceBps(limits.liquidationBonusBps);
  return target < lowestTarget ? broken("TOXIC_LIQUIDATION", target, lowestTarget) : OK;
};

const checkLoosening: Rule = (state, limits, { initialBps, maintenanceTargetBps: target }, now) => {
  const stored = state.storedInitialBps;
  const lowestInitial = stored - limits.maxLooseningStepBps;
  if (initialBps < lowestInitial) return broken("STEP_TOO_LARGE", initialBps, lowestInitial);
  const { maintenanceBps } = effectiveHaircuts(state, limits, now);
  const lowestTarget = Math.min(state.maintenanceTargetBps, maintenanceBps) - limits.maxLooseningStepBps;
  if (target < lowestTarget) return broken("STEP_TOO_LARGE", target, lowestTarget);
  const lowestPaid = stored - Number(budgetAvailableNanoBps({ ...state, limits }, now) / NANO);
  return initialBps < lowestPaid ? broken("LOOSENING_BUDGET_SPENT", initialBps, lowestPaid) : OK;
};
