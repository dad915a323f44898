import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { volatilityAt } from "../../../keeper/model/options/surface.ts";
import { modelFreeVariance, stripFromQuotes } from "../../../scripts/lab/validation/modelFreeVariance.ts";
import { dataFile } from "../../support/data.ts";
import { near } from "../../support/near.ts";
import { atDays, smileBoard } from "../../support/smileBoard.ts";

type StripRow = Parameters<typeof modelFreeVariance>[0][number];

const MINUTES_PER_YEAR = 525_600;

function readStrip(path: string): readonly StripRow[] {
  return readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const [strike = 0, callBid = 0, callAsk = 0, putBid = 0, putAsk = 0] = line.split("\t").map(Number);
      return { strike, callBid, callAsk, putBid, putAsk };
    });
}

test("known answer 1: the worked example of the Cboe VIX white paper, to the printed digits", (t) => {
  const files = [dataFile("vix/vixnearterm.dat"), dataFile("vix/vixnextterm.dat")] as const;
  if (files[0] === null || files[1] === null) return t.skip("shared data not present: vix");
  const near1 = { years: 35_924 / MINUTES_PER_YEAR, rate: 0.000305 };
  const next1 = { years: 46_394 / MINUTES_PER_YEAR, rate: 0.000286 };
  assert.equal(near1.years.toFixed(7), "0.0683486");
  // The paper prints .0882686; 46394/525600 is .08826864...
  assert.equal(next1.years.toFixed(7), "0.0882686");
  const first = modelFreeVariance(readStrip(files[0]), near1.years, near1.rate);
  const second = modelFreeVariance(readStrip(files[1]), next1.years, next1.rate);
  assert.ok(first !== null && second !== null);
  near(first.forward, 1962.89996, 5e-6, "near forward");
  near(second.forward, 1962.40006, 5e-6, "next forward");
  assert.deepEqual([first.referenceStrike, second.referenceStrike], [1960, 1960]);
  assert.deepEqual([first.count, second.count], [146, 122]);
  assert.equal(first.variance.toFixed(8), "0.01846292");
  assert.equal(second.variance.toFixed(8), "0.01882101");
  const curve = [
    { years: near1.years, totalVariance: first.variance * near1.years },
    { years: next1.years, totalVariance: second.variance * next1.years },
  ];
  assert.equal((100 * (volatilityAt(curve, 30 / 365) ?? 0)).toFixed(6), "13.685821");
});

/** The part of a recorded index computation that is needed to repeat it. */
type Evidence = {
  readonly context: { readonly risklessRate: number };
  readonly params: {
    readonly nearDate: string;
    readonly nextDate: string;
    readonly underlyingPrice: number;
    readonly options: readonly {
      readonly expirationDate: string;
      readonly strikePrice: number;
      readonly optionType: "call" | "put";
      readonly bestBidPrice: number | null;
      readonly bestAskPrice: number | null;
    }[];
  };
  readonly result: {
    readonly dVol: number;
    readonly intermediates: Readonly<Record<string, number>> & {
      readonly finalNearBook: readonly unknown[];
      readonly finalNextBook: readonly unknown[];
    };
  };
};

function stripOf({ params }: Evidence, date: string): readonly StripRow[] {
  const rows = new Map<number, StripRow>();
  for (const option of params.options) {
    if (option.expirationDate !== date) continue;
    const strike = option.strikePrice;
    const row = rows.get(strike) ?? { strike, callBid: 0, callAsk: 0, putBid: 0, putAsk: 0 };
    const bid = (option.bestBidPrice ?? 0) * params.underlyingPrice;
    const ask = (option.bestAskPrice ?? 0) * params.underlyingPrice;
    rows.set(
      strike,
      option.optionType === "call" ? { ...row, callBid: bid, callAsk: ask } : { ...row, putBid: bid, putAsk: ask },
    );
  }
  return [...rows.values()];
}

for (const [day, index] of [
  ["2021-10-01", 103.68042967375834],
  ["2022-01-27", 98.74835628391783],
] as const) {
  test(`the published 14-day ETH index of ${day} is recomputed from its raw quotes: ${index}`, (t) => {
    const file = dataFile(`options/raw/mfiv_evidence_ETH_14d_${day}.json.gz`);
    if (file === null) return t.skip("shared data not present: options/raw");
    const evidence = JSON.parse(gunzipSync(readFileSync(file)).toString("utf8")) as Evidence;
    const { intermediates, dVol } = evidence.result;
    assert.equal(dVol, index);
    const curve = [
      [evidence.params.nearDate, "1", "near", intermediates.finalNearBook.length],
      [evidence.params.nextDate, "2", "next", intermediates.finalNextBook.length],
    ].map(([date, number, name, count]) => {
      const years = intermediates[`T${number}`] ?? 0;
      const found = modelFreeVariance(stripOf(evidence, String(date)), years, evidence.context.risklessRate);
      assert.ok(found !== null);
      near(found.forward, intermediates[`F${number}`] ?? 0, 1e-9, "forward");
      near(found.variance * years, intermediates[`${name}ModSigmaSquared`] ?? 0, 1e-15, "total variance");
      assert.equal(found.count, count);
      return { years, totalVariance: found.variance * years };
    });
    near(100 * (volatilityAt(curve, 14 / 365) ?? 0), index, 1e-11, "index");
  });
}

test("rows may come in any order", () => {
  const board = smileBoard({ days: [30] });
  const strip = stripFromQuotes(board.quotes);
  assert.deepEqual(modelFreeVariance(strip.toReversed(), 30 / 365, 0), modelFreeVariance(strip, 30 / 365, 0));
});

test("without a smile the strip gives the volatility it was made of", () => {
  const flat = { a: 0.36 * (30 / 365), b: 0, rho: 0, m: 0, sigma: 1 };
  const board = smileBoard({ days: [30], smile: () => flat, halfSpreadVol: 0.001 });
  const found = modelFreeVariance(stripFromQuotes(board.quotes), 30 / 365, 0);
  assert.ok(found !== null);
  near(Math.sqrt(found.variance), 0.6, 0.01, "volatility");
  near(found.forward, 3000, 1e-6, "forward");
});

test("with a smile the model-free volatility is above the one at the money", () => {
  const found = modelFreeVariance(stripFromQuotes(smileBoard({ days: [30] }).quotes), 30 / 365, 0);
  const { a, b, rho, m, sigma } = atDays(30);
  const atTheMoney = Math.sqrt((a + b * (-rho * m + Math.sqrt(m * m + sigma * sigma))) / (30 / 365));
  assert.ok(found !== null && Math.sqrt(found.variance) > atTheMoney);
});

const row = (strike: number, call: number, put: number): StripRow => {
  return { strike, callBid: call, callAsk: call * 1.1, putBid: put, putAsk: put * 1.1 };
};

test("two zero bids in a row end the strip, one does not, and a bid without an ask is none", () => {
  const strip = [row(80, 20, 0.1), row(85, 15, 0), row(90, 10.5, 0.5), row(95, 6, 1), row(100, 3, 3), row(105, 1, 6)];
  const counted = modelFreeVariance(strip, 0.1, 0);
  assert.equal(counted?.count, 5, "85 is dropped, 80 still counts");
  const ended = modelFreeVariance([row(70, 30, 0.05), row(75, 25, 0), ...strip.slice(1)], 0.1, 0);
  assert.equal(ended?.count, 4, "75 and 85 both without a bid: 70 is not reached");
  const halfQuoted = strip.map((each) => (each.strike === 80 ? { ...each, putAsk: 0 } : each));
  assert.equal(modelFreeVariance(halfQuoted, 0.1, 0)?.count, 4);
});

test("too little to say anything gives null", () => {
  assert.equal(modelFreeVariance([], 0.1, 0), null);
  assert.equal(modelFreeVariance([row(100, 3, 3), row(105, 1, 6)], 0.1, 0), null);
  assert.equal(modelFreeVariance([row(100, 3, 0), row(105, 0, 6)], 0.1, 0), null, "no strike with both legs");
  assert.equal(modelFreeVariance([row(95, 6, 1), row(100, 3, 3), row(105, 1, 6)], 0, 0), null, "no time");
});
