import { arrivalStatus, underWay } from "../dashboard/arrivals.ts";
import type { Explanation, TransactionStatus } from "../dashboard/status.ts";
import type { BatchEntry, CycleReport } from "../domain/cycle.ts";
import { dataState } from "../domain/decision.ts";
import type { Intent, IntentStatus } from "../domain/intent.ts";
import type { PositionSums } from "../domain/position.ts";
import { waterfall } from "../model/explain/waterfall.ts";
import { situationOf } from "../pipeline.ts";
import { arrivals } from "../policy/arrival.ts";
import type { Deployment } from "../protocols/deployment.ts";

/** One market's part in one cycle. */
export type CycleEntry = {
  readonly explanation: Explanation;
  /** The transaction that carried it, or null. */
  readonly transaction: { readonly hash: string; readonly status: IntentStatus } | null;
  /** What its positions came to as its update was weighed; absent where none was. */
  readonly positions?: PositionSums;
};

export type CycleSummary = {
  /** Unix seconds by the keeper's clock. */
  readonly time: number;
  readonly entries: readonly CycleEntry[];
  /** False when a batch was due, nothing held it, and it is not in a block that applied it; or an earlier one is overdue. */
  readonly delivered: boolean;
  /** What went wrong or was held, each in one line: a market not assessed or skipped on chain, or the whole batch. */
  readonly failures: readonly { readonly market: string; readonly message: string }[];
};

/**
 * A cycle as people see it: every market explained, with the transaction that carried it.
 * @param turn ends a turn of the event loop, after each market
 */
export async function cycleSummary(report: CycleReport, turn?: () => Promise<void>): Promise<CycleSummary> {
  const { batch } = report;
  const carried = (market: string): CycleSummary["entries"][number]["transaction"] => {
    if (batch?.hash === null || batch?.hash === undefined || !batch.applied.includes(market)) return null;
    if (batch.status === "REFUSED" || batch.status === "NOT_SENT") return null;
    return { hash: batch.hash, status: batch.status };
  };
  const weighed = (market: string): Pick<CycleSummary["entries"][number], "positions"> => {
    const positions = [...(batch?.weighed ?? []), ...(report.weighed ?? [])].find((one) => one.market === market);
    return positions === undefined ? {} : { positions };
  };
  const stands = batch !== null && batch.status !== "CONFIRMED" && batch.detail !== "";
  const skipped = (batch?.skipped ?? []).map(({ market, reason }) => ({ market, message: `skipped: ${reason}` }));
  const entries: CycleSummary["entries"][number][] = [];
  for (const entry of report.entries) {
    const { market } = entry.assessment;
    entries.push({ explanation: explanationOf(entry), transaction: carried(market), ...weighed(market) });
    await turn?.();
  }
  return {
    time: report.now,
    delivered: batch === null ? report.openTransaction === undefined : batch.status === "CONFIRMED",
    entries,
    failures: [
      ...report.failures.map(({ market, error }) => ({ market, message: error })),
      ...skipped,
      ...(stands ? [{ market: "batch", message: batch.detail }] : []),
      ...(report.openTransaction === undefined ? [] : [{ market: "batch", message: report.openTransaction }]),
      ...(report.heldBy === null ? [] : [{ market: "batch", message: `nothing is sent: ${report.heldBy}` }]),
    ],
  };
}

/** A cycle as one line of the log: the tick of the schedule, the journal's id of it, and the intent it sent. */
export function cycleFacts(report: CycleReport, summary: Pick<CycleSummary, "entries" | "failures">, number: number) {
  const { tick, now, blockNumber, entries, batch, heldBy, decisionMs } = report;
  const decisions = entries.map(({ assessment: { market, decision } }) => `${market} ${decision.action}`);
  const states = Object.fromEntries(entries.map(({ assessment }) => [assessment.market, dataState(assessment)]));
  const ways = summary.entries.flatMap(({ explanation }) =>
    underWay(arrivalStatus(explanation)).map((words) => `${explanation.assessment.market} ${words}`),
  );
  const sent = batch === null ? {} : { intent: batch.intent, batch: batch.status, hash: batch.hash };
  const held = heldBy === null ? {} : { heldBy };
  return {
    tick: number,
    journalTick: tick,
    time: now,
    block: Number(blockNumber),
    decisions,
    states,
    underWay: ways,
    ...sent,
    ...held,
    ...(decisionMs === undefined ? {} : { decisionMs: Math.round(decisionMs * 10) / 10 }),
    failures: summary.failures,
  };
}

/** One market's assessment with its waterfalls, the chain it was made against, and when the chain meets it. */
export function explanationOf({ input, assessment }: BatchEntry): Explanation {
  const side = (name: "maintenance" | "initial") => {
    const steps = waterfall(assessment.target, name, input.market.model);
    return {
      steps: steps.map(({ label, bps, detail }) => ({ label, bps, origin: detail })),
      totalBps: steps.reduce((sum, step) => sum + step.bps, 0),
    };
  };
  const waterfalls = { maintenance: side("maintenance"), initial: side("initial") };
  const { onChain, market } = input;
  const way = arrivals(assessment.target, situationOf(input, assessment), assessment, market.policy);
  return { assessment, waterfalls, onChain, arrivals: way, model: market.model };
}

/** A transaction as the status page lists it; a market that the deployment does not know has its number. */
export function transactionStatus(intent: Intent, { markets }: Pick<Deployment, "markets">): TransactionStatus {
  const nameOf = (id: number) => markets.find((market) => market.id === id)?.name ?? `market ${id}`;
  return {
    time: intent.plannedAt,
    sequence: Number(intent.batch.sequence),
    markets: intent.batch.entries.map(({ marketId }) => nameOf(marketId)),
    hash: intent.transactionHash,
    status: intent.status,
    evidenceHash: intent.batch.evidence,
  };
}
