import { sourceName } from "../../domain/sourceNames.ts";
import { type CandleVenue, hourlyCandles } from "../candles.ts";
import { marketName } from "../judge.ts";
import { refused } from "../parse.ts";
import type { ReadBoard, ReadBook, Venue } from "../venue.ts";
import { openBybit, parseBybitBoard, parseBybitBook, parseBybitCandles } from "./parse.ts";

/** "403, access too frequent": stop and wait at least ten minutes. */
const BANNED_MS = 600_000;
/** 429 and retCode 10006, "too many visits". */
const REST_MS = 1_000;
const TOO_MANY = /^\s*\{\s*"retCode"\s*:\s*10006\b/;
/** Levels a side; the most one request of a spot book gives. */
const LEVELS = 200;
const SPOT = /^[A-Z0-9]+(?:USDT|USDC)$/;

const spotName = (market: string) => marketName("bybit", market, SPOT, 'a spot pair in USDT or USDC such as "ETHUSDT"');

const CANDLES: CandleVenue = {
  id: "bybit",
  barsAPage: 1000,
  request: (market, from, to) => {
    const span = { interval: 60, start: from * 1000, end: to * 1000, limit: 1000 };
    return ["market/kline", { category: "spot", symbol: spotName(market), ...span }];
  },
  parse: parseBybitCandles,
};

/**
 * Bybit's public API: options settled in USDC or USDT, prices in dollars, volatilities as fractions; order books and
 * candles of spot markets. A board is one answer.
 */
export const bybit = {
  id: "bybit",
  api: {
    url: "https://api.bybit.com/v5",
    /** Bybit allows 600 requests in 5 seconds by address and answers 403 beyond; a sixth of it is more than we need. */
    rateLimit: { perSecond: 20, burst: 50 },
    restMs: (status, head) =>
      status === 403 ? BANNED_MS : status === 429 || status === 503 || TOO_MANY.test(head) ? REST_MS : 0,
    open: openBybit,
  },
  board:
    (ask): ReadBoard =>
    async (currency, signal) => {
      const source = sourceName.board(currency, "bybit");
      const answer = await ask("market/tickers", { category: "option", baseCoin: currency }, source, signal);
      return "fault" in answer ? refused(answer.fault) : parseBybitBoard(answer.body, source, currency);
    },
  book:
    (ask): ReadBook =>
    async (market, signal) => {
      const symbol = spotName(market);
      const source = sourceName.book(`bybit:${market}`);
      const answer = await ask("market/orderbook", { category: "spot", symbol, limit: LEVELS }, source, signal);
      return "fault" in answer ? refused(answer.fault) : parseBybitBook(answer.body, source, market);
    },
  history: (ask, memory) => ({ candles: hourlyCandles(ask, memory, CANDLES) }),
} as const satisfies Venue;
