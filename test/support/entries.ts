import { type Batch, type BatchUpdate, type Entry, LANES, placeOf } from "../../keeper/domain/contract.ts";

/** One market of a batch; without confidence and sources those that stand are left. */
export type SampleUpdate = Omit<BatchUpdate, "confidence" | "sources"> & {
  readonly confidence?: number;
  readonly sources?: number;
};

/** An entry for each update, in their order. */
export function entriesOf(updates: readonly SampleUpdate[]): readonly Entry[] {
  return updates.map(({ marketId, initialBps, maintenanceTargetBps, asOf, confidence, sources }) => {
    const { group, lane } = placeOf(marketId);
    const values = { initialBps, maintenanceTargetBps, confidence: confidence ?? 0, sources: sources ?? 0 };
    const lanes = Array.from({ length: LANES }, (_, index) => (index === lane ? values : null));
    return { group, asOf, lanes, withQuality: confidence !== undefined || sources !== undefined };
  });
}

/** The batch with the values of its markets changed. */
export function withUpdates(batch: Batch, updates: readonly SampleUpdate[]): Batch {
  return { ...batch, entries: entriesOf(updates) };
}
