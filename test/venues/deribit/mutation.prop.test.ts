import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { FAULTS, type Fault } from "../../../keeper/domain/fault.ts";
import { parseCandles, parseDeribitBoard, parseVolatilityIndex } from "../../../keeper/venues/deribit/parse.ts";
import { assertSound } from "../../conformance/assertSound.ts";
import { mutatedBody } from "../../conformance/mutatedBody.ts";
import { dataFile } from "../../support/data.ts";
import { answer, chart, healthyBook, indexRows, TAKEN } from "./sample.ts";

const HOUR = 3600;
const END = Math.floor(TAKEN / HOUR) * HOUR;
const RAW = "options/raw/deribit_get_book_summary_by_currency_ETH_2025-11-22.json.gz";

/** Every record scaled in one field: percent for fraction and worse. */
const scale = fc.constantFrom(1e-4, 1e-2, 0.5, 2, 1e2, 1e4, -1);
const field = fc.constantFrom("mark_iv", "mark_price", "underlying_price", "bid_price", "creation_timestamp");

function named(faults: readonly Fault[], source: string): void {
  for (const one of faults) {
    assert.ok(one.code in FAULTS, one.code);
    assert.equal(one.source, source);
    assert.ok(one.detail.length > 0 && one.detail.length < 400);
  }
}

function checkBoard(body: string): void {
  const observed = parseDeribitBoard(body, "deribit:ETH:options", "ETH");
  named(observed.faults, observed.source);
  assert.ok(observed.observation !== null || observed.faults.length > 0, "nothing observed and no fault named");
  assertSound(observed.observation);
}

test("4000 mutated boards never throw and never yield a number out of its unit", () => {
  fc.assert(fc.property(mutatedBody(answer(healthyBook())), checkBoard), { numRuns: 4000 });
});

test("boards with a whole column scaled are refused or stay within their units", () => {
  const property = fc.property(field, scale, (name, factor) => {
    const scaled = healthyBook().map((one) => ({ ...one, [name]: Number(one[name]) * factor }));
    checkBoard(answer(scaled));
  });
  fc.assert(property, { numRuns: 300 });
});

test("2000 mutations of a real board never throw and never yield a number out of its unit", (t) => {
  const path = dataFile(RAW);
  if (path === null) return t.skip(`shared data not present: ${RAW}`);
  const { result } = JSON.parse(gunzipSync(readFileSync(path)).toString("utf8"));
  const body = answer(result.slice(0, 60));
  fc.assert(fc.property(mutatedBody(body), checkBoard), { numRuns: 2000 });
});

test("2000 mutated index pages never throw and never yield a number out of its unit", () => {
  const body = answer({ data: indexRows(30, END), continuation: null });
  const property = fc.property(mutatedBody(body), (text) => {
    const source = "deribit:ETH:index";
    const page = parseVolatilityIndex(text, source, HOUR, TAKEN);
    named(page.faults, source);
    assertSound({ kind: "volatilityIndex", source, currency: "ETH", eventTime: 0, closes: page.points });
    assert.ok(
      page.points.every(([time]) => time <= TAKEN),
      "a bar that has not closed",
    );
    assert.ok(page.failed || page.faults.length > 0 || page.points.length > 0);
  });
  fc.assert(property, { numRuns: 2000 });
});

test("2000 mutated candle pages never throw and never yield a number out of its unit", () => {
  const property = fc.property(mutatedBody(answer(chart(30, END))), (text) => {
    const source = "deribit:ETH-PERPETUAL:history";
    const page = parseCandles(text, source, HOUR, TAKEN);
    named(page.faults, source);
    const shape = { instrument: "ETH-PERPETUAL", intervalSeconds: HOUR, eventTime: 0 };
    assertSound({ kind: "priceHistory", source, ...shape, candles: page.points });
    assert.ok(
      page.points.every(([time]) => time + HOUR <= TAKEN),
      "a candle that has not closed",
    );
  });
  fc.assert(property, { numRuns: 2000 });
});

test("any text at all is answered with a named fault", () => {
  const property = fc.property(fc.oneof(fc.string(), fc.json()), (text) => checkBoard(text));
  fc.assert(property, { numRuns: 2000 });
});
