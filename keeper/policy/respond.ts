import { minuteOf } from "../domain/calendar.ts";
import type { Decision, OnChainMarket, Proposed, Reason, Target } from "../domain/decision.ts";
import { haircutToBpsUp } from "../domain/numbers.ts";
import type { PolicyParameters } from "../domain/parameters.ts";
import { aggregateLeftBps, looseningBlockers, looseningLeftBps, type Situation, windowLeftBps } from "./loosening.ts";
import { decide, propose, proposeLimit } from "./propose.ts";

/** The policy as a whole: what a target becomes by speeds, bounds and budgets, and whether it is written, with every reason. */
export function respond(
  target: Target,
  at: Situation,
  rules: PolicyParameters,
): { readonly proposed: Proposed; readonly decision: Decision } {
  const { now, onChain } = at;
  const blockers = looseningBlockers(
    {
      ...at,
      mode: onChain.mode,
      overridden: onChain.heldUntil > now,
      tightenOnly: onChain.writer.tightenOnly || onChain.classHeldUntil > now,
      newer: minuteOf(at.asOf) > minuteOf((onChain.pending ?? onChain).asOf),
    },
    rules,
  );
  const known = { ...at, blockers, budgetBps: looseningLeftBps(onChain) };
  const proposed = propose(target, known, rules);

  const dead = rules.deadBandBps;
  const initialLoosens = onChain.storedInitialBps - haircutToBpsUp(target.initial) >= dead;
  const limitLoosens = proposeLimit(target.limit.usd, { ...known, blockers: [] }).limit > proposed.limit;
  const wouldLoosen =
    initialLoosens || limitLoosens || onChain.maintenanceTargetBps - haircutToBpsUp(target.maintenance) >= dead;
  const held = initialLoosens ? [...blockers, ...spent(onChain)] : blockers;
  return { proposed, decision: decide(proposed, { ...at, blockers: held, wouldLoosen }, rules) };
}

/** Which loosening budget has nothing left in this window. */
function spent(onChain: OnChainMarket): readonly Reason[] {
  const reasons: Reason[] = [];
  if (windowLeftBps(onChain) === 0) reasons.push("BUDGET");
  if (aggregateLeftBps(onChain.writer) === 0) reasons.push("AGGREGATE_BUDGET");
  return reasons;
}
