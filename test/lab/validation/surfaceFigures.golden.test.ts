import assert from "node:assert/strict";
import { before, test } from "node:test";
import { readChainFile } from "../../../scripts/lab/files/chainFile.ts";
import { csvNumbers } from "../../../scripts/lab/replay/csvNumbers.ts";
import type { IndexComparison } from "../../../scripts/lab/validation/indexComparison.ts";
import type { SteepestInversion } from "../../../scripts/lab/validation/steepestInversion.ts";
import { type SurfaceFigures, surfaceFigures } from "../../../scripts/lab/validation/surfaceFigures.ts";
import { dataFile } from "../../support/data.ts";
import { near } from "../../support/near.ts";
import { WETH } from "../../support/shipped.ts";

const MONTHS = ["2025-12", "2026-01", "2026-02", "2026-03", "2026-04"];
const SKIP = "shared data not present: options/deribit_chain_*.csv.gz, dvol";
let figures: SurfaceFigures | null = null;

before(async () => {
  const files = MONTHS.map((month) => dataFile(`options/deribit_chain_${month}.csv.gz`));
  const dvol = ["BTC", "ETH"].map((currency) => [currency, dataFile(`dvol/deribit_dvol_${currency}_1d.csv`)] as const);
  if ([...files, ...dvol.map(([, file]) => file)].some((file) => file === null)) return;
  const boards = (await Promise.all(files.map((file) => readChainFile(file ?? "")))).flat();
  const index = Object.fromEntries(
    dvol.map(([currency, file]) => [
      currency,
      csvNumbers(file ?? "", "day,close").map(([day = 0, close = 0]) => [day + 86_400, close / 100] as const),
    ]),
  );
  figures = surfaceFigures({ boards, index, rules: WETH.quality });
});

test("all 163 recorded moments of both currencies are fitted, none lost to a bad fit", (t) => {
  if (figures === null) return t.skip(SKIP);
  assert.equal(figures.moments, 163);
  assert.equal(figures.boards, 326);
  assert.equal(figures.slices, 3_608);
  assert.equal(figures.boardsWithoutSlice, 0);
  assert.equal(figures.faults.BAD_FIT, undefined);
});

test("error, share inside bid and ask, and arbitrage are those that MODEL.md states", (t) => {
  if (figures === null) return t.skip(SKIP);
  near(figures.fitError.median ?? 1, 0.203, 0.002, "median");
  near(figures.fitError.p99 ?? 1, 0.766, 0.01, "99 %");
  near(figures.fitError.largest ?? 9, 2.03, 0.05, "largest");
  near(figures.insideSpreadShare, 0.9458, 0.001, "inside");
  near(figures.arbitrage.butterflyBefore, 81, 3, "before");
  assert.equal(figures.arbitrage.butterflyAfter, 0);
  assert.equal(figures.arbitrage.repaired, figures.arbitrage.butterflyBefore);
  near(figures.arbitrage.calendarCrossings, 3, 1, "calendar");
});

test("30-day volatility follows the recorded DVOL: at the money below it, model-free above it", (t) => {
  if (figures === null) return t.skip(SKIP);
  for (const currency of ["BTC", "ETH"]) {
    const index: IndexComparison = figures.byCurrency[currency]?.index ?? assert.fail(currency);
    assert.equal(index.atTheMoney.moments, 125);
    assert.ok((index.atTheMoney.correlation ?? 0) > 0.97, `${currency} ${index.atTheMoney.correlation}`);
    assert.ok((index.modelFree.correlation ?? 0) > 0.97, `${currency} ${index.modelFree.correlation}`);
    near(index.atTheMoney.biasVolPoints ?? 0, -2.8, 0.3, `${currency} at the money`);
    near(index.modelFree.biasVolPoints ?? 0, 2.95, 0.3, `${currency} model-free`);
  }
});

test("from one snapshot to the next the fit adds a quarter of a point to a market that moves by five", (t) => {
  if (figures === null) return t.skip(SKIP);
  for (const currency of ["BTC", "ETH"]) {
    const { atTheMoney, oneDeviationBelow } = figures.byCurrency[currency]?.stability ?? assert.fail(currency);
    assert.ok(atTheMoney.pairs > 1_600 && oneDeviationBelow.pairs > 1_400);
    assert.ok((atTheMoney.marks ?? 0) > 4.5, `${currency} marks ${atTheMoney.marks}`);
    assert.ok((atTheMoney.added ?? 9) < 0.26, `${currency} at the money ${atTheMoney.added}`);
    assert.ok((oneDeviationBelow.added ?? 9) < 0.28, `${currency} below ${oneDeviationBelow.added}`);
  }
});

test("the inversion of 2026-02-05 is the steepest, and it is fitted whole and without arbitrage", (t) => {
  if (figures === null) return t.skip(SKIP);
  for (const [currency, week, month] of [
    ["BTC", 1.03, 0.785],
    ["ETH", 1.09, 0.846],
  ] as const) {
    const found: SteepestInversion = figures.byCurrency[currency]?.inversion ?? assert.fail(currency);
    assert.equal(new Date(found.time * 1000).toISOString().slice(0, 10), "2026-02-05");
    near(found.atmByDays[7] ?? 0, week, 0.01, `${currency} 7 days`);
    near(found.atmByDays[30] ?? 0, month, 0.01, `${currency} 30 days`);
    assert.ok((found.weekBefore?.atmByDays[7] ?? 1) < 0.55, "a week before it was calm");
    assert.equal(found.slices, 11);
    assert.equal(found.arbitrage, 0);
    assert.ok(found.fitError < 0.8);
  }
});
