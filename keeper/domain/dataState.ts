import type { Assessment } from "./decision.ts";
import type { Fault, FaultCode } from "./fault.ts";

/** How far the data of one market can be trusted, best first; none of them but NORMAL lets a haircut loosen. */
export const DATA_STATES = {
  NORMAL: "every source answered and was believed",
  DEGRADED: "a source is missing or at odds with the others, or confidence is low",
  STALE: "a source's data is old, does not move or is dated ahead of now",
  HALTED: "no usable price or depth: nothing is written",
} as const;
export type DataState = keyof typeof DATA_STATES;

/** Below this nothing loosens, unless governance asks for more; a fraction. */
const LEAST_CONFIDENCE = 0.8;

const OF_TIME: readonly FaultCode[] = ["STALE", "FROZEN", "FUTURE"];

/**
 * Returns the state of a market's data in one cycle, the worst that holds. Faults of single records (with a `count`) cost
 * confidence and no more; one that costs a whole answer is a source that is missing.
 * @example dataState(calm) // "NORMAL"
 */
export function dataState({ readings, risk, decision }: Pick<Assessment, "readings" | "risk" | "decision">): DataState {
  if (decision.reasons.includes("NO_DATA")) return "HALTED";
  const whole: readonly Fault[] = [...readings.faults, ...risk.faults].filter(({ count }) => count === undefined);
  if (whole.some(({ code }) => OF_TIME.includes(code))) return "STALE";
  return whole.length > 0 || risk.confidence < LEAST_CONFIDENCE ? "DEGRADED" : "NORMAL";
}
