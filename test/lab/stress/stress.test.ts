import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { AssessInput } from "../../../keeper/domain/decision.ts";
import { assess } from "../../../keeper/pipeline.ts";
import { happened, seenAfter } from "../../../scripts/lab/stress/observed.ts";
import { readScenario, shippedScenario, shippedScenarios } from "../../../scripts/lab/stress/readScenario.ts";
import { shockOf } from "../../../scripts/lab/stress/scenario.ts";
import { stress as stressBy } from "../../../scripts/lab/stress/stress.ts";
import { calmBook, THREE_BOOKS } from "../../support/books.ts";
import { calmMarkets } from "../../support/markets.ts";
import { near } from "../../support/near.ts";
import { seen } from "../../support/observations.ts";
import { calmMarket } from "../../support/onChain.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const NOW = 1_770_000_000;
const inputs: readonly AssessInput[] = calmMarkets(NOW).map((world, i) => ({
  ...world,
  now: NOW,
  onChain: calmMarket(NOW, { marketId: i === 0 ? 1 : 6 }),
}));
const [weth, wbtc] = inputs as [AssessInput, AssessInput];
const NAMES = shippedScenarios();
function stress(input: AssessInput, name: string) {
  const shock = shockOf(shippedScenario(name), input.market.name);
  return stressBy(seenAfter(happened(input, shock), shock));
}

describe("a scenario", () => {
  it("as it is, is what the keeper decides now", () => {
    for (const input of inputs) assert.deepEqual(stress(input, "as-it-is").assessment, assess(input));
  });

  it("leaves the inputs that it is given as they were", () => {
    const before = structuredClone(weth);
    for (const name of NAMES) stress(weth, name);
    assert.deepEqual(weth, before);
  });

  it("of a falling price moves every source of the price by 30 %, so that none disagrees with another", () => {
    for (const input of inputs) {
      const now = assess(input).readings;
      const { readings, risk } = stress(input, "price-falls").assessment;
      near((readings.priceUsd ?? 0) / (now.priceUsd ?? 1), 0.7, 1e-6);
      assert.deepEqual(readings.faults, now.faults);
      assert.ok((risk.volatility.ewma ?? 0) > 1.5 * (assess(input).risk.volatility.ewma ?? 0), "the candle is felt");
    }
  });

  it("of a falling price keeps the smile of the options, which moves along with the price", () => {
    const implied = (name: string) => stress(weth, name).assessment.risk.volatility.implied ?? 0;
    near(implied("price-falls") / implied("as-it-is"), 1, 1e-9);
  });

  it("of doubled volatility doubles what the options imply, in the market itself or by transfer", () => {
    const own = (name: string) => stress(weth, name).assessment.risk.volatility.implied ?? 0;
    near(own("volatility-doubles") / own("as-it-is"), 2, 0.02);
    const lent = (name: string) => stress(wbtc, name).assessment.risk.volatility.transferImplied ?? 0;
    near(lent("volatility-doubles") / lent("as-it-is"), 2, 0.02);
  });

  it("of vanished depth leaves a tenth of it in pools and books", () => {
    const [name] = THREE_BOOKS.markets;
    const market = { ...weth.market, books: { ...THREE_BOOKS, markets: [name] } };
    const listed = { ...weth, market, observed: [...weth.observed, seen(calmBook(name, NOW, 3_000))] };
    assert.ok((assess(listed).risk.depth.booksUsd ?? 0) > 1_000_000, "the book counts");
    for (const input of [...inputs, listed]) {
      const depth = (name: string) => stress(input, name).assessment.risk.depth.nowUsd;
      near(depth("depth-vanishes") / depth("as-it-is"), 0.1, 1e-6);
    }
  });

  it("of a dark venue falls down the ladder, further when nothing is held any more, and never moves maintenance on it", () => {
    const [dark, long] = (["venue-dark", "venue-dark-long"] as const).map((name) => stress(weth, name).assessment);
    assert.notEqual(dark?.risk.volatility.level, "L1");
    assert.equal(long?.risk.volatility.level, "L6");
    assert.equal(long?.decision.maintenanceTargetBps, weth.onChain.maintenanceTargetBps);
  });

  it("of a late feed names the feed and nothing else", () => {
    const { readings } = stress(weth, "feed-late").assessment;
    assert.deepEqual(
      readings.faults.map(({ code, source }) => [code, source]),
      [["STALE", "priceFeed:WETH"]],
    );
  });

  it("never decides less than the market as it is", () => {
    for (const input of inputs) {
      const base = stress(input, "as-it-is").assessment.decision;
      for (const name of NAMES) {
        const { initialBps, maintenanceTargetBps } = stress(input, name).assessment.decision;
        assert.ok(initialBps >= base.initialBps, `${input.market.name} ${name}: initial`);
        if (name.startsWith("venue-dark")) continue;
        assert.ok(maintenanceTargetBps >= base.maintenanceTargetBps, `${input.market.name} ${name}: maintenance`);
      }
    }
  });

  it("of everything at once has the price, the volatility and the depth of its parts", () => {
    assert.equal(shockOf(shippedScenario("combined"), "WETH").priceFactor, 0.7);
    const all = stress(weth, "combined").assessment;
    near((all.readings.priceUsd ?? 0) / 3_000, 0.7, 1e-3);
    const fallen = stress(weth, "price-falls").assessment;
    near(all.risk.depth.nowUsd / fallen.risk.depth.nowUsd, 0.1, 1e-6);
    near((all.risk.volatility.implied ?? 0) / (fallen.risk.volatility.implied ?? 1), 2, 0.02);
  });
});

describe("a file of a scenario", () => {
  const folder = temporaryFolder();
  const read = (content: unknown) => {
    const path = join(folder, "mine.json");
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return readScenario(path);
  };

  it("says of one market what it says of all, but for what it changes", () => {
    const mine = read({ summary: "s", all: { priceFall: 0.2, depthLost: 0.5 }, markets: { WBTC: { priceFall: 0.1 } } });
    assert.equal(mine.name, "mine");
    const factors = (market: string, size: number) => {
      const { priceFactor, depthFactor } = shockOf(mine, market, size);
      return [priceFactor, depthFactor].map((one) => Number(one.toFixed(12)));
    };
    assert.deepEqual(factors("WETH", 1), [0.8, 0.5]);
    assert.deepEqual(factors("WBTC", 1), [0.9, 0.5]);
    assert.deepEqual(factors("WETH", 2), [0.64, 0.25]);
    assert.deepEqual(factors("WETH", 0), [1, 1]);
  });

  it("that cannot be used is answered by one line with file, field, value and what was expected", () => {
    const cases: readonly (readonly [unknown, RegExp])[] = [
      ["{", /mine\.json is not JSON; field file; given "\{"; expected a scenario as JSON: summary, all, markets$/],
      [[], /mine\.json is not a scenario; field \(whole file\); given "a list of 0"; expected a value of type object$/],
      [{}, /field summary; given "nothing"; expected a line of text$/],
      [
        { summary: "s", all: { priceFall: 30 } },
        /field all\.priceFall; given 30; expected a share in \[0, 1\): 0\.3 is a fall of 30 %$/,
      ],
      [
        { summary: "s", markets: { ETH: { depthLost: "x" } } },
        /field markets\.ETH\.depthLost; given "x"; expected a share/,
      ],
      [{ summary: "s", all: { priceDrop: 0.3 } }, /field all; .*; expected no field priceDrop$/],
      [{ summary: "s", shock: {} }, /expected no field shock$/],
      [{ summary: "s", all: { dark: ["pools"] } }, /field all\.dark\.0; given "pools"; expected some of optionBoard, /],
    ];
    for (const [content, pattern] of cases) {
      assert.throws(
        () => read(content),
        (error: Error) => pattern.test(error.message) && !error.message.includes("\n"),
        String(pattern),
      );
    }
    assert.throws(
      () => readScenario(join(folder, "none.json")),
      /none\.json cannot be read; field file; given "no such file"/,
    );
  });
});
