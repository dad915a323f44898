import { minuteOf } from "./domain/calendar.ts";
import type { BatchEntry } from "./domain/cycle.ts";
import type { AssessInput, Assessment, OnChainMarket, Reason } from "./domain/decision.ts";
import type { Fault } from "./domain/fault.ts";
import { haircutToBpsUp } from "./domain/numbers.ts";
import type { Readings, Risk } from "./domain/risk.ts";
import { type Estimates, estimatesAt } from "./model/estimates.ts";
import { measureRisk } from "./model/risk.ts";
import { target as targetOf } from "./model/target.ts";
import { decide } from "./policy/decide.ts";
import { fitBatch, loosens } from "./policy/fitBatch.ts";
import { proposeLimit } from "./policy/limit.ts";
import { aggregateLeftBps, looseningBlockers, looseningLeftBps, windowLeftBps } from "./policy/loosening.ts";
import { propose } from "./policy/propose.ts";
import { qualify } from "./quality/qualify.ts";

export { estimatesAt, fitBatch, loosens };

/** Version of the reasoning below, written into every batch. Raise it when the same inputs give other numbers. */
export const MODEL_VERSION = 4;

/**
 * The whole reasoning about one market at one moment: readings -> risk -> target -> proposed -> decision.
 * Pure and deterministic: the live keeper, `explain`, `verify`, `recompute` and every simulation call this function and no other.
 * @param estimates at the same moment, to share what is worked out with other markets
 */
export function assess(input: AssessInput, estimates: Estimates = estimatesAt(input.now)): Assessment {
  const { now, market, history, onChain } = input;

  const readings = qualify(input.observed, market, now, history.quarantine, estimates);
  const risk = measureRisk(readings, history, market, now, estimates);
  const target = targetOf(risk, market.model);

  // A fault without a count cost a whole source, or sets it against another.
  const doubts = [...readings.faults, ...risk.faults].filter((found) => found.count === undefined);
  const agreement = doubts.length === 0;
  const { confidence, depth } = risk;
  const facts = {
    ...{ now, confidence, agreement, depthHours: depth.historyHours, history },
    ...{ mode: onChain.mode, overridden: onChain.heldUntil > now },
    tightenOnly: onChain.writer.tightenOnly || onChain.classHeldUntil > now,
    newer: minuteOf(readings.asOf) > minuteOf((onChain.pending ?? onChain).asOf),
  };
  const blockers = looseningBlockers(facts, market.policy);
  const budgetBps = looseningLeftBps(onChain);
  const measured = isMeasured(readings, risk, doubts);
  const maintenanceMayMove = measured && depth.nowUsd > 0;
  // The exposure limit falls with depth though a bar is in doubt (nothing loosens then); without a long run only where nothing can be sold.
  const isKnown = risk.volatility.level !== "L6" && risk.volatility.longRun !== null;
  const limitMayMove = isDepthKnown(risk) && (isKnown || target.limit.usd === 0);
  const priceUsd = limitMayMove ? readings.priceUsd : null;
  const known = { now, onChain, history, blockers, budgetBps, priceUsd, maintenanceMayMove };
  const proposed = propose(target, known, market.policy);

  const usable = readings.priceUsd !== null && isDepthKnown(risk);
  const dead = market.policy.deadBandBps;
  const initialLoosens = onChain.storedInitialBps - haircutToBpsUp(target.initial) >= dead;
  const limitLoosens = proposeLimit(target.limit.usd, { ...known, blockers: [] }).limit > proposed.limit;
  const wouldLoosen =
    initialLoosens || limitLoosens || onChain.maintenanceTargetBps - haircutToBpsUp(target.maintenance) >= dead;
  const decision = decide(
    proposed,
    {
      now,
      asOf: readings.asOf,
      confidence,
      sources: risk.sources,
      onChain,
      history,
      blockers: initialLoosens ? [...blockers, ...spent(onChain)] : blockers,
      usable,
      wouldLoosen,
    },
    market.policy,
  );

  return { market: market.name, now, readings, risk, target, proposed, decision };
}

/** What was decided market by market, as one batch: the same markets with what they share taken into account. */
export function fitDue(planned: readonly BatchEntry[]) {
  const fitted = fitBatch(planned.map(({ input: { onChain }, assessment: { decision } }) => ({ onChain, decision })));
  const due = planned.map(({ input, assessment }, i) => {
    return { input, assessment: { ...assessment, decision: fitted.decisions[i] ?? assessment.decision } };
  });
  return { due, contractEntries: fitted.entries };
}

/** Which loosening budget has nothing left in this window. */
function spent(onChain: OnChainMarket): readonly Reason[] {
  const reasons: Reason[] = [];
  if (windowLeftBps(onChain) === 0) reasons.push("BUDGET");
  if (aggregateLeftBps(onChain.writer) === 0) reasons.push("AGGREGATE_BUDGET");
  return reasons;
}

/**
 * Whether the numbers behind maintenance were measured. They are not without a history that nobody doubts (no long-run
 * volatility) or on governance's static volatility: what replaces them tightens new risk only, for a missing answer
 * must not walk open positions into a liquidation.
 */
function isMeasured(readings: Readings, { volatility }: Risk, doubts: readonly Fault[]): boolean {
  const { history } = readings;
  const trusted = history !== null && !doubts.some(({ source }) => source === history.source);
  return trusted && volatility.level !== "L6" && volatility.longRun !== null;
}

/** Pools that were read and hold nothing are not pools that could not be read. */
function isDepthKnown({ depth }: Risk): boolean {
  return depth.nowUsd > 0 || depth.shockedUsd !== null;
}
