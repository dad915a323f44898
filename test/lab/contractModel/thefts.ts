import { worstOf } from "../../../scripts/deploy/worstCase.ts";
import { CLASS_LIMITS } from "../../support/classLimits.ts";
import type { Goal, Theft } from "./thief.ts";
import { HOUR } from "./world.ts";

const GOALS: readonly Goal[] = ["loosen initial", "raise the limit", "tighten maintenance", "loosen maintenance"];

/** Every goal of either key in an hour, a day and thirty days. */
export const THEFTS: readonly Theft[] = (["keeper", "quorum"] as const).flatMap((by) =>
  [1, 24, 720].flatMap((hours) => GOALS.map((goal) => ({ goal, by, span: hours * HOUR }))),
);

/** The certificate's closed form of a theft: basis points, or notches. */
export function closedForm({ goal, by, span }: Theft): number {
  const worst = worstOf(span / HOUR, CLASS_LIMITS, by === "quorum", 2 ** 24 - 1);
  if (goal === "loosen initial") return worst.loosenedBps;
  if (goal === "raise the limit") return worst.raisedNotches;
  return goal === "tighten maintenance" ? worst.maintenanceUpBps : worst.maintenanceDownBps;
}

export const titleOf = ({ goal, by, span }: Theft) => `of the ${by}: ${goal} in ${span / HOUR} h`;
