import type { EvidenceStore } from "../runtime/evidenceFolder.ts";
import type { Store } from "../runtime/store.ts";

const DAY = 86_400;

/**
 * Returns a function to call after every cycle, that once a day takes out of journal and evidence folder what is older
 * than the retention; it says what was removed, or null when nothing was due.
 * @param parts.disk the clock that dates files, Unix seconds; `now` is the cycle's
 */
export function housekeeping(parts: {
  readonly store: Pick<Store, "prune" | "evidenceInUse">;
  readonly evidence: Pick<EvidenceStore, "prune">;
  readonly days: number;
  readonly disk: () => number;
}): (now: number) => Promise<{ ticks: number; intents: number; evidence: number } | null> {
  let last = Number.NEGATIVE_INFINITY;
  return async (now) => {
    if (now - last < DAY) return null;
    last = now;
    const pruned = parts.store.prune(now, parts.days);
    const evidence = await parts.evidence.prune(parts.disk() - parts.days * DAY, parts.store.evidenceInUse());
    return { ...pruned, evidence };
  };
}
