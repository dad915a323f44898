import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCandles, parseVolatilityIndex } from "../../../keeper/venues/deribit/parse.ts";
import { answer, type Chart, chart, indexRows, TAKEN } from "./sample.ts";

const HOUR = 3600;
/** 04:00, the last full hour before the sample was taken. */
const END = Math.floor(TAKEN / HOUR) * HOUR;
const candles = (page: unknown) => parseCandles(answer(page), "s", HOUR, TAKEN);
const index = (data: unknown, continuation: unknown = null) =>
  parseVolatilityIndex(answer({ data, continuation }), "s", HOUR, TAKEN);
const codes = (page: { readonly faults: readonly { readonly code: string }[] }) => page.faults.map((one) => one.code);
const changed = (key: keyof Chart, at: number, value: unknown): Chart => {
  const page = chart(10, END);
  (page[key] as unknown[])[at] = value;
  return page;
};

test("closed candles come through with their open time in seconds", () => {
  const page = candles(chart(3, END));
  assert.deepEqual(page.faults, []);
  assert.deepEqual(page.points[0], [END - 3 * HOUR, 3000, 3012, 2988, 3002, 100]);
  assert.deepEqual(
    page.points.map((one) => one[0]),
    [END - 3 * HOUR, END - 2 * HOUR, END - HOUR],
  );
});

test("the candle still open is left out without a fault", () => {
  const page = candles(chart(3, END + HOUR));
  assert.deepEqual(page.faults, []);
  assert.equal(page.points.length, 2);
});

test("a candle that closes at this very second counts as closed", () => {
  assert.equal(parseCandles(answer(chart(1, END)), "s", HOUR, END).points.length, 1);
  assert.equal(parseCandles(answer(chart(1, END)), "s", HOUR, END - 1).points.length, 0);
});

test('"no_data" is an empty page and no fault', () => {
  assert.deepEqual(candles(chart(0, END)), { points: [], faults: [], failed: false });
});

const SPOILED: readonly (readonly [string, Chart, string])[] = [
  ["a close of null", changed("close", 4, null), "NOT_FINITE"],
  ["a high of text", changed("high", 4, "3000"), "SCHEMA"],
  ["a zero low", changed("low", 4, 0), "NOT_POSITIVE"],
  ["a negative volume", changed("volume", 4, -1), "NOT_POSITIVE"],
  ["a high below the close", changed("high", 4, 2999), "INCONSISTENT"],
  ["a low above the open", changed("low", 4, 3005), "INCONSISTENT"],
  ["a time off the hour", changed("ticks", 4, (END - 6 * HOUR + 60) * 1000), "INCONSISTENT"],
  ["a time in the future", changed("ticks", 4, (END + 5 * HOUR) * 1000), "FUTURE"],
  ["a time before 1970", changed("ticks", 4, -3_600_000), "INCONSISTENT"],
];
for (const [sentence, page, code] of SPOILED) {
  test(`${sentence} drops the candle as ${code} and leaves nine`, () => {
    const read = candles(page);
    assert.deepEqual(codes(read), [code]);
    assert.equal(read.points.length, 9);
  });
}

test("candles out of order are sorted, with a fault", () => {
  const page = chart(4, END);
  for (const column of [page.ticks, page.open, page.high, page.low, page.close, page.volume]) column.reverse();
  const read = candles(page);
  assert.deepEqual(codes(read), ["OUT_OF_ORDER"]);
  assert.deepEqual(
    read.points.map((one) => one[0]),
    [4, 3, 2, 1].map((back) => END - back * HOUR),
  );
});

test("the same candle twice is DUPLICATE: equal copies leave one, unequal none", () => {
  const twice = (shift: number) => {
    const page = chart(3, END);
    for (const column of [page.ticks, page.open, page.high, page.low, page.close, page.volume]) column.push(column[2]);
    page.volume[3] = Number(page.volume[3]) + shift;
    return candles(page);
  };
  assert.deepEqual([codes(twice(0)), twice(0).points.length], [["DUPLICATE"], 3]);
  assert.deepEqual([codes(twice(1)), twice(1).points.length], [["DUPLICATE"], 2]);
});

test("lists of different lengths fail the page as INCONSISTENT", () => {
  const page = chart(3, END);
  page.close.pop();
  assert.deepEqual([codes(candles(page)), candles(page).failed], [["INCONSISTENT"], true]);
});

test("a page of another shape fails and names the field", () => {
  const read = candles({ status: "ok", ticks: [] });
  assert.equal(read.failed, true);
  assert.match(read.faults[0]?.detail ?? "", /result\.open/);
  assert.deepEqual(codes(candles({ ...chart(1, END), status: "late" })), ["SCHEMA"]);
  assert.deepEqual(codes(candles([])), ["SCHEMA"]);
});

test("index closes are fractions at their close time", () => {
  const page = index(indexRows(2, END));
  assert.deepEqual(page.faults, []);
  assert.deepEqual(page.points, [
    [END - HOUR, 0.515],
    [END, 51.6 / 100],
  ]);
  assert.equal(page.continuation, null);
});

test("the index bar still open is left out, the continuation kept", () => {
  const page = index(indexRows(2, END + HOUR), 1_769_000_000_000);
  assert.equal(page.points.length, 1);
  assert.equal(page.continuation, 1_769_000_000_000);
});

test("an index in fractions, or in percent of percent, is UNIT_SUSPECT as a whole", () => {
  for (const level of [0.515, 5150]) {
    const rows = indexRows(5, END).map(([time]) => [time, level, level, level, level]);
    const page = index(rows);
    assert.deepEqual([codes(page), page.failed, page.points.length], [["UNIT_SUSPECT"], true, 0]);
  }
});

test("bad index bars are dropped by name", () => {
  const spoil = (at: number, value: unknown) =>
    index(indexRows(5, END).map((row, i) => (i === 2 ? row.with(at, value as number) : row)));
  assert.deepEqual(codes(spoil(4, null)), ["NOT_FINITE"]);
  assert.deepEqual(codes(spoil(4, "x")), ["SCHEMA"]);
  assert.deepEqual(codes(spoil(3, 0)), ["NOT_POSITIVE"]);
  assert.deepEqual(codes(spoil(2, 1)), ["INCONSISTENT"]);
  assert.deepEqual(codes(spoil(2, 2000)), ["UNIT_SUSPECT"]);
  assert.equal(spoil(4, null).points.length, 4);
});

test("an index page of another shape fails and names the field", () => {
  assert.match(index("x").faults[0]?.detail ?? "", /result\.data/);
  assert.equal(index("x").failed, true);
});
