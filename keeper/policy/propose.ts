import type { MarketHistory, OnChainMarket, Proposed, Reason, Target } from "../domain/decision.ts";
import type { PolicyParameters } from "../domain/parameters.ts";
import { fraction, haircutToBpsUp } from "../domain/units.ts";
import { Adjustments, boundInitial, boundMaintenance } from "./bounds.ts";
import { looseningStepBps } from "./loosening.ts";

/** What `propose` needs to know besides the target. */
export type ProposeContext = {
  readonly now: number;
  readonly onChain: OnChainMarket;
  readonly history: MarketHistory;
  /** Reasons why loosening is not allowed now; empty when it is. */
  readonly blockers: readonly Reason[];
  /** Loosening of initial that market and contract have left, whole basis points (`looseningLeftBps`). */
  readonly budgetBps: number;
  /** False when the numbers do not rest on market data (ladder L6): maintenance then stays where it is. */
  readonly maintenanceMayMove: boolean;
};

/**
 * What to write, in whole basis points: the target moved into bounds, tightening in full, loosening by half-life, daily
 * limit, step and budget. Both sides start from what is stored (or on its way), never from the effective value, so a
 * stale reading cannot be mistaken for a risk. The result always keeps the market's gap.
 */
export function propose(target: Target, context: ProposeContext, rules: PolicyParameters): Proposed {
  const { onChain } = context;
  const { limits } = onChain;
  const notes = new Adjustments();
  const from = onChain.pending ?? {
    initialBps: onChain.storedInitialBps,
    maintenanceTargetBps: onChain.maintenanceTargetBps,
  };

  const maintenanceWanted = boundMaintenance(haircutToBpsUp(fraction(target.maintenance)), limits, notes);
  const maintenanceTargetBps = context.maintenanceMayMove
    ? maintenanceOf(from.maintenanceTargetBps, maintenanceWanted, context, rules, notes)
    : notes.note("maintenance", "held: no market data behind it", maintenanceWanted, leastHeld(from, limits));

  const initialWanted = boundInitial(haircutToBpsUp(fraction(target.initial)), limits, notes);
  const step = Math.min(limits.maxLooseningStepBps, context.budgetBps);
  const initialPaced = paced("initial", from.initialBps, initialWanted, step, context, rules, notes);
  const floor = Math.max(maintenanceTargetBps, onChain.maintenanceBps) + limits.minGapBps;
  const initialBps = notes.note("initial", "gap above maintenance", initialPaced, Math.max(initialPaced, floor));
  // A maximum lowered below what is stored is walked down to like any loosening, as the contract wants it.
  const highest = Math.max(limits.maxInitialBps, from.initialBps);
  if (initialBps <= highest) return { initialBps, maintenanceTargetBps, adjustments: notes.list };

  // The gap asks for more than governance's maximum: initial stops there and the maintenance target gives way.
  const capped = notes.note("initial", "governance maximum", initialBps, highest);
  const room = Math.max(limits.minMaintenanceBps, capped - limits.minGapBps);
  const yielded = notes.note(
    "maintenance",
    "room below initial",
    maintenanceTargetBps,
    Math.min(maintenanceTargetBps, room),
  );
  return { initialBps: capped, maintenanceTargetBps: yielded, adjustments: notes.list };
}

/** What stands, or governance's minimum where that was raised above it. */
function leastHeld(from: { readonly maintenanceTargetBps: number }, limits: OnChainMarket["limits"]): number {
  return Math.max(from.maintenanceTargetBps, limits.minMaintenanceBps);
}

/** Reasons for which a ramp is not stopped: what says that its risk is gone cannot be relied on. */
const DOUBTS: readonly Reason[] = ["LOW_CONFIDENCE", "NO_AGREEMENT", "FROZEN_ON_CHAIN"];

/**
 * The maintenance target. What lies above *effective* maintenance is a tightening still under way: when the model no
 * longer asks for it, the ramp stops where it is, at once, for nothing that was reached is given back. Only below that
 * does loosening begin. Doubtful data stops nothing.
 */
function maintenanceOf(
  fromBps: number,
  wantedBps: number,
  context: ProposeContext,
  rules: PolicyParameters,
  notes: Adjustments,
): number {
  const { onChain, blockers } = context;
  const largestStep = onChain.limits.maxLooseningStepBps;
  const rest = Math.min(fromBps, Math.max(wantedBps, onChain.maintenanceBps));
  const doubtful = DOUBTS.some((doubt) => blockers.includes(doubt));
  if (doubtful || fromBps - rest < rules.deadBandBps) {
    return paced("maintenance", fromBps, wantedBps, largestStep, context, rules, notes);
  }
  const stopped = notes.note("maintenance", "ramp stopped", wantedBps, rest);
  return wantedBps < rest ? paced("maintenance", stopped, wantedBps, largestStep, context, rules, notes) : stopped;
}

function paced(
  side: "initial" | "maintenance",
  fromBps: number,
  wantedBps: number,
  largestStepBps: number,
  context: ProposeContext,
  rules: PolicyParameters,
  notes: Adjustments,
): number {
  if (wantedBps >= fromBps) return wantedBps;
  if (context.blockers.length > 0) {
    return notes.note(side, `loosening held: ${context.blockers.join(", ")}`, wantedBps, fromBps);
  }
  if (fromBps - wantedBps < rules.deadBandBps) return notes.note(side, "dead band", wantedBps, fromBps);
  const { lastLoosening } = context.history;
  const elapsed = lastLoosening === null ? rules.looseningCooldownSeconds : context.now - lastLoosening;
  const step = Math.min(looseningStepBps(fromBps, wantedBps, elapsed, rules), largestStepBps);
  return notes.note(side, "loosening pace", wantedBps, fromBps - Math.max(0, step));
}
