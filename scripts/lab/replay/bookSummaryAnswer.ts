import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import { parseInstrument } from "../../../keeper/venues/parse.ts";
import type { Board, BoardRow } from "./replaySource.ts";

/**
 * The records of `public/get_book_summary_by_currency` for a board, with the API's fields and units: prices in coin,
 * `mark_iv` in percent. What was not recorded (`high`, `low`, `last`, `price_change`) is null, as the API has it for an
 * instrument without trades. `creation_timestamp` is the time of the recording, so a board's age is its real one.
 */
export function bookSummaryAnswer(board: Board, currency: string): readonly Record<string, unknown>[] {
  return board.rows.map((row) => ({
    high: null,
    low: null,
    last: null,
    instrument_name: row.instrument,
    bid_price: row.bid,
    ask_price: row.ask,
    open_interest: row.openInterest,
    mark_price: row.mark,
    creation_timestamp: board.time * 1000,
    price_change: null,
    interest_rate: 0,
    volume: row.volume24h,
    mark_iv: rounded(row.iv * 100, 4),
    underlying_price: row.forward,
    underlying_index: underlyingIndex(row, board.time, currency),
    estimated_delivery_price: row.index,
    base_currency: currency,
    quote_currency: currency,
    volume_usd: rounded(row.volume24h * row.mark * row.index, 2),
    mid_price: row.bid === null || row.ask === null ? null : rounded((row.bid + row.ask) / 2, 8),
  }));
}

/**
 * Name of the forward's source. The recordings do not keep it; these are the venue's habits: a listed future on the next
 * two Fridays, the month's last Friday and the quarters' last Fridays, "index_price" in the last 24 hours without one,
 * else a synthetic future.
 */
function underlyingIndex(row: BoardRow, time: number, currency: string): string {
  const instrument = parseInstrument(row.instrument);
  if (instrument === null) return "index_price";
  const name = `${currency}-${row.instrument.split("-")[1] ?? ""}`;
  const day = new Date(instrument.expiry * 1000);
  const friday = day.getUTCDay() === 5;
  const lastFriday =
    friday && new Date((instrument.expiry + 7 * DAY_SECONDS) * 1000).getUTCMonth() !== day.getUTCMonth();
  const away = instrument.expiry - time;
  const quarterly = lastFriday && day.getUTCMonth() % 3 === 2;
  if (quarterly || (lastFriday && away < 31 * DAY_SECONDS) || (friday && away < 14 * DAY_SECONDS)) return name;
  return away < DAY_SECONDS ? "index_price" : `SYN.${name}`;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
