import type { ListedMarket, MarketStatus } from "../dashboard/status.ts";
import type { CycleReport } from "../domain/cycle.ts";
import { ownError } from "../domain/errors.ts";
import type { ScheduleEvent } from "../runtime/schedule.ts";
import type { Condition } from "./readiness.ts";

/** What the loop has come to, as far as readiness and alerts ask for it. */
type LoopFacts = Pick<
  Condition,
  "headAge" | "obstacles" | "lastError" | "failedInARow" | "markets" | "held" | "unsent" | "queueSilent"
>;

/**
 * The state of the loop: changed by schedule events and finished cycles, by nothing else.
 * @param configured names of the markets that the keeper is to keep
 */
export function createLoopState(configured: readonly string[]) {
  let headAge: number | null = null;
  let lastError: string | null = null;
  let failedInARow = 0;
  let queueSilent = false;
  let batch: CycleReport["batch"] = null;
  let unsentSince: number | null = null;
  let obstacles: Condition["obstacles"] = null;
  let markets: readonly ListedMarket[] = [];
  /** Markets that were not assessed in the last cycle and never before. */
  let unassessed: readonly string[] = [];

  return {
    /** Every market as it was after the last cycle. */
    markets: () => markets,
    onEvent(event: ScheduleEvent): void {
      if (event.kind === "queueSilent") queueSilent = true;
      if (event.kind === "queueBack") queueSilent = false;
      if (event.kind !== "failed") return;
      failedInARow += 1;
      const own = ownError(event.error);
      // What the cycle before found is the truth of that one; but a nonce is unclear until a cycle finds it clear.
      const unclear = { cause: "nonce", detail: own?.message ?? "" } as const;
      const nonce = own?.code === "NONCE_UNCLEAR" ? [unclear] : obstacles?.filter(({ cause }) => cause === "nonce");
      obstacles = nonce === undefined || nonce.length === 0 ? null : nonce;
      lastError = event.error instanceof Error ? event.error.message : String(event.error);
    },
    /** Takes a finished cycle, with every market as it is after it. */
    cycleDone(report: CycleReport, after: readonly ListedMarket[]): void {
      [lastError, failedInARow, markets, batch] = [null, 0, after, report.batch];
      headAge = report.now - report.blockTime;
      obstacles = report.obstacles ?? null;
      const failed = new Set(report.failures.map(({ market }) => market));
      unassessed = configured.filter((name) => failed.has(name) && !after.some(({ market }) => market === name));
      const unsent = batch?.status === "NOT_SENT" || batch?.status === "REFUSED";
      unsentSince = unsent ? (unsentSince ?? report.now) : null;
    },
    /** At `now`, Unix seconds of the keeper's clock. */
    facts: (now: number): LoopFacts => ({
      headAge,
      obstacles,
      lastError,
      failedInARow,
      queueSilent,
      held: batch?.heldByGate ?? [],
      unsent: unsentSince === null ? null : { seconds: now - unsentSince, reason: batch?.detail ?? "" },
      markets: [
        ...markets.map((one) => marketFacts(one, now)),
        ...unassessed.map((market) => ({ market, listed: false, stale: true, ageSeconds: null, dataState: null })),
      ],
    }),
  };
}

function marketFacts({ market, onChain, dataState }: MarketStatus, now: number): Condition["markets"][number] {
  if (onChain === null) return { market, listed: false, stale: true, ageSeconds: null, dataState };
  const ageSeconds = now - onChain.agesFrom;
  return { market, listed: true, stale: ageSeconds > onChain.ttlSeconds, ageSeconds, dataState };
}
