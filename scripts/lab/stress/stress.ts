import type { AssessInput, Assessment } from "../../../keeper/domain/decision.ts";
import { assess } from "../../../keeper/pipeline.ts";
import { type Outlook, outlookOf } from "../contractModel/outlook.ts";
import { SCENARIOS, type ScenarioName } from "./registry.ts";

/** One market in one scenario: what is decided then, and what the contract shows of it later. */
export type Stressed = {
  readonly scenario: ScenarioName;
  readonly summary: string;
  readonly priceFactor: number;
  readonly assessment: Assessment;
  readonly outlook: Outlook;
};

/**
 * What the keeper decides in a scenario, by the reasoning that runs, and what the contract shows of that one decision in
 * an hour and in a day: initial at once, maintenance as fast as its speed limit lets it, stale where nothing can be
 * written. The scenario is taken to last; the keeper goes on to renew, but decides nothing further.
 */
export function stress(input: AssessInput, scenario: ScenarioName): Stressed {
  const { summary, priceFactor, apply } = SCENARIOS[scenario];
  const assessment = assess(apply(input));
  return {
    scenario,
    summary,
    priceFactor,
    assessment,
    outlook: outlookOf(input.onChain, assessment.decision, input.now),
  };
}
