import { HOUR_SECONDS } from "../../domain/calendar.ts";
import { sourceName } from "../../domain/sourceNames.ts";
import { type CandleVenue, hourlyCandles } from "../candles.ts";
import { marketName } from "../judge.ts";
import { refused } from "../parse.ts";
import type { ReadBoard, ReadBook, Venue } from "../venue.ts";
import { openOkx, parseOkxBoard, parseOkxBook, parseOkxCandles } from "./parse.ts";

/** OKX counts in windows of two seconds and sends no Retry-After; 50011 is "requests too frequent", 50061 of an account. */
const REST_MS = 2_000;
const TOO_MANY = /^\s*\{\s*"code"\s*:\s*"500(?:11|61)"/;
/** Levels a side; the most one request gives. */
const LEVELS = 400;
/** Spot only: swaps and futures count in contracts. */
const SPOT = /^[A-Z0-9]+-[A-Z0-9]+$/;

const spotName = (market: string) => marketName("okx", market, SPOT, 'a spot pair such as "ETH-USDT"');

const CANDLES: CandleVenue = {
  id: "okx",
  barsAPage: 300,
  request: (market, from, to) => {
    const span = { after: (to + HOUR_SECONDS) * 1000, before: from * 1000 - 1, bar: "1H", limit: 300 };
    return ["market/history-candles", { instId: spotName(market), ...span }];
  },
  parse: parseOkxCandles,
};

/**
 * OKX's public API: inverse options on BTC and ETH, prices in coin, volatilities as fractions; order books and candles of
 * spot markets. A board is four answers asked for together.
 */
export const okx = {
  id: "okx",
  api: {
    url: "https://www.okx.com/api/v5",
    /** The strictest of the limits of the methods used: mark-price, 10 requests in 2 seconds by address. */
    rateLimit: { perSecond: 5, burst: 10 },
    restMs: (status, head) => (status === 429 || status === 503 || TOO_MANY.test(head) ? REST_MS : 0),
    open: openOkx,
  },
  board:
    (ask): ReadBoard =>
    async (currency, signal) => {
      const source = sourceName.board(currency, "okx");
      const family = { instFamily: `${currency}-USD` };
      const options = { instType: "OPTION", ...family };
      const answers = await Promise.all([
        ask("public/opt-summary", family, source, signal),
        ask("public/mark-price", options, source, signal),
        ask("market/tickers", options, source, signal),
        ask("market/index-tickers", { instId: `${currency}-USD` }, source, signal),
      ]);
      const faults = answers.flatMap((one) => ("fault" in one ? [one.fault] : []));
      if (faults.length > 0) return { source, observation: null, faults };
      const [summary = "", marks = "", tickers = "", index = ""] = answers.map((one) =>
        "body" in one ? one.body : "",
      );
      return parseOkxBoard({ summary, marks, tickers, index }, source, currency);
    },
  book:
    (ask): ReadBook =>
    async (market, signal) => {
      const instId = spotName(market);
      const source = sourceName.book(`okx:${market}`);
      const answer = await ask("market/books", { instId, sz: LEVELS }, source, signal);
      return "fault" in answer ? refused(answer.fault) : parseOkxBook(answer.body, source, market);
    },
  history: (ask, memory) => ({ candles: hourlyCandles(ask, memory, CANDLES) }),
} as const satisfies Venue;
