import type { FaultLog } from "../../domain/faultLog.ts";

/** One bar: its start in Unix seconds and its numbers, whatever they mean. */
export type Row = { readonly time: number; readonly values: readonly number[] };

/**
 * The closed bars of an answer, oldest first, each start once.
 * A bar off the grid of its interval is INCONSISTENT, one that starts after `now` is FUTURE, a bar not later than the
 * one before it is OUT_OF_ORDER (and sorted in), equal copies are DUPLICATE and leave one, copies that differ leave
 * none. The bar still open at `now` is left out without a fault: its close is not known yet.
 * @param interval length of a bar, seconds
 * @param now Unix seconds
 */
export function closedRows(rows: readonly Row[], interval: number, now: number, log: FaultLog): readonly Row[] {
  const byTime = new Map<number, { row: Row; differs: boolean }>();
  let last = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    const at = `bar ${row.time}`;
    if (!(row.time >= 0) || row.time % interval !== 0) {
      log.add("INCONSISTENT", `time not on the grid of ${interval} s`, at);
      continue;
    }
    if (row.time > now) {
      log.add("FUTURE", "a bar that starts after now", at);
      continue;
    }
    if (row.time + interval > now) continue;
    const known = byTime.get(row.time);
    if (known === undefined) {
      if (row.time < last) log.add("OUT_OF_ORDER", "times not increasing", at);
      byTime.set(row.time, { row, differs: false });
    } else {
      known.differs ||= known.row.values.some((value, index) => value !== row.values[index]);
      log.add("DUPLICATE", known.differs ? "the same bar twice, unequal" : "the same bar twice", at);
    }
    last = Math.max(last, row.time);
  }
  return [...byTime.values()]
    .filter((entry) => !entry.differs)
    .map((entry) => entry.row)
    .sort((a, b) => a.time - b.time);
}
