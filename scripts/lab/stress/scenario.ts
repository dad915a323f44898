import type { AssessInput } from "../../../keeper/domain/decision.ts";
import type { Observation, Observed } from "../../../keeper/domain/observation.ts";

/** One thing that may happen to a market: what the keeper would see then. One file each, and one line of the registry. */
export type Scenario = {
  /** What happens, in one line for people. */
  readonly summary: string;
  /** What the collateral's price is multiplied by; 1 where it does not move. */
  readonly priceFactor: number;
  /** The inputs of the moment after. The reasoning is not touched: `assess` is asked again. */
  apply(input: AssessInput): AssessInput;
};

/** The inputs with every observation as `change` gives it; one that it does not change may be handed back as it is. */
export function withObservations(input: AssessInput, change: (one: Observation) => Observation): AssessInput {
  const observed = input.observed.map((one) =>
    one.observation === null ? one : { ...one, observation: change(one.observation) },
  );
  return { ...input, observed };
}

/** The inputs without the observations that `isDark` names: asked for, and not answered. */
export function withoutAnswers(input: AssessInput, isDark: (one: Observation) => boolean): AssessInput {
  const observed = input.observed.map((one): Observed => {
    if (one.observation === null || !isDark(one.observation)) return one;
    const { source } = one;
    return { source, observation: null, faults: [{ code: "UNREACHABLE", source, detail: "dark in this scenario" }] };
  });
  return { ...input, observed };
}

/** One scenario after the other; the price falls by all of them. */
export function together(summary: string, ...scenarios: readonly Scenario[]): Scenario {
  return {
    summary,
    priceFactor: scenarios.reduce((product, { priceFactor }) => product * priceFactor, 1),
    apply: (input) => scenarios.reduce((after, scenario) => scenario.apply(after), input),
  };
}
