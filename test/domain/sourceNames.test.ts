import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseSourceName, routeName, sourceName, sourcesOf } from "../../keeper/domain/sourceNames.ts";
import { calmObserved } from "../support/observations.ts";
import { WETH } from "../support/shipped.ts";

describe("sourceName", () => {
  it("spells every source as stored evidence does", () => {
    assert.deepEqual(
      calmObserved(1_770_000_000).map((one) => one.source),
      [
        sourceName.board("ETH"),
        sourceName.index("ETH"),
        sourceName.history("ETH-PERPETUAL"),
        sourceName.pool("USDC/WETH-0.05%"),
        sourceName.feed("WETH"),
      ],
    );
    assert.deepEqual(
      [
        sourceName.board("ETH", "okx"),
        sourceName.index("ETH"),
        sourceName.history("ETH-PERPETUAL"),
        sourceName.history("toy:ETH"),
        sourceName.pool("USDC/WETH-0.05%"),
        sourceName.pool("curve:stETH/ETH"),
        sourceName.book("okx:ETH-USDT"),
        sourceName.memory("USDC/WETH-0.05%", { parts: 48, partSeconds: 1_800 }),
        sourceName.feed("WETH"),
      ],
      [
        "okx:ETH:options",
        "deribit:ETH:index",
        "deribit:ETH-PERPETUAL:history",
        "toy:ETH:history",
        "uniswapV3:USDC/WETH-0.05%",
        "curve:stETH/ETH",
        "okx:ETH-USDT:book",
        "uniswapV3:USDC/WETH-0.05%:memory/48x1800",
        "priceFeed:WETH",
      ],
    );
  });
});

describe("parseSourceName", () => {
  it("says what was put into each name", () => {
    const window = { parts: 48, partSeconds: 1_800 };
    for (const [source, meaning] of [
      [sourceName.board("ETH", "okx"), { kind: "board", venue: "okx", name: "ETH" }],
      [sourceName.index("ETH"), { kind: "index", venue: "deribit", name: "ETH" }],
      [sourceName.history("ETH-PERPETUAL"), { kind: "history", venue: "deribit", name: "ETH-PERPETUAL" }],
      [sourceName.book("okx:ETH-USDT"), { kind: "book", venue: "okx", name: "ETH-USDT" }],
      [sourceName.pool("USDC/WETH-0.05%"), { kind: "pool", venue: "uniswapV3", name: "USDC/WETH-0.05%" }],
      [sourceName.pool("curve:stETH/ETH"), { kind: "pool", venue: "curve", name: "stETH/ETH" }],
      [sourceName.memory("USDC/WETH-0.05%", window), { kind: "memory", name: "USDC/WETH-0.05%", window }],
      [sourceName.feed("WETH"), { kind: "feed", name: "WETH" }],
      [sourceName.rate("wstETH", "stEthPerToken"), { kind: "rate", name: "wstETH", getter: "stEthPerToken" }],
    ] as const) {
      assert.deepEqual(parseSourceName(source), meaning, source);
    }
  });

  it("is null for any other text", () => {
    for (const text of ["", "WETH", ":", "okx:", ":ETH:options", "okx:ETH:candles", "okx:ETH:x:options"]) {
      assert.equal(parseSourceName(text), null, text);
    }
    for (const text of ["curve:x:memory/1x1", "uniswapV3:x:memory/1x", "uniswapV3:x:toString"]) {
      assert.equal(parseSourceName(text), null, text);
    }
  });
});

describe("routeName", () => {
  it("is what the pool is called in a route", () => {
    for (const name of ["USDC/WETH-0.05%", "curve:stETH/ETH"]) {
      const pool = parseSourceName(sourceName.pool(name));
      assert.ok(pool?.kind === "pool");
      assert.equal(routeName(pool.venue, pool.name), name);
    }
  });
});

describe("sourcesOf", () => {
  const sources = { ...WETH.sources, route: [["curve:stETH/ETH"], ["USDC/WETH-0.05%"]] };

  it("asks for the memories of Uniswap's pools alone, where a market asks for memories", () => {
    const poolMemory = { partSeconds: 1_800, parts: 48, maxFromAverage: 0.05, maxOverAverage: 3 };
    const { memories } = sourcesOf({ ...WETH, sources, poolMemory });
    assert.deepEqual(memories, [sourceName.memory("USDC/WETH-0.05%", poolMemory)]);
    const { poolMemory: _, ...without } = WETH;
    assert.deepEqual(sourcesOf({ ...without, sources }).memories, []);
  });

  it("asks for other histories of the same price, in their order", () => {
    const otherHistories = ["okx:ETH-USDT", "binance:ETHUSDT"];
    const named = sourcesOf({ ...WETH, sources: { ...sources, otherHistories } }).otherHistories;
    assert.deepEqual(named, ["okx:ETH-USDT:history", "binance:ETHUSDT:history"]);
  });

  it("asks once for a history that is another's too", () => {
    const { history } = WETH.sources;
    assert.deepEqual(sourcesOf({ ...WETH, sources: { ...sources, transferHistory: history } }).transferHistory, []);
    const other = sourcesOf({ ...WETH, sources: { ...sources, transferHistory: "BTC-PERPETUAL" } }).transferHistory;
    assert.deepEqual(other, [sourceName.history("BTC-PERPETUAL")]);
  });
});
