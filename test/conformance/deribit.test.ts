import assert from "node:assert/strict";
import type { Connection } from "../../keeper/venues/connection.ts";
import { deribit } from "../../keeper/venues/deribit/deribit.ts";
import { parseDeribitBoard } from "../../keeper/venues/deribit/parse.ts";
import { answer, bookRecord, chart, healthyBook, indexRows, TAKEN } from "../venues/deribit/sample.ts";
import { behavesLikeOptionsVenue } from "./behavesLikeOptionsVenue.ts";

const END = Math.floor(TAKEN / 3600) * 3600;
const BOOK = "get_book_summary_by_currency";
/** The healthy board with its first record changed. */
const spoil = (changes: Record<string, unknown>) =>
  records(healthyBook().map((one, at) => (at === 0 ? { ...one, ...changes } : one)));
const indexOf = ({ history }: Connection) => history?.index ?? assert.fail();
const candlesOf = ({ history }: Connection) => history?.candles ?? assert.fail();
const records = (list: unknown) => ({ [BOOK]: answer(list) });

behavesLikeOptionsVenue(deribit, {
  now: TAKEN,
  currency: "ETH",
  board: (time) => records(healthyBook().map((one) => ({ ...one, creation_timestamp: time * 1000 }))),
  spoiledBoard: {
    nanMark: spoil({ mark_price: "NaN" }),
    zeroMark: spoil({ mark_price: 0 }),
    negativeBid: spoil({ bid_price: -0.001 }),
    crossed: spoil({ bid_price: 0.3, ask_price: 0.1 }),
    impossible: spoil({ mark_price: 1.2 }),
    belowIntrinsic: spoil({ mark_price: 0.1, bid_price: null, ask_price: null }),
    duplicated: records([...healthyBook(), ...healthyBook()]),
    contradicted: records([
      ...healthyBook(),
      { ...healthyBook()[0], mark_price: 0.21, bid_price: null, ask_price: null },
    ]),
    unitOfVolatility: records(healthyBook().map((one) => ({ ...one, mark_iv: Number(one["mark_iv"]) / 100 }))),
    volatilityAbove1000: spoil({ mark_iv: 1200 }),
    zeroVolatility: spoil({ mark_iv: 0 }),
    unitOfTime: records(healthyBook().map((one) => ({ ...one, creation_timestamp: TAKEN }))),
    expired: spoil({ instrument_name: "ETH-26DEC25-3000-C" }),
    notAnOption: spoil({ instrument_name: "ETH-PERPETUAL" }),
    missingField: records([...healthyBook(), bookRecord({ underlying_price: undefined })]),
    empty: records([]),
    refusal: { [BOOK]: '{"jsonrpc":"2.0","error":{"message":"maintenance","code":11051}}' },
    otherShape: records({ rows: [] }),
  },
  zeroBid: { bodies: spoil({ bid_price: 0 }), isSaid: true },
  scaledVolatility: (factor) =>
    records(healthyBook().map((one) => ({ ...one, mark_iv: Number(one["mark_iv"]) * factor }))),
  parse: (bodies) => parseDeribitBoard(bodies[BOOK] ?? "", "deribit:ETH:options", "ETH"),
  tooMany: [{ status: 429, body: '{"jsonrpc":"2.0","error":{"message":"too_many_requests","code":10028}}' }],
  others: {
    get_volatility_index_data: {
      body: answer({ data: indexRows(48, END), continuation: null }),
      read: (source, signal) => indexOf(source)("ETH", TAKEN, 2, signal),
    },
    get_tradingview_chart_data: {
      body: answer(chart(48, END)),
      read: (source, signal) => candlesOf(source)("ETH-PERPETUAL", TAKEN, 2, signal),
    },
  },
});
