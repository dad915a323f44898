import { join } from "node:path";
import type { AppliedBatch, Entry, SkippedMarket } from "../../../keeper/domain/contract.ts";
import { decodeBundle, readEvidence } from "../../../keeper/evidence/bundle.ts";
import type { EvidenceBundle } from "../../../keeper/evidence/schema.ts";
import { evidenceFolder } from "../../../keeper/journal/evidenceFolder.ts";

/** What new risk is held to, by market id: initial in basis points, the exposure limit as the contract writes it. */
type Held = ReadonlyMap<number, Pick<Entry, "initialBps" | "limit">>;

/** How many entries lowered initial, or raised the limit. To be counted so where the data were bad from first to last. */
export function loosenings(applied: readonly AppliedBatch[], before: Held): number {
  return loosened(applied, before).length;
}

/**
 * How many of them rest on bad data as their evidence shows it: a source without an answer, a fault that cost a whole
 * answer, or too little confidence; and those whose evidence is in none of the state folders. To be counted so where the
 * fault lies elsewhere and the data were good.
 */
export async function looseningsFromBadData(
  applied: readonly AppliedBatch[],
  before: Held,
  states: readonly string[],
): Promise<number> {
  let count = 0;
  for (const { batch, marketId } of loosened(applied, before)) {
    const bundle = await evidenceOf(batch, states);
    if (bundle === null || !restsOnGoodData(bundle, marketId)) count += 1;
  }
  return count;
}

function loosened(applied: readonly AppliedBatch[], before: Held) {
  const held = new Map(before);
  return applied.flatMap((batch) =>
    batch.entries.flatMap((entry) => {
      const { marketId, initialBps, limit } = entry;
      const was = held.get(marketId) ?? { initialBps: 0, limit: 0xffff };
      const isOf = (one: SkippedMarket) => one.marketId === marketId;
      if (batch.skipped.some(isOf)) return [];
      if (batch.tightened.some(isOf)) {
        held.set(marketId, {
          initialBps: Math.max(initialBps, was.initialBps),
          limit: Math.min(limit, was.limit),
        });
        return [];
      }
      held.set(marketId, entry);
      return initialBps < was.initialBps || limit > was.limit ? [{ batch, marketId }] : [];
    }),
  );
}

/** @example restsOnGoodData(bundle, 1) // false when a source of market 1 gave no answer */
export function restsOnGoodData({ markets }: Pick<EvidenceBundle, "markets">, marketId: number): boolean {
  const market = markets.find((one) => one.marketId === marketId);
  if (market === undefined) return false;
  const { observed, decision, parameters } = market;
  const whole = observed.every(
    ({ observation, faults }) => observation !== null && faults.every(({ count }) => count !== undefined),
  );
  return whole && observed.length > 0 && decision.confidence >= parameters.policy.minLooseningConfidence;
}

async function evidenceOf({ evidence }: AppliedBatch, states: readonly string[]): Promise<EvidenceBundle | null> {
  for (const state of states) {
    const stored = await readEvidence(evidenceFolder(join(state, "evidence")), evidence).catch(() => null);
    if (stored !== null) return decodeBundle(stored);
  }
  return null;
}
