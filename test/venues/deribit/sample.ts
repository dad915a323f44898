/** Small answers in the venue's shape, built here: one healthy board, index page and candle page, and ways to spoil them. */

/** 2026-01-28T04:00:47Z, when the sample was "taken". */
export const TAKEN = 1_769_572_847;
const HOUR = 3600;

export type BookRecord = Record<string, unknown>;

/** One healthy record; what is given replaces. */
export function bookRecord(changes: BookRecord = {}): BookRecord {
  return {
    high: 0.1015,
    low: null,
    last: 0.099,
    instrument_name: "ETH-27FEB26-3000-C",
    bid_price: 0.058,
    ask_price: 0.059,
    open_interest: 440,
    mark_price: 0.0585,
    creation_timestamp: TAKEN * 1000 + 123,
    price_change: -1,
    interest_rate: 0,
    volume: 282,
    mark_iv: 51.25,
    underlying_price: 3012.5,
    underlying_index: "SYN.ETH-27FEB26",
    estimated_delivery_price: 3005.1,
    base_currency: "ETH",
    quote_currency: "ETH",
    volume_usd: 77_077.87,
    mid_price: 0.0585,
    ...changes,
  };
}

/** Calls and puts of strikes 2400 to 3600 in steps of 200: 14 healthy records. */
export function healthyBook(): BookRecord[] {
  const strikes = [2400, 2600, 2800, 3000, 3200, 3400, 3600];
  return strikes.flatMap((strike) =>
    ["C", "P"].map((side) => {
      const moneyness = side === "C" ? 1 - strike / 3012.5 : strike / 3012.5 - 1;
      const mark = Number((Math.max(0, moneyness) + 0.03).toFixed(6));
      return bookRecord({
        instrument_name: `ETH-27FEB26-${strike}-${side}`,
        mark_price: mark,
        bid_price: Number((mark - 0.001).toFixed(4)),
        ask_price: Number((mark + 0.001).toFixed(4)),
        mark_iv: 51.25 + Math.abs(strike - 3000) / 100,
      });
    }),
  );
}

/** The JSON-RPC envelope around a result. */
export function answer(result: unknown): string {
  return JSON.stringify({ jsonrpc: "2.0", result, usIn: 1, usOut: 2, usDiff: 1, testnet: false });
}

/** An index page of hourly bars, the last one closing at `end`. Percent. */
export function indexRows(count: number, end: number, level = 51.5): number[][] {
  return Array.from({ length: count }, (_, at) => {
    const close = level + (at % 5) / 10;
    return [(end - (count - at) * HOUR) * 1000, level, close + 0.3, level - 0.2, close];
  });
}

export type Chart = {
  status: string;
  ticks: unknown[];
  open: unknown[];
  high: unknown[];
  low: unknown[];
  close: unknown[];
  volume: unknown[];
  cost: unknown[];
};

/** A page of hourly candles, the last one closing at `end`. */
export function chart(count: number, end: number, price = 3000): Chart {
  const ticks = Array.from({ length: count }, (_, at) => (end - (count - at) * HOUR) * 1000);
  const column = (shift: number) => ticks.map((_, at) => price + shift + (at % 7));
  return {
    status: count === 0 ? "no_data" : "ok",
    ticks,
    open: column(0),
    high: column(12),
    low: column(-12),
    close: column(2),
    volume: column(-2900),
    cost: column(0),
  };
}
