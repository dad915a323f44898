import { sourceName } from "../../../keeper/domain/sourceNames.ts";
import { marketName } from "../../../keeper/venues/judge.ts";
import { refused } from "../../../keeper/venues/parse.ts";
import type { ReadBoard, ReadBook, Venue } from "../../../keeper/venues/venue.ts";
import { openToy, parseToyBoard } from "./board.ts";
import { parseToyBook } from "./book.ts";
import { parseToyCandles } from "./history.ts";

const HOUR = 3_600;
const DAY = 86_400;

/** A venue that exists for this test alone: everything that a new venue has to bring is in this folder. */
export const toy = {
  id: "toy",
  api: {
    url: "https://toy.example/api",
    rateLimit: { perSecond: 10, burst: 10 },
    restMs: (status) => (status === 429 ? 1_000 : 0),
    open: openToy,
  },
  board:
    (ask): ReadBoard =>
    async (currency, signal) => {
      const source = sourceName.board(currency, "toy");
      const answer = await ask("options", { currency }, source, signal);
      return "fault" in answer ? refused(answer.fault) : parseToyBoard(answer.body, source, currency);
    },
  book:
    (ask): ReadBook =>
    async (market, signal) => {
      const symbol = marketName("toy", market, /^[A-Z]+-[A-Z]+$/, 'a pair such as "ETH-USD"');
      const source = sourceName.book(`toy:${market}`);
      const answer = await ask("book", { symbol }, source, signal);
      return "fault" in answer ? refused(answer.fault) : parseToyBook(answer.body, source, market);
    },
  history: (ask) => ({
    async candles(instrument, now, days = 400, signal) {
      const source = sourceName.history(`toy:${instrument}`);
      const from = Math.ceil((now - days * DAY) / HOUR) * HOUR;
      const answer = await ask("candles", { instrument, from }, source, signal);
      return "fault" in answer ? refused(answer.fault) : parseToyCandles(answer.body, source, instrument, now);
    },
  }),
} as const satisfies Venue;
