import type { BatchEntry } from "./domain/cycle.ts";
import type { AssessInput, Assessment } from "./domain/decision.ts";
import type { Fault } from "./domain/fault.ts";
import type { PriceHistory } from "./domain/observation.ts";
import type { Readings, Risk } from "./domain/risk.ts";
import { type Estimates, estimatesAt } from "./model/estimates.ts";
import { measureRisk } from "./model/risk.ts";
import { target as targetOf } from "./model/target.ts";
import type { Situation } from "./policy/loosening.ts";
import { fitBatch, loosens, oneBatch } from "./policy/loosening.ts";
import { respond } from "./policy/respond.ts";
import { qualify } from "./quality/qualify.ts";

export { estimatesAt, fitBatch, loosens, oneBatch };

/** Version of the reasoning below, written into every batch. Raise it when the same inputs give other numbers. */
export const MODEL_VERSION = 4;

/**
 * The whole reasoning about one market at one moment: readings -> risk -> target -> proposed -> decision.
 * Pure and deterministic: the live keeper, `explain`, `verify`, `recompute` and every simulation call this function and no other.
 * @param estimates at the same moment, to share what is worked out with other markets
 */
export function assess(input: AssessInput, estimates: Estimates = estimatesAt(input.now)): Assessment {
  const { now, market, history } = input;

  const readings = qualify(input.observed, market, now, history.quarantine, estimates, history.rates);
  const risk = measureRisk(readings, history, market, now, estimates);
  const target = targetOf(risk, market.model);

  const { proposed, decision } = respond(target, situationOf(input, { readings, risk, target }), market.policy);
  return { market: market.name, now, readings, risk, target, proposed, decision };
}

/** What the policy answers to: the facts of the moment, and which numbers they let move. */
export function situationOf(
  { now, market, history, onChain }: AssessInput,
  { readings, risk, target }: Pick<Assessment, "readings" | "risk" | "target">,
): Situation {
  // A fault without a count cost a whole source, or sets it against another.
  const doubts = [...readings.faults, ...risk.faults].filter((found) => found.count === undefined);
  const { confidence, sources, depth, volatility } = risk;
  // The exposure limit falls with depth though a bar is in doubt (nothing loosens then); without a long run only where nothing can be sold.
  const isKnown = volatility.level !== "L6" && volatility.longRun !== null;
  const limitMayMove = isDepthKnown(risk) && (isKnown || target.limit.usd === 0);
  return {
    ...{ now, asOf: readings.asOf, confidence, sources, onChain, history },
    agreement: doubts.length === 0,
    depthHours: depth.historyHours,
    priceUsd: limitMayMove ? readings.priceUsd : null,
    maintenanceMayMove: isMeasured(market, readings, risk, doubts) && depth.nowUsd > 0,
    usable: readings.priceUsd !== null && isDepthKnown(risk),
  };
}

/** What was decided market by market, as one batch: the same markets with what they share taken into account. */
export function fitDue(planned: readonly BatchEntry[]) {
  const fitted = fitBatch(planned.map(({ input: { onChain }, assessment: { decision } }) => ({ onChain, decision })));
  const due = planned.map(({ input, assessment }, i) => {
    return { input, assessment: { ...assessment, decision: fitted.decisions[i] ?? assessment.decision } };
  });
  return { due, contractEntries: fitted.entries };
}

/**
 * Whether the numbers behind maintenance were measured. They are not without a history that nobody doubts (no long-run
 * volatility) or on governance's static volatility: what replaces them tightens new risk only, for a missing answer
 * must not walk open positions into a liquidation. Nor are they where a claim lists a history of its ratio and that is missing.
 */
function isMeasured(
  { claim }: AssessInput["market"],
  readings: Readings,
  { volatility, claim: claimRisk }: Risk,
  doubts: readonly Fault[],
): boolean {
  const trusted = (history: PriceHistory | null | undefined) =>
    history != null && !doubts.some(({ source }) => source === history.source);
  const isRatioKnown = claim?.history === undefined || (trusted(readings.claim?.history) && claimRisk?.ratio != null);
  return isRatioKnown && trusted(readings.history) && volatility.level !== "L6" && volatility.longRun !== null;
}

/** Pools that were read and hold nothing are not pools that could not be read. */
function isDepthKnown({ depth }: Risk): boolean {
  return depth.nowUsd > 0 || depth.shockedUsd !== null;
}
