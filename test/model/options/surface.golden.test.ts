import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { OptionBoard } from "../../../keeper/domain/observation.ts";
import { fitSurface, impliedVolatility, riskNeutralLoss, type Surface } from "../../../keeper/model/options/surface.ts";
import { readChainFile } from "../../../scripts/lab/files/chainFile.ts";
import { modelFreeVariance, stripFromQuotes } from "../../../scripts/lab/validation/modelFreeVariance.ts";
import { dataFile } from "../../support/data.ts";
import { assertGentle } from "../../support/gentleRepairs.ts";
import { near } from "../../support/near.ts";

const RULES = { maxOptionSpread: 0.3, minStrikes: 5, maxFitErrorVolPoints: 3 };
const MONTHS = ["2025-12", "2026-01", "2026-02", "2026-03", "2026-04"];
const SKIP = "shared data not present: options/deribit_chain_*.csv.gz";
const CRASH = Date.parse("2026-02-05T21:29:37Z") / 1000;

/** Every eighth recorded moment, both currencies, and the crash. */
let sample: readonly { readonly board: OptionBoard; readonly surface: Surface }[] = [];

before(async () => {
  const files = MONTHS.map((month) => dataFile(`options/deribit_chain_${month}.csv.gz`));
  if (files.some((file) => file === null)) return;
  const boards = (await Promise.all(files.map((file) => readChainFile(file ?? "")))).flat();
  const times = [...new Set(boards.map((board) => board.eventTime))].sort((left, right) => left - right);
  assert.equal(times.length, 163, "recorded moments");
  const chosen = new Set([...times.filter((_, i) => i % 8 === 0), CRASH]);
  sample = boards
    .filter((board) => chosen.has(board.eventTime))
    .map((board) => ({ board, surface: fitSurface(board, board.eventTime, RULES) }));
});

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

test("recorded smiles are met within a fraction of a volatility point, and within bid and ask", (t) => {
  if (sample.length === 0) return t.skip(SKIP);
  const slices = sample.flatMap(({ surface }) => surface.slices);
  const errors = slices.map((slice) => slice.rmseVolPoints);
  assert.ok(slices.length > 450, `${slices.length} slices`);
  assert.ok(quantile(errors, 0.5) < 0.25, `median error ${quantile(errors, 0.5)}`);
  assert.ok(quantile(errors, 0.99) < 1, `99 % error ${quantile(errors, 0.99)}`);
  const points = slices.reduce((sum, slice) => sum + slice.points.length, 0);
  const inside = slices.reduce((sum, slice) => sum + slice.insideSpreadShare * slice.points.length, 0) / points;
  assert.ok(inside > 0.93, `${inside} of the points inside bid and ask`);
});

test("no recorded expiry is lost to a bad fit, and every smile used is free of butterfly arbitrage", (t) => {
  if (sample.length === 0) return t.skip(SKIP);
  for (const { board, surface } of sample) {
    const name = `${board.currency} ${new Date(board.eventTime * 1000).toISOString()}`;
    assert.ok(surface.slices.length >= 8, `${name}: ${surface.slices.length} slices`);
    assert.ok(!surface.faults.some(({ code }) => code === "BAD_FIT"), name);
    for (const { arbitrageAfter } of surface.slices) assert.ok(arbitrageAfter.free, name);
    assert.ok(surface.confidence > 0.6, `${name}: confidence ${surface.confidence}`);
  }
});

test("a recorded smile repaired lies within half of its quotes, and hardly further from them than the fit with arbitrage", (t) => {
  if (sample.length === 0) return t.skip(SKIP);
  const repaired = sample.flatMap(({ surface }) => surface.slices).filter((slice) => slice.repaired);
  assert.ok(repaired.length >= 10, `${repaired.length} repaired`);
  assertGentle(repaired);
});

test("the inversion of 2026-02-05: ETH 7-day about 120 %, 30-day about 93 %", (t) => {
  const found = sample.find(({ board }) => board.eventTime === CRASH && board.currency === "ETH");
  if (found === undefined) return t.skip(SKIP);
  near(impliedVolatility(found.surface, 7 / 365) ?? 0, 1.2, 0.01, "7 days");
  near(impliedVolatility(found.surface, 30 / 365) ?? 0, 0.934, 0.01, "30 days");
  assert.ok((impliedVolatility(found.surface, 1 / 365) ?? 0) > 1.5, "one day is higher still");
  const loss = riskNeutralLoss(found.surface, 0.99, 1 / 365);
  assert.ok(loss !== null && loss > 0.3 && loss < 0.6, `one-day loss ${loss}`);
});

test("a calm day loses far less than the crash", (t) => {
  const calm = sample.filter(({ board }) => board.currency === "ETH" && board.eventTime < CRASH - 20 * 86_400);
  if (calm.length === 0) return t.skip(SKIP);
  for (const { surface } of calm) {
    const loss = riskNeutralLoss(surface, 0.99, 1 / 365);
    assert.ok(loss !== null && loss > 0.03 && loss < 0.25, `one-day loss ${loss}`);
  }
});

test("the model-free volatility of the same quotes agrees with the surface: above ATM, by no more than the smile", (t) => {
  if (sample.length === 0) return t.skip(SKIP);
  const ratios = sample.flatMap(({ board, surface }) =>
    surface.slices
      .filter((slice) => slice.years > 5 / 365 && slice.years < 60 / 365 && slice.points.length >= 15)
      .flatMap((slice) => {
        const quotes = board.quotes.filter((quote) => quote.expiry === slice.expiry);
        const found = modelFreeVariance(stripFromQuotes(quotes), slice.years, 0);
        return found === null ? [] : [Math.sqrt(found.variance) / slice.atmVol];
      }),
  );
  assert.ok(ratios.length > 100, `${ratios.length} slices`);
  assert.ok(quantile(ratios, 0.5) > 1.02 && quantile(ratios, 0.5) < 1.12, `median ${quantile(ratios, 0.5)}`);
  assert.ok(quantile(ratios, 0.02) > 0.97, `2 % ${quantile(ratios, 0.02)}`);
});

test("a real answer without mark IV is solved from prices", async (t) => {
  const file = dataFile("options/raw/deribit_get_book_summary_by_currency_ETH_2024-01-08_no_mark_iv.json.gz");
  if (file === null) return t.skip("shared data not present: options/raw");
  const [board] = await readChainFile(file);
  assert.ok(board !== undefined);
  assert.ok(board.quotes.every((quote) => quote.markIv === null));
  const surface = fitSurface(board, board.eventTime, RULES);
  assert.equal(surface.slices.length, 11);
  near(impliedVolatility(surface, 30 / 365) ?? 0, 0.68, 0.02, "30 days");
});

test("a real answer with mark IV in percent is read as a fraction and fitted", async (t) => {
  const file = dataFile("options/raw/deribit_get_book_summary_by_currency_ETH_2025-11-22.json.gz");
  if (file === null) return t.skip("shared data not present: options/raw");
  const [board] = await readChainFile(file);
  assert.ok(board !== undefined && board.quotes.length === 830);
  const surface = fitSurface(board, board.eventTime, RULES);
  near(impliedVolatility(surface, 30 / 365) ?? 0, 0.766, 0.01, "30 days");
});
