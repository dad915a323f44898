/**
 * Spans withheld from the recorded data on purpose, [from, to) in Unix seconds. They are not outages: a replay ends
 * before one and another starts after it, so that nothing recorded before a span is shown as the present after it.
 */
export const WITHHELD: readonly (readonly [from: number, to: number])[] = [
  [Date.UTC(2022, 10, 1) / 1000, Date.UTC(2022, 11, 1) / 1000],
  [Date.UTC(2025, 9, 1) / 1000, Date.UTC(2025, 10, 1) / 1000],
  [Date.UTC(2026, 3, 16) / 1000, Number.POSITIVE_INFINITY],
];

/** True when no withheld time lies in [from, to]: both belong to one unbroken run. */
export function sameRun(from: number, to: number): boolean {
  return WITHHELD.every(([start, end]) => to < start || from >= end);
}
