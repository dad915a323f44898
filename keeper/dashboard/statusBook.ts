import { LENDER_STATES, type LenderState } from "../domain/lender.ts";
import type { PositionSums } from "../domain/position.ts";
import { marketStatus, NOT_WEIGHED, positionsStatus, seriesPoint } from "./marketStatus.ts";
import type {
  CalibrationStatus,
  DashboardData,
  Explanation,
  LenderStatus,
  PositionsStatus,
  SeriesPoint,
  StatusSnapshot,
  TimelineEvent,
  TransactionStatus,
} from "./status.ts";
import { batchEvent, changes, keeperEvent } from "./timeline.ts";

/** Points kept per market: four a day for ten years, or a minute's cycle for ten days. */
const MAX_POINTS = 15_000;
/** Transactions kept for the timelines, and those that a snapshot shows. */
const MAX_TRANSACTIONS = 500;
const SHOWN_TRANSACTIONS = 50;
/** Events kept of each market and of the keeper, and the most that one timeline shows. */
const MAX_EVENTS = 200;

/** The head of a snapshot: everything but markets and transactions. */
type StatusHead = Omit<StatusSnapshot, "markets" | "calibration" | "lenders" | "transactions">;

/** A bounded, in-memory `DashboardData`: the keeper writes into it, the page reads from it. */
export type StatusBook = DashboardData & {
  /** Merges into the head (state, clock, data, chain). */
  update(head: Partial<StatusHead>): void;
  /**
   * Records one assessment: latest state of its market and one chart point; a point of the same time replaces it.
   * With `landed` the decision is on chain by now and is shown so; without, the chain is shown as it was read. `positions`
   * are those that its update was weighed against; without, those known before stay.
   */
  decided(explanation: Explanation, landed?: boolean, positions?: PositionSums): void;
  /** Replaces what is known of how promises were kept. */
  calibrated(rows: readonly CalibrationStatus[]): void;
  /** Replaces what is known of the lenders. */
  driven(states: readonly LenderState[]): void;
  /** Records a transaction, or the new state of one whose sequence is already known. */
  sent(transaction: TransactionStatus): void;
};

/** Makes an empty book; `evidence` reads a bundle by hash. */
export function createStatusBook(head: StatusHead, evidence: DashboardData["evidence"]): StatusBook {
  let current = head;
  const markets = new Map<string, Explanation>();
  const positions = new Map<string, PositionsStatus>();
  const points = new Map<string, SeriesPoint[]>();
  let calibration: readonly CalibrationStatus[] = [];
  let lenders: readonly LenderStatus[] = [];
  let transactions: TransactionStatus[] = [];
  const events = new Map<string, TimelineEvent[]>();
  const note = (of: string, fresh: readonly TimelineEvent[]) => {
    if (fresh.length > 0) events.set(of, [...(events.get(of) ?? []), ...fresh].slice(-MAX_EVENTS));
  };
  const shown = (explanation: Explanation) => {
    const known = positions.get(explanation.assessment.market) ?? NOT_WEIGHED;
    return { ...marketStatus(explanation), positions: known };
  };
  return {
    evidence,
    update(change) {
      const before = current;
      current = { ...current, ...change };
      const event = keeperEvent(before.keeper, current.keeper, current.time);
      if (event !== null) note("keeper", [event]);
    },
    decided(before, landed = false, sums) {
      const explanation = landed ? afterLanding(before) : before;
      const name = explanation.assessment.market;
      if (sums !== undefined) positions.set(name, positionsStatus(sums, before.assessment));
      note(`market ${name}`, changes(markets.get(name) ?? null, explanation));
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
    driven(states) {
      lenders = states.map(lenderStatus);
    },
    sent(transaction) {
      const others = transactions.filter((known) => known.sequence !== transaction.sequence);
      const later = others.findIndex(({ sequence }) => sequence < transaction.sequence);
      transactions = others.toSpliced(later < 0 ? others.length : later, 0, transaction).slice(0, MAX_TRANSACTIONS);
    },
    snapshot: () => ({
      ...current,
      markets: [...markets.values()].map(shown),
      calibration,
      lenders,
      transactions: transactions.slice(0, SHOWN_TRANSACTIONS),
    }),
    events(market) {
      if (!markets.has(market)) return [];
      const batches = transactions.filter((one) => one.markets.includes(market)).map(batchEvent);
      const all = [...(events.get("keeper") ?? []), ...(events.get(`market ${market}`) ?? []), ...batches];
      return all.sort((a, b) => a.time - b.time).slice(-MAX_EVENTS);
    },
    series(market, since) {
      const series = points.get(market) ?? [];
      return since === undefined ? series : series.filter((point) => point.time > since);
    },
  };
}

function lenderStatus({ tried: _, ...state }: LenderState): LenderStatus {
  const { means } = LENDER_STATES[state.state];
  return { ...state, words: state.detail === null ? means : `${means} (${state.detail})` };
}

/** The same with the decision's values on chain: initial and the exposure limit at once, maintenance as a target it moves to. */
function afterLanding(explanation: Explanation): Explanation {
  const { onChain } = explanation;
  if (onChain === null) return explanation;
  const { initialBps, maintenanceTargetBps, limit, asOf } = explanation.assessment.decision;
  return { ...explanation, onChain: { ...onChain, initialBps, maintenanceTargetBps, limit, asOf } };
}
