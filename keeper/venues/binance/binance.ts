import { fault } from "../../domain/fault.ts";
import { sourceName } from "../../domain/sourceNames.ts";
import { type CandleVenue, hourlyCandles } from "../candles.ts";
import { marketName } from "../judge.ts";
import { refused } from "../parse.ts";
import type { Ask, ReadBoard, ReadBook, Venue } from "../venue.ts";
import {
  type Contracts,
  openBinance,
  parseBinanceBoard,
  parseBinanceBook,
  parseBinanceCandles,
  parseContracts,
} from "./parse.ts";

/** 429 is a warning; going on earns 418, a ban of two minutes to three days. Both carry Retry-After. */
const REST_MS = 60_000;
const BANNED_MS = 120_000;
/** Contracts are listed daily; a mark of one that is not known yet is left out until the list is read again. */
const CONTRACTS_SECONDS = 3_600;
/** Levels a side. A book of 1000 levels weighs 50 of 6000 a minute. */
const LEVELS = 1000;
const SPOT = /^[A-Z0-9]+(?:USDT|USDC|FDUSD)$/;

const spotName = (market: string) =>
  marketName("binance", market, SPOT, 'a spot pair in USDT, USDC or FDUSD such as "ETHUSDT"');

/** A page weighs 2. */
const CANDLES: CandleVenue = {
  id: "binance",
  barsAPage: 1000,
  request: (market, from, to) => {
    const span = { interval: "1h", startTime: from * 1000, endTime: to * 1000, limit: 1000 };
    return ["api/v3/klines", { symbol: spotName(market), ...span }];
  },
  parse: parseBinanceCandles,
};

/** A book of a market read here changes many times a second. */
const MAX_STILL_MS = 60_000;

/**
 * Binance's public API: European options settled in USDT, volatilities as fractions, and order books and candles of
 * spot markets, which have an address of their own.
 */
export const binance = {
  id: "binance",
  api: {
    url: "https://eapi.binance.com",
    spotUrl: "https://api.binance.com",
    /** Binance counts weight by address: 400 a minute is allowed everywhere, and the heaviest method used weighs 5. */
    rateLimit: { perSecond: 1, burst: 20 },
    restMs: (status) => (status === 418 || status === 403 ? BANNED_MS : status === 429 || status === 503 ? REST_MS : 0),
    open: openBinance,
  },
  board: (ask) => board(ask),
  book: (ask) => book(ask),
  history: (ask, memory) => ({ candles: hourlyCandles(ask, memory, CANDLES) }),
} as const satisfies Venue;

/**
 * A board is three answers asked for together; the list of contracts (their sizes) is read once an hour of the board's own
 * time.
 */
function board(ask: Ask): ReadBoard {
  let listed: { readonly contracts: Contracts; readonly readAt: number | null } | null = null;
  return async (currency, signal) => {
    const source = sourceName.board(currency, "binance");
    let known = listed;
    if (known === null) {
      const answer = await ask("eapi/v1/exchangeInfo", {}, source, signal);
      if ("fault" in answer) return refused(answer.fault);
      const { contracts, faults } = parseContracts(answer.body, source);
      if (contracts === null) return { source, observation: null, faults };
      known = { contracts, readAt: null };
    }
    const answers = await Promise.all([
      ask("eapi/v1/mark", {}, source, signal),
      ask("eapi/v1/ticker", {}, source, signal),
      ask("eapi/v1/index", { underlying: `${currency}USDT` }, source, signal),
    ]);
    const faults = answers.flatMap((one) => ("fault" in one ? [one.fault] : []));
    if (faults.length > 0) return { source, observation: null, faults };
    const [marks = "", tickers = "", index = ""] = answers.map((one) => ("body" in one ? one.body : ""));
    const observed = parseBinanceBoard({ marks, tickers, index }, known.contracts, source, currency);
    const time = observed.observation?.eventTime ?? null;
    const readAt = known.readAt ?? time;
    const due = time !== null && readAt !== null && time - readAt >= CONTRACTS_SECONDS;
    listed = due ? null : { contracts: known.contracts, readAt };
    return observed;
  };
}

/**
 * A book carries no time, so the venue's clock is asked *before* the book, which dates it early rather than late; a book
 * whose `lastUpdateId` is the same for over a minute of that clock is FROZEN.
 */
function book(ask: Ask): ReadBook {
  const updates = new Map<string, { readonly id: number; readonly since: number }>();
  return async (market, signal) => {
    const symbol = spotName(market);
    const source = sourceName.book(`binance:${market}`);
    const clock = await ask("api/v3/time", {}, source, signal);
    if ("fault" in clock) return refused(clock.fault);
    const answer = await ask("api/v3/depth", { symbol, limit: LEVELS }, source, signal);
    if ("fault" in answer) return refused(answer.fault);
    const { updateId, timeMs, observed } = parseBinanceBook({ time: clock.body, depth: answer.body }, source, market);
    if (observed.observation === null) return observed;
    const last = updates.get(market);
    if (last === undefined || last.id !== updateId) updates.set(market, { id: updateId, since: timeMs });
    else if (timeMs - last.since > MAX_STILL_MS) {
      const still = Math.round((timeMs - last.since) / 1000);
      return refused(fault("FROZEN", source, `update ${updateId} unchanged for ${still} s, limit 60 s`));
    }
    return observed;
  };
}
