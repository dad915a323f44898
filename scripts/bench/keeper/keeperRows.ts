import type { KeeperFigures } from "./keeperFigures.ts";
import { spreadOf } from "./spread.ts";

/** A line of the table: what was measured, a floor or a peer of the same run, and the mark. */
export type Row = {
  readonly what: string;
  readonly unit: string;
  readonly measured: readonly number[];
  /** What no keeper could be better than, or what others are, measured in the same run. */
  readonly beside?: { readonly name: string; readonly measured: readonly number[] };
  /** The largest value that meets the design's target. */
  readonly most?: number;
};

const TICKS_A_DAY = 1_440;
/** Heartbeats of six hours and one move a day on top. */
const UPDATES_A_DAY = 5;

/** The table's lines of several runs. @param gwei price of gas */
export function keeperRows(runs: readonly KeeperFigures[], gwei: number): readonly Row[] {
  return [...timeRows(runs), ...memoryRows(runs), ...usageRows(runs, gwei)];
}

/** What was measured, by run; and the same of what bounds it. */
const of = (runs: readonly KeeperFigures[], pick: Pick): readonly number[] => runs.map(pick);
const floor = (runs: readonly KeeperFigures[], name: string, pick: Pick) => ({ name, measured: of(runs, pick) });
type Pick = (figures: KeeperFigures) => number;

function timeRows(runs: readonly KeeperFigures[]): readonly Row[] {
  const cpu = floor(runs, "processor alone", ({ decisionCpu }) => decisionCpu.median);
  const [round, timer] = ["one question to the node", "bare timer"];
  return [
    {
      what: "decision after data, median",
      unit: "ms",
      measured: of(runs, (f) => f.decision.median),
      beside: cpu,
      most: 50,
    },
    {
      what: "decision after data, 99th percentile",
      unit: "ms",
      measured: of(runs, (f) => f.decision.p99),
      beside: floor(runs, "processor alone", (f) => f.decisionCpu.p99),
      most: 50,
    },
    {
      what: "decision after data, worst",
      unit: "ms",
      measured: of(runs, (f) => f.decision.worst),
      beside: floor(runs, "processor alone", (f) => f.decisionCpu.worst),
      most: 50,
    },
    { what: "first decision after a start", unit: "ms", measured: of(runs, (f) => f.firstDecision) },
    {
      what: "tick begins to transaction sent, median",
      unit: "ms",
      measured: of(runs, (f) => f.triggerToSent.median),
      beside: floor(runs, round, (f) => f.roundTrip.median),
      most: 1_000,
    },
    {
      what: "tick begins to transaction sent, worst",
      unit: "ms",
      measured: of(runs, (f) => f.triggerToSent.worst),
      beside: floor(runs, round, (f) => f.roundTrip.worst),
      most: 1_000,
    },
    {
      what: "tick jitter, median",
      unit: "ms",
      measured: of(runs, (f) => f.late.median),
      beside: floor(runs, timer, (f) => f.bareLate.median),
      most: 20,
    },
    {
      what: "tick jitter, 99th percentile",
      unit: "ms",
      measured: of(runs, (f) => f.late.p99),
      beside: floor(runs, timer, (f) => f.bareLate.p99),
      most: 20,
    },
  ];
}

function memoryRows(runs: readonly KeeperFigures[]): readonly Row[] {
  return [
    {
      what: "resident memory (RSS), median",
      unit: "MB",
      measured: of(runs, (f) => f.rss.median),
      beside: floor(runs, "viem client alone", (f) => f.bare.client.rss),
      most: 150,
    },
    {
      what: "resident memory (RSS), worst",
      unit: "MB",
      measured: of(runs, (f) => f.rss.worst),
      beside: floor(runs, "bare node", (f) => f.bare.node.rss),
      most: 150,
    },
    {
      what: "its own share of it (PSS), median",
      unit: "MB",
      measured: of(runs, (f) => f.pss.median),
      beside: floor(runs, "viem client alone", (f) => f.bare.client.pss),
    },
  ];
}

function usageRows(runs: readonly KeeperFigures[], gwei: number): readonly Row[] {
  return [
    { what: "gas of an update of all markets", unit: "gas", measured: of(runs, (f) => f.gas) },
    {
      what: `ether a day: ${UPDATES_A_DAY} updates at ${gwei} gwei`,
      unit: "ETH",
      measured: of(runs, (f) => (f.gas * UPDATES_A_DAY * gwei) / 1e9),
    },
    {
      what: "JSON-RPC calls a day, a tick a minute",
      unit: "calls",
      measured: of(runs, (f) => f.traffic.rpcCalls * TICKS_A_DAY),
    },
    { what: "requests to the node a day", unit: "", measured: of(runs, (f) => f.traffic.rpcRequests * TICKS_A_DAY) },
    { what: "requests to the venue a day", unit: "", measured: of(runs, (f) => f.traffic.venueRequests * TICKS_A_DAY) },
    {
      what: "bodies both ways a day",
      unit: "MB",
      measured: of(runs, (f) => (f.traffic.bytes * TICKS_A_DAY) / 2 ** 20),
    },
    {
      what: "the same with compressed answers",
      unit: "MB",
      measured: of(runs, (f) => (f.traffic.packedBytes * TICKS_A_DAY) / 2 ** 20),
    },
  ];
}

/** The table: medians of the runs, with the range where there were several. */
export function renderRows(rows: readonly Row[]): readonly string[] {
  const head = ["figure", "unit", "measured", "range", "in the same run", "mark"];
  const lines = rows.map(({ what, unit, measured, beside, most }) => {
    const { median } = spreadOf(measured);
    const range = measured.length > 1 ? `${show(Math.min(...measured))} to ${show(Math.max(...measured))}` : "";
    const other = beside === undefined ? "" : `${show(spreadOf(beside.measured).median)} ${beside.name}`;
    const mark = most === undefined ? "" : `<= ${most}: ${median <= most ? "met" : "missed"}`;
    return [what, unit, show(median), range, other, mark];
  });
  const widths = [42, 6, 12, 22, 32, 16];
  return [head, ...lines].map((cells) =>
    cells
      .map((cell, i) =>
        i === 2 ? cell.padStart(widths[i] ?? 0) : `${i === 3 ? "  " : ""}${cell.padEnd(widths[i] ?? 0)}`,
      )
      .join("")
      .trimEnd(),
  );
}

/** Three digits, or whole numbers above a hundred. */
function show(value: number): string {
  if (!Number.isFinite(value)) return "none";
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
