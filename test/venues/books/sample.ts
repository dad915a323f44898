import { TAKEN } from "../sampleSmile.ts";

/**
 * One small market in the shape of each venue, written by hand from the documentation:
 * - OKX market/books: https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-order-book
 *   (levels are [price, size, "0" (deprecated), orders])
 * - Bybit v5/market/orderbook: https://bybit-exchange.github.io/docs/v5/market/orderbook
 * - Deribit public/get_order_book: https://docs.deribit.com/api-reference/market-data/public-get_order_book
 * - Binance api/v3/depth and api/v3/time:
 *   https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints#order-book
 */
type Level = readonly [price: number, size: number];
export type Sides = { readonly bids: readonly Level[]; readonly asks: readonly Level[] };

/** Eight levels a side around 3000, sizes in coin. */
export const MARKET: Sides = {
  bids: [2999.5, 2999, 2998, 2996, 2990, 2980, 2950, 2900].map((price, at) => [price, 1 + at / 2]),
  asks: [3000.5, 3001, 3002, 3004, 3010, 3020, 3050, 3100].map((price, at) => [price, 1 + at / 4]),
};

const text = (levels: readonly (readonly unknown[])[], ...more: readonly string[]) =>
  levels.map((level) => [...level.map(spell), ...(level.length < 2 ? [] : more)]);
const spell = (value: unknown) => (typeof value === "number" ? String(value) : value);

export type Bodies = Readonly<Record<string, string>>;
/** How each venue sends a market; levels may be spoiled, so they are unknown. */
type Spelling = (
  sides: { readonly bids: readonly (readonly unknown[])[]; readonly asks: readonly (readonly unknown[])[] },
  time?: number,
) => Bodies;

export const okxBook: Spelling = ({ bids, asks }, time = TAKEN) => ({
  "market/books": JSON.stringify({
    code: "0",
    msg: "",
    data: [{ asks: text(asks, "0", "1"), bids: text(bids, "0", "2"), ts: String(time * 1000 + 7) }],
  }),
});

export const bybitBook: Spelling = ({ bids, asks }, time = TAKEN) => ({
  "market/orderbook": JSON.stringify({
    retCode: 0,
    retMsg: "OK",
    result: { s: "ETHUSDT", a: text(asks), b: text(bids), ts: time * 1000 + 765, u: 230704, seq: 1432604333, cts: 1 },
    retExtInfo: {},
    time: time * 1000 + 800,
  }),
});

export const deribitBook: Spelling = ({ bids, asks }, time = TAKEN) => {
  const dollars = (levels: readonly (readonly unknown[])[]) =>
    levels.map(([price, size]) =>
      typeof size === "number" ? [price, Number(price) * size] : [price, size].filter((one) => one !== undefined),
    );
  return {
    "public/get_order_book": JSON.stringify({
      jsonrpc: "2.0",
      result: {
        timestamp: time * 1000 + 99,
        stats: { volume: 93.35589552, price_change: 0.6913, low: 3940.75, high: 3976.25 },
        state: "open",
        settlement_price: 2925.85,
        open_interest: 45.27600333,
        min_price: 2932.22,
        max_price: 3071.96,
        mark_price: 3000.03,
        last_price: 3000.75,
        instrument_name: "ETH-PERPETUAL",
        index_price: 3001.73,
        funding_8h: 0.00455263,
        current_funding: 0.00500063,
        change_id: 474988,
        bids: dollars(bids),
        best_bid_price: 2999.5,
        best_bid_amount: 30,
        asks: dollars(asks),
        best_ask_price: 3000.5,
        best_ask_amount: 50,
      },
    }),
  };
};

export const binanceBook: Spelling = ({ bids, asks }, time = TAKEN) => ({
  "api/v3/depth": JSON.stringify({ lastUpdateId: 1_027_024, bids: text(bids), asks: text(asks) }),
  "api/v3/time": JSON.stringify({ serverTime: time * 1000 + 14 }),
});
