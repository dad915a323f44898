import { join } from "node:path";
import type { AppliedBatch } from "../../../keeper/domain/contract.ts";
import { decodeBundle } from "../../../keeper/evidence/bundle.ts";
import type { EvidenceBundle } from "../../../keeper/evidence/schema.ts";
import { evidenceFolder } from "../../../keeper/journal/files.ts";

/** Initial haircuts that stand, basis points by market id. */
type Standing = ReadonlyMap<number, number>;

/** How many updates lowered initial below what stood. To be counted so where the data were bad from first to last. */
export function lowerings(applied: readonly AppliedBatch[], before: Standing): number {
  return lowered(applied, before).length;
}

/**
 * How many of them rest on bad data as their evidence shows it: a source without an answer, a fault that cost a whole
 * answer, or too little confidence; and those whose evidence is in none of the state folders. To be counted so where the
 * fault lies elsewhere and the data were good.
 */
export async function loweringsFromBadData(
  applied: readonly AppliedBatch[],
  before: Standing,
  states: readonly string[],
): Promise<number> {
  let count = 0;
  for (const { batch, marketId } of lowered(applied, before)) {
    const bundle = await evidenceOf(batch, states);
    if (bundle === null || !restsOnGoodData(bundle, marketId)) count += 1;
  }
  return count;
}

function lowered(applied: readonly AppliedBatch[], before: Standing) {
  const stands = new Map(before);
  return applied.flatMap((batch) =>
    batch.updates.flatMap(({ marketId, initialBps }) => {
      const lower = initialBps < (stands.get(marketId) ?? 0);
      stands.set(marketId, initialBps);
      return lower ? [{ batch, marketId }] : [];
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
    const bytes = await evidenceFolder(join(state, "evidence"))
      .get(evidence)
      .catch(() => null);
    if (bytes !== null) return decodeBundle(bytes);
  }
  return null;
}
