import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { CallResult, Rpc } from "../../keeper/io/rpc.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { qualify } from "../../keeper/quality/qualify.ts";
import { openSources, readChainSources } from "../../keeper/sources/sources.ts";
import { uniswapV3 } from "../../keeper/venues/uniswapV3/uniswapV3.ts";
import type { ReadBoard, Venue } from "../../keeper/venues/venue.ts";
import { venueRegistry } from "../../keeper/venues/venueRegistry.ts";
import { MAINNET_ADDRESSES } from "../../scripts/lab/replica/addresses.ts";
import { BOOK_RULES } from "../support/books.ts";
import { BLOCK } from "../support/fakePoolRpc.ts";
import { fakeVenue, silentVenue } from "../support/fakeVenue.ts";
import { MEMORY_RULES } from "../support/memory.ts";
import { calmBoard, calmHistory, calmIndex, seen } from "../support/observations.ts";
import { FEED_SAYS, WBTC, WETH } from "../support/shipped.ts";

const NOW = BLOCK.timestamp + 2;
const signal = new AbortController().signal;
const { tokens, pools, feeds } = MAINNET_ADDRESSES;
const deployment = { sources: { tokens, pools, feeds } } as unknown as Deployment;

/** A venue that answers calmly and a node whose calls all come back empty; both write down what they are asked. */
function world() {
  const asked: string[] = [];
  const deribit = fakeVenue("deribit", {
    async board(currency) {
      asked.push(`board ${currency}`);
      return seen(calmBoard(currency, NOW - 4, 3_000, 0.5)) as never;
    },
    history: {
      async index(currency, now) {
        asked.push(`index ${currency} at ${now}`);
        return seen(calmIndex(currency, now, 0.5)) as never;
      },
      async candles(instrument, now, days) {
        asked.push(`history ${instrument} at ${now}, ${days} days`);
        return seen(calmHistory(instrument, now, 3_000, 0.5, 2)) as never;
      },
    },
  });
  const rpc: Rpc = {
    chainId: 31337,
    name: "empty",
    block: async () => BLOCK,
    calls: async (calls) => calls.map((): CallResult => ({ ok: true, data: "0x" })),
  };
  const open = (...venues: readonly Venue[]) =>
    openSources({ feedSays: FEED_SAYS, rpc, deployment, venues: venueRegistry([uniswapV3, ...venues]) });
  return { asked, rpc, open, sources: open(deribit) };
}

describe("openSources", () => {
  it("asks every source once, whichever markets share it", async () => {
    const { asked, sources } = world();
    await sources([WETH, WBTC], BLOCK, NOW, signal);
    assert.deepEqual(asked.sort(), [
      "board BTC",
      "board ETH",
      `history BTC-PERPETUAL at ${NOW}, 550 days`,
      `history ETH-PERPETUAL at ${NOW}, 550 days`,
      `index BTC at ${NOW}`,
      `index ETH at ${NOW}`,
    ]);
  });

  it("gives each market what it names and nothing of another's", async () => {
    const found = await world().sources([WETH, WBTC], BLOCK, NOW, signal);
    const names = (market: string) => (found.get(market) ?? []).map((one) => one.source).sort();
    assert.deepEqual(names("WETH"), [
      "deribit:ETH-PERPETUAL:history",
      "deribit:ETH:index",
      "deribit:ETH:options",
      "priceFeed:WETH",
      "uniswapV3:USDC/WETH-0.05%",
    ]);
    assert.deepEqual(names("WBTC"), [
      "deribit:BTC-PERPETUAL:history",
      "deribit:BTC:index",
      "deribit:BTC:options",
      "priceFeed:WBTC",
      "uniswapV3:USDC/WETH-0.05%",
      "uniswapV3:WBTC/WETH-0.3%",
    ]);
  });

  it("leaves nothing out that the readings look for, and a silent chain is a fault of each source", async () => {
    const found = await world().sources([WETH, WBTC], BLOCK, NOW, signal);
    for (const market of [WETH, WBTC]) {
      const { faults } = qualify(found.get(market.name) ?? [], market, NOW);
      assert.ok(
        faults.every((one) => one.detail !== "was not observed"),
        JSON.stringify(faults),
      );
      const silent = faults.filter((one) => /^(uniswapV3|priceFeed):/.test(one.source));
      assert.equal(new Set(silent.map((one) => one.source)).size, market.sources.route.flat().length + 1);
    }
  });

  it("asks nothing for markets that are not wanted", async () => {
    const { asked, sources } = world();
    await sources([WETH], BLOCK, NOW, signal);
    assert.ok(asked.every((one) => one.includes("ETH")));
  });

  it("asks the memory of the Uniswap pools of a market that wants it, under a name that holds the window", async () => {
    const market = { ...WBTC, poolMemory: { ...MEMORY_RULES, partSeconds: 600, parts: 3 } };
    const found = await world().sources([market, WETH], BLOCK, NOW, signal);
    const memories = (name: string) => (found.get(name) ?? []).filter((one) => one.source.includes(":memory/"));
    assert.deepEqual(
      memories("WBTC").map((one) => one.source),
      market.sources.route.flat().map((name) => `uniswapV3:${name}:memory/3x600`),
    );
    assert.deepEqual(memories("WETH"), []);
    const { faults } = qualify(found.get("WBTC") ?? [], market, NOW);
    assert.ok(faults.every((one) => one.detail !== "was not observed"));
    const again = await readChainSources(["uniswapV3:USDC/WETH-0.05%:memory/3x600"], BLOCK, {
      rpc: world().rpc,
      deployment,
      feedSays: FEED_SAYS,
    });
    assert.deepEqual(
      again.map((one) => [one.source, one.faults[0]?.code]),
      [["uniswapV3:USDC/WETH-0.05%:memory/3x600", "SCHEMA"]],
    );
  });

  it("refuses a pool or a feed that the deployment does not know, naming field and choice", async () => {
    const refused = async (sources: Partial<typeof WETH.sources>, field: string, expected: string) => {
      const market = { ...WETH, sources: { ...WETH.sources, ...sources } };
      await assert.rejects(world().sources([market], BLOCK, NOW, signal), (error) => {
        assert.ok(error instanceof TonsorError);
        assert.equal(error.code, "BAD_CONFIG");
        assert.deepEqual(error.facts, { field, expected });
        return true;
      });
    };
    const known = (names: object) => `one of ${Object.keys(names).join(", ")}`;
    await refused({ route: [["NOPE"]] }, "sources.pools.NOPE", known(pools));
    await refused({ priceFeed: "DOGE" }, "sources.feeds.DOGE", known(feeds));
  });
});

describe("listed options venues", () => {
  const listing = (optionVenues: readonly string[]) => ({ ...WETH, sources: { ...WETH.sources, optionVenues } });

  it("are asked for their boards, each once, and told apart by their source", async () => {
    const { asked, open } = world();
    const board =
      (name: string): ReadBoard =>
      async (currency) => {
        asked.push(`${name} ${currency}`);
        const found = { ...calmBoard(currency, NOW - 4, 3_000, 0.5), source: `${name}:${currency}:options` };
        return { source: found.source, observation: found, faults: [] };
      };
    const deribit = { ...silentVenue("deribit"), board: () => board("deribit") };
    const sources = open(deribit, ...["okx", "bybit"].map((name) => fakeVenue(name, { board: board(name) })));
    const markets = [listing(["deribit", "okx"]), { ...WBTC, sources: { ...WBTC.sources, optionVenues: ["bybit"] } }];
    const found = await sources(markets, BLOCK, NOW, signal);
    assert.deepEqual(asked.sort(), ["bybit BTC", "deribit ETH", "okx ETH"]);
    const boards = (name: string) =>
      (found.get(name) ?? []).map((one) => one.source).filter((source) => source.endsWith(":options"));
    assert.deepEqual(boards("WETH"), ["deribit:ETH:options", "okx:ETH:options"]);
    assert.deepEqual(boards("WBTC"), ["bybit:BTC:options"]);
    const { options, otherOptions } = qualify(found.get("WETH") ?? [], listing(["deribit", "okx"]), NOW);
    assert.deepEqual([options?.source, otherOptions?.length], ["deribit:ETH:options", 1]);
  });
});

describe("a venue that does not offer what a market names it for", () => {
  const full = silentVenue("deribit");
  for (const [what, market, venues, facts] of [
    [
      "options boards",
      { ...WETH, sources: { ...WETH.sources, optionVenues: ["deribit", "okx"] } },
      [full],
      { field: "sources.optionVenues", given: "okx", expected: "one of deribit" },
    ],
    [
      "order books",
      { ...WETH, books: { ...BOOK_RULES, markets: ["okx:ETH-USDT"] } },
      [full, fakeVenue("okx", {})],
      { field: "books.markets", given: "okx", expected: "one of deribit" },
    ],
    [
      "candles",
      { ...WETH, sources: { ...WETH.sources, history: "uniswapV3:ETH" } },
      [full],
      { field: "sources.history", given: "uniswapV3", expected: "one of deribit" },
    ],
    [
      "a volatility index",
      WETH,
      [{ ...full, history: () => ({}) }],
      { field: "sources.options", given: "deribit", expected: "one of deribit" },
    ],
    [
      "pools",
      { ...WETH, sources: { ...WETH.sources, route: [["deribit:USDC/WETH-0.05%"]] } },
      [full],
      { field: "sources.route", given: "deribit", expected: "one of uniswapV3" },
    ],
  ] as const) {
    it(`is named, with those that offer ${what}`, async () => {
      const sources = world().open(...venues);
      await assert.rejects(sources([market], BLOCK, NOW, signal), (error) => {
        assert.ok(error instanceof TonsorError);
        assert.equal(error.code, "BAD_CONFIG");
        assert.ok(error.message.includes(what), error.message);
        assert.deepEqual(error.facts, facts);
        return true;
      });
    });
  }
});

describe("readChainSources", () => {
  it("reads pools and feeds by their source names again, and leaves other kinds out", async () => {
    const names = ["deribit:ETH:options", "priceFeed:WETH", "uniswapV3:USDC/WETH-0.05%"];
    const again = await readChainSources(names, BLOCK, { rpc: world().rpc, deployment, feedSays: FEED_SAYS });
    assert.deepEqual(
      again.map((one) => one.source),
      ["uniswapV3:USDC/WETH-0.05%", "priceFeed:WETH"],
    );
  });
});

describe("one source that misbehaves", () => {
  const calm = async (currency: string) => seen(calmBoard(currency, NOW - 4, 3_000, 0.5)) as never;
  const market = { ...WETH, sources: { ...WETH.sources, optionVenues: ["deribit", "ill"] } };
  const readWith = async (board: ReadBoard) => {
    const { rpc } = world();
    const venues = venueRegistry([
      uniswapV3,
      { ...silentVenue("deribit"), board: () => calm },
      fakeVenue("ill", { board }),
    ]);
    const found = await openSources({ feedSays: FEED_SAYS, rpc, deployment, venues, softTimeoutSeconds: 0.15 })(
      [market],
      BLOCK,
      NOW,
      signal,
    );
    const named = (source: string) => found.get("WETH")?.find((one) => one.source === source);
    assert.equal(named("deribit:ETH:options")?.observation?.kind, "optionBoard");
    return named("ill:ETH:options");
  };

  it("and never ends is left behind after the deadline, signal or no signal", async () => {
    const began = performance.now();
    const [late] = (await readWith(() => new Promise(() => undefined)))?.faults ?? [];
    assert.deepEqual([late?.code, late?.detail], ["UNREACHABLE", "no answer within 0.05 s"]);
    assert.ok(performance.now() - began < 5_000);
  });

  it("and heeds the signal is taken with what it has", async () => {
    const own = await readWith(async (_, stop) => {
      await new Promise((resolve) => stop?.addEventListener("abort", resolve));
      return calm("ETH");
    });
    assert.notEqual(own?.observation, null);
  });

  it("and breaks on what it was answered costs itself alone", async () => {
    const [broken] = (await readWith(() => Promise.reject(new RangeError("Invalid string length"))))?.faults ?? [];
    assert.deepEqual([broken?.code, broken?.source], ["SCHEMA", "ill:ETH:options"]);
    assert.match(broken?.detail ?? "", /Invalid string length/);
  });

  it("and is of another chain still fails all, for then nothing means anything", async () => {
    await assert.rejects(
      readWith(() => Promise.reject(new TonsorError("WRONG_CHAIN", "chain 1"))),
      { code: "WRONG_CHAIN" },
    );
  });
});
