import { healthRoutes, metricsRoute } from "../dashboard/healthRoutes.ts";
import type { HealthAnswer } from "../dashboard/operations.ts";
import { ownError } from "../domain/errors.ts";
import type { NodeStatus } from "../io/quorum/nodeGroup.ts";
import { startServer } from "../io/server.ts";
import type { KeeperIdentity } from "../keeper.ts";
import type { Clean } from "../runtime/clean.ts";
import { wallClock } from "../runtime/clock.ts";
import type { Config } from "../runtime/config.ts";
import { createMetrics } from "../runtime/metrics.ts";
import { createProgress, progressLimits } from "../runtime/progress.ts";
import type { ScheduleEvent } from "../runtime/schedule.ts";
import { ableTo, type Challenged, type ChallengeLook } from "./challenging.ts";
import { countEvent, gaugeNodes, startMetrics } from "./gauges.ts";
import { countRequests, deadmanPing } from "./watchers.ts";

type Settings = Pick<Config, "tickSeconds" | "schedule" | "clock" | "statusHost" | "statusPort" | "deadmanUrl"> & {
  /** Applied to every answer. */
  readonly clean: Clean;
  nodes(): readonly NodeStatus[];
  onNote(text: string): void;
};

/** What tells others how the watcher is. */
export type ChallengeWatch = {
  /** Where `/live`, `/ready` and `/metrics` are. */
  readonly url: string;
  onEvent(event: ScheduleEvent): void;
  looked(look: ChallengeLook): void;
  /** Resolves, with the reason, when there was no progress for a tick longer than the limit. */
  readonly dead: Promise<string>;
  close(): Promise<void>;
};

/** Outcomes of a transaction, or of one that was tried; the others are of looks that tried none. */
const TRIED: readonly Challenged["outcome"][] = ["SET", "WAITS", "REFUSED", "UNSENT"];

/** Watches the watcher, and serves what it finds. `monotonic` is a clock that never jumps, milliseconds. @throws TonsorError BAD_ARGUMENT for a port in use */
export async function watchChallenges(
  about: Pick<KeeperIdentity, "chainId" | "contract">,
  config: Settings,
  monotonic: () => number,
): Promise<ChallengeWatch> {
  const limits = progressLimits(config);
  const metrics = createMetrics("watcher");
  startMetrics(metrics, about, { tickSeconds: config.tickSeconds, liveLimitMs: limits.tickLimitMs });
  const progress = createProgress(limits, monotonic());
  const pinged = (ok: boolean) =>
    metrics.add("tonsor_notifications_total", { to: "deadman", result: ok ? "ok" : "failed" });
  const pingDeadman = deadmanPing(config.deadmanUrl, monotonic, pinged);
  let able: HealthAnswer = { ok: false, reason: "waiting for the first look" };
  let tickBegan = monotonic();
  const live = () => progress.live(monotonic());
  const ready = () => (live().ok ? able : live());
  const text = async () => {
    metrics.set("tonsor_live", Number(live().ok));
    metrics.set("tonsor_ready", Number(ready().ok));
    metrics.set("tonsor_challenge_possible", Number(ready().ok));
    gaugeNodes(metrics, config.nodes());
    return { type: metrics.contentType, body: await metrics.text() };
  };
  const server = await startServer({
    ...{ host: config.statusHost, port: config.statusPort, portField: "STATUS_PORT", clean: config.clean },
    routes: [...healthRoutes("Whether it could close what the chain proves", { live, ready }), metricsRoute(text)],
    told: { title: "Tonsor watcher" },
    onFailed: () => config.onNote("an answer could not be made"),
  });
  const stopCounting = countRequests(metrics);
  const dead = Promise.withResolvers<string>();
  // Beside the looks, which may hang.
  const tickMs = config.tickSeconds * 1_000;
  const check = () => {
    if (progress.overMs(monotonic()) > tickMs) dead.resolve(live().reason);
  };
  const timer = setInterval(check, Math.max(250, Math.min(tickMs / 2, 10_000)));
  return {
    ...{ url: server.url, dead: dead.promise },
    onEvent(event) {
      if (event.kind === "tick") tickBegan = monotonic();
      countEvent(metrics, event);
      if (event.kind !== "failed") return;
      able = { ok: false, reason: `the last look failed: ${ownError(event.error)?.message ?? String(event.error)}` };
      metrics.clear("tonsor_proven_open");
    },
    looked(look) {
      able = ableTo(look, config.clock);
      progress.done(monotonic(), BigInt(look.blockNumber), tickBegan);
      metrics.set("tonsor_last_tick_timestamp_seconds", wallClock());
      metrics.set("tonsor_head_block", look.blockNumber);
      metrics.set("tonsor_head_age_seconds", config.clock === "chain" ? 0 : look.headAgeSeconds);
      metrics.set("tonsor_signer_balance_eth", look.balanceEth);
      metrics.set("tonsor_challenges_affordable", look.affordable);
      metrics.clear("tonsor_proven_open");
      for (const { market, proof, outcome } of look.challenged) {
        if (TRIED.includes(outcome)) metrics.add("tonsor_challenges_total", { market, proof, outcome });
        if (outcome !== "SET" && outcome !== "CLOSED") metrics.set("tonsor_proven_open", 1, { market, proof });
      }
      if (able.ok) pingDeadman();
    },
    async close() {
      clearInterval(timer);
      stopCounting();
      await server.close();
    },
  };
}
