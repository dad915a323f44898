import assert from "node:assert/strict";
import { after, test } from "node:test";
import { generatedSource } from "../../../scripts/lab/replay/generatedSource.ts";
import { startReplayVenue } from "../../../scripts/lab/replay/replayVenue.ts";
import { settableClock } from "../../support/settableClock.ts";

const data = generatedSource(7);
const HOUR = 3600;
const DAY = 86_400;
/** 2026-02-05T21:31:00Z, a minute after a board. */
const NOW = Date.UTC(2026, 1, 5, 21, 31) / 1000;
const clock = settableClock(NOW * 1000);
const venue = await startReplayVenue({ data, now: clock.now });
after(() => venue.close());

type Answer = { status: number; body: Record<string, unknown> };
async function ask(path: string): Promise<Answer> {
  const response = await fetch(`${venue.url}/public/${path}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
async function result<T>(path: string): Promise<T> {
  return (await ask(path)).body["result"] as T;
}
const span = (from: number, to: number) => `start_timestamp=${from * 1000}&end_timestamp=${to * 1000}`;

test("the venue listens on loopback only and names its API's path", () => {
  assert.match(venue.url, /^http:\/\/127\.0\.0\.1:\d+\/api\/v2$/);
});

test("every answer has the JSON-RPC envelope with the replay's microseconds", async () => {
  const { status, body } = await ask("get_time");
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body), ["jsonrpc", "result", "usIn", "usOut", "usDiff", "testnet"]);
  assert.equal(body["result"], NOW * 1000);
  assert.equal(body["usIn"], NOW * 1e6);
  assert.equal(Number(body["usOut"]) - Number(body["usIn"]), body["usDiff"]);
  assert.equal(body["testnet"], false);
});

test("a book summary has the fields of the real one, in its order and units", async () => {
  const records = await result<Record<string, unknown>[]>("get_book_summary_by_currency?currency=ETH&kind=option");
  assert.deepEqual(Object.keys(records[0] ?? {}), [
    "high",
    "low",
    "last",
    "instrument_name",
    "bid_price",
    "ask_price",
    "open_interest",
    "mark_price",
    "creation_timestamp",
    "price_change",
    "interest_rate",
    "volume",
    "mark_iv",
    "underlying_price",
    "underlying_index",
    "estimated_delivery_price",
    "base_currency",
    "quote_currency",
    "volume_usd",
    "mid_price",
  ]);
  assert.ok(
    records.every((one) => Number(one["mark_iv"]) > 20 && Number(one["mark_iv"]) < 400),
    "percent",
  );
  assert.ok(
    records.every((one) => one["creation_timestamp"] === (NOW - 60) * 1000),
    "milliseconds of the board",
  );
});

test("forwards are named as the venue names them", async () => {
  const records = await result<Record<string, string>[]>("get_book_summary_by_currency?currency=ETH&kind=option");
  const nameOf = (expiry: string) =>
    records.find((one) => one["instrument_name"]?.startsWith(`ETH-${expiry}-`))?.["underlying_index"];
  assert.equal(nameOf("6FEB26"), "ETH-6FEB26");
  assert.equal(nameOf("7FEB26"), "SYN.ETH-7FEB26");
  assert.equal(nameOf("27FEB26"), "ETH-27FEB26");
  assert.equal(nameOf("27MAR26"), "ETH-27MAR26");
});

test("candles are parallel lists and only closed ones are given", async () => {
  const chart = await result<Record<string, number[]>>(
    `get_tradingview_chart_data?instrument_name=ETH-PERPETUAL&resolution=60&${span(NOW - DAY, NOW + DAY)}`,
  );
  assert.deepEqual(Object.keys(chart).sort(), ["close", "cost", "high", "low", "open", "status", "ticks", "volume"]);
  assert.equal(chart["status"], "ok");
  assert.equal(chart["ticks"]?.length, 23);
  assert.equal(chart["ticks"]?.at(-1), (Math.floor(NOW / HOUR) - 1) * HOUR * 1000);
  for (const column of ["open", "high", "low", "close", "volume", "cost"]) assert.equal(chart[column]?.length, 23);
});

test('a span without closed candles is "no_data"', async () => {
  const chart = await result<Record<string, unknown>>(
    `get_tradingview_chart_data?instrument_name=ETH-PERPETUAL&resolution=60&${span(NOW, NOW + DAY)}`,
  );
  assert.equal(chart["status"], "no_data");
  assert.deepEqual(chart["ticks"], []);
});

test("of too many candles the newest 5000 are given", async () => {
  const chart = await result<Record<string, number[]>>(
    `get_tradingview_chart_data?instrument_name=BTC-PERPETUAL&resolution=60&${span(NOW - 400 * DAY, NOW)}`,
  );
  assert.equal(chart["ticks"]?.length, 5000);
  assert.equal(chart["ticks"]?.at(-1), (Math.floor(NOW / HOUR) - 1) * HOUR * 1000);
});

test("a day of the index is known when it has ended, as the hour it closed with", async () => {
  const hours = await result<{ data: number[][]; continuation: null }>(
    `get_volatility_index_data?currency=ETH&resolution=3600&${span(NOW - 3 * DAY, NOW)}`,
  );
  const midnight = Math.floor(NOW / DAY) * DAY;
  assert.deepEqual(
    hours.data.map((row) => row[0]),
    [3, 2, 1].map((back) => (midnight - (back - 1) * DAY - HOUR) * 1000),
  );
  const days = await result<{ data: number[][] }>(
    `get_volatility_index_data?currency=ETH&resolution=1D&${span(NOW - 3 * DAY, NOW)}`,
  );
  assert.deepEqual(
    days.data.map((row) => row[0]),
    [2, 1].map((back) => (midnight - back * DAY) * 1000),
  );
  assert.equal(days.data.at(-1)?.[4], hours.data.at(-1)?.[4]);
});

test("the index price is the newest one known", async () => {
  const { index_price } = await result<{ index_price: number }>("get_index_price?index_name=eth_usd");
  const board = data.board("ETH", NOW);
  assert.equal(index_price, board?.rows[0]?.index);
});

test("outside the recorded span boards are empty and prices refused", async () => {
  clock.set(Date.UTC(2020, 0, 1));
  assert.deepEqual(await result("get_book_summary_by_currency?currency=ETH&kind=option"), []);
  assert.equal((await ask("get_index_price?index_name=eth_usd")).status, 400);
  clock.set(NOW * 1000);
});

const REFUSED: readonly (readonly [path: string, param: string])[] = [
  ["get_book_summary_by_currency?kind=option", "currency"],
  ["get_book_summary_by_currency?currency=XYZ&kind=option", "currency"],
  ["get_book_summary_by_currency?currency=ETH&kind=options", "kind"],
  [`get_tradingview_chart_data?resolution=60&${span(0, 1)}`, "instrument_name"],
  [`get_tradingview_chart_data?instrument_name=ETH-PERPETUAL&resolution=7&${span(0, 1)}`, "resolution"],
  [`get_tradingview_chart_data?instrument_name=ETH-PERPETUAL&resolution=1&${span(0, 1)}`, "resolution"],
  ["get_tradingview_chart_data?instrument_name=ETH-PERPETUAL&resolution=60&end_timestamp=1", "start_timestamp"],
  [`get_volatility_index_data?currency=ETH&resolution=3600&start_timestamp=x&end_timestamp=1`, "start_timestamp"],
  [`get_volatility_index_data?currency=ETH&resolution=3600&${span(5, 1)}`, "start_timestamp"],
  [`get_volatility_index_data?currency=ETH&resolution=60&${span(0, 1)}`, "resolution"],
  ["get_index_price?index_name=doge_usd", "index_name"],
];
for (const [path, param] of REFUSED) {
  test(`${path} is refused with status 400, code -32602 and the parameter's name`, async () => {
    const { status, body } = await ask(path);
    assert.equal(status, 400);
    const error = body["error"] as { code: number; message: string; data: { param: string } };
    assert.deepEqual([error.code, error.message, error.data.param], [-32602, "Invalid params", param]);
    assert.equal("result" in body, false);
  });
}

test("an unknown method and a POST are refused as the API does", async () => {
  for (const answer of [await ask("get_nothing"), await ask("../private/buy")]) {
    assert.equal(answer.status, 400);
    assert.equal((answer.body["error"] as { code: number }).code, -32601);
  }
  const posted = await fetch(`${venue.url}/public/get_time`, { method: "POST", body: "{}" });
  assert.equal(posted.status, 400);
});
