import type { MarketStatus } from "../dashboard/status.ts";
import type { CycleReport } from "../domain/cycle.ts";
import { DATA_STATES } from "../domain/dataState.ts";
import { KILL_SWITCHES } from "../domain/killSwitch.ts";
import type { NodeStatus } from "../io/quorum/nodeGroup.ts";
import type { Metrics } from "../runtime/metrics.ts";

const SOURCE_STATES = { ok: 1, degraded: 0.5, down: 0 } as const;

/** Counts what one cycle decided, sent and met. */
export function countCycle(metrics: Metrics, report: CycleReport): void {
  for (const { assessment } of report.entries) {
    metrics.add("tonsor_decisions_total", { market: assessment.market, action: assessment.decision.action });
    for (const { source, code } of [...assessment.readings.faults, ...assessment.risk.faults]) {
      metrics.add("tonsor_faults_total", { source, code });
    }
  }
  if (report.batch === null) return;
  metrics.add("tonsor_batches_total", { status: report.batch.status });
  for (const { market } of report.batch.heldByGate ?? []) metrics.add("tonsor_impact_held_total", { market });
}

/** Sets the gauges of every market as it stands after a cycle at `now`; a market that is gone is forgotten. */
export function gaugeMarkets(metrics: Metrics, markets: readonly MarketStatus[], now: number): void {
  metrics.clear("tonsor_source_up");
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
    metrics.set("tonsor_haircut_bps", target.initialBps, { market, side: "initial", of: "target" });
    metrics.set("tonsor_haircut_bps", target.maintenanceBps, { market, side: "maintenance", of: "target" });
    metrics.set("tonsor_haircut_bps", onChain?.initialBps ?? null, { market, side: "initial", of: "chain" });
    metrics.set("tonsor_haircut_bps", onChain?.maintenanceBps ?? null, { market, side: "maintenance", of: "chain" });
    metrics.set("tonsor_value_age_seconds", onChain === null ? null : now - onChain.asOf, { market });
    metrics.set("tonsor_value_ttl_seconds", onChain?.ttlSeconds ?? null, { market });
    metrics.set("tonsor_market_open", onChain === null ? null : Number(onChain.mode === "NORMAL"), { market });
    for (const { source, state, ageSeconds } of one.sources) {
      metrics.set("tonsor_source_up", SOURCE_STATES[state], { market, source });
      metrics.set("tonsor_source_age_seconds", ageSeconds, { market, source });
    }
  }
}

/** Sets one line for every kill switch there is, so that an alert sees both states. */
export function gaugeSwitches(metrics: Metrics, set: readonly { readonly name: string }[]): void {
  for (const name of Object.keys(KILL_SWITCHES)) {
    metrics.set("tonsor_kill_switch", Number(set.some((one) => one.name === name)), { name });
  }
}

/** Sets one line for each node of the quorum; none with a single node. */
export function gaugeNodes(metrics: Metrics, nodes: readonly NodeStatus[]): void {
  for (const node of nodes) metrics.set("tonsor_node_up", Number(isUp(node)), { node: node.name });
}

/** Whether a node answered when last asked and its answers count. */
export function isUp({ quarantine, silent }: NodeStatus): boolean {
  return quarantine === null && silent === 0;
}
