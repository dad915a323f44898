import { HOUR_SECONDS } from "../domain/calendar.ts";
import type { ProfileValues } from "../domain/contract.ts";

/**
 * What markets do between writes. A contract takes at most four, in its bytecode: nobody, governance included, can add
 * one later or make maintenance move faster than these. Class `id` uses profile `id % 4`, so there are more than the
 * first markets need.
 */
export const PROFILES = [
  // 0: majors.
  {
    // Borrowers at the limit have 2 % to 4 % of room; at 1.5 % a day they have two days to act, and a month covers
    // the whole range.
    tightenSpeedBpsPerDay: 150,
    // Slower than up: coming back early is what made margin rules procyclical in March 2020.
    loosenSpeedBpsPerDay: 100,
    // Three heartbeats of six hours may fail before anything tightens.
    ttlSeconds: 24 * HOUR_SECONDS,
    // Then a day until the cap: long enough for an operator to notice, short enough to matter.
    decaySeconds: 24 * HOUR_SECONDS,
    // A dead keeper all but closes the market to new risk; 5 % is left so that refinancing is not impossible.
    staleInitialCapBps: 9_500,
  },
  // 1: collateral that follows its debt asset (staked ether against ether). LTV is 90 % and more there, so borrowers
  // have a third of the room that majors leave them.
  {
    tightenSpeedBpsPerDay: 50,
    loosenSpeedBpsPerDay: 25,
    ttlSeconds: 24 * HOUR_SECONDS,
    decaySeconds: 24 * HOUR_SECONDS,
    staleInitialCapBps: 9_500,
  },
  // 2: the long tail. Lent at 50 % and less with room of 5 % and more, it can follow twice as fast, and what was
  // known of it is worth less a day later.
  {
    tightenSpeedBpsPerDay: 300,
    loosenSpeedBpsPerDay: 100,
    ttlSeconds: 12 * HOUR_SECONDS,
    decaySeconds: 12 * HOUR_SECONDS,
    staleInitialCapBps: 9_800,
  },
] as const satisfies readonly ProfileValues[];

/** The profile of a class, as the contract chooses it: `id % 4`, the first where there are fewer. */
export function profileOfClass(classId: number): ProfileValues {
  return PROFILES[classId % 4] ?? PROFILES[0];
}
