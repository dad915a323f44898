import { type Batch, type Entry, limitOf } from "../../keeper/domain/contract.ts";

/** One market of a batch; what is left out is that of a calm market. */
export type SampleEntry = Pick<Entry, "marketId" | "initialBps" | "maintenanceTargetBps" | "asOf"> & Partial<Entry>;

/** Exposure limit of a calm market, as written. */
export const CALM_LIMIT = limitOf(12_000);

/** An entry for each, in their order. */
export function entriesOf(samples: readonly SampleEntry[]): readonly Entry[] {
  const calm = { generation: 16, limit: CALM_LIMIT, confidence: 31, sources: 17, orTighter: true };
  return samples.map((sample) => ({ ...calm, ...sample }));
}

/** The batch with other markets. */
export function withEntries(batch: Batch, samples: readonly SampleEntry[]): Batch {
  return { ...batch, entries: entriesOf(samples) };
}
