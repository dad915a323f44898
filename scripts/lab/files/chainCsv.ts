import type { OptionBoard, OptionQuote } from "../../../keeper/domain/observation.ts";
import { sourceName } from "../../../keeper/domain/sourceNames.ts";
import { parseInstrument } from "../../../keeper/venues/parse.ts";
import { Table } from "./table.ts";

/** Columns that must be there, and what their cells hold. */
const COLUMNS = {
  ts: "a time such as 2026-02-05T21:29:37Z",
  instrument: 'an option name such as "ETH-27FEB26-3000-C"',
  forward: "the forward of the expiry in USD, a number > 0",
  index: "the spot index in USD, a number > 0",
  bid: "a price in coin, or empty",
  ask: "a price in coin, or empty",
  mark: "a price in coin",
  iv: "mark implied volatility as a fraction (0.62 for 62 %), or empty",
  oi: "open interest in coin, or empty",
} as const;

type Column = keyof typeof COLUMNS;

/**
 * The boards of a table with one row for each option and snapshot, one board for each time and currency, ascending.
 * `file` is only for messages.
 * @throws TonsorError BAD_FILE naming row, column, value and what the column holds.
 */
export function parseChainCsv(text: string, file: string): readonly OptionBoard[] {
  const table = new Table(text, file);
  for (const name of Object.keys(COLUMNS)) table.column(name);
  const names = table.cells("instrument");
  const times = table.times("ts").map(Math.floor);
  const column = (name: Column, fits: (value: number) => boolean) => table.numbers(name, COLUMNS[name], fits);
  const [forwards, indices] = [column("forward", (value) => value > 0), column("index", (value) => value > 0)];
  const marks = column("mark", (value) => value >= 0);
  const [bids, asks, ivs, interests] = (["bid", "ask", "iv", "oi"] as const).map((name) => {
    return table.numbersOrEmpty(name, COLUMNS[name], (value) => value >= 0);
  }) as [OrEmpty, OrEmpty, OrEmpty, OrEmpty];
  const boards = new Map<string, { time: number; currency: string; indexUsd: number; quotes: OptionQuote[] }>();
  for (const [i, name] of names.entries()) {
    const instrument = parseInstrument(name) ?? table.refuse(i, "instrument", COLUMNS.instrument);
    const { currency, ...option } = instrument;
    const time = times[i] as number;
    const key = `${time} ${currency}`;
    const board = boards.get(key) ?? { time, currency, indexUsd: indices[i] as number, quotes: [] };
    boards.set(key, board);
    board.quotes.push({
      instrument: name,
      ...option,
      ...{ bidCoin: bids[i] ?? null, askCoin: asks[i] ?? null, markCoin: marks[i] as number, markIv: ivs[i] ?? null },
      ...{ forwardUsd: forwards[i] as number, openInterest: interests[i] ?? 0 },
    });
  }
  return [...boards.values()]
    .sort((left, right) => left.time - right.time || (left.currency < right.currency ? -1 : 1))
    .map(({ time, currency, indexUsd, quotes }) => {
      return {
        kind: "optionBoard",
        source: sourceName.board(currency, "file"),
        currency,
        eventTime: time,
        indexUsd,
        quotes,
      };
    });
}

type OrEmpty = readonly (number | null)[];
