import type { CalibrationStatus, ListedMarket } from "../dashboard/status.ts";
import { type CycleReport, OBSTACLE_CAUSES } from "../domain/cycle.ts";
import { DATA_STATES } from "../domain/decision.ts";
import { TonsorError } from "../domain/errors.ts";
import { KILL_SWITCHES } from "../domain/journal.ts";
import type { LenderState } from "../domain/lender.ts";
import type { NodeStatus } from "../io/quorum/nodeGroup.ts";
import { VERSION } from "../io/version.ts";
import type { KeeperIdentity } from "../keeper.ts";
import { MODEL_VERSION } from "../pipeline.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { ScheduleEvent } from "../runtime/schedule.ts";
import { ableToSend, type Condition, readiness, readyChecks } from "./readiness.ts";

const SOURCE_STATES = { ok: 1, degraded: 0.5, down: 0 } as const;

/** Sets what does not change, and starts the counters that alerts compare with 0. */
export function startMetrics(
  metrics: Metrics,
  { chainId, contract }: Pick<KeeperIdentity, "chainId" | "contract">,
  { tickSeconds, liveLimitMs }: { readonly tickSeconds: number; readonly liveLimitMs: number },
): void {
  metrics.set("tonsor_build_info", 1, {
    version: VERSION,
    model_version: String(MODEL_VERSION),
    chain_id: String(chainId),
    contract,
  });
  metrics.set("tonsor_tick_period_seconds", tickSeconds);
  metrics.set("tonsor_live_limit_seconds", liveLimitMs / 1_000);
  metrics.set("tonsor_last_tick_timestamp_seconds", 0);
  for (const outcome of ["done", "failed", "slow"]) metrics.add("tonsor_ticks_total", { outcome }, 0);
}

/** Counts an event of the schedule. */
export function countEvent(metrics: Metrics, event: ScheduleEvent): void {
  if (event.kind === "tick") {
    metrics.observe("tonsor_tick_late_seconds", Math.max(0, event.lateMs) / 1_000);
    if (event.skipped > 0) metrics.add("tonsor_ticks_skipped_total", {}, event.skipped);
  } else if (event.kind === "done") {
    metrics.add("tonsor_ticks_total", { outcome: "done" });
    metrics.observe("tonsor_tick_duration_seconds", event.tookMs / 1_000);
  } else if (event.kind === "softTimeout") metrics.add("tonsor_ticks_total", { outcome: "slow" });
  else if (event.kind === "failed") {
    metrics.add("tonsor_ticks_total", { outcome: "failed" });
    const code = event.error instanceof TonsorError ? event.error.code : "UNEXPECTED";
    metrics.add("tonsor_tick_errors_total", { code });
  }
}

/** Sets the gauges of readiness, switches and transactions. */
export function gaugeCondition(metrics: Metrics, now: Condition, openTransactions: number): void {
  metrics.set("tonsor_live", Number(now.live.ok));
  metrics.set("tonsor_ready", Number(readiness(now).ok));
  for (const { name, ok } of readyChecks(now)) metrics.set("tonsor_ready_check", Number(ok), { check: name });
  metrics.set("tonsor_signer_balance_eth", now.balanceEth);
  metrics.set("tonsor_open_transactions", openTransactions);
  metrics.set("tonsor_oldest_transaction_age_seconds", now.oldestTransactionAge ?? 0);
  metrics.set("tonsor_tightening_possible", now.obstacles === null ? null : Number(ableToSend(now)));
  for (const cause of OBSTACLE_CAUSES) {
    const stands = now.obstacles?.some((one) => one.cause === cause) ?? null;
    metrics.set("tonsor_tightening_obstacle", stands === null ? null : Number(stands), { cause });
  }
  metrics.set("tonsor_evidence_missing", now.evidenceMissing);
  metrics.set("tonsor_evidence_not_mirrored", now.mirror?.behind ?? 0);
  metrics.set("tonsor_queue_silent", Number(now.queueSilent));
  gaugeSwitches(metrics, now.switches);
}

/** Counts what one cycle, finished at `finishedAt` (Unix seconds), decided, sent and met. */
export function countCycle(metrics: Metrics, report: CycleReport, finishedAt: number): void {
  metrics.set("tonsor_last_tick_timestamp_seconds", finishedAt);
  if (report.decisionMs !== undefined) metrics.observe("tonsor_decision_duration_seconds", report.decisionMs / 1_000);
  metrics.set("tonsor_head_block", Number(report.blockNumber));
  metrics.set("tonsor_head_age_seconds", report.now - report.blockTime);
  for (const { assessment } of report.entries) {
    metrics.add("tonsor_decisions_total", { market: assessment.market, action: assessment.decision.action });
    for (const { source, code } of [...assessment.readings.faults, ...assessment.risk.faults]) {
      metrics.add("tonsor_faults_total", { source, code });
    }
  }
  gaugeLenders(metrics, report.lenders ?? [], report.now);
  for (const { lender, fault } of report.books ?? []) {
    metrics.set("tonsor_lender_book_read", Number(fault === null), { lender });
  }
  if (report.batch === null) return;
  metrics.add("tonsor_batches_total", { status: report.batch.status });
  for (const { market } of report.batch.heldByGate ?? []) metrics.add("tonsor_impact_held_total", { market });
}

/** Sets the gauges of every market after a cycle at `now`; a market that is gone is removed. */
export function gaugeMarkets(metrics: Metrics, markets: readonly ListedMarket[], now: number): void {
  for (const name of ["tonsor_source_up", "tonsor_liquidatable_usd"] as const) metrics.clear(name);
  metrics.clear("tonsor_source_age_seconds");
  for (const one of markets) {
    const { market, onChain, target } = one;
    metrics.set("tonsor_price_usd", one.priceUsd, { market });
    metrics.set("tonsor_volatility_ratio", one.volatility.used, { market });
    metrics.set("tonsor_depth_usd", one.depthUsd, { market });
    metrics.set("tonsor_confidence_ratio", one.confidence, { market });
    for (const state of Object.keys(DATA_STATES)) {
      metrics.set("tonsor_data_state", Number(one.dataState === state), { market, state });
    }
    for (const [of, haircuts] of [
      ["target", target],
      ["chain", onChain],
    ] as const) {
      metrics.set("tonsor_initial_haircut_ratio", haircuts && haircuts.initialBps / 10_000, { market, of });
      metrics.set("tonsor_maintenance_haircut_ratio", haircuts && haircuts.maintenanceBps / 10_000, { market, of });
    }
    gaugeLimits(metrics, one, now);
    metrics.set("tonsor_value_age_seconds", onChain === null ? null : now - onChain.agesFrom, { market });
    metrics.set("tonsor_value_ttl_seconds", onChain?.ttlSeconds ?? null, { market });
    metrics.set("tonsor_market_open", onChain === null ? null : Number(onChain.mode === "NORMAL"), { market });
    gaugePositions(metrics, one);
    for (const { source, state, ageSeconds } of one.sources) {
      metrics.set("tonsor_source_up", SOURCE_STATES[state], { market, source });
      metrics.set("tonsor_source_age_seconds", ageSeconds, { market, source });
    }
  }
}

/** Sets the exposure limit, when the chain meets the model, and whether it may: what governance asks of a market. */
function gaugeLimits(metrics: Metrics, { market, onChain, exposureLimit, arrivals }: ListedMarket, now: number): void {
  metrics.set("tonsor_exposure_limit_tokens", exposureLimit.targetTokens, { market, of: "target" });
  metrics.set("tonsor_exposure_limit_tokens", onChain?.exposureLimitTokens ?? null, { market, of: "chain" });
  metrics.set("tonsor_tighten_only", onChain === null ? null : Number(onChain.tightenOnly), { market });
  const ways = { initial: arrivals?.initial, maintenance: arrivals?.maintenance, limit: arrivals?.exposureLimit };
  for (const [of, way] of Object.entries(ways)) {
    const left = way === undefined || way.at === null ? null : Math.max(0, way.at - now);
    metrics.set("tonsor_target_met_in_seconds", way?.isAtRest === true ? 0 : left, { market, of });
  }
}

/** Falls of a price at which what falls due is a metric; the first three of a book. */
const GAUGED_FALLS = 3;

/** Sets what would fall due of a market, and how much of its limit is used. Of what is not known there is no line. */
function gaugePositions(metrics: Metrics, { market, onChain, positions }: ListedMarket): void {
  const { book, collateralTokens } = positions;
  const most = onChain?.exposureLimitTokens ?? 0;
  const used = collateralTokens === null || most === 0 ? null : collateralTokens / most;
  metrics.set("tonsor_collateral_held_tokens", collateralTokens, { market });
  metrics.set("tonsor_limit_used_ratio", used, { market });
  metrics.set("tonsor_largest_borrower_usd", book?.largestBorrowerUsd ?? null, { market });
  for (const { fall, collateralUsd } of book?.due.slice(0, GAUGED_FALLS) ?? []) {
    metrics.set("tonsor_liquidatable_usd", collateralUsd, { market, fall: String(fall) });
  }
}

/** Sets the gauges of the lenders after a cycle at `now`. */
function gaugeLenders(metrics: Metrics, states: readonly LenderState[], now: number): void {
  for (const { lender, market, since } of states) {
    metrics.set("tonsor_lender_differs_seconds", since === null ? 0 : now - since, { lender, market });
  }
}

/** Sets the gauges of live calibration. */
export function gaugeCalibration(metrics: Metrics, rows: readonly CalibrationStatus[]): void {
  for (const { market, haircut, windows, exceeded, promised, evidence } of rows) {
    metrics.set("tonsor_calibration_windows", windows, { market, haircut });
    metrics.set("tonsor_calibration_exceeded", exceeded, { market, haircut });
    metrics.set("tonsor_calibration_promised_ratio", promised, { market, haircut });
    metrics.set("tonsor_calibration_evidence_ratio", evidence, { market, haircut });
  }
}

/** Sets one line for every kill switch there is, so that an alert sees both states. */
function gaugeSwitches(metrics: Metrics, set: readonly { readonly name: string }[]): void {
  for (const name of Object.keys(KILL_SWITCHES)) {
    metrics.set("tonsor_kill_switch", Number(set.some((one) => one.name === name)), { name });
  }
}

/** Sets one line for each node of the RPC quorum; none with a single node. */
export function gaugeNodes(metrics: Metrics, nodes: readonly NodeStatus[]): void {
  for (const node of nodes) metrics.set("tonsor_node_up", Number(isUp(node)), { node: node.name });
}

/** Whether a node answered when last asked and its answers count. */
export function isUp({ quarantine, silent }: NodeStatus): boolean {
  return quarantine === null && silent === 0;
}
