import type { Observation } from "../../../../keeper/domain/observation.ts";

/** A price feed that was last renewed at `eventTime`, Unix seconds; anything else as it is. */
export function withLateFeed(one: Observation, eventTime: number): Observation {
  return one.kind === "priceFeed" ? { ...one, eventTime } : one;
}
