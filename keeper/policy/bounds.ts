import type { Adjustment, OnChainLimits } from "../domain/decision.ts";
import { BPS_ONE } from "../domain/units.ts";

type Side = Adjustment["side"];

/** Collects what each rule changed, so that `explain` can show every basis point. */
export class Adjustments {
  readonly list: Adjustment[] = [];

  /** Returns `toBps` and notes the change under `rule` when it is one. */
  note(side: Side, rule: string, fromBps: number, toBps: number): number {
    if (fromBps !== toBps) this.list.push({ side, rule, fromBps, toBps });
    return toBps;
  }
}

/**
 * The lowest maintenance haircut that keeps a liquidation profitable without worsening the account:
 * (1 - maintenance)(1 + bonus) < 1, in whole basis points.
 * @example leastMaintenanceBps(500) // 477
 */
export function leastMaintenanceBps(liquidationBonusBps: number): number {
  return Math.floor((BPS_ONE * liquidationBonusBps) / (BPS_ONE + liquidationBonusBps)) + 1;
}

/** A maintenance target moved into governance's bounds and above the toxic frontier. */
export function boundMaintenance(valueBps: number, limits: OnChainLimits, notes: Adjustments): number {
  const floor = Math.max(limits.minMaintenanceBps, leastMaintenanceBps(limits.liquidationBonusBps));
  const raised = notes.note("maintenance", "governance minimum", valueBps, Math.max(valueBps, floor));
  return notes.note("maintenance", "governance maximum", raised, Math.min(raised, limits.maxMaintenanceBps));
}

/** An initial haircut moved into governance's bounds. */
export function boundInitial(valueBps: number, limits: OnChainLimits, notes: Adjustments): number {
  const raised = notes.note("initial", "governance minimum", valueBps, Math.max(valueBps, limits.minInitialBps));
  return notes.note("initial", "governance maximum", raised, Math.min(raised, limits.maxInitialBps));
}
