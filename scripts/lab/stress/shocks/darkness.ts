import type { AssessInput } from "../../../../keeper/domain/decision.ts";
import type { Observation, Observed } from "../../../../keeper/domain/observation.ts";

/** The inputs without the observations of these kinds: asked for, and not answered. @param nothingHeld for so long that nothing is held */
export function inDarkness(
  input: AssessInput,
  kinds: readonly Observation["kind"][],
  nothingHeld: boolean,
): AssessInput {
  const observed = input.observed.map((one): Observed => {
    if (one.observation === null || !kinds.includes(one.observation.kind)) return one;
    const { source } = one;
    return { source, observation: null, faults: [{ code: "UNREACHABLE", source, detail: "dark in this scenario" }] };
  });
  const history = nothingHeld ? { ...input.history, lastImplied: null, lastVolatility: [] } : input.history;
  return { ...input, observed, history };
}
