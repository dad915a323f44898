import assert from "node:assert/strict";
import { test } from "node:test";
import { binance } from "../../keeper/venues/binance/binance.ts";
import { parseBinanceBook } from "../../keeper/venues/binance/parse.ts";
import { bybit } from "../../keeper/venues/bybit/bybit.ts";
import { parseBybitBook } from "../../keeper/venues/bybit/parse.ts";
import { connect } from "../../keeper/venues/connection.ts";
import { deribit } from "../../keeper/venues/deribit/deribit.ts";
import { parseDeribitBook } from "../../keeper/venues/deribit/parse.ts";
import { okx } from "../../keeper/venues/okx/okx.ts";
import { parseOkxBook } from "../../keeper/venues/okx/parse.ts";
import { VENUES } from "../../keeper/venues/registry.ts";
import type { Venue } from "../../keeper/venues/venue.ts";
import { loopback } from "../support/loopback.ts";
import { binanceBook, bybitBook, deribitBook, MARKET, okxBook } from "../venues/books/sample.ts";
import { TAKEN } from "../venues/sampleSmile.ts";
import { type BookRecording, behavesLikeBookVenue } from "./behavesLikeBookVenue.ts";

const BOOKS = { deribit, okx, bybit, binance };
const RECORDINGS: Readonly<Record<keyof typeof BOOKS, BookRecording>> = {
  deribit: {
    market: "ETH-PERPETUAL",
    spell: deribitBook,
    parse: (bodies) =>
      parseDeribitBook(bodies["public/get_order_book"] ?? "", "deribit:ETH-PERPETUAL:book", "ETH-PERPETUAL"),
    refusal: '{"jsonrpc":"2.0","error":{"message":"maintenance","code":11051}}',
    foreign: ["ETH-27FEB26", "ETH-27FEB26-3000-C", "ETHUSDT"],
  },
  okx: {
    market: "ETH-USDT",
    spell: okxBook,
    parse: (bodies) => parseOkxBook(bodies["market/books"] ?? "", "okx:ETH-USDT:book", "ETH-USDT"),
    refusal: '{"code":"51001","msg":"Instrument ID does not exist","data":[]}',
    foreign: ["ETH-USDT-SWAP", "ETH-USD-260227", "ETH"],
  },
  bybit: {
    market: "ETHUSDT",
    spell: bybitBook,
    parse: (bodies) => parseBybitBook(bodies["market/orderbook"] ?? "", "bybit:ETHUSDT:book", "ETHUSDT"),
    refusal: '{"retCode":10001,"retMsg":"Not supported symbols","result":{},"time":1769572847000}',
    foreign: ["ETHUSD", "ETH-27FEB26"],
  },
  binance: {
    market: "ETHUSDT",
    spell: binanceBook,
    parse: (bodies) => {
      const sent = { time: bodies["api/v3/time"] ?? "", depth: bodies["api/v3/depth"] ?? "" };
      return parseBinanceBook(sent, "binance:ETHUSDT:book", "ETHUSDT").observed;
    },
    refusal: '{"code":-1121,"msg":"Invalid symbol."}',
    foreign: ["ETHUSD_PERP", "ETHBTC"],
  },
};

for (const [name, venue] of Object.entries(BOOKS)) {
  behavesLikeBookVenue(venue, RECORDINGS[name as keyof typeof BOOKS]);
}

test("every venue of books in the registry is tested here", () => {
  assert.deepEqual(VENUES.offering("book"), Object.keys(BOOKS));
});

test("deribit counts inverse perpetuals in dollars and linear markets in coin", () => {
  const inCoin = JSON.stringify({
    jsonrpc: "2.0",
    result: { timestamp: TAKEN * 1000, state: "open", instrument_name: "ETH_USDC", ...MARKET },
  });
  const spot = parseDeribitBook(inCoin, "s", "ETH_USDC").observation;
  const perpetual = RECORDINGS.deribit.parse(deribitBook(MARKET)).observation;
  assert.deepEqual(
    spot?.bids,
    perpetual?.bids.map(([price, size]) => [price, Number(size.toFixed(9))]),
  );
});

test("a book of another market, or one that is closed, is INCONSISTENT", () => {
  const closed = deribitBook(MARKET)["public/get_order_book"]?.replace('"state":"open"', '"state":"closed"') ?? "";
  assert.equal(parseDeribitBook(closed, "s", "ETH-PERPETUAL").faults[0]?.code, "INCONSISTENT");
  assert.equal(parseDeribitBook(closed, "s", "BTC-PERPETUAL").faults[0]?.code, "INCONSISTENT");
  assert.equal(
    parseBybitBook(bybitBook(MARKET)["market/orderbook"] ?? "", "s", "BTCUSDT").faults[0]?.code,
    "INCONSISTENT",
  );
});

test("binance: a book that stands still while the venue's clock goes on is FROZEN after a minute", async () => {
  let time = TAKEN;
  let update = 1;
  const server = await loopback((request, response) => {
    const bodies = binanceBook(MARKET, time);
    const body = bodies[request.url?.includes("depth") ? "api/v3/depth" : "api/v3/time"] ?? "";
    response.end(body.replace("1027024", String(update)));
  });
  const { book } = connect(binance, { spotUrl: server.url });
  const seen: (string | undefined)[] = [];
  for (const step of [0, 60, 61, 62, 63]) {
    time = TAKEN + step;
    update = step === 63 ? 2 : 1;
    seen.push((await book("ETHUSDT")).faults[0]?.code);
  }
  await server.close();
  assert.deepEqual(seen, [undefined, undefined, "FROZEN", "FROZEN", undefined]);
});

test("the deepest book that one request gives is asked for", async () => {
  const server = await loopback((_, response) => response.end("{}"));
  for (const [name, venue] of Object.entries(BOOKS)) {
    const { book } = connect<Venue>(venue, { baseUrl: server.url, spotUrl: server.url });
    await book?.(RECORDINGS[name as keyof typeof BOOKS].market);
  }
  await connect(deribit, { baseUrl: server.url }).book("ETH_USDC-PERPETUAL");
  await server.close();
  assert.deepEqual(server.requests, [
    "/public/get_order_book?instrument_name=ETH-PERPETUAL&depth=1000",
    "/market/books?instId=ETH-USDT&sz=400",
    "/market/orderbook?category=spot&symbol=ETHUSDT&limit=200",
    "/api/v3/time",
    "/api/v3/depth?symbol=ETHUSDT&limit=1000",
    "/public/get_order_book?instrument_name=ETH_USDC-PERPETUAL&depth=1000",
  ]);
});
