import { median } from "../../../keeper/domain/numbers.ts";

/**
 * Guess of the seconds until a sweep ends: the median of the tasks done, times those left, over how many were worked on at
 * once so far; null before anything is done. Tasks much longer than the median make it too short.
 * @param doneMs what each task done took, ms  @param left tasks to do  @param elapsedMs since the first began
 * @example secondsLeft([1_000, 1_000, 9_000], 4, 5_500) // 2: median 1 s, four left, two at once
 */
export function secondsLeft(doneMs: readonly number[], left: number, elapsedMs: number): number | null {
  if (doneMs.length === 0 || elapsedMs <= 0) return null;
  const atOnce = Math.max(1, doneMs.reduce((sum, ms) => sum + ms, 0) / elapsedMs);
  return (median([...doneMs]) * left) / atOnce / 1_000;
}
