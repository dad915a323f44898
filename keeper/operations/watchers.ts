import type { Intent } from "../domain/intent.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { ping } from "../runtime/notifier.ts";
import type { Condition } from "./readiness.ts";

/** No more often than this, milliseconds. */
const MINUTE_MS = 60_000;

/** Counts and logs each kill switch that is set or cleared. */
export function watchSwitches(metrics: Metrics, log: Logger): (set: Condition["switches"]) => void {
  let before: ReadonlySet<string> = new Set();
  return (switches) => {
    for (const { name, reason } of switches) {
      if (before.has(name)) continue;
      metrics.add("tonsor_kill_switch_changes_total", { name });
      const stops = name === "onChain" ? "nothing loosens" : "nothing is sent";
      log.warn({ killSwitch: name, reason }, `a kill switch is set: ${stops}`);
    }
    const now = new Set<string>(switches.map(({ name }) => name));
    for (const name of before) if (!now.has(name)) log.info({ killSwitch: name }, "a kill switch was cleared");
    before = now;
  };
}

/** Counts each transaction that was reverted since this was called. */
export function countReverts(metrics: Metrics, recent: () => readonly Intent[]): () => void {
  const reverted = () => recent().flatMap(({ id, status }) => (status === "REVERTED" ? [id] : []));
  const counted = new Set(reverted());
  metrics.add("tonsor_reverts_total", {}, 0);
  return () => {
    for (const id of reverted()) {
      if (!counted.has(id)) metrics.add("tonsor_reverts_total");
      counted.add(id);
    }
  };
}

/** Reads a state at most once a minute, as long as that succeeds; the cycle reports why it does not. */
export function watchState<State>(read: (() => Promise<State>) | null, monotonic: () => number) {
  let state: State | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    state: () => state,
    refresh(): void {
      if (read === null || monotonic() - readAt < MINUTE_MS) return;
      readAt = monotonic();
      read().then(
        (answer) => {
          state = answer;
        },
        () => {
          readAt = Number.NEGATIVE_INFINITY;
        },
      );
    },
  };
}

/** Pings the dead man's switch at most once a minute. */
export function deadmanPing(url: string | null, monotonic: () => number, sent: (ok: boolean) => void): () => void {
  let pingedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (url === null || monotonic() - pingedAt < MINUTE_MS) return;
    pingedAt = monotonic();
    void ping(url).then(sent);
  };
}
