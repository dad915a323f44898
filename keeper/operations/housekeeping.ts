import { DAY_SECONDS } from "../domain/calendar.ts";
import type { EvidenceStore, Journal } from "../domain/journal.ts";
import { pruneImpact } from "../impact/report.ts";

/**
 * Returns a function to call after every cycle, that once a day takes out of journal, evidence and impact folder what is older
 * than the retention; it says what was removed, or null when nothing was due.
 * @param parts.disk the clock that dates files, Unix seconds; `now` is the cycle's
 */
export function housekeeping(parts: {
  readonly store: Pick<Journal, "prune" | "evidenceInUse">;
  readonly evidence: Pick<EvidenceStore, "prune">;
  /** Folder of the impact gate's reports. */
  readonly impact: string;
  readonly days: number;
  readonly disk: () => number;
}): (now: number) => Promise<{ ticks: number; intents: number; evidence: number; reports: number } | null> {
  let last = Number.NEGATIVE_INFINITY;
  return async (now) => {
    if (now - last < DAY_SECONDS) return null;
    last = now;
    const pruned = parts.store.prune(now, parts.days);
    const before = parts.disk() - parts.days * DAY_SECONDS;
    const evidence = await parts.evidence.prune(before, parts.store.evidenceInUse());
    return { ...pruned, evidence, reports: await pruneImpact(parts.impact, before) };
  };
}
