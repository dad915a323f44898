import { agesFrom, DAY_SECONDS, HOUR_SECONDS, minuteOf } from "../domain/calendar.ts";
import { limitOf, MOST_CONFIDENCE, percentApart } from "../domain/contract.ts";
import type { Adjustment, Decision, OnChainMarket, Proposed, Reason, Target } from "../domain/decision.ts";
import { fraction, haircutToBpsUp } from "../domain/numbers.ts";
import type { PolicyParameters } from "../domain/parameters.ts";
import { looseningStepBps, type Situation } from "./loosening.ts";

/** What `propose` needs to know besides the target. */
type ProposeContext = Pick<Situation, "now" | "onChain" | "history" | "priceUsd" | "maintenanceMayMove"> & {
  /** Reasons why loosening is not allowed now; empty when it is. */
  readonly blockers: readonly Reason[];
  /** Loosening of initial that market and contract have left, whole basis points (`looseningLeftBps`). */
  readonly budgetBps: number;
};

/** Reasons for which a ramp is not stopped: data that says its risk is gone cannot be relied on, or the contract takes no lower target. */
const RAMP_GOES_ON: readonly Reason[] = [
  ...(["LOW_CONFIDENCE", "NO_AGREEMENT"] as const),
  ...(["FROZEN_ON_CHAIN", "TIGHTEN_ONLY", "OVERRIDDEN", "NO_NEWER_DATA"] as const),
];

/**
 * What to write, haircuts in whole basis points: the target moved into bounds, tightening in full, loosening by half-life, daily
 * limit, step and budget. Both sides start from what is stored (or on its way), never from the effective value, so a
 * stale reading cannot be mistaken for a risk. Keeps the market's gap. `adjustments` name every rule that changed a value.
 */
export function propose(target: Target, context: ProposeContext, rules: PolicyParameters): Proposed {
  const { onChain, budgetBps } = context;
  const exposure = proposeLimit(target.limit.usd, context);
  const { limits } = onChain;
  const adjustments: Adjustment[] = [];
  const adjust: Adjust = (side, rule, fromBps, toBps) => {
    if (fromBps !== toBps) adjustments.push({ side, rule, fromBps, toBps });
    return toBps;
  };
  const pace: Pace = (...values) => paced(...values, context, rules, adjust);
  const from = standing(onChain);

  const maintenanceTargetBps = maintenanceOf(target, from.maintenanceTargetBps, context, rules, adjust, pace);

  const { minInitialBps, maxInitialBps, hotStepBps } = limits;
  const initialWanted = bounded("initial", target.initial, minInitialBps, maxInitialBps, adjust);
  const initialPaced = pace("initial", from.initialBps, initialWanted, Math.min(hotStepBps, budgetBps));
  const floor = Math.max(maintenanceTargetBps, onChain.maintenanceBps) + limits.minGapBps;
  const initialBps = adjust("initial", "gap above maintenance", initialPaced, Math.max(initialPaced, floor));
  // A maximum lowered below what is stored is walked down to like any loosening, as the contract wants it.
  const highest = Math.max(maxInitialBps, from.initialBps);
  if (initialBps <= highest) return { initialBps, maintenanceTargetBps, ...exposure, adjustments };

  // The gap asks for more than governance's maximum: initial stops there and the maintenance target gives way.
  const capped = adjust("initial", "governance maximum", initialBps, highest);
  const room = Math.max(limits.minMaintenanceBps, capped - limits.minGapBps);
  const least = Math.min(maintenanceTargetBps, room);
  const yielded = adjust("maintenance", "room below initial", maintenanceTargetBps, least);
  return { initialBps: capped, maintenanceTargetBps: yielded, ...exposure, adjustments };
}

/** What will be on chain: what is on its way, else what is stored. */
function standing(onChain: OnChainMarket): NonNullable<OnChainMarket["pending"]> {
  return onChain.pending ?? { ...onChain, initialBps: onChain.storedInitialBps };
}

type Side = Adjustment["side"];
/** Returns `toBps`, and notes the change under the rule's name when it is one. */
type Adjust = (side: Side, rule: string, fromBps: number, toBps: number) => number;
type Pace = (side: Side, fromBps: number, wantedBps: number, largestStepBps: number) => number;

/** A haircut as basis points, rounded up, moved into governance's bounds. */
function bounded(side: Side, haircut: number, lowest: number, highest: number, adjust: Adjust): number {
  const wanted = haircutToBpsUp(fraction(haircut));
  const raised = adjust(side, "governance minimum", wanted, Math.max(wanted, lowest));
  return adjust(side, "governance maximum", raised, Math.min(raised, highest));
}

/**
 * The maintenance target. Above *effective* maintenance it is a tightening still under way: when the model no longer
 * asks for it, the ramp stops where it is, at once, for nothing that was reached is given back. Only below that does
 * loosening begin. Doubtful data stops nothing, nor does what the contract would refuse, and without market data the target stays (but for a raised minimum).
 */
function maintenanceOf(
  target: Target,
  fromBps: number,
  { onChain, blockers, maintenanceMayMove }: ProposeContext,
  rules: PolicyParameters,
  adjust: Adjust,
  pace: Pace,
): number {
  const { minMaintenanceBps, maxMaintenanceBps, hotStepBps } = onChain.limits;
  // The contract holds the minimum above the toxic frontier, where (1 - maintenance)(1 + bonus) = 1.
  const wantedBps = bounded("maintenance", target.maintenance, minMaintenanceBps, maxMaintenanceBps, adjust);
  if (!maintenanceMayMove) {
    return adjust("maintenance", "held: no market data behind it", wantedBps, Math.max(fromBps, minMaintenanceBps));
  }
  const rest = Math.min(fromBps, Math.max(wantedBps, onChain.maintenanceBps));
  const goesOn = RAMP_GOES_ON.some((reason) => blockers.includes(reason));
  if (goesOn || fromBps - rest < rules.deadBandBps) {
    return pace("maintenance", fromBps, wantedBps, hotStepBps);
  }
  const stopped = adjust("maintenance", "ramp stopped", wantedBps, rest);
  return wantedBps < rest ? pace("maintenance", stopped, wantedBps, hotStepBps) : stopped;
}

/** Tightening in full; loosening by what time, step and budget allow, or not at all. */
function paced(
  side: Side,
  fromBps: number,
  wantedBps: number,
  largestStepBps: number,
  { blockers, history, now }: ProposeContext,
  rules: PolicyParameters,
  adjust: Adjust,
): number {
  if (wantedBps >= fromBps) return wantedBps;
  if (blockers.length > 0) return adjust(side, `loosening held: ${blockers.join(", ")}`, wantedBps, fromBps);
  if (fromBps - wantedBps < rules.deadBandBps) return adjust(side, "dead band", wantedBps, fromBps);
  const { lastLoosening } = history;
  const elapsed = lastLoosening === null ? rules.looseningCooldownSeconds : now - lastLoosening;
  const step = Math.min(looseningStepBps(fromBps, wantedBps, elapsed, rules), largestStepBps);
  return adjust(side, "loosening pace", wantedBps, fromBps - Math.max(0, step));
}

/** Moves of less than this are not made, percent of what stands: prices and pools breathe by as much. */
export const DEAD_BAND_PERCENT = 5;
/** Notches that double a limit. */
const DOUBLING = 1_024;

type LimitContext = Pick<ProposeContext, "onChain" | "blockers" | "priceUsd">;

/**
 * The exposure limit to write, from what the model says in USD: whole tokens, rounded down, between governance's bounds. It
 * falls at once; it rises when nothing blocks a loosening, by half of what the contract lets the hot key raise in a window, so
 * that two raises a cool-down apart find room in one, and by no more than is left of that. Without a price it stays.
 */
export function proposeLimit(usd: number, context: LimitContext): Pick<Proposed, "limit" | "limitRule"> {
  const { onChain, blockers, priceUsd } = context;
  const { lowestLimit, highestLimit } = onChain;
  const from = Math.min(standing(onChain).limit, highestLimit);
  const answer = (limit: number, limitRule: string) => ({ limit, limitRule });
  if (priceUsd === null || !(priceUsd > 0)) return answer(from, "held: no market data");
  const tokens = wantedTokens(usd, priceUsd);
  const wanted = Math.min(highestLimit, Math.max(lowestLimit, tokens));
  const bound = wanted === tokens ? "the model" : wanted === highestLimit ? "governance maximum" : "governance minimum";
  if (percentApart(wanted, from) < DEAD_BAND_PERCENT) return answer(from, wanted === tokens ? "dead band" : bound);
  if (wanted < from) return answer(wanted, bound);
  if (blockers.length > 0) return answer(from, `loosening held: ${blockers.join(", ")}`);
  const most = from + largestRaise(onChain, from);
  return wanted <= most ? answer(wanted, bound) : answer(most, "loosening pace");
}

/** What the model says in USD, as a limit as written at a price, rounded down. */
export function wantedTokens(usd: number, priceUsd: number): number {
  return limitOf(Math.floor(Math.min(Number.MAX_SAFE_INTEGER, usd / priceUsd)));
}

/**
 * Half of the window's budget, rounded up, or the step or the rest of the budget where that is less. Step and budget are notches
 * of a limit of 1024 tokens or more, and as many parts in 1024, rounded up, of a smaller one at the start of the window.
 */
function largestRaise({ limits, limit, raised }: OnChainMarket, from: number): number {
  const base = Math.min(Math.max(0, limit - raised), DOUBLING);
  const part = (notches: number) => Math.ceil((notches * base) / DOUBLING);
  const budget = part(limits.hotRaiseBudget);
  const left = budget - raised - Math.max(0, from - limit);
  return Math.max(0, Math.min(part(limits.hotRaiseStep), Math.ceil(budget / 2), left));
}

/** What `decide` needs to know besides the proposal. */
type DecideContext = Pick<Situation, "now" | "asOf" | "confidence" | "sources" | "onChain" | "history" | "usable"> & {
  /** Reasons why loosening was held back while making the proposal. */
  readonly blockers: readonly Reason[];
  /** True when the model would loosen by at least the dead band. */
  readonly wouldLoosen: boolean;
};

/**
 * Hold or submit, with every reason. Times are compared by the minute, as the contract does: with data that is not newer,
 * and while governance holds the values, only a tightening is sent. Compares with what *will be* on chain (pending included). A
 * tightening of the dead band or more is submitted at once, whatever else holds, and a smaller one of initial where another key
 * has loosened below what this keeper wrote last; a loosening only when nothing blocks it; otherwise the heartbeat renews the
 * value.
 */
export function decide(proposed: Proposed, context: DecideContext, rules: PolicyParameters): Decision {
  const { onChain, now } = context;
  const from = standing(onChain);
  const initialRise = proposed.initialBps - from.initialBps;
  const maintenanceRise = proposed.maintenanceTargetBps - from.maintenanceTargetBps;
  const answer = (action: Decision["action"], reasons: readonly Reason[], breaker = false): Decision => ({
    action,
    reasons,
    initialBps: proposed.initialBps,
    maintenanceTargetBps: proposed.maintenanceTargetBps,
    limit: proposed.limit,
    asOf: context.asOf,
    confidence: Math.floor(context.confidence * MOST_CONFIDENCE),
    sources: context.sources,
    breaker,
  });

  if (!context.usable) return answer("hold", ["NO_DATA"]);
  if (onChain.generation === 0) return answer("hold", ["DELISTED"]);
  if (onChain.writer.haltedUntil > now) return answer("hold", ["HALTED"]);

  const reasons: Reason[] = [];
  const newer = minuteOf(context.asOf) > minuteOf(from.asOf);
  const rise = Math.max(initialRise, maintenanceRise);
  // By this keeper's own journal; none in 24 h: 0.
  const lastWrittenBps = context.history.initials.at(-1)?.[1] ?? 0;
  if (rise >= rules.deadBandBps || proposed.limit < from.limit) reasons.push("TIGHTEN");
  else if (onChain.heldUntil > now) return answer("hold", ["OVERRIDDEN"]);
  else if (initialRise > 0 && from.initialBps < lastWrittenBps) reasons.push("TAKE_BACK");
  else if (!newer) return answer("hold", [onChain.pending === null ? "NO_NEWER_DATA" : "IN_FLIGHT"]);
  const belowEffective = maintenanceRise < 0 && proposed.maintenanceTargetBps < onChain.maintenanceBps;
  if (initialRise < 0 || belowEffective || proposed.limit > from.limit) reasons.push("LOOSEN");
  else if (maintenanceRise < 0) reasons.push("STOP_RAMP");
  const silence = now - from.asOf;
  if (now - agesFrom({ ...onChain, asOf: from.asOf }) > onChain.limits.ttlHours * HOUR_SECONDS)
    reasons.push("CATCH_UP");
  else if (reasons.length === 0 && silence >= rules.heartbeatSeconds) reasons.push("HEARTBEAT");

  const breaker = initialRise > 0 && riseWithinDay(proposed.initialBps, context) > rules.breakerRiseBpsPerDay;
  if (breaker && reasons.includes("TIGHTEN")) reasons.push("BREAKER");
  const held = context.wouldLoosen ? context.blockers : [];
  if (reasons.length > 0) return answer("submit", [...reasons, ...held], breaker && reasons.includes("TIGHTEN"));
  return answer("hold", held.length > 0 ? held : ["DEAD_BAND"]);
}

/** Basis points from the lowest stored initial of the last 24 h (now included) up to the proposal. */
function riseWithinDay(initialBps: number, context: DecideContext): number {
  const recent = context.history.initials.filter(([time]) => context.now - time <= DAY_SECONDS).map(([, bps]) => bps);
  return initialBps - Math.min(context.onChain.storedInitialBps, ...recent);
}
