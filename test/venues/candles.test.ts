import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import fc from "fast-check";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { FAULTS } from "../../keeper/domain/fault.ts";
import type { Candle } from "../../keeper/domain/observation.ts";
import { binance } from "../../keeper/venues/binance/binance.ts";
import { parseBinanceCandles } from "../../keeper/venues/binance/parse.ts";
import { bybit } from "../../keeper/venues/bybit/bybit.ts";
import { parseBybitCandles } from "../../keeper/venues/bybit/parse.ts";
import type { Page } from "../../keeper/venues/candles.ts";
import { connect } from "../../keeper/venues/connection.ts";
import { okx } from "../../keeper/venues/okx/okx.ts";
import { parseOkxCandles } from "../../keeper/venues/okx/parse.ts";
import type { Venue } from "../../keeper/venues/venue.ts";
import { mutatedBody } from "../conformance/mutatedBody.ts";
import { loopback } from "../support/loopback.ts";
import { TAKEN } from "./sampleSmile.ts";

/*
 * Bodies as documented: OKX v5 "Get candlesticks history" (newest first; [ts, o, h, l, c, vol in base, volCcy,
 * volCcyQuote, confirm]), Bybit v5 "Get Kline" (newest first; [start, o, h, l, c, volume, turnover]), Binance Spot
 * "Kline/Candlestick data" (oldest first; [open time, o, h, l, c, volume, close time, ...]).
 */
const HOUR = 3_600;
const END = Math.floor(TAKEN / HOUR) * HOUR;

type Row = readonly unknown[];
type Dialect = {
  readonly venue: Venue;
  readonly market: string;
  /** Rows in the venue's order and envelope; the bar still open is among them where it was asked for. */
  readonly body: (rows: readonly Row[]) => string;
  /** The first and last bar asked for, both included, Unix seconds, and the most the venue gives. */
  readonly asked: (query: URLSearchParams) => readonly [from: number, to: number, most: number];
  readonly parse: (body: string, source: string, interval: number, now: number) => Page<Candle>;
  readonly refusal: string;
  readonly foreign: readonly string[];
};

const seconds = (text: string | null) => Number(text) / 1000;
const DIALECTS: readonly Dialect[] = [
  {
    venue: okx,
    market: "ETH-USDT",
    body: (rows) => JSON.stringify({ code: "0", msg: "", data: rows.map((row) => [...row, "1", "1", "1"]).reverse() }),
    asked: (query) => [
      Math.ceil((seconds(query.get("before")) + 0.001) / HOUR) * HOUR,
      Math.floor((seconds(query.get("after")) - 0.001) / HOUR) * HOUR,
      Math.min(300, Number(query.get("limit"))),
    ],
    parse: parseOkxCandles,
    refusal: '{"code":"51001","msg":"Instrument ID does not exist","data":[]}',
    foreign: ["ETH-USDT-SWAP", "ETH"],
  },
  {
    venue: bybit,
    market: "ETHUSDT",
    body: (rows) => {
      const list = rows.map((row) => [...row, "1"]).reverse();
      const result = { symbol: "ETHUSDT", category: "spot", list };
      return JSON.stringify({ retCode: 0, retMsg: "OK", result, time: TAKEN * 1000 });
    },
    asked: (query) => [seconds(query.get("start")), seconds(query.get("end")), Number(query.get("limit"))],
    parse: parseBybitCandles,
    refusal: '{"retCode":10001,"retMsg":"Not supported symbols","result":{},"time":1769572847000}',
    foreign: ["ETHUSD", "ETH-27FEB26"],
  },
  {
    venue: binance,
    market: "ETHUSDT",
    body: (rows) =>
      JSON.stringify(rows.map(([time, ...row]) => [Number(time), ...row, Number(time) + 3_599_999, "1", 9])),
    asked: (query) => [seconds(query.get("startTime")), seconds(query.get("endTime")), Number(query.get("limit"))],
    parse: parseBinanceCandles,
    refusal: '{"code":-1121,"msg":"Invalid symbol."}',
    foreign: ["ETHUSD_PERP", "ETHBTC"],
  },
];

const rowAt = (time: number): Row => [String(time * 1000), "3000", "3012.5", "2988", "3002", "100"];
function rowsBetween(from: number, to: number): readonly Row[] {
  const rows: Row[] = [];
  for (let time = from; time <= to; time += HOUR) rows.push(rowAt(time));
  return rows;
}
const codes = ({ faults }: { readonly faults: readonly { readonly code: string }[] }) => faults.map(({ code }) => code);

for (const { venue, market, body, asked, parse, refusal, foreign } of DIALECTS) {
  const open = (url: string, sent: (query: URLSearchParams) => string) => {
    const queries: URLSearchParams[] = [];
    const server = loopback((request, response) => {
      const query = new URL(request.url ?? "/", url).searchParams;
      queries.push(query);
      response.end(sent(query));
    });
    return { queries, server };
  };
  /** The venue's bars up to and with the one still open, as many as it gives. */
  const honest = (query: URLSearchParams) => {
    const [from, to, most] = asked(query);
    const rows = rowsBetween(from, Math.min(to, END));
    return body(venue === binance ? rows.slice(0, most) : rows.slice(-most));
  };
  const candles = (url: string) =>
    connect<Venue>(venue, { baseUrl: url, spotUrl: url }).history?.candles ?? assert.fail("no candles");

  describe(`candles of ${venue.id}`, () => {
    it("come whole and in order, page after page, and then only what is new is asked for", async () => {
      const { queries, server } = open("http://x", honest);
      const { url, close } = await server;
      const read = candles(url);
      const { observation, faults } = await read(market, TAKEN, 100);
      const pages = queries.length;
      const again = await read(market, TAKEN + HOUR, 100);
      await close();
      assert.deepEqual(faults, []);
      assert.deepEqual(
        [observation?.source, observation?.intervalSeconds, observation?.eventTime, observation?.candles.length],
        [`${venue.id}:${market}:history`, HOUR, END, 100 * 24 - 1],
      );
      assert.deepEqual(observation?.candles.at(-1), [END - HOUR, 3000, 3012.5, 2988, 3002, 100]);
      assert.ok(observation?.candles.every(([time], i, all) => time === (all[0]?.[0] ?? 0) + i * HOUR));
      assert.equal(pages, Math.ceil((100 * 24 - 1) / (venue === okx ? 300 : 1000)));
      assert.equal(queries.length, pages + 1);
      assert.equal(again.observation?.eventTime, END + HOUR);
    });

    it("are refused as a whole when the venue says so, with its own words", async () => {
      const { url, close } = await open("http://x", () => refusal).server;
      const { observation, faults } = await candles(url)(market, TAKEN, 2);
      await close();
      assert.deepEqual([observation, codes({ faults })], [null, ["VENUE_ERROR", "EMPTY"]]);
    });

    it("of a market that is not spot are a wrong argument", async () => {
      for (const name of foreign) {
        await assert.rejects(async () => await candles("http://127.0.0.1:9")(name, TAKEN, 2), TonsorError);
      }
    });

    it("that are no bars are dropped by name", () => {
      const good = rowAt(END - 2 * HOUR);
      const changed = (at: number, value: unknown) => good.map((one, i) => (i === at ? value : one));
      const spoiled: readonly (readonly [Row, string])[] = [
        [changed(4, "NaN"), "NOT_FINITE"],
        [changed(4, null), "NOT_FINITE"],
        [changed(1, "0"), "NOT_POSITIVE"],
        [changed(5, "-1"), "NOT_POSITIVE"],
        [changed(2, "3001"), "INCONSISTENT"],
        [changed(0, String((END - 2 * HOUR + 60) * 1000)), "INCONSISTENT"],
        [changed(3, "three thousand"), "SCHEMA"],
      ];
      for (const [row, code] of spoiled) {
        const page = parse(body([rowAt(END - 3 * HOUR), row, rowAt(END - HOUR)]), "s", HOUR, TAKEN);
        assert.deepEqual([codes(page), page.points.length], [[code], 2], JSON.stringify(row));
      }
    });
  });

  test(`1 000 damaged answers of ${venue.id} give sound candles or a named fault, and never throw`, () => {
    const whole = body(rowsBetween(END - 40 * HOUR, END));
    fc.assert(
      fc.property(mutatedBody(whole), (damaged) => {
        const { points, faults, failed } = parse(damaged, "s", HOUR, TAKEN);
        assert.ok(faults.every(({ code }) => code in FAULTS));
        assert.ok(!failed || (points.length === 0 && faults.length > 0));
        for (const [time, start, high, low, close, volume] of points) {
          assert.ok(time % HOUR === 0 && time + HOUR <= TAKEN && low > 0 && volume >= 0);
          assert.ok(low <= Math.min(start, close) && high >= Math.max(start, close) && Number.isFinite(high + volume));
        }
      }),
      { numRuns: 1_000, seed: 3 },
    );
  });
}
