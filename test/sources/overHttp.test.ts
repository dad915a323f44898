import assert from "node:assert/strict";
import { test } from "node:test";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { qualify } from "../../keeper/quality/qualify.ts";
import { openSources } from "../../keeper/sources/sources.ts";
import { binance } from "../../keeper/venues/binance/binance.ts";
import { bybit } from "../../keeper/venues/bybit/bybit.ts";
import { okx } from "../../keeper/venues/okx/okx.ts";
import { uniswapV3 } from "../../keeper/venues/uniswapV3/uniswapV3.ts";
import { venueRegistry } from "../../keeper/venues/venueRegistry.ts";
import { MAINNET_ADDRESSES } from "../../scripts/lab/replica/addresses.ts";
import { BOOK_RULES } from "../support/books.ts";
import { BLOCK } from "../support/fakePoolRpc.ts";
import { silentVenue } from "../support/fakeVenue.ts";
import { loopback } from "../support/loopback.ts";
import { FEED_SAYS, WBTC, WETH } from "../support/shipped.ts";
import { binanceBook, MARKET, okxBook } from "../venues/books/sample.ts";
import { bybitAnswer, bybitList } from "../venues/bybit/sample.ts";
import { okxBodies } from "../venues/okx/sample.ts";
import { TAKEN } from "../venues/sampleSmile.ts";

const { tokens, pools, feeds } = MAINNET_ADDRESSES;
/** Sources of a keeper whose Deribit and whose node are silent. */
const open = (urls: Readonly<Record<string, string>>) =>
  openSources({
    feedSays: FEED_SAYS,
    rpc: { chainId: 1, name: "none", block: async () => BLOCK, calls: async () => [] },
    deployment: { sources: { tokens, pools, feeds } } as unknown as Deployment,
    venues: venueRegistry([silentVenue("deribit"), okx, bybit, binance, uniswapV3]),
    urls,
  });
const signal = new AbortController().signal;

test("boards of real adapters over HTTP come together in the readings of one market", async () => {
  const bodies = okxBodies();
  const server = await loopback((request, response) => {
    const url = request.url ?? "";
    if (url.includes("opt-summary")) return response.end(bodies.summary);
    if (url.includes("mark-price")) return response.end(bodies.marks);
    if (url.includes("index-tickers")) return response.end(bodies.index);
    return response.end(url.includes("category=option") ? bybitAnswer(bybitList()) : bodies.tickers);
  });
  const market = { ...WETH, sources: { ...WETH.sources, optionVenues: ["okx", "bybit"] } };
  const read = open({ okx: server.url, bybit: server.url });
  const found = await read([market], BLOCK, TAKEN, signal);
  await server.close();
  const { options, otherOptions, faults } = qualify(found.get("WETH") ?? [], market, TAKEN + 1);
  assert.deepEqual(
    [options?.source, otherOptions?.map((one) => one.source)],
    ["okx:ETH:options", ["bybit:ETH:options"]],
  );
  assert.ok(
    faults.every((one) => !one.source.endsWith(":options")),
    JSON.stringify(faults),
  );
  assert.equal(server.requests.length, 5);
});

test("a listed order book is read over HTTP, judged with the rest, and only where it is listed", async () => {
  const server = await loopback((_, response) => response.end(okxBook(MARKET, TAKEN)["market/books"]));
  const market = { ...WETH, books: { ...BOOK_RULES, markets: ["okx:ETH-USDT"] } };
  const found = await open({ okx: server.url })([market, WBTC], BLOCK, TAKEN, signal);
  await server.close();
  const books = (name: string) => (found.get(name) ?? []).filter((one) => one.observation?.kind === "orderBook");
  assert.deepEqual([books("WETH").length, books("WBTC").length], [1, 0]);
  assert.equal(books("WETH")[0]?.source, "okx:ETH-USDT:book");
  assert.equal(server.requests.length, 1, "and nothing else is asked of the venue");
});

test("Binance's books are asked for at the address of its spot market", async () => {
  const bodies = binanceBook(MARKET, TAKEN);
  const server = await loopback((request, response) =>
    response.end(bodies[request.url?.includes("depth") ? "api/v3/depth" : "api/v3/time"]),
  );
  const market = { ...WETH, books: { ...BOOK_RULES, markets: ["binance:ETHUSDT"] } };
  const found = await open({ binance: "http://127.0.0.1:9", binanceSpot: server.url })([market], BLOCK, TAKEN, signal);
  await server.close();
  assert.ok(found.get("WETH")?.some((one) => one.source === "binance:ETHUSDT:book" && one.observation !== null));
});

test("candles of two venues come over HTTP, and the bar that one of them has wrong is named and the other's", async () => {
  const HOUR = 3_600;
  const wrong = Math.floor(TAKEN / HOUR - 5) * HOUR * 1_000;
  const row = (ms: number, by: number) => [
    String(ms),
    "3000",
    "3010",
    String(2_990 * by),
    String(3_001 * by),
    "9",
    "1",
  ];
  const rows = (url: URL, from: string, to: string, by: number) => {
    const [first, last] = [Number(url.searchParams.get(from)), Number(url.searchParams.get(to))];
    const times = Array.from({ length: (last - first) / HOUR / 1_000 + 1 }, (_, i) => first + i * HOUR * 1_000);
    return times.map((ms) => row(ms, ms === wrong ? by : 1));
  };
  const server = await loopback((request, response) => {
    const url = new URL(request.url ?? "", "http://x");
    if (url.pathname === "/api/v3/klines") return response.end(JSON.stringify(rows(url, "startTime", "endTime", 0.8)));
    const result = { category: "spot", list: rows(url, "start", "end", 1).reverse() };
    response.end(JSON.stringify({ retCode: 0, retMsg: "OK", result, time: TAKEN * 1_000 }));
  });
  const sources = { ...WETH.sources, history: "binance:ETHUSDT", otherHistories: ["bybit:ETHUSDT"] };
  const market = { ...WETH, sources };
  const read = open({ binanceSpot: server.url, bybit: server.url });
  const found = await read([market], BLOCK, TAKEN, signal);
  await server.close();
  const { history, faults } = qualify(found.get("WETH") ?? [], market, TAKEN);
  assert.deepEqual([history?.source, history?.candles.length], ["binance:ETHUSDT:history", 550 * 24 - 1]);
  assert.ok(history?.candles.every((candle) => candle[4] === 3_001 && candle[3] === 2_990));
  const ofHistories = faults.filter(({ source }) => source.endsWith(":history"));
  assert.deepEqual(
    ofHistories.map(({ source, code }) => [source, code]),
    [["binance:ETHUSDT:history", "REVERTED"]],
  );
});
