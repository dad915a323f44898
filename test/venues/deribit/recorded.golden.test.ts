import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { parseDeribitBoard } from "../../../keeper/venues/deribit/parse.ts";
import { dataFile } from "../../support/data.ts";

/** Real answers of the venue, as they came. */
const RAW = "options/raw/";

function body(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

test("the ETH board of 2025-11-22 parses whole: 830 instruments in fractions", (t) => {
  const name = `${RAW}deribit_get_book_summary_by_currency_ETH_2025-11-22.json.gz`;
  const path = dataFile(name);
  if (path === null) return t.skip(`shared data not present: ${name}`);
  const { observation, faults } = parseDeribitBoard(body(path), "deribit:ETH:options", "ETH");
  assert.deepEqual(
    faults.filter((one) => one.detail.startsWith("mark_price zero") === false),
    [],
  );
  const dropped = faults.reduce((sum, one) => sum + (one.count ?? 0), 0);
  assert.equal((observation?.quotes.length ?? 0) + dropped, 830);
  assert.equal(observation?.eventTime, 1_763_777_713);
  assert.equal(observation?.indexUsd, 2758.38);
  const quote = observation?.quotes.find((one) => one.instrument === "ETH-26JUN26-4200-C");
  assert.deepEqual(
    [quote?.markIv, quote?.markCoin, quote?.bidCoin, quote?.forwardUsd],
    [0.7436, 0.097546, 0.0965, 2812.56],
  );
  const synthetic = observation?.quotes.find((one) => one.instrument === "ETH-30JAN26-3700-C");
  assert.equal(synthetic?.forwardUsd, 2775.542307692308);
});

test("the ETH board of 2024-01-08, which has no mark_iv, parses: 684 instruments", (t) => {
  const name = `${RAW}deribit_get_book_summary_by_currency_ETH_2024-01-08_no_mark_iv.json.gz`;
  const path = dataFile(name);
  if (path === null) return t.skip(`shared data not present: ${name}`);
  const { observation, faults } = parseDeribitBoard(body(path), "deribit:ETH:options", "ETH");
  const dropped = faults.reduce((sum, one) => sum + (one.count ?? 0), 0);
  assert.equal((observation?.quotes.length ?? 0) + dropped, 684);
  assert.ok((observation?.quotes.length ?? 0) > 600);
  assert.equal(
    observation?.quotes.every((quote) => quote.markIv === null),
    true,
  );
  assert.equal(observation?.eventTime, 1_704_712_781);
});

test("the BTC board of 2026-05-22 with the day's expiry on index_price parses", (t) => {
  const name = `${RAW}deribit_book_summary_btc_option_2026-05-22.json`;
  const path = dataFile(name);
  if (path === null) return t.skip(`shared data not present: ${name}`);
  const { observation, faults } = parseDeribitBoard(body(path), "deribit:BTC:options", "BTC");
  assert.deepEqual(faults, []);
  assert.equal(observation?.eventTime, 1_779_460_433);
  const quote = observation?.quotes.find((one) => one.instrument === "BTC-23MAY26-69000-P");
  assert.deepEqual([quote?.bidCoin, quote?.askCoin, quote?.markIv], [null, 0.0001, 0.586]);
});

test("a board of futures is no options board: every record is named, nothing is observed", (t) => {
  const name = `${RAW}deribit_book_summary_btc_future_2026-05-22.json`;
  const path = dataFile(name);
  if (path === null) return t.skip(`shared data not present: ${name}`);
  const { observation, faults } = parseDeribitBoard(body(path), "deribit:BTC:options", "BTC");
  assert.equal(observation, null);
  assert.ok(
    faults.every((one) => one.code === "SCHEMA" || one.code === "EMPTY"),
    JSON.stringify(faults),
  );
});

test("the list of instruments is another answer: SCHEMA, nothing observed", (t) => {
  const name = `${RAW}deribit_get_instruments_btc_option_2026-05-22.json`;
  const path = dataFile(name);
  if (path === null) return t.skip(`shared data not present: ${name}`);
  const { observation, faults } = parseDeribitBoard(body(path), "deribit:BTC:options", "BTC");
  assert.equal(observation, null);
  assert.ok(faults.length > 0 && faults.every((one) => one.code === "SCHEMA" || one.code === "NOT_FINITE"));
});
