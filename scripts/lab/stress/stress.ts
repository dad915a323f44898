import type { AssessInput, Assessment } from "../../../keeper/domain/decision.ts";
import { assess } from "../../../keeper/pipeline.ts";
import { type Outlook, outlookOf } from "../contractModel/outlook.ts";

/** What the keeper decides after a shock, and what the contract shows of it later. */
export type Stressed = { readonly assessment: Assessment; readonly outlook: Outlook };

/**
 * What the keeper decides after a shock, by the reasoning that runs, and what the contract shows of that one decision in
 * an hour and in a day: initial at once, maintenance as fast as its speed limit lets it, stale where nothing can be
 * written. The shock is taken to last; the keeper goes on to renew, but decides nothing further.
 * @param seen what the keeper sees after the shock (`seenAfter`)
 */
export function stress(seen: AssessInput): Stressed {
  const assessment = assess(seen);
  return { assessment, outlook: outlookOf(seen.onChain, assessment.decision, seen.now) };
}
