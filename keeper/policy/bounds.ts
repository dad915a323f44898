import type { ContractLimits } from "../domain/contract.ts";
import type { Adjustment } from "../domain/decision.ts";

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
 * A maintenance target moved into governance's bounds. The contract holds the lower one above the toxic frontier, where
 * (1 - maintenance)(1 + bonus) = 1.
 */
export function boundMaintenance(valueBps: number, limits: ContractLimits, notes: Adjustments): number {
  const raised = notes.note(
    "maintenance",
    "governance minimum",
    valueBps,
    Math.max(valueBps, limits.minMaintenanceBps),
  );
  return notes.note("maintenance", "governance maximum", raised, Math.min(raised, limits.maxMaintenanceBps));
}

/** An initial haircut moved into governance's bounds. */
export function boundInitial(valueBps: number, limits: ContractLimits, notes: Adjustments): number {
  const raised = notes.note("initial", "governance minimum", valueBps, Math.max(valueBps, limits.minInitialBps));
  return notes.note("initial", "governance maximum", raised, Math.min(raised, limits.maxInitialBps));
}
