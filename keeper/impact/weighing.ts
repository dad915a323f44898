import type { CycleReport } from "../domain/cycle.ts";
import type { BookState } from "../domain/position.ts";
import { type ImpactParts, weighByImpact } from "./impactGate.ts";

type Weighed = Pick<CycleReport, "weighed" | "books">;

/** Books that were read are as good as new for so long, seconds: nobody waits for them but who looks at the page. */
const FRESH_SECONDS = 600;

/**
 * Returns what reads the lenders' books after a cycle, so that page, metrics and `explain` have them when nothing is sent: every ten
 * minutes, and in each cycle while one of them cannot be read. Empty where the record names no lender, or none was due. What
 * fails is a fault of its lender, and never of the cycle.
 */
export function weighing(parts: ImpactParts): (report: CycleReport) => Promise<Weighed> {
  const { lenders } = parts;
  let readAt = Number.NEGATIVE_INFINITY;
  let known: readonly BookState[] = [];
  return async ({ now, blockNumber, blockTime, entries }): Promise<Weighed> => {
    if (lenders === null || entries.length === 0) return {};
    const isWell = known.every(({ fault }) => fault === null);
    if (isWell && now - readAt < FRESH_SECONDS && now >= readAt) return {};
    const chain = { blockNumber, blockTime };
    const [{ states }, weighed] = await Promise.all([
      lenders({ number: blockNumber, timestamp: blockTime }),
      weighByImpact({ chain, now, entries }, parts),
    ]);
    [readAt, known] = [now, states];
    return { weighed, books: states };
  };
}
