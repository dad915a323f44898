import type { Intent } from "../domain/intent.ts";
import { onRequestDone } from "../io/http.ts";
import type { KeeperIdentity } from "../keeper.ts";
import type { Config } from "../runtime/config.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { ping } from "../runtime/notifier.ts";
import { createProgress, progressLimits } from "../runtime/progress.ts";
import type { ScheduleEvent } from "../runtime/schedule.ts";
import { countEvent, startMetrics } from "./gauges.ts";
import type { Condition } from "./readiness.ts";

/** No more often than this, milliseconds. */
const MINUTE_MS = 60_000;

/**
 * Watches what ticks: its progress, what became of its ticks and requests, and its dead man's switch.
 * @param monotonic a clock that never jumps, milliseconds
 * @param beside done every few seconds beside the ticks, which may hang
 */
export function watchTicks(
  metrics: Metrics,
  about: Pick<KeeperIdentity, "chainId" | "contract">,
  config: Pick<Config, "tickSeconds" | "schedule" | "clock" | "deadmanUrl">,
  monotonic: () => number,
  beside: () => void = () => undefined,
) {
  const limits = progressLimits(config);
  startMetrics(metrics, about, { tickSeconds: config.tickSeconds, liveLimitMs: limits.tickLimitMs });
  const progress = createProgress(limits, monotonic());
  const live = () => progress.live(monotonic());
  let tickBegan = monotonic();
  const dead = Promise.withResolvers<string>();
  const tickMs = config.tickSeconds * 1_000;
  const check = () => {
    beside();
    if (progress.overMs(monotonic()) > tickMs) dead.resolve(live().reason);
  };
  const timer = setInterval(check, Math.max(250, Math.min(tickMs / 2, 10_000)));
  const stopCounting = countRequests(metrics);
  const notified = (to: string) => (ok: boolean) => {
    metrics.add("tonsor_notifications_total", { to, result: ok ? "ok" : "failed" });
    return ok;
  };
  return {
    live,
    notified,
    pingDeadman: deadmanPing(config.deadmanUrl, monotonic, notified("deadman")),
    /** Resolves, with the reason, when there was no progress for a tick longer than the limit: the process should end with 75. */
    dead: dead.promise,
    onEvent(event: ScheduleEvent): void {
      if (event.kind === "tick") tickBegan = monotonic();
      countEvent(metrics, event);
    },
    /** A tick has done what it is for, at this block. */
    done: (block: bigint) => progress.done(monotonic(), block, tickBegan),
    close(): void {
      clearInterval(timer);
      stopCounting();
    },
  };
}

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

/** Counts each transaction that was found in a block since this was called: what it cost, how long it took, whether it was refused. */
export function countMined(metrics: Metrics, recent: () => readonly Intent[]): () => void {
  const isMined = ({ status }: Intent) => status === "CONFIRMED" || status === "REVERTED";
  const counted = new Set(recent().flatMap((one) => (isMined(one) ? [one.id] : [])));
  for (const name of ["tonsor_reverts_total", "tonsor_fees_paid_eth_total"] as const) metrics.add(name, {}, 0);
  return () => {
    const all = recent();
    for (const one of all.filter((one) => isMined(one) && !counted.has(one.id))) {
      counted.add(one.id);
      if (one.status === "REVERTED") metrics.add("tonsor_reverts_total");
      metrics.add("tonsor_fees_paid_eth_total", {}, Number(one.feeWei ?? 0n) / 1e18);
      const rivals = all.filter(({ from, nonce }) => from === one.from && nonce === one.nonce);
      const offered = Math.min(...rivals.map(({ plannedAt }) => plannedAt));
      metrics.observe("tonsor_transaction_inclusion_seconds", Math.max(0, one.updatedAt - offered));
    }
  };
}

/** Counts and times every request over HTTP; returns what ends that. */
function countRequests(metrics: Metrics): () => void {
  return onRequestDone(({ to, host, seconds, code }) => {
    metrics.observe("tonsor_request_duration_seconds", seconds, { to, host });
    metrics.add("tonsor_request_errors_total", { to, host, code: code ?? "UNREACHABLE" }, code === null ? 0 : 1);
  });
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
function deadmanPing(url: string | null, monotonic: () => number, sent: (ok: boolean) => void): () => void {
  let pingedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (url === null || monotonic() - pingedAt < MINUTE_MS) return;
    pingedAt = monotonic();
    void ping(url).then(sent);
  };
}
