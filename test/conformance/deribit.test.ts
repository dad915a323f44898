import { deribit } from "../../keeper/venues/deribit.ts";
import { answer, bookRecord, chart, healthyBook, indexRows, TAKEN } from "../venues/deribit/sample.ts";
import { behavesLikeOptionsVenue } from "./behavesLikeOptionsVenue.ts";

const END = Math.floor(TAKEN / 3600) * 3600;
/** The healthy board with its first record changed. */
const spoil = (changes: Record<string, unknown>) =>
  answer(healthyBook().map((one, at) => (at === 0 ? { ...one, ...changes } : one)));

behavesLikeOptionsVenue(deribit, {
  now: TAKEN,
  currency: "ETH",
  instrument: "ETH-PERPETUAL",
  kindOf: (path) => (path.includes("volatility") ? "index" : path.includes("chart") ? "history" : "board"),
  board: (time) => answer(healthyBook().map((one) => ({ ...one, creation_timestamp: time * 1000 }))),
  index: answer({ data: indexRows(48, END), continuation: null }),
  history: answer(chart(48, END)),
  spoiledBoard: {
    nanMark: spoil({ mark_price: "NaN" }),
    zeroMark: spoil({ mark_price: 0 }),
    zeroBid: spoil({ bid_price: 0 }),
    crossed: spoil({ bid_price: 0.3, ask_price: 0.1 }),
    duplicated: answer([...healthyBook(), ...healthyBook()]),
    unitOfVolatility: answer(healthyBook().map((one) => ({ ...one, mark_iv: Number(one["mark_iv"]) / 100 }))),
    expired: spoil({ instrument_name: "ETH-26DEC25-3000-C" }),
    notAnOption: spoil({ instrument_name: "ETH-PERPETUAL" }),
    missingField: answer([...healthyBook(), bookRecord({ underlying_price: undefined })]),
    empty: answer([]),
    refusal: '{"jsonrpc":"2.0","error":{"message":"maintenance","code":11051}}',
    otherShape: answer({ rows: [] }),
  },
});
