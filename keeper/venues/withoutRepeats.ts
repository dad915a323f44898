import type { FaultLog } from "../domain/faultLog.ts";

/**
 * One row per instrument, in the order first seen. Equal copies keep the first; where copies differ nothing says which is
 * right, so none is kept. Both are counted as DUPLICATE.
 * @param of the instrument's name, and the text by which two rows are the same
 */
export function withoutRepeats<Row>(
  rows: readonly Row[],
  of: (row: Row) => { readonly key: string; readonly text: string },
  log: FaultLog,
): readonly Row[] {
  const byKey = new Map<string, { row: Row; text: string; differs: boolean }>();
  for (const row of rows) {
    const { key, text } = of(row);
    const known = byKey.get(key);
    if (known === undefined) {
      byKey.set(key, { row, text, differs: false });
      continue;
    }
    known.differs ||= known.text !== text;
    log.add("DUPLICATE", known.differs ? "the same instrument twice, unequal" : "the same instrument twice", key);
  }
  return [...byKey.values()].filter((entry) => !entry.differs).map((entry) => entry.row);
}
