import type { Row } from "./keeperRows.ts";
import type { ManyFigures } from "./manyFigures.ts";

const TICKS_A_DAY = 1_440;
const MB = 2 ** 20;

/** The table's lines of one run with many markets. */
export function manyRows(figures: ManyFigures): readonly Row[] {
  const { quietTick, sendingTick, stood, stoodQuiet, heap, rss, batches, journalBytes, traffic } = figures;
  const row = (what: string, unit: string, measured: number, most?: number): Row => {
    return { what, unit, measured: [measured], ...(most === undefined ? {} : { most }) };
  };
  const largest = batches.toSorted((a, b) => b.markets - a.markets)[0];
  return [
    row("quiet tick, median", "s", quietTick.median / 1_000, 5),
    row("quiet tick, worst", "s", quietTick.worst / 1_000),
    row("ticks that sent, worst (the first too)", "s", sendingTick.worst / 1_000),
    row("the event loop stood still, worst", "ms", stood.worst),
    row("the same in quiet ticks", "ms", stoodQuiet.worst, 100),
    row("heap, worst", "MB", heap.worst, 512),
    row("resident memory (RSS), worst", "MB", rss.worst),
    row("markets in the largest batch", "", largest?.markets ?? Number.NaN),
    row("its gas", "gas", largest?.gas ?? Number.NaN),
    row("evidence of the first batch, on disk", "MB", (batches[0]?.evidenceBytes ?? Number.NaN) / MB, 5),
    row("evidence of the last batch, on disk", "MB", (batches.at(-1)?.evidenceBytes ?? Number.NaN) / MB, 5),
    row("journal a day, a tick a minute", "MB", (journalBytes * TICKS_A_DAY) / MB),
    row("JSON-RPC calls a look", "calls", traffic.rpcCalls),
    row("requests to the node a look", "", traffic.rpcRequests),
    row("bodies both ways a look", "MB", traffic.bytes / MB),
  ];
}
