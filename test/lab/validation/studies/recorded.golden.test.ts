import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readChainFile } from "../../../../scripts/lab/files/chainFile.ts";
import { loadBook } from "../../../../scripts/lab/validation/backtest/bookDepth.ts";
import { estimatesOf } from "../../../../scripts/lab/validation/backtest/estimates.ts";
import { indexAt, loadIndex } from "../../../../scripts/lab/validation/backtest/indexSeries.ts";
import { loadSeries } from "../../../../scripts/lab/validation/backtest/loadSeries.ts";
import { positionSection } from "../../../../scripts/lab/validation/report/positionSection.ts";
import {
  boardSection,
  estimateSection,
  pairSection,
  peggedSection,
} from "../../../../scripts/lab/validation/report/studySections.ts";
import { elasticityStudy } from "../../../../scripts/lab/validation/studies/depthElasticity.ts";
import { boardStudy } from "../../../../scripts/lab/validation/studies/optionBoards.ts";
import { type PeggedStudy, peggedStudy } from "../../../../scripts/lab/validation/studies/pegged.ts";
import { compositeSeries, poolSeries } from "../../../../scripts/lab/validation/studies/peggedSeries.ts";
import { poolingStudy } from "../../../../scripts/lab/validation/studies/poolingWeight.ts";
import { positionStudy } from "../../../../scripts/lab/validation/studies/positionBooks.ts";
import { recordedBooks } from "../../../../scripts/lab/validation/studies/recordedBooks.ts";
import { dataFile, dataFolder } from "../../../support/data.ts";
import { near } from "../../../support/near.ts";
import { WETH } from "../../../support/shipped.ts";
import { worldOf } from "../backtest/support.ts";

const SKIP = "shared data not present";
const folder = dataFolder() ?? "";
const there = folder !== "" && dataFile("options/deribit_chain_2025-12.csv.gz") !== null;
const time = (text: string) => Date.parse(text) / 1000;

function dollarCoin(): PeggedStudy {
  const { series } = poolSeries(folder);
  const world = worldOf([], { index: null });
  return peggedStudy({
    name: "USDC 2023",
    token: series,
    claimed: null,
    ratio: series,
    world: { ...world, model: { ...world.model, liquidationBonus: 0.045 } },
    depeg: 0.04,
    deployed: { haircut: 0.24, by: "Aave" },
    from: time("2023-01-01T00:00:00Z"),
    to: time("2023-07-01T00:00:00Z"),
  });
}

describe("studies of what was recorded", () => {
  it("read USDC from the pool's tick: 0.8726 at the worst, as it traded", (t) => {
    if (!there) return t.skip(SKIP);
    const { series, liquidity } = poolSeries(folder);
    near(Math.min(...series.closes), 1.0001 ** -1363, 1e-9);
    const worst = series.closes.indexOf(Math.min(...series.closes));
    assert.equal(new Date((series.closeTimes[worst] ?? 0) * 1000).toISOString().slice(0, 10), "2023-03-11");
    assert.ok((liquidity.get(series.closeTimes[worst] ?? 0) ?? 1e18) < 1e15, "hardly any liquidity was left in range");
  });

  it("find that a quiet history foretold nothing of March 2023, and that a fixed 24 % held", (t) => {
    if (!there) return t.skip(SKIP);
    const study = dollarCoin();
    near(study.largestDiscount, 0.1274, 1e-4);
    assert.equal(study.breaches.deployed.count, 0);
    const { maintenance, initial, base } = study.breaches;
    assert.ok(initial.count > 0 && initial.count < maintenance.count && maintenance.count < base.count);
    const friday = study.points.find((point) => point.time === time("2023-03-10T12:00:00Z"));
    assert.ok((friday?.initial ?? 1) < 0.12, `asked for on Friday: ${friday?.initial}`);
    assert.deepEqual([study.closedFirst, study.closedHours], [time("2023-03-11T04:00:00Z"), 36]);
    const before = study.points.find((point) => point.time === time("2023-03-11T03:00:00Z"));
    assert.ok((before?.discount ?? 1) < 0.0381, "an hour before, the bonus bridged it");
    const html = peggedSection([study]);
    assert.match(html, /Largest discount 12\.7 %/);
    assert.ok(!/NaN|undefined/.test(html));
  });

  it("read staked ether at a discount of 6.9 % in June 2022", (t) => {
    if (!there) return t.skip(SKIP);
    const [staked, ether] = [compositeSeries(folder, "stETH"), compositeSeries(folder, "WETH")];
    const at = time("2022-06-18T20:00:00Z");
    const price = (series: typeof staked) => series.closes[series.closeTimes.indexOf(at)] ?? Number.NaN;
    const discount = 1 - price(staked) / price(ether);
    assert.ok(discount > 0.04 && discount < 0.075, `${discount}`);
  });

  it("estimate the weight of implied volatility and the elasticity of depth as the report prints them", (t) => {
    if (!there) return t.skip(SKIP);
    const bitcoin = loadSeries(folder, "BTC", "ohlcv/binance_spot_BTCUSDT_1h.csv.gz", 3600);
    const known = estimatesOf(bitcoin, 0.99);
    const index = loadIndex(folder, "BTC");
    near(indexAt(index, time("2026-02-06T00:00:00Z")), 0.826, 0.001, "the close of 5 February is known at midnight");
    assert.ok(Number.isNaN(indexAt(index, time("2025-10-15T00:00:00Z"))), "nothing is carried into a withheld month");
    const weight = poolingStudy("BTC", bitcoin, known, index, 0.5);
    near(weight?.weight ?? 0, 0.32, 0.01);
    const at = new Map(
      Array.from(bitcoin.closeTimes, (when, i) => [when, (known.longRun[i] ?? 0) / (known.ewma[i] ?? 1)]),
    );
    const book = loadBook(folder, "depth/coinglass_spot_BTC_book_4h.csv.gz");
    const depth = elasticityStudy("BTC", book ?? [], (when) => at.get(when) ?? Number.NaN, 6, 1);
    near(depth?.eta ?? 0, 0.79, 0.01);
    assert.equal(loadBook(folder, "depth/no_such_book.csv.gz"), null);
    const html = estimateSection({
      ...EMPTY,
      pooling: weight === null ? [] : [weight],
      elasticity: depth === null ? [] : [depth],
    });
    assert.ok(!/NaN|undefined/.test(html), html.slice(0, 200));
    assert.match(html, /0\.79/);
  });

  it("show more falling due in the recorded books than the default shape, and a profile nowhere below them", (t) => {
    if (!there) return t.skip(SKIP);
    const studies = recordedBooks(folder).map(([name, book]) =>
      positionStudy(name, book, WETH.model, { depthOverCap: 0.15, volumeOverCap: 2 }),
    );
    assert.deepEqual(
      studies.map(({ borrowers, collateralUsd }) => [borrowers, Math.round(collateralUsd / 1e6)]),
      [
        [346, 315],
        [700, 827],
      ],
    );
    for (const { falls, cascade } of studies) {
      for (const [, sold, fit] of falls) assert.ok(fit >= sold * (1 - 1e-9) && fit < sold + 0.06, `${fit} ${sold}`);
      assert.ok(cascade.simulated >= 1 && cascade.simulated <= cascade.bound, JSON.stringify(cascade));
    }
    const at30 = studies.map(({ falls }) => falls[2]?.[1] ?? 0);
    near(at30[0] ?? 0, 0.2533, 1e-3);
    near(at30[1] ?? 0, 0.2714, 1e-3);
    const html = positionSection(studies);
    assert.ok(!/NaN|undefined/.test(html), html.slice(0, 200));
    assert.match(html, /class="bad"/);
    assert.match(positionSection([]), /No book/);
  });

  it("run the live model on real boards: rung L1, below what prices alone would ask for", async (t) => {
    if (!there) return t.skip(SKIP);
    const boards = await readChainFile(`${folder}/options/deribit_chain_2025-12.csv.gz`);
    const ether = loadSeries(folder, "ETH", "ohlcv/binance_spot_ETHUSDT_1h.csv.gz", 3600);
    const study = boardStudy("ETH", boards, ether, WETH, 1);
    assert.equal(study.boards, 2);
    for (const point of study.points) {
      assert.equal(point.level, "L1");
      assert.ok(point.implied !== null && point.implied > 0.2 && point.implied < 1.5);
      assert.ok(point.used > 0.3 && point.loss > 0.05 && point.maintenance > 0.1 && point.initial > point.maintenance);
    }
    const html = boardSection({ ...EMPTY, boards: [study] }) + pairSection([]);
    assert.ok(!/NaN|undefined/.test(html));
  });
});

const EMPTY = {
  boards: [],
  surfaces: null,
  pooling: [],
  elasticity: [],
  pairs: [],
  pegged: [],
  judgement: [],
  positions: [],
};
