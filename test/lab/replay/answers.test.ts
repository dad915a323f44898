import assert from "node:assert/strict";
import { test } from "node:test";
import type { Candle } from "../../../keeper/domain/observation.ts";
import { parseDeribitBoard } from "../../../keeper/venues/deribit/parse.ts";
import { bookSummaryAnswer } from "../../../scripts/lab/replay/bookSummaryAnswer.ts";
import { recordedSource } from "../../../scripts/lab/replay/recordedSource.ts";
import { closedBars, type IndexBar, lowerBound } from "../../../scripts/lab/replay/replaySource.ts";
import { envelope, oneOf, timeSpan } from "../../../scripts/lab/replay/rpcShape.ts";
import { atLength, candlesAnswer, indexAnswer } from "../../../scripts/lab/replay/seriesAnswers.ts";
import { dataFolder } from "../../support/data.ts";

const HOUR = 3600;
const DAY = 86_400;
const bar = (time: number, length: number, close: number): IndexBar => ({
  time,
  length,
  open: close - 1,
  high: close + 2,
  low: close - 2,
  close,
});

test("a recorded row comes out of the adapter as it went into the venue", () => {
  const row = {
    instrument: "ETH-27FEB26-3000-P",
    forward: 3012.53,
    index: 3005.1,
    bid: null,
    ask: 0.0595,
    mark: 0.058512,
    iv: 0.5127,
    openInterest: 440,
    volume24h: 12.5,
  };
  const result = bookSummaryAnswer({ time: 1_769_572_847, rows: [row] }, "ETH");
  const { observation, faults } = parseDeribitBoard(envelope({ result }, 0, 0), "s", "ETH");
  assert.deepEqual(faults, []);
  assert.equal(observation?.eventTime, 1_769_572_847);
  assert.equal(observation?.indexUsd, 3005.1);
  assert.deepEqual(observation?.quotes, [
    {
      instrument: "ETH-27FEB26-3000-P",
      expiry: 1_772_179_200,
      strike: 3000,
      kind: "put",
      bidCoin: null,
      askCoin: 0.0595,
      markCoin: 0.058512,
      markIv: 0.5127,
      forwardUsd: 3012.53,
      openInterest: 440,
    },
  ]);
});

test("every row of a recorded crash board survives the way through API and adapter to the last digit", (t) => {
  const folder = dataFolder();
  if (folder === null) return t.skip("shared data not present: options");
  const board = recordedSource(folder).board("ETH", Date.UTC(2026, 1, 5, 22) / 1000);
  assert.ok(board !== null && board.rows.length > 800);
  const { observation } = parseDeribitBoard(envelope({ result: bookSummaryAnswer(board, "ETH") }, 0, 0), "s", "ETH");
  const quotes = new Map(observation?.quotes.map((quote) => [quote.instrument, quote]));
  const priced = board.rows.filter((row) => row.mark > 0);
  assert.equal(quotes.size, priced.length);
  for (const row of priced) {
    const quote = quotes.get(row.instrument);
    assert.deepEqual(
      [quote?.forwardUsd, quote?.bidCoin, quote?.askCoin, quote?.markCoin, quote?.openInterest],
      [row.forward, row.bid, row.ask, row.mark, row.openInterest],
    );
    assert.ok(Math.abs((quote?.markIv ?? 0) - row.iv) < 1e-12, row.instrument);
  }
});

test("a middle price is given only where both sides are", () => {
  const row = { instrument: "ETH-27FEB26-3000-P", forward: 1, index: 1, mark: 1, iv: 1, openInterest: 1, volume24h: 0 };
  const middle = (bid: number | null, ask: number | null) =>
    bookSummaryAnswer({ time: 0, rows: [{ ...row, bid, ask }] }, "ETH")[0]?.["mid_price"];
  assert.deepEqual([middle(0.1, 0.2), middle(null, 0.2), middle(0.1, null)], [0.15, null, null]);
});

test("the last day before an expiry without a future is on the index", () => {
  const row = { forward: 1, index: 1, bid: null, ask: null, mark: 1, iv: 1, openInterest: 1, volume24h: 0 };
  const name = (instrument: string, time: string) =>
    bookSummaryAnswer({ time: Date.parse(time) / 1000, rows: [{ ...row, instrument }] }, "BTC")[0]?.[
      "underlying_index"
    ];
  // As captured at 2026-05-22T14:33Z and 2026-02-05T21:29Z.
  assert.equal(name("BTC-23MAY26-69000-P", "2026-05-22T14:33:00Z"), "index_price");
  assert.equal(name("BTC-6FEB26-69000-P", "2026-02-05T21:29:00Z"), "BTC-6FEB26");
  assert.equal(name("BTC-7FEB26-69000-P", "2026-02-05T21:29:00Z"), "SYN.BTC-7FEB26");
  assert.equal(name("BTC-13FEB26-69000-P", "2026-02-05T21:29:00Z"), "BTC-13FEB26");
  assert.equal(name("BTC-20FEB26-69000-P", "2026-02-05T21:29:00Z"), "SYN.BTC-20FEB26");
  assert.equal(name("BTC-27FEB26-69000-P", "2026-02-05T21:29:00Z"), "BTC-27FEB26");
  assert.equal(name("BTC-24APR26-88000-C", "2026-02-05T21:29:00Z"), "SYN.BTC-24APR26");
  assert.equal(name("BTC-25DEC26-88000-C", "2026-02-05T21:29:00Z"), "BTC-25DEC26");
});

test("candles become parallel lists in milliseconds with a cost in quote currency", () => {
  const candle: Candle = [HOUR, 10, 12, 9, 11, 3];
  assert.deepEqual(candlesAnswer([candle]), {
    volume: [3],
    ticks: [HOUR * 1000],
    status: "ok",
    open: [10],
    low: [9],
    high: [12],
    cost: [33],
    close: [11],
  });
});

test("an index longer than a page gives its newest thousand and where the older ones end", () => {
  const bars = Array.from({ length: 1500 }, (_, at) => bar(at * HOUR, HOUR, 50));
  const { data, continuation } = indexAnswer(bars) as { data: number[][]; continuation: number };
  assert.equal(data.length, 1000);
  assert.equal(data[0]?.[0], 500 * HOUR * 1000);
  assert.equal(continuation, 499 * HOUR * 1000);
  assert.equal(indexAnswer(bars.slice(0, 1000))["continuation"], null);
});

test("a day known by its close is the hour it closed with, and nothing is filled in before", () => {
  assert.deepEqual(atLength([bar(DAY, DAY, 60)], HOUR), [
    { time: 2 * DAY - HOUR, length: HOUR, open: 60, high: 60, low: 60, close: 60 },
  ]);
});

test("24 hours make a day with their extremes, 23 make none", () => {
  const hours = Array.from({ length: 24 }, (_, at) => bar(at * HOUR, HOUR, 50 + at));
  assert.deepEqual(atLength(hours, DAY), [{ time: 0, length: DAY, open: 49, high: 75, low: 48, close: 73 }]);
  assert.deepEqual(atLength(hours.slice(1), DAY), []);
});

test("closed bars of a span: both ends of the span count, the open bar does not", () => {
  const bars = [0, 1, 2, 3].map((at) => bar(at * HOUR, HOUR, 50));
  const between = (from: number, to: number, asOf: number) =>
    closedBars(bars, [from, to], asOf).map(({ time }) => time);
  assert.deepEqual(between(HOUR, 2 * HOUR, 10 * HOUR), [HOUR, 2 * HOUR]);
  assert.deepEqual(between(0, 10 * HOUR, 2 * HOUR), [0, HOUR]);
  assert.deepEqual(between(0, 10 * HOUR, 2 * HOUR - 1), [0]);
  assert.deepEqual(between(5 * HOUR, 1, 10 * HOUR), []);
});

test("the lower bound is the first place that is not smaller", () => {
  const at = (key: number) => lowerBound([1, 3, 3, 5], (value) => value, key);
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6].map(at), [0, 0, 1, 1, 3, 3, 4]);
});

test("a parameter outside its list, or absent, is refused by name", () => {
  const query = new URLSearchParams("a=1&b=");
  assert.equal(oneOf(query, "a", ["1", "2"]), "1");
  assert.match(JSON.stringify(oneOf(query, "a", ["2", "3"])), /expected one of: 2, 3/);
  for (const name of ["b", "c"])
    assert.match(JSON.stringify(oneOf(query, name, ["1"])), /required parameter is missing/);
});

test("a span is read in milliseconds and shrinks to whole seconds", () => {
  assert.deepEqual(timeSpan(new URLSearchParams("start_timestamp=1001&end_timestamp=2999")), { from: 2, to: 2 });
  for (const bad of ["start_timestamp=-1&end_timestamp=5", "start_timestamp=1e3&end_timestamp=5", "end_timestamp=5"]) {
    assert.match(JSON.stringify(timeSpan(new URLSearchParams(bad))), /"param":"start_timestamp"/);
  }
});
