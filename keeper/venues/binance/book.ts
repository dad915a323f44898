import { z } from "zod";
import { fault } from "../../domain/fault.ts";
import type { Observed, OrderBook } from "../../domain/observation.ts";
import { askBinance } from "../binance/connection.ts";
import { openBinance } from "../binance/envelope.ts";
import { judgeBook, TEXT_LEVEL } from "../books/judgeBook.ts";
import { marketName } from "../books/marketName.ts";
import type { BookVenue } from "../bookVenue.ts";
import { firstIssue } from "../issue.ts";

const BASE_URL = "https://api.binance.com";
/** A book of 1000 levels weighs 50 of 6000 a minute. */
const LEVELS = 1000;
const SPOT = /^[A-Z0-9]+(?:USDT|USDC|FDUSD)$/;
/** A book of a market read here changes many times a second. */
const MAX_STILL_MS = 60_000;

const Book = z.object({ lastUpdateId: z.number().int(), bids: z.array(z.unknown()), asks: z.array(z.unknown()) });
const Time = z.object({ serverTime: z.number() });

/**
 * Binance's order books of spot markets, `api/v3/depth`: 1000 levels a side, [price, size in base]. The answer carries no
 * time, so the venue's clock is asked *before* the book, which dates it early rather than late; a book whose `lastUpdateId`
 * stands still for over a minute of that clock is FROZEN.
 * @example await binanceBooks.connect().readOrderBook("ETHUSDT")
 */
export const binanceBooks: BookVenue = {
  id: "binance",
  baseUrl: BASE_URL,
  connect(settings = {}) {
    const ask = askBinance(settings.baseUrl ?? BASE_URL, settings);
    const seen = new Map<string, { readonly id: number; readonly since: number }>();
    return {
      async readOrderBook(market, signal) {
        const symbol = marketName("binance", market, SPOT, 'a spot pair in USDT, USDC or FDUSD such as "ETHUSDT"');
        const source = `binance:${market}:book`;
        const refused = (why: ReturnType<typeof fault>) => ({ source, observation: null, faults: [why] });
        const clock = await ask("api/v3/time", {}, source, signal);
        if ("fault" in clock) return refused(clock.fault);
        const answer = await ask("api/v3/depth", { symbol, limit: LEVELS }, source, signal);
        if ("fault" in answer) return refused(answer.fault);
        const { updateId, timeMs, observed } = parseBinanceBook(
          { time: clock.body, depth: answer.body },
          source,
          market,
        );
        if (observed.observation === null) return observed;
        const last = seen.get(market);
        if (last === undefined || last.id !== updateId) seen.set(market, { id: updateId, since: timeMs });
        else if (timeMs - last.since > MAX_STILL_MS) {
          const still = Math.round((timeMs - last.since) / 1000);
          return refused(fault("FROZEN", source, `update ${updateId} stood still for ${still} s, limit 60 s`));
        }
        return observed;
      },
    };
  },
};

/** The book in the bodies of `api/v3/time` and `api/v3/depth`: a fault of `openBinance`, SCHEMA, NOT_FINITE, or those of `judgeBook`. */
export function parseBinanceBook(
  bodies: { readonly time: string; readonly depth: string },
  source: string,
  market: string,
): { readonly observed: Observed<OrderBook>; readonly updateId: number; readonly timeMs: number } {
  const refused = (why: ReturnType<typeof fault>) => ({
    observed: { source, observation: null, faults: [why] },
    updateId: 0,
    timeMs: 0,
  });
  const clock = openBinance(bodies.time, source);
  if ("fault" in clock) return refused(clock.fault);
  const opened = openBinance(bodies.depth, source);
  if ("fault" in opened) return refused(opened.fault);
  const time = Time.safeParse(clock.value);
  const book = Book.safeParse(opened.value);
  if (!time.success || !book.success) {
    const issue = time.success
      ? firstIssue(opened.value, book.error as z.ZodError)
      : firstIssue(clock.value, time.error);
    return refused(fault(issue.code, source, `field ${issue.field}: ${issue.problem}`));
  }
  const { bids, asks, lastUpdateId } = book.data;
  const timeMs = time.data.serverTime;
  return { observed: judgeBook({ source, market, timeMs, bids, asks }, TEXT_LEVEL), updateId: lastUpdateId, timeMs };
}
