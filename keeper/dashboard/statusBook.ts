import { marketStatus, seriesPoint } from "./marketStatus.ts";
import type {
  CalibrationStatus,
  DashboardData,
  Explanation,
  SeriesPoint,
  StatusSnapshot,
  TransactionStatus,
} from "./status.ts";

/** Points kept per market: four a day for ten years, or a minute's cycle for ten days. */
const MAX_POINTS = 15_000;
const MAX_TRANSACTIONS = 50;

/** The head of a snapshot: everything but markets and transactions. */
type StatusHead = Omit<StatusSnapshot, "markets" | "calibration" | "transactions">;

/** A bounded, in-memory `DashboardData`: the keeper writes into it, the page reads from it. */
export type StatusBook = DashboardData & {
  /** Merges into the head (state, clock, data, chain). */
  update(head: Partial<StatusHead>): void;
  /**
   * Records one assessment: latest state of its market and one chart point; a point of the same time replaces it.
   * With `landed` the decision is on chain by now and is shown so; without, the chain is shown as it was read.
   */
  decided(explanation: Explanation, landed?: boolean): void;
  /** Replaces what is known of how promises were kept. */
  calibrated(rows: readonly CalibrationStatus[]): void;
  /** Records a transaction, or the new state of one whose sequence is already known. */
  sent(transaction: TransactionStatus): void;
};

/** Makes an empty book; `evidence` reads a bundle by hash. */
export function createStatusBook(head: StatusHead, evidence: DashboardData["evidence"]): StatusBook {
  let current = head;
  const markets = new Map<string, Explanation>();
  const points = new Map<string, SeriesPoint[]>();
  let calibration: readonly CalibrationStatus[] = [];
  let transactions: TransactionStatus[] = [];
  return {
    evidence,
    update(change) {
      current = { ...current, ...change };
    },
    decided(before, landed = false) {
      const explanation = landed ? afterLanding(before) : before;
      const name = explanation.assessment.market;
      markets.set(name, explanation);
      const series = points.get(name) ?? [];
      const point = seriesPoint(explanation);
      if (series.at(-1)?.time === point.time) series.pop();
      series.push(point);
      if (series.length > MAX_POINTS) series.splice(0, series.length - MAX_POINTS);
      points.set(name, series);
    },
    calibrated(rows) {
      calibration = rows;
    },
    sent(transaction) {
      const others = transactions.filter((known) => known.sequence !== transaction.sequence);
      transactions = [transaction, ...others].sort((a, b) => b.sequence - a.sequence).slice(0, MAX_TRANSACTIONS);
    },
    snapshot: () => ({ ...current, markets: [...markets.values()].map(marketStatus), calibration, transactions }),
    series(market, since) {
      const series = points.get(market) ?? [];
      return since === undefined ? series : series.filter((point) => point.time > since);
    },
  };
}

/** The same with the decision's values on chain: initial and the exposure limit at once, maintenance as a target it moves to. */
function afterLanding(explanation: Explanation): Explanation {
  const { onChain } = explanation;
  if (onChain === null) return explanation;
  const { initialBps, maintenanceTargetBps, limit, asOf } = explanation.assessment.decision;
  return { ...explanation, onChain: { ...onChain, initialBps, maintenanceTargetBps, limit, asOf } };
}
