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
import type { ScheduleEvent } from "../runtime/schedule.ts";
import { ableTo, type Challenged, type ChallengeLook } from "./challenging.ts";
import { gaugeNodes } from "./gauges.ts";
import { watchTicks } from "./watchers.ts";

type Settings = Pick<Config, "tickSeconds" | "schedule" | "clock" | "statusHost" | "statusPort" | "deadmanUrl"> & {
  /** Applied to every answer. */
  readonly clean: Clean;
  nodes(): readonly NodeStatus[];
  onNote(text: string): void;
};

/** Outcomes of a transaction, or of one that was tried; the others are of looks that tried none. */
const TRIED: readonly Challenged["outcome"][] = ["SET", "WAITS", "REFUSED", "UNSENT"];

/** What tells others how the watcher is. */
export type ChallengeWatch = Awaited<ReturnType<typeof watchChallenges>>;

/** Watches the watcher, and serves what it finds. `monotonic` is a clock that never jumps, milliseconds. @throws TonsorError BAD_ARGUMENT for a port in use */
export async function watchChallenges(
  about: Pick<KeeperIdentity, "chainId" | "contract">,
  config: Settings,
  monotonic: () => number,
) {
  const metrics = createMetrics("watcher");
  const ticks = watchTicks(metrics, about, config, monotonic);
  const { live } = ticks;
  let able: HealthAnswer = { ok: false, reason: "waiting for the first look" };
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
  }).catch((error: unknown) => {
    ticks.close();
    throw error;
  });
  return {
    /** Where `/live`, `/ready` and `/metrics` are. */
    url: server.url,
    dead: ticks.dead,
    onEvent(event: ScheduleEvent) {
      ticks.onEvent(event);
      if (event.kind !== "failed") return;
      able = { ok: false, reason: `the last look failed: ${ownError(event.error)?.message ?? String(event.error)}` };
      metrics.clear("tonsor_proven_open");
    },
    looked(look: ChallengeLook) {
      able = ableTo(look, config.clock);
      ticks.done(BigInt(look.blockNumber));
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
      if (able.ok) ticks.pingDeadman();
    },
    async close() {
      ticks.close();
      await server.close();
    },
  };
}
