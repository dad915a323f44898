import { hostname } from "node:os";
import { join } from "node:path";
import type { Operations, OperationsStatus } from "../dashboard/operations.ts";
import type { CalibrationStatus, ListedMarket } from "../dashboard/status.ts";
import { HOUR_SECONDS } from "../domain/calendar.ts";
import type { CycleReport } from "../domain/cycle.ts";
import { VERSION } from "../io/version.ts";
import { jsonFile } from "../journal/files.ts";
import type { KeeperChain, KeeperHealth, KeeperIdentity, KeeperRecords } from "../keeper.ts";
import type { Clean } from "../runtime/clean.ts";
import { wallClock } from "../runtime/clock.ts";
import type { Config } from "../runtime/config.ts";
import type { Logger } from "../runtime/logger.ts";
import { createMetrics, type Metrics } from "../runtime/metrics.ts";
import { createNotifier, postJson } from "../runtime/notifier.ts";
import type { ScheduleEvent } from "../runtime/schedule.ts";
import { conditionOf } from "./condition.ts";
import { watchCosigning } from "./cosignWatch.ts";
import { evidenceMirror } from "./evidenceMirror.ts";
import { evidenceMissing } from "./evidenceState.ts";
import { countCycle, gaugeCalibration, gaugeCondition, gaugeMarkets, gaugeNodes } from "./gauges.ts";
import { createLoopState } from "./loopState.ts";
import { rampWebhook } from "./rampWebhook.ts";
import {
  ableToSend,
  type Condition,
  conditionAlerts,
  headline,
  publicHeadline,
  readiness,
  readyChecks,
} from "./readiness.ts";
import { signerState } from "./signerState.ts";
import { countMined, watchState, watchSwitches, watchTicks } from "./watchers.ts";

/** How often an alert that lasts is reported again, seconds. */
const REPEAT_SECONDS = 4 * HOUR_SECONDS;
/** From the first cycle until every alert has been judged, that of something unsent last (LONGEST_UNSENT), milliseconds. */
const SETTLED_MS = 16 * 60_000;

/** What of a keeper is watched. */
type Watched = KeeperIdentity & KeeperHealth & KeeperRecords & Pick<KeeperChain, "client" | "notice">;

type Settings = Pick<
  Config,
  | "tickSeconds"
  | "schedule"
  | "clock"
  | "rpcQuorum"
  | "state"
  | "statusHost"
  | "statusPort"
  | "alertWebhookUrl"
  | "rampWebhookUrl"
  | "deadmanUrl"
  | "mirror"
> & {
  /** Applied to every alert that is posted or kept. */
  readonly clean: Clean;
};

/** Everything around the loop that tells others how it is. */
export type Watch = ReturnType<typeof watchKeeper>;

/** Watches a keeper's loop. `monotonic` is a clock that never jumps, milliseconds. */
export function watchKeeper(keeper: Watched, config: Settings, log: Logger, monotonic: () => number) {
  const metrics = createMetrics();
  const ticks = watchTicks(metrics, keeper, config, monotonic, () => check());
  const parts = wire(keeper, config, { metrics, notified: ticks.notified }, log, monotonic);
  const { loop, cosign, signer } = parts;
  const { store } = keeper;
  const condition = (): Condition =>
    conditionOf(keeper, {
      ...loop.facts(keeper.now()),
      live: ticks.live(),
      signerState: signer.state(),
      evidenceMissing: parts.evidence.state() ?? 0,
      mirror: parts.mirror?.state() ?? null,
      cosign: cosign?.condition() ?? null,
      rpcQuorum: config.rpcQuorum,
    });
  let firstCycle: number | null = null;
  const isSettled = () => firstCycle !== null && monotonic() - firstCycle >= SETTLED_MS;

  /** Reports what lasts. */
  const check = (): void => {
    const now = condition();
    parts.noteSwitches(now.switches);
    void cosign?.askPeers(monotonic());
    void parts.notifier?.update(conditionAlerts(now), isSettled());
  };
  const operations: Operations = {
    live: ticks.live,
    ready: () => readiness(condition()),
    headline: () => headline(condition()),
    publicHeadline: () => publicHeadline(condition()),
    status: () => statusOf(condition(), keeper),
    async metrics() {
      gaugeCondition(metrics, condition(), store.openIntents().length);
      gaugeNodes(metrics, keeper.nodes());
      gaugeMarkets(metrics, loop.markets(), keeper.now());
      return { type: metrics.contentType, body: await metrics.text() };
    },
  };
  return {
    operations,
    dead: ticks.dead,
    onEvent(event: ScheduleEvent): void {
      loop.onEvent(event);
      ticks.onEvent(event);
    },
    /** Takes a finished cycle, with every market as it is after it. */
    cycleDone(report: CycleReport, after: readonly ListedMarket[]): void {
      firstCycle ??= monotonic();
      ticks.done(report.blockNumber);
      loop.cycleDone(report, after);
      countCycle(metrics, report, wallClock());
      if (report.batch === null) cosign?.nothingDue();
      parts.noteMined();
      signer.refresh();
      parts.evidence.refresh();
      void parts.mirror?.refresh();
      void parts.tellRamps?.(keeper.notice.chain());
      // A keeper that ticks and could send nothing is as good as dead.
      if (ableToSend(condition())) ticks.pingDeadman();
    },
    /** Takes how every promise was kept. */
    calibrated: (rows: readonly CalibrationStatus[]) => gaugeCalibration(metrics, rows),
    close(): void {
      ticks.close();
      parts.notifier?.close();
    },
  };
}

type Counts = { readonly metrics: Metrics; readonly notified: ReturnType<typeof watchTicks>["notified"] };

/** The parts of a watch, each wired once. */
function wire(keeper: Watched, config: Settings, { metrics, notified }: Counts, log: Logger, monotonic: () => number) {
  const webhook = config.alertWebhookUrl;
  const { rampWebhookUrl, state } = config;
  const postRamp = async (told: unknown) => notified("ramps")(await postJson(rampWebhookUrl ?? "", told, config.clean));
  const postAlert = async (url: string, message: unknown) =>
    notified("webhook")(await postJson(url, message, config.clean));
  const address = keeper.signer;
  return {
    loop: createLoopState(keeper.markets.map(({ name }) => name)),
    notifier: webhook === null ? null : alertNotifier(keeper, config, (message) => postAlert(webhook, message)),
    cosign: keeper.cosigning === null ? null : watchCosigning(keeper.cosigning, metrics),
    signer: watchState(address === null ? null : () => signerState(keeper, address), monotonic),
    evidence: watchState(() => evidenceMissing(keeper), monotonic),
    mirror: config.mirror === null ? null : evidenceMirror(config.mirror, keeper, monotonic),
    tellRamps: rampWebhookUrl === null ? null : rampWebhook(join(state, "ramps.json"), postRamp, monotonic),
    noteSwitches: watchSwitches(metrics, log),
    noteMined: countMined(metrics, () => keeper.store.recentIntents(50)),
  };
}

/** Tells of alerts by `post`, under the labels of this keeper, and keeps what was told in its state folder. */
function alertNotifier(
  { chainId, contract, signer }: Watched,
  { statusHost, statusPort, state, clean }: Settings,
  post: (message: unknown) => Promise<boolean>,
) {
  const file = jsonFile(join(state, "alerts.json"));
  const host = ["0.0.0.0", "::"].includes(statusHost) ? hostname() : statusHost;
  return createNotifier({
    ...{ post, now: wallClock, repeatSeconds: REPEAT_SECONDS },
    whose: { chain_id: String(chainId), contract, ...(signer === null ? {} : { signer }) },
    page: `http://${host.includes(":") ? `[${host}]` : host}:${statusPort}/`,
    memory: { recall: file.recall, keep: (told) => file.keep(JSON.parse(clean(JSON.stringify(told)))) },
  });
}

function statusOf(condition: Condition, keeper: Watched): OperationsStatus {
  return {
    time: keeper.now(),
    version: VERSION,
    live: condition.live,
    ready: readiness(condition),
    checks: readyChecks(condition),
    killSwitches: condition.switches,
    switchChanges: keeper.store.recentSwitches(20),
    alerts: conditionAlerts(condition).map((one) => ({ ...one, about: Object.values(one.about).join(" ") })),
    signer: keeper.signer,
    openTransactions: keeper.store.openIntents().length,
    lastError: condition.lastError,
  };
}
