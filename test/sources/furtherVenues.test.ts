import assert from "node:assert/strict";
import { test } from "node:test";
import type { Observed } from "../../keeper/domain/observation.ts";
import { DEFAULT_BOOKS } from "../../keeper/markets/defaults.ts";
import { WBTC } from "../../keeper/markets/wbtc.ts";
import { WETH } from "../../keeper/markets/weth.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { qualify } from "../../keeper/quality/qualify.ts";
import { bookUrls, bookVenues, furtherVenues } from "../../keeper/sources/furtherVenues.ts";
import { openSources } from "../../keeper/sources/sources.ts";
import { MAINNET_ADDRESSES } from "../../scripts/lab/replica/addresses.ts";
import { BLOCK } from "../support/fakePoolRpc.ts";
import { loopback } from "../support/loopback.ts";
import { MARKET, okxBook } from "../venues/books/sample.ts";
import { bybitAnswer, bybitList } from "../venues/bybit/sample.ts";
import { okxBodies } from "../venues/okx/sample.ts";
import { TAKEN } from "../venues/sampleSmile.ts";

const listing = (...optionVenues: readonly string[]) => ({ ...WETH, sources: { ...WETH.sources, optionVenues } });

test("only venues that a market lists are opened, deribit never twice", () => {
  assert.deepEqual(furtherVenues([WETH, WBTC]), {});
  assert.deepEqual(Object.keys(furtherVenues([listing("deribit", "bybit"), listing("okx", "bybit")])), [
    "okx",
    "bybit",
  ]);
});

test("boards of real adapters over HTTP come together in the readings of one market", async () => {
  const okx = okxBodies();
  const server = await loopback((request, response) => {
    const url = request.url ?? "";
    if (url.includes("opt-summary")) return response.end(okx.summary);
    if (url.includes("mark-price")) return response.end(okx.marks);
    if (url.includes("index-tickers")) return response.end(okx.index);
    return response.end(url.includes("category=option") ? bybitAnswer(bybitList()) : okx.tickers);
  });
  const market = listing("okx", "bybit");
  const none = async (name: string): Promise<Observed> => ({
    source: `deribit:${name}`,
    observation: null,
    faults: [],
  });
  const deribit = { readOptionBoard: none, readVolatilityIndex: none, readPriceHistory: none } as never;
  const rpc = { chainId: 1, name: "none", block: async () => BLOCK, calls: async () => [] } as const;
  const { tokens, pools, feeds } = MAINNET_ADDRESSES;
  const deployment = { sources: { tokens, pools, feeds } } as unknown as Deployment;
  const venues = furtherVenues([market], { okx: server.url, bybit: server.url });
  const read = openSources(deribit, rpc, deployment, venues);
  const found = await read([market], BLOCK, TAKEN, new AbortController().signal);
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
  const market = { ...WETH, books: { ...DEFAULT_BOOKS, markets: ["okx:ETH-USDT"] } };
  const venues = bookVenues([market, WBTC], { okx: server.url });
  assert.deepEqual(Object.keys(venues), ["okx"]);
  const none = async (name: string): Promise<Observed> => ({
    source: `deribit:${name}`,
    observation: null,
    faults: [],
  });
  const deribit = { readOptionBoard: none, readVolatilityIndex: none, readPriceHistory: none } as never;
  const rpc = { chainId: 1, name: "none", block: async () => BLOCK, calls: async () => [] } as const;
  const { tokens, pools, feeds } = MAINNET_ADDRESSES;
  const deployment = { sources: { tokens, pools, feeds } } as unknown as Deployment;
  const read = openSources(deribit, rpc, deployment, {}, venues);
  const found = await read([market, WBTC], BLOCK, TAKEN, new AbortController().signal);
  const elsewhere = openSources(deribit, rpc, deployment)([market], BLOCK, TAKEN, new AbortController().signal);
  await assert.rejects(elsewhere, { code: "BAD_CONFIG", message: /order books okx/ });
  await server.close();
  const books = (name: string) => (found.get(name) ?? []).filter((one) => one.observation?.kind === "orderBook");
  assert.deepEqual([books("WETH").length, books("WBTC").length], [1, 0]);
  assert.equal(books("WETH")[0]?.source, "okx:ETH-USDT:book");
});

test("books live where options do, Binance's spot market apart", () => {
  const urls = { okx: "http://o", binance: "http://options", binanceSpot: "http://spot" };
  assert.deepEqual(bookUrls(urls, "http://d"), { okx: "http://o", binance: "http://spot", deribit: "http://d" });
  assert.deepEqual(bookUrls({ binance: "http://options" }, undefined), {});
});
