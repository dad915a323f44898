import type { MarketStatus, Operations, OperationsStatus } from "../dashboard/status.ts";
import { HOUR_SECONDS } from "../domain/calendar.ts";
import type { CycleReport } from "../domain/cycle.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Keeper } from "../keeper.ts";
import { MODEL_VERSION } from "../pipeline.ts";
import { wallClock } from "../runtime/clock.ts";
import type { Config } from "../runtime/config.ts";
import type { Logger } from "../runtime/logger.ts";
import { createMetrics } from "../runtime/metrics.ts";
import { createNotifier, ping, postJson } from "../runtime/notifier.ts";
import { createProgress, LIVE_TICKS } from "../runtime/progress.ts";
import type { ScheduleEvent } from "../runtime/schedule.ts";
import { watchCosigning } from "./cosignWatch.ts";
import { countCycle, gaugeMarkets, gaugeNodes, gaugeSwitches, isUp } from "./gauges.ts";
import { type Condition, conditionAlerts, readyChecks } from "./readiness.ts";
import { type SignerState, signerState } from "./signerState.ts";
import { VERSION } from "./version.ts";

/** How often an alert that lasts is told again, seconds. */
const REPEAT_SECONDS = 4 * HOUR_SECONDS;
/** Signer and dead man's switch are looked at no more often than this, milliseconds. */
const MINUTE_MS = 60_000;

/** Everything around the loop that tells others how it is. */
export type Watch = {
  readonly operations: Operations;
  /** Takes the schedule's events. */
  onEvent(event: ScheduleEvent): void;
  /** Takes a cycle that came to its end, and the markets as they stand after it. */
  cycleDone(report: CycleReport, markets: readonly MarketStatus[]): void;
  /** Resolves, with the reason, when there was no progress for a tick longer than the limit: the process should end with 75. */
  readonly dead: Promise<string>;
  close(): void;
};

type Settings = Pick<Config, "tickSeconds" | "schedule" | "clock" | "rpcQuorum" | "alertWebhookUrl" | "deadmanUrl">;

/** Watches a keeper's loop. `monotonic` is a clock that never jumps, milliseconds. */
export function watchKeeper(keeper: Keeper, config: Settings, log: Logger, monotonic: () => number): Watch {
  const tickMs = config.tickSeconds * 1_000;
  // A tick that is slow but within its limits is progress to come: the live limit is never shorter than a tick may last.
  const tickLimitMs = Math.max(LIVE_TICKS * tickMs, config.schedule.hardTimeoutSeconds * 1_000);
  const headLimitMs = Math.max(LIVE_TICKS * tickMs, config.schedule.headStallSeconds * 1_000);
  // A development chain that is itself the clock may stand still for as long as its owner likes.
  const limits = { tickLimitMs, headLimitMs: config.clock === "chain" ? null : headLimitMs };
  const progress = createProgress(limits, monotonic());
  const metrics = createMetrics();
  const about = `chain ${keeper.chainId}, ${keeper.contract}`;
  const told = (to: string) => (ok: boolean) => {
    metrics.add("tonsor_notifications_total", { to, result: ok ? "ok" : "failed" });
    return ok;
  };
  const webhook = config.alertWebhookUrl;
  const notifier = createNotifier({
    post: async (note) => (webhook === null ? true : told("webhook")(await postJson(webhook, note))),
    now: wallClock,
    repeatSeconds: REPEAT_SECONDS,
    keeper: about,
  });
  let head: { readonly age: number } | null = null;
  let lastError: string | null = null;
  let failedInARow = 0;
  let queueSilent = false;
  let batch: CycleReport["batch"] = null;
  /** Markets that were not assessed in the last cycle and never before. */
  let unseen: readonly string[] = [];
  let unsentSince: number | null = null;
  let markets: readonly MarketStatus[] = [];
  let signer: SignerState | null = null;
  const cosign = keeper.cosigning === null ? null : watchCosigning(keeper.cosigning, metrics);
  let tickBegan = monotonic();
  let [signerLooked, pinged] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];

  const condition = (): Condition => {
    const now = keeper.now();
    const nodes = keeper.nodes();
    const open = keeper.store.openIntents();
    return {
      live: progress.live(monotonic()),
      headAge: head?.age ?? null,
      lastError,
      failedInARow,
      markets: [
        ...markets.map(({ market, onChain, dataState }) => ({
          market,
          listed: onChain !== null,
          stale: onChain === null || now - onChain.asOf > onChain.ttlSeconds,
          ageSeconds: onChain === null ? null : now - onChain.asOf,
          halted: dataState === "HALTED",
        })),
        ...unseen.map((market) => ({ market, listed: false, stale: true, ageSeconds: null, halted: false })),
      ],
      signer: keeper.signer,
      allowed: signer?.allowed ?? null,
      roles: signer?.roles ?? "",
      balanceEth: signer?.balanceEth ?? null,
      nodes: { up: nodes.filter(isUp).length, all: nodes.length, quorum: nodes.length === 0 ? 0 : config.rpcQuorum },
      switches: keeper.guard?.all(now) ?? [],
      held: batch?.heldByGate ?? [],
      unsent: unsentSince === null ? null : { seconds: now - unsentSince, reason: batch?.detail ?? "" },
      queueSilent,
      oldestTransactionAge: open[0] === undefined ? null : Math.max(0, now - open[0].plannedAt),
      cosign: cosign?.condition() ?? null,
    };
  };
  const ready = (c: Condition) => {
    const failing = readyChecks(c).filter(({ ok }) => !ok);
    const reason =
      failing.length === 0 ? "every check holds" : failing.map(({ name, found }) => `${name}: ${found}`).join("; ");
    return { ok: failing.length === 0, reason };
  };
  const lookAtSigner = (): void => {
    if (keeper.signer === null || monotonic() - signerLooked < MINUTE_MS) return;
    signerLooked = monotonic();
    signerState(keeper, keeper.signer).then(
      (state) => {
        signer = state;
      },
      // Told by the tick that fails for the same reason; asked again with the next one.
      () => {
        signerLooked = Number.NEGATIVE_INFINITY;
      },
    );
  };
  const pingDeadman = (): void => {
    if (config.deadmanUrl === null || monotonic() - pinged < MINUTE_MS) return;
    pinged = monotonic();
    void ping(config.deadmanUrl).then(told("deadman"));
  };

  metrics.set("tonsor_build_info", 1, {
    version: VERSION,
    model_version: String(MODEL_VERSION),
    chain_id: String(keeper.chainId),
    contract: keeper.contract,
  });
  metrics.set("tonsor_tick_period_seconds", config.tickSeconds);
  metrics.set("tonsor_live_limit_seconds", tickLimitMs / 1_000);
  metrics.set("tonsor_last_tick_timestamp_seconds", 0);
  metrics.add("tonsor_reverts_total", {}, 0);
  const reverted = (): readonly number[] =>
    keeper.store.recentIntents(50).flatMap(({ id, status }) => (status === "REVERTED" ? [id] : []));
  const counted = new Set(reverted());
  let switchesSet: ReadonlySet<string> = new Set();
  const noteSwitches = ({ switches }: Condition): void => {
    for (const { name, reason } of switches) {
      if (switchesSet.has(name)) continue;
      metrics.add("tonsor_kill_switch_changes_total", { name });
      const stops = name === "onChain" ? "nothing loosens" : "nothing is sent";
      log.warn({ killSwitch: name, reason }, `a kill switch is set: ${stops}`);
    }
    const now = new Set(switches.map(({ name }) => name));
    for (const name of switchesSet) if (!now.has(name)) log.info({ killSwitch: name }, "a kill switch was taken back");
    switchesSet = now;
  };
  for (const outcome of ["done", "failed", "slow"]) metrics.add("tonsor_ticks_total", { outcome }, 0);

  let giveUp: (reason: string) => void = () => {};
  const dead = new Promise<string>((resolve) => {
    giveUp = resolve;
  });
  // Beside the loop, which may hang: looks whether it gets on, and tells what lasts.
  const timer = setInterval(
    () => {
      const now = condition();
      noteSwitches(now);
      void cosign?.look(monotonic());
      void notifier.update(conditionAlerts(now));
      if (!now.live.ok && progress.overMs(monotonic()) > tickMs) giveUp(now.live.reason);
    },
    Math.max(250, Math.min(tickMs / 2, 10_000)),
  );

  return {
    dead,
    operations: {
      live: () => progress.live(monotonic()),
      ready: () => ready(condition()),
      status(): OperationsStatus {
        const now = condition();
        return {
          time: keeper.now(),
          version: VERSION,
          live: now.live,
          ready: ready(now),
          checks: readyChecks(now),
          killSwitches: now.switches,
          switchChanges: keeper.store.recentSwitches(20),
          alerts: conditionAlerts(now),
          signer: keeper.signer,
          openTransactions: keeper.store.openIntents().length,
          lastError,
        };
      },
      async metrics() {
        const now = condition();
        metrics.set("tonsor_live", Number(now.live.ok));
        metrics.set("tonsor_ready", Number(ready(now).ok));
        for (const { name, ok } of readyChecks(now)) metrics.set("tonsor_ready_check", Number(ok), { check: name });
        metrics.set("tonsor_signer_balance_eth", now.balanceEth);
        metrics.set("tonsor_open_transactions", keeper.store.openIntents().length);
        metrics.set("tonsor_oldest_transaction_age_seconds", now.oldestTransactionAge ?? 0);
        metrics.set("tonsor_queue_silent", Number(now.queueSilent));
        gaugeSwitches(metrics, now.switches);
        gaugeNodes(metrics, keeper.nodes());
        gaugeMarkets(metrics, markets, keeper.now());
        return { type: metrics.contentType, body: await metrics.text() };
      },
    },
    onEvent(event) {
      if (event.kind === "tick") {
        tickBegan = monotonic();
        metrics.observe("tonsor_tick_late_seconds", Math.max(0, event.lateMs) / 1_000);
        if (event.skipped > 0) metrics.add("tonsor_ticks_skipped_total", {}, event.skipped);
      } else if (event.kind === "done") {
        metrics.add("tonsor_ticks_total", { outcome: "done" });
        metrics.observe("tonsor_tick_duration_seconds", event.tookMs / 1_000);
      } else if (event.kind === "queueSilent") queueSilent = true;
      else if (event.kind === "queueBack") queueSilent = false;
      else if (event.kind === "softTimeout") metrics.add("tonsor_ticks_total", { outcome: "slow" });
      else if (event.kind === "failed") {
        failedInARow += 1;
        lastError = event.error instanceof Error ? event.error.message : String(event.error);
        metrics.add("tonsor_ticks_total", { outcome: "failed" });
        const code = event.error instanceof TonsorError ? event.error.code : "UNEXPECTED";
        metrics.add("tonsor_tick_errors_total", { code });
      }
    },
    cycleDone(report, after) {
      progress.done(monotonic(), report.blockNumber, tickBegan);
      [lastError, failedInARow, markets] = [null, 0, after];
      head = { age: report.now - report.blockTime };
      metrics.set("tonsor_last_tick_timestamp_seconds", wallClock());
      if (report.decisionMs !== undefined) metrics.observe("tonsor_decision_seconds", report.decisionMs / 1_000);
      metrics.set("tonsor_head_block", Number(report.blockNumber));
      metrics.set("tonsor_head_age_seconds", head.age);
      countCycle(metrics, report);
      batch = report.batch;
      const names = keeper.markets.map(({ name }) => name);
      unseen = names.filter((name) => {
        return report.failures.some((one) => one.market === name) && !after.some(({ market }) => market === name);
      });
      unsentSince = batch?.status === "NOT_SENT" || batch?.status === "REFUSED" ? (unsentSince ?? report.now) : null;
      if (report.batch === null) cosign?.nothingDue();
      for (const id of reverted()) {
        if (!counted.has(id)) metrics.add("tonsor_reverts_total");
        counted.add(id);
      }
      lookAtSigner();
      pingDeadman();
    },
    close: () => clearInterval(timer),
  };
}
