import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type {
  ClaimParameters,
  MarketParameters,
  MarketSources,
  ModelParameters,
} from "../../keeper/domain/parameters.ts";
import { parameterProblems as problemsOf } from "../../keeper/markets/parameterProblems.ts";
import { VENUES } from "../../keeper/venues/registry.ts";
import { BOOK_RULES } from "../support/books.ts";
import { USDC, WSTETH, WSTETH_WETH } from "../support/claims.ts";
import { MEMORY_RULES } from "../support/memory.ts";
import { SHIPPED, WBTC, WETH } from "../support/shipped.ts";

/** Each in one line. */
const parameterProblems = (...of: Parameters<typeof problemsOf>) =>
  problemsOf(...of).map(({ path, given, expected }) => `${path} is ${given}, expected ${expected}`);
const withModel = (change: Partial<ModelParameters>): MarketParameters => ({
  ...WETH,
  model: { ...WETH.model, ...change },
});
const withSources = (change: Partial<MarketSources>): MarketParameters => ({
  ...WETH,
  sources: { ...WETH.sources, ...change },
});

/** The market with one number, at a path like "model.tailLevel", replaced. */
function withNumber(path: string, value: number): MarketParameters {
  const [part = "", name = ""] = path.split(".");
  const group = WETH[part as "model" | "policy" | "quality"];
  assert.ok(name in group, `${path} is no parameter`);
  return { ...WETH, [part]: { ...group, [name]: value } };
}

const problemsAt = (path: string, value: number) =>
  parameterProblems(withNumber(path, value)).filter((one) => one.startsWith(`${path} `));

const FRACTION = "a fraction in [0, 1] (0.05 means 5 %)";

/** Every number with a range: what is accepted at its ends, what is refused beyond them, what is said. */
const RANGES: readonly (readonly [path: string, fine: readonly number[], bad: readonly number[], expected: string])[] =
  [
    ...[
      "model.liquidationBonus",
      "model.idiosyncratic",
      "model.oracleDeviation",
      "model.depthStressFloor",
      "model.coldStartDepthShare",
      "model.depthShare",
      "model.minimumGap",
      "model.impliedWeight",
      "policy.minLooseningConfidence",
      "quality.maxPriceDisagreement",
    ].map((path) => [path, [0, 0.5, 1], [-0.001, 1.001, 5, Number.NaN], FRACTION] as const),
    ["model.tailLevel", [0.9, 0.99], [0.899, 1, 99], "in [0.9, 1)"],
    ["model.degreesOfFreedom", [2.001, 4], [2, 1], "in (2, 1e6]"],
    ["model.minimumHorizonHours", [24, 48], [23.9, 1, 24.5, 169], "whole hours in [24, 168]"],
    ["model.liquidationWindowHours", [0.1, 4, 168], [0, 169], "hours in (0, 168]"],
    ["model.stressVolatility", [1, 1.5, 5], [0.99, 5.01, 150], "in [1, 5] (1.5 means 150 % a year)"],
    [
      "model.largestBorrowerUsd",
      [0, WETH.model.supplyCapUsd],
      [WETH.model.supplyCapUsd + 1],
      "at most the supply cap 30000000 USD",
    ],
    ["model.impliedFloor", [0, 1], [-0.1, 11], "a factor in [0, 10]"],
    ["model.typicalVolatility", [0.1, 1.5], [0.09], "in [0.1, 5] (0.8 means 80 % a year), or left out"],
    ["model.staticVolatility", [0.8], [0, 150], "in (0, 10] (1.5 means 150 % a year)"],
    ["model.oracleLatencySeconds", [0, 120], [-1, 120_000], "seconds in [0, 86400]"],
    ["policy.heartbeatSeconds", [60, 21_600], [59], ">= 60 s"],
    ["policy.deadBandBps", [1, 50], [0, -1], "> 0 bp"],
  ];

describe("parameterProblems", () => {
  it("finds nothing wrong with any market that is shipped", () => {
    for (const { parameters } of SHIPPED) assert.deepEqual(parameterProblems(parameters), [], parameters.name);
  });

  for (const [path, fine, bad, expected] of RANGES) {
    it(`holds ${path} to ${expected}`, () => {
      for (const value of fine) assert.deepEqual(problemsAt(path, value), [], String(value));
      for (const value of bad) {
        assert.deepEqual(problemsAt(path, value), [`${path} is ${JSON.stringify(value)}, expected ${expected}`]);
      }
    });
  }

  it("takes a market without a typical volatility, and none above what is taken for the unknown", () => {
    const { typicalVolatility: _, ...model } = WETH.model;
    assert.deepEqual(parameterProblems({ ...WETH, model }), []);
    const refused = ["model.typicalVolatility is 1.6, expected at most staticVolatility 1.5"];
    assert.deepEqual(parameterProblems(withModel({ typicalVolatility: 1.6 })), refused);
  });

  it("leaves a liquidation something of its bonus: the cost lies in [0, 1] and below b/(1+b)", () => {
    const at = (liquidationCost: number) => parameterProblems(withModel({ liquidationBonus: 0.25, liquidationCost }));
    assert.deepEqual([at(0), at(0.199)], [[], []]);
    assert.deepEqual(at(0.2), ["model.liquidationCost is 0.2, expected below b/(1+b) = 0.2"]);
    assert.deepEqual(at(-0.1), [`model.liquidationCost is -0.1, expected ${FRACTION}`]);
    assert.equal(at(1.5).length, 2);
  });

  it("wants a ladder that starts at one or more and never falls before its last rung", () => {
    const at = (...ladderMultipliers: [number, number, number, number, number, number]) =>
      parameterProblems(withModel({ ladderMultipliers }));
    const expected = "L1 >= 1 and not falling to L4";
    assert.deepEqual([at(1, 1, 1, 1, 1, 0.5), at(1, 1.1, 1.1, 1.2, 1.3, 1)], [[], []]);
    assert.deepEqual(at(0.9, 1, 1, 1, 1, 1), [`model.ladderMultipliers is [0.9,1,1,1,1,1], expected ${expected}`]);
    assert.deepEqual(at(1, 1.2, 1.1, 1.2, 1.3, 1), [
      `model.ladderMultipliers is [1,1.2,1.1,1.2,1.3,1], expected ${expected}`,
    ]);
    assert.equal(at(1, 1, 1.2, 1.1, 1, 1).length, 1);
    assert.deepEqual(at(1, 1, 1, 1.2, 1.1, 1), [], "the fifth number is read by nothing");
  });

  it("wants a liquidation profile that ascends in both, from a fall above nothing", () => {
    const at = (...liquidationProfile: [number, number][]) => parameterProblems(withModel({ liquidationProfile }));
    assert.deepEqual([at(), at([0.1, 0], [0.2, 5], [0.3, 5])], [[], []]);
    const refused = (text: string) => [
      `model.liquidationProfile is ${text}, expected price falls and sizes that ascend`,
    ];
    assert.deepEqual(at([0, 5]), refused("[[0,5]]"));
    assert.deepEqual(at([0.1, -1]), refused("[[0.1,-1]]"));
    assert.deepEqual(at([0.2, 5], [0.2, 6]), refused("[[0.2,5],[0.2,6]]"));
    assert.deepEqual(at([0.1, 5], [0.2, 4]), refused("[[0.1,5],[0.2,4]]"));
  });

  it("wants at least one pool in every hop of the route", () => {
    const expected = "at least one pool in every hop";
    assert.deepEqual(parameterProblems(withSources({ route: [] })), [`sources.route is [], expected ${expected}`]);
    assert.deepEqual(parameterProblems(withSources({ route: [["a"], []] })), [
      `sources.route is [["a"],[]], expected ${expected}`,
    ]);
    assert.deepEqual(parameterProblems(withSources({ route: [["a", "b"]] })), []);
  });

  it("wants a window of a pool's memory that has a length, and limits that allow the calm", () => {
    const problems = (change: object) => parameterProblems({ ...WETH, poolMemory: { ...MEMORY_RULES, ...change } });
    assert.deepEqual(problems({}), []);
    const wrong = { partSeconds: 0.5, parts: 2_000, maxFromAverage: 5, maxOverAverage: 0.5 };
    assert.deepEqual(
      problems(wrong).map((text) => text.split(" ")[0]),
      Object.keys(wrong).map((name) => `poolMemory.${name}`),
    );
    assert.deepEqual(problems({ partSeconds: 1, parts: 1_000, maxFromAverage: 0.999, maxOverAverage: 1 }), []);
    assert.equal(problems({ parts: 1_001, maxFromAverage: 1 }).length, 2);
  });

  it("wants order books of venues that there are, each once, with numbers that mean something", () => {
    const books = { ...BOOK_RULES, markets: ["okx:ETH-USDT", "deribit:ETH-PERPETUAL"] };
    const problems = (change: object) => parameterProblems({ ...WETH, books: { ...books, ...change } });
    assert.deepEqual(problems({}), []);
    const known = `"venue:market" each once, venues ${VENUES.offering("book").join(", ")}`;
    assert.deepEqual(problems({ markets: ["kraken:ETHUSD"] }), [
      `books.markets is ["kraken:ETHUSD"], expected ${known}`,
    ]);
    for (const markets of [[], ["okx:a", "okx:a"], ["okx"], ["okx:a:b"]]) assert.equal(problems({ markets }).length, 1);
    const wrong = { maxAgeSeconds: 0, weight: 0, takerFee: 1, mostOfPools: 4 };
    assert.deepEqual(
      problems(wrong).map((text) => text.split(" ")[0]),
      Object.keys(wrong).map((name) => `books.${name}`),
    );
    assert.deepEqual(problems({ weight: 1, takerFee: 0, mostOfPools: 3 }), []);
  });

  it("wants a rise of the price in fractions, at once and by the day", () => {
    const problems = (atOnce: number, perDay: number) =>
      parameterProblems(withModel({ priceRise: { atOnce, perDay } }));
    assert.deepEqual([problems(0, 0.001), problems(1, 1)], [[], []]);
    assert.deepEqual(problems(-0.001, 0), [
      "model.priceRise.atOnce is -0.001, expected a fraction in [0, 1] (0.25 means 25 %)",
      "model.priceRise.perDay is 0, expected a fraction in (0, 1] (0.1 means 10 % a day)",
    ]);
    assert.equal(problems(1.001, 1.001).length, 2);
  });

  it("wants a quarantine of whole agreements, one or more, and of no negative time", () => {
    const problems = (seconds: number, agreements: number) =>
      parameterProblems({ ...WETH, quality: { ...WETH.quality, quarantine: { seconds, agreements } } });
    assert.deepEqual(problems(0, 1), []);
    for (const [seconds, agreements] of [
      [-1, 1],
      [0, 0],
      [0, 1.5],
    ] as const) {
      assert.equal(problems(seconds, agreements).length, 1, `${seconds} s, ${agreements}`);
    }
  });

  it("wants pools of venues that there are, and none with two colons", () => {
    const known = `pools of ${VENUES.offering("pools").join(", ")}`;
    assert.deepEqual(parameterProblems(withSources({ route: [["curve:stETH/ETH"], ["USDC/WETH-0.05%"]] })), []);
    assert.deepEqual(parameterProblems(withSources({ route: [["balancer:x", "curve:a:b"]] })), [
      `sources.route is ["balancer:x","curve:a:b"], expected ${known}`,
    ]);
  });

  it("wants a history of the underlying exactly where its volatility is transferred", () => {
    const expected = "set exactly when transferFrom is";
    assert.deepEqual(parameterProblems(withSources({ transferFrom: "BTC" })), [
      `sources.transferHistory is null, expected ${expected}`,
    ]);
    assert.deepEqual(parameterProblems(withSources({ transferHistory: "BTC-PERPETUAL" })), [
      `sources.transferHistory is "BTC-PERPETUAL", expected ${expected}`,
    ]);
  });

  it("wants options venues that exist, each once", () => {
    const boards = VENUES.offering("board");
    const expected = `expected at least one of ${boards.join(", ")}, each once`;
    assert.deepEqual(parameterProblems(withSources({ optionVenues: boards })), []);
    for (const optionVenues of [[], ["deribit", "deribit"], ["kraken"]]) {
      const given = JSON.stringify(optionVenues);
      assert.deepEqual(parameterProblems(withSources({ optionVenues })), [
        `sources.optionVenues is ${given}, ${expected}`,
      ]);
    }
  });

  it("wants further histories of venues that there are, each once and none the history itself", () => {
    assert.deepEqual(parameterProblems(withSources({ otherHistories: ["okx:ETH-USDT", "binance:ETHUSDT"] })), []);
    for (const otherHistories of [["deribit:ETH-PERPETUAL"], ["okx:ETH-USDT", "okx:ETH-USDT"], ["kraken:ETHUSD"]]) {
      const [problem = "", ...more] = parameterProblems(withSources({ otherHistories }));
      assert.ok(problem.startsWith(`sources.otherHistories is ${JSON.stringify(otherHistories)}, expected each`));
      assert.deepEqual(more, []);
    }
  });

  it("names parameters that nothing reads, such as those of an earlier version", () => {
    const retired = { stressWeight: 0.5, initialDepthShare: 0.1 };
    const [problem = "", ...more] = parameterProblems(withModel(retired as never));
    assert.match(problem, /^model is \["stressWeight","initialDepthShare"\], expected no parameter that nothing reads/);
    assert.deepEqual(more, []);
  });

  it("lists every problem at once", () => {
    const market = withModel({ tailLevel: 99, minimumHorizonHours: 1, minimumGap: 3 });
    assert.deepEqual(
      parameterProblems(market).map((one) => one.split(" ")[0]),
      ["model.minimumGap", "model.tailLevel", "model.minimumHorizonHours"],
    );
  });

  it("finds nothing in a claim that is whole, and names what is wrong with one that is not", () => {
    for (const market of [WSTETH, WSTETH_WETH, USDC]) assert.deepEqual(parameterProblems(market), []);
    const rate = { contract: "wstETH", getter: "getRate", mostGrowthPerYear: 0.1 };
    const problem = (claim: ClaimParameters, market = WSTETH) => parameterProblems({ ...market, claim });
    for (const [path, problems] of [
      ["claim.depeg is 1,", problem({ depeg: 1 })],
      ["claim.depeg is -0.1,", problem({ depeg: -0.1 })],
      ['claim.history is "ghost:X",', problem({ depeg: 0, history: "ghost:X" })],
      ['claim.history is "binance:X",', problem({ depeg: 0, history: "binance:X" }, WSTETH_WETH)],
      ['claim.rate is "a:b:getRate",', problem({ depeg: 0, rate: { ...rate, contract: "a:b" } })],
      ['claim.rate is "wstETH:get rate",', problem({ depeg: 0, rate: { ...rate, getter: "get rate" } })],
      ["claim.rate.mostGrowthPerYear is 10,", problem({ depeg: 0, rate: { ...rate, mostGrowthPerYear: 10 } })],
      ['sources.transferFrom is "BTC",', problem({ depeg: 0 }, WBTC)],
    ] as const) {
      assert.deepEqual(
        problems.map((one) => one.startsWith(path)),
        [true],
        `${path} ${problems}`,
      );
    }
  });
});
