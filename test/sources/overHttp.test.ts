import assert from "node:assert/strict";
import { test } from "node:test";
import { WBTC } from "../../keeper/markets/wbtc.ts";
import { WETH } from "../../keeper/markets/weth.ts";
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
import { binanceBook, MARKET, okxBook } from "../venues/books/sample.ts";
import { bybitAnswer, bybitList } from "../venues/bybit/sample.ts";
import { okxBodies } from "../venues/okx/sample.ts";
import { TAKEN } from "../venues/sampleSmile.ts";

const { tokens, pools, feeds } = MAINNET_ADDRESSES;
/** Sources of a keeper whose Deribit and whose node are silent. */
const open = (urls: Readonly<Record<string, string>>) =>
  openSources({
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
