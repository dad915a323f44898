import { type Fault, fault } from "../domain/fault.ts";
import type { Observation, Observed } from "../domain/observation.ts";

/** Limits on the distance between an observation's event time and now, seconds. */
type FreshnessLimits = { readonly maxAgeSeconds: number; readonly maxFutureSeconds: number };

/**
 * The fault of an observation's age by the venue's own clock, or null when it is fresh enough.
 * STALE when older than `maxAgeSeconds`, FUTURE when stamped later than `now + maxFutureSeconds`.
 * @example freshnessFault({ source: "x", eventTime: 100 }, 161, { maxAgeSeconds: 60, maxFutureSeconds: 5 })?.code // "STALE"
 */
export function freshnessFault(
  observation: { readonly source: string; readonly eventTime: number },
  now: number,
  limits: FreshnessLimits,
): Fault | null {
  const age = now - observation.eventTime;
  if (!Number.isFinite(age)) return fault("NOT_FINITE", observation.source, `event time ${observation.eventTime}`);
  if (age > limits.maxAgeSeconds) {
    return fault("STALE", observation.source, `age ${Math.round(age)} s, limit ${limits.maxAgeSeconds} s`);
  }
  if (-age > limits.maxFutureSeconds) {
    return fault(
      "FUTURE",
      observation.source,
      `${Math.round(-age)} s ahead of now, limit ${limits.maxFutureSeconds} s`,
    );
  }
  return null;
}

/**
 * The observation if it is fresh, else null with the fault added.
 * Faults that the adapter named already are kept in either case.
 */
export function fresh<T extends Observation>(
  observed: Observed<T> | null,
  now: number,
  limits: FreshnessLimits,
): { readonly accepted: T | null; readonly faults: readonly Fault[] } {
  if (observed === null) return { accepted: null, faults: [] };
  const { observation, faults } = observed;
  if (observation === null) return { accepted: null, faults };
  const age = freshnessFault(observation, now, limits);
  return age === null ? { accepted: observation, faults } : { accepted: null, faults: [...faults, age] };
}
