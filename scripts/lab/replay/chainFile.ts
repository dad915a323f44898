import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { Board, BoardRow } from "./replaySource.ts";

const HEADER = "ts,instrument,forward,index,bid,ask,mark,iv,delta,vega,oi,vol24h";

/** One month of recorded chains: the times of its snapshots, and each snapshot read when asked for. */
export type ChainFile = {
  /** Ascending, Unix seconds. */
  readonly times: readonly number[];
  /** The board of one currency at one of `times`. */
  board(currency: string, time: number): Board;
};

type Span = { readonly start: number; end: number };

/**
 * Opens a gzip csv of chains (columns as HEADER, sorted by ts). Only the places of the snapshots are found now, about
 * 60 ms for the largest month; the rows of a snapshot are split when it is asked for.
 * @throws TonsorError BAD_FILE for other columns or times out of order
 */
export function openChainFile(path: string): ChainFile {
  const text = gunzipSync(readFileSync(path)).toString("utf8");
  const spans = new Map<number, Span>();
  if (!text.startsWith(`${HEADER}\n`)) {
    throw new TonsorError("BAD_FILE", `not a chain file: ${path}`, { field: "header", expected: HEADER });
  }
  let last = "";
  let span: Span | undefined;
  for (let at = HEADER.length + 1; at < text.length; ) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    const stamp = text.slice(at, text.indexOf(",", at));
    if (stamp !== last) {
      const time = Date.parse(stamp) / 1000;
      if (!(time > (last === "" ? 0 : Date.parse(last) / 1000))) {
        throw new TonsorError("BAD_FILE", `times out of order in ${path}`, { field: "ts", given: stamp });
      }
      span = { start: at, end };
      spans.set(time, span);
      last = stamp;
    } else if (span !== undefined) span.end = end;
    at = end + 1;
  }
  return {
    times: [...spans.keys()],
    board(currency, time) {
      const found = spans.get(time);
      const lines = found === undefined ? [] : text.slice(found.start, found.end).split("\n");
      const own = lines.filter((line) => line.startsWith(`${currency}-`, line.indexOf(",") + 1));
      return { time, rows: own.map((line) => readRow(line, path)) };
    },
  };
}

function readRow(line: string, path: string): BoardRow {
  const [, instrument = "", forward, index, bid, ask, mark, iv, , , openInterest, volume] = line.split(",");
  const row = {
    instrument,
    forward: Number(forward),
    index: Number(index),
    bid: optional(bid),
    ask: optional(ask),
    mark: Number(mark),
    iv: Number(iv),
    openInterest: Number(openInterest),
    volume24h: Number(volume),
  };
  if (!(row.forward > 0 && row.index > 0 && row.mark >= 0 && row.iv >= 0)) {
    throw new TonsorError("BAD_FILE", `unreadable row in ${path}`, { given: line });
  }
  return row;
}

function optional(cell: string | undefined): number | null {
  return cell === undefined || cell === "" ? null : Number(cell);
}
