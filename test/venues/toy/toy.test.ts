import assert from "node:assert/strict";
import { test } from "node:test";
import { parameterProblems } from "../../../keeper/markets/parameterProblems.ts";
import type { Deployment } from "../../../keeper/protocols/deployment.ts";
import { qualify } from "../../../keeper/quality/qualify.ts";
import { parseEnvironment } from "../../../keeper/runtime/parseEnvironment.ts";
import { openSources } from "../../../keeper/sources/sources.ts";
import { VENUES } from "../../../keeper/venues/registry.ts";
import { venueRegistry } from "../../../keeper/venues/venueRegistry.ts";
import { behavesLikeBookVenue } from "../../conformance/behavesLikeBookVenue.ts";
import { behavesLikeOptionsVenue } from "../../conformance/behavesLikeOptionsVenue.ts";
import { BOOK_RULES } from "../../support/books.ts";
import { BLOCK } from "../../support/fakePoolRpc.ts";
import { loopback } from "../../support/loopback.ts";
import { calmFeed, calmPool, seen } from "../../support/observations.ts";
import { FEED_SAYS, WETH } from "../../support/shipped.ts";
import { MARKET } from "../books/sample.ts";
import { INDEX, TAKEN } from "../sampleSmile.ts";
import { parseToyBoard } from "./board.ts";
import { parseToyBook } from "./book.ts";
import { answer, board, book, candles, options, type Row } from "./sample.ts";
import { toy } from "./toy.ts";

const spoil = (changes: Row) => ({
  options: board(options().map((row, at) => (at === 0 ? { ...row, ...changes } : row))),
});
const [first] = options();
const everyIv = (factor: number) => ({
  options: board(options().map((row) => ({ ...row, iv: Number(row["iv"]) * factor }))),
});

behavesLikeOptionsVenue(toy, {
  now: TAKEN,
  currency: "ETH",
  board: (time) => ({ options: board(options(), time * 1_000) }),
  spoiledBoard: {
    nanMark: spoil({ mark: "NaN" }),
    zeroMark: spoil({ mark: 0 }),
    negativeBid: spoil({ bid: -0.001 }),
    crossed: spoil({ bid: 0.4, ask: 0.1 }),
    impossible: spoil({ mark: 1.2 }),
    belowIntrinsic: spoil({ mark: 0.1, bid: null, ask: null }),
    duplicated: { options: board([...options(), ...options()]) },
    contradicted: { options: board([...options(), { ...first, mark: 0.21, bid: null, ask: null }]) },
    unitOfVolatility: everyIv(100),
    volatilityAbove1000: spoil({ iv: 12 }),
    zeroVolatility: spoil({ iv: 0 }),
    unitOfTime: { options: board(options(), TAKEN) },
    expired: spoil({ name: "ETH-26DEC25-3000-C" }),
    notAnOption: spoil({ name: "ETH-PERPETUAL" }),
    missingField: spoil({ forward: undefined }),
    empty: { options: board([]) },
    refusal: { options: '{"ok":false,"why":"maintenance"}' },
    otherShape: { options: answer({ rows: [] }) },
  },
  zeroBid: { bodies: spoil({ bid: 0 }), isSaid: true },
  scaledVolatility: everyIv,
  parse: (bodies) => parseToyBoard(bodies["options"] ?? "", "toy:ETH:options", "ETH"),
  tooMany: [{ status: 429, body: '{"ok":false,"why":"too many"}' }],
  others: {
    candles: {
      body: candles(48),
      read: ({ history }, signal) => history?.candles?.("TOY-PERP", TAKEN, 2, signal) ?? assert.fail(),
    },
  },
});

behavesLikeBookVenue(toy, {
  market: "ETH-USD",
  spell: (sides, time) => ({ book: book(sides, time) }),
  parse: (bodies) => parseToyBook(bodies["book"] ?? "", "toy:ETH-USD:book", "ETH-USD"),
  refusal: '{"ok":false,"why":"maintenance"}',
  foreign: ["ETHUSD", "ETH-27FEB26-3000-C"],
});

/** The one line. */
const WITH_TOY = venueRegistry([...VENUES.venues, toy]);
/** A market that names the toy venue for its board, its book and its candles. */
const MARKET_WITH_TOY = {
  ...WETH,
  sources: { ...WETH.sources, optionVenues: ["toy"], history: "toy:TOY-PERP" },
  books: { ...BOOK_RULES, markets: ["toy:ETH-USD"] },
};

test("with one line in the registry, markets, VENUE_URLS and sources know the venue", async () => {
  assert.deepEqual(parameterProblems(MARKET_WITH_TOY, WITH_TOY), []);
  assert.deepEqual(
    parameterProblems(MARKET_WITH_TOY).map((problem) => problem.path),
    ["sources.optionVenues", "sources.history", "books.markets"],
  );
  const server = await loopback((request, response) => {
    const path = request.url?.split(/[/?]/)[1] ?? "";
    const bodies: Readonly<Record<string, string>> = { options: board(), book: book(MARKET), candles: candles(13_200) };
    response.statusCode = path in bodies ? 200 : 404;
    response.end(bodies[path]);
  });
  const { settings, problems } = parseEnvironment(
    { VENUE_URLS: `toy=${server.url},deribit=${server.url}` },
    WITH_TOY.urlNames,
  );
  assert.deepEqual(problems, []);
  const address = "0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640";
  const read = openSources({
    feedSays: FEED_SAYS,
    rpc: { chainId: 1, name: "none", block: async () => BLOCK, calls: async () => [] },
    deployment: {
      sources: { pools: { "USDC/WETH-0.05%": address }, feeds: { WETH: address } },
    } as unknown as Deployment,
    venues: WITH_TOY,
    urls: settings.venueUrls,
  });
  const found = await read([MARKET_WITH_TOY], BLOCK, TAKEN, new AbortController().signal);
  await server.close();
  const others = [seen(calmPool(TAKEN - 2, INDEX)), seen(calmFeed(TAKEN - 600, INDEX))];
  const known = new Set(others.map((one) => one.source));
  const observed = [...(found.get("WETH") ?? []).filter(({ source }) => !known.has(source)), ...others];
  const { options: accepted, books, history, faults } = qualify(observed, MARKET_WITH_TOY, TAKEN + 1);
  assert.deepEqual(
    [accepted?.source, books?.map(({ source }) => source), history?.source],
    ["toy:ETH:options", ["toy:ETH-USD:book"], "toy:TOY-PERP:history"],
  );
  assert.equal(history?.candles.length, 13_200);
  assert.deepEqual([...new Set(faults.map(({ source }) => source))], ["deribit:ETH:index"]);
});

test("a registry refuses venues that could be taken for others, or that it could not ask", () => {
  const { api: _, ...withoutApi } = toy;
  for (const [venues, given, expected] of [
    [[toy, { ...toy }], "toy", /each id once/],
    [[{ ...toy, id: "toy:2" }], "toy:2", /letters and digits/],
    [[{ ...toy, id: "priceFeed" }], "priceFeed", /not priceFeed/],
    [[withoutApi], "toy", /an api/],
  ] as const) {
    assert.throws(
      () => venueRegistry(venues),
      (error: Error & { facts?: unknown }) => {
        assert.match(error.message, expected);
        assert.equal((error.facts as { given?: unknown }).given, given);
        return true;
      },
    );
  }
});
