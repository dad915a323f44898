import type { Observed, OptionBoard } from "../../keeper/domain/observation.ts";
import { parseBinanceBoard, parseContracts } from "../../keeper/venues/binance/parse.ts";
import { parseBybitBoard } from "../../keeper/venues/bybit/parse.ts";
import { parseDeribitBoard } from "../../keeper/venues/deribit/parse.ts";
import { parseOkxBoard } from "../../keeper/venues/okx/parse.ts";
import { binanceBodies, binanceInfo, binanceLists } from "../venues/binance/sample.ts";
import { bybitAnswer, bybitList } from "../venues/bybit/sample.ts";
import { answer, bookRecord } from "../venues/deribit/sample.ts";
import { okxBodies } from "../venues/okx/sample.ts";
import { SMILE } from "../venues/sampleSmile.ts";

/** What one venue sends of the sample market, by name of the answer, and its adapter's parser. */
export type VenueBodies = {
  readonly bodies: Readonly<Record<string, string>>;
  readonly parse: (bodies: Readonly<Record<string, string>>) => Observed<OptionBoard>;
};

/** One market in four spellings: percent and fractions, coin and dollars, one answer and four. */
export const VENUE_BODIES: Readonly<Record<"deribit" | "okx" | "bybit" | "binance", VenueBodies>> = {
  deribit: {
    bodies: {
      book: answer(
        SMILE.map(({ strike, side, iv, mark, bid, ask }) =>
          bookRecord({
            instrument_name: `ETH-27FEB26-${strike}-${side}`,
            mark_iv: iv * 100,
            mark_price: mark,
            bid_price: bid,
            ask_price: ask,
          }),
        ),
      ),
    },
    parse: ({ book = "" }) => parseDeribitBoard(book, "deribit:ETH:options", "ETH"),
  },
  okx: {
    bodies: okxBodies(),
    parse: ({ summary = "", marks = "", tickers = "", index = "" }) =>
      parseOkxBoard({ summary, marks, tickers, index }, "okx:ETH:options", "ETH"),
  },
  bybit: {
    bodies: { tickers: bybitAnswer(bybitList()) },
    parse: ({ tickers = "" }) => parseBybitBoard(tickers, "bybit:ETH:options", "ETH"),
  },
  binance: {
    bodies: { ...binanceBodies(), info: binanceInfo(binanceLists().contracts) },
    parse: ({ marks = "", tickers = "", index = "", info = "" }) => {
      const source = "binance:ETH:options";
      const { contracts, faults } = parseContracts(info, source);
      if (contracts === null) return { source, observation: null, faults };
      return parseBinanceBoard({ marks, tickers, index }, contracts, source, "ETH");
    },
  },
};
