import { TonsorError } from "../../../keeper/domain/errors.ts";

/** A clock of the replay, Unix milliseconds. */
type ReplayClock = {
  now(): number;
  /** Wall milliseconds until the replay reaches `time` (Unix milliseconds); 0 when it has. */
  wallUntil(time: number): number;
  /** True once the end is reached; `now` stays there. */
  ended(): boolean;
};

/**
 * A clock that starts at `from` when it is made, runs `speed` times as fast as the wall and stops at `to`.
 * @param from Unix milliseconds
 * @param to Unix milliseconds, > from
 * @param speed replay seconds per wall second, > 0
 * @param wallNow the wall clock, milliseconds; monotonic where possible
 * @example replayClock(0, 10_000, 3600, () => wall).now() // 3600 one millisecond later
 */
export function replayClock(from: number, to: number, speed: number, wallNow: () => number): ReplayClock {
  if (!(to > from)) {
    throw new TonsorError("OUT_OF_RANGE", "the replay would have no length", {
      field: "to",
      given: to,
      expected: `later than ${from}`,
    });
  }
  if (!(speed > 0 && Number.isFinite(speed))) {
    throw new TonsorError("OUT_OF_RANGE", "no such speed", { field: "speed", given: speed, expected: "> 0" });
  }
  const startedAt = wallNow();
  const now = () => Math.min(to, from + Math.max(0, wallNow() - startedAt) * speed);
  return {
    now,
    wallUntil: (time) => Math.max(0, (time - now()) / speed),
    ended: () => now() >= to,
  };
}
