import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDeribitBoard } from "../../../keeper/venues/deribit/parse.ts";
import { answer, type BookRecord, bookRecord, healthyBook, TAKEN } from "./sample.ts";

const SOURCE = "deribit:ETH:options";
const parse = (records: unknown) => parseDeribitBoard(answer(records), SOURCE, "ETH");
/** The healthy board with its first record changed. */
const spoiled = (changes: BookRecord) =>
  parse(healthyBook().map((one, at) => (at === 0 ? { ...one, ...changes } : one)));
const codes = (observed: ReturnType<typeof parse>) => observed.faults.map((fault) => fault.code);

test("a healthy board comes through whole and without faults", () => {
  const { observation, faults } = parse(healthyBook());
  assert.deepEqual(faults, []);
  assert.equal(observation?.quotes.length, 14);
  assert.equal(observation?.indexUsd, 3005.1);
  assert.equal(observation?.currency, "ETH");
  assert.equal(observation?.source, SOURCE);
});

test("percent becomes a fraction and every field lands in its unit", () => {
  const { observation } = parse([bookRecord({ mark_iv: 74.36 })]);
  assert.deepEqual(observation?.quotes[0], {
    instrument: "ETH-27FEB26-3000-C",
    expiry: 1_772_179_200,
    strike: 3000,
    kind: "call",
    bidCoin: 0.058,
    askCoin: 0.059,
    markCoin: 0.0585,
    markIv: 0.7436,
    forwardUsd: 3012.5,
    openInterest: 440,
  });
});

test("the event time is that of the oldest record, in whole seconds", () => {
  const { observation } = parse([
    bookRecord(),
    bookRecord({ instrument_name: "ETH-27FEB26-3100-C", creation_timestamp: (TAKEN - 4) * 1000 + 999 }),
  ]);
  assert.equal(observation?.eventTime, TAKEN - 4);
});

test("no bid, no ask and no mark IV are what the venue shows, not faults", () => {
  const { observation, faults } = parse([bookRecord({ bid_price: null, ask_price: null, mark_iv: null })]);
  assert.deepEqual(faults, []);
  const quote = observation?.quotes[0];
  assert.deepEqual([quote?.bidCoin, quote?.askCoin, quote?.markIv], [null, null, null]);
});

test("an answer without any mark_iv parses, as in 2024 captures", () => {
  const records = healthyBook().map(({ mark_iv: _, ...rest }) => rest);
  const { observation, faults } = parse(records);
  assert.deepEqual(faults, []);
  assert.equal(
    observation?.quotes.every((quote) => quote.markIv === null),
    true,
  );
});

test("a forward from the index or from a synthetic future is taken like any other", () => {
  for (const underlying_index of ["index_price", "SYN.ETH-30JAN26", "ETH-27FEB26"]) {
    assert.deepEqual(spoiled({ underlying_index }).faults, []);
  }
});

test("unknown extra fields are ignored", () => {
  assert.deepEqual(spoiled({ something_new: { deep: [1] } }).faults, []);
});

const DROPPED: readonly (readonly [sentence: string, changes: BookRecord, code: string])[] = [
  ["a mark written as the word NaN", { mark_price: "NaN" }, "NOT_FINITE"],
  ["a mark of null", { mark_price: null }, "NOT_FINITE"],
  ["a mark of text", { mark_price: "0.05" }, "SCHEMA"],
  ["a missing forward", { underlying_price: undefined }, "SCHEMA"],
  ["a zero mark", { mark_price: 0 }, "NOT_POSITIVE"],
  ["a negative mark", { mark_price: -0.01 }, "NOT_POSITIVE"],
  ["a zero forward", { underlying_price: 0 }, "NOT_POSITIVE"],
  ["a zero index", { estimated_delivery_price: 0 }, "NOT_POSITIVE"],
  ["a negative bid", { bid_price: -0.001 }, "NOT_POSITIVE"],
  ["a negative open interest", { open_interest: -1 }, "NOT_POSITIVE"],
  ["a zero mark IV", { mark_iv: 0 }, "NOT_POSITIVE"],
  ["a bid above the ask", { bid_price: 0.3, ask_price: 0.2 }, "CROSSED"],
  // Found by the mutation property: 5e-324 % is above zero, but as a fraction it is zero.
  ["a mark IV of 5e-324 %", { mark_iv: 5e-324 }, "UNIT_SUSPECT"],
  ["a mark IV of 1200 %", { mark_iv: 1200 }, "UNIT_SUSPECT"],
  ["another currency", { base_currency: "BTC" }, "INCONSISTENT"],
  ["a name of another currency", { instrument_name: "BTC-27FEB26-3000-C" }, "INCONSISTENT"],
  ["a name that is a future's", { instrument_name: "ETH-27FEB26" }, "SCHEMA"],
  ["an impossible date", { instrument_name: "ETH-31FEB26-3000-C" }, "SCHEMA"],
  ["an option expired when it was written", { instrument_name: "ETH-27JAN26-3000-C" }, "INCONSISTENT"],
  ["a call worth more than a coin", { mark_price: 1.2, bid_price: null, ask_price: null }, "INCONSISTENT"],
  ["a forward three times the index", { underlying_price: 9050 }, "INCONSISTENT"],
  ["a record two minutes older than the others", { creation_timestamp: (TAKEN - 120) * 1000 }, "INCONSISTENT"],
];
for (const [sentence, changes, code] of DROPPED) {
  test(`${sentence} drops the record as ${code} and leaves the others`, () => {
    const observed = spoiled(changes);
    assert.deepEqual(codes(observed), [code]);
    assert.equal(observed.faults[0]?.count, 1);
    assert.equal(observed.observation?.quotes.length, 13);
    assert.equal(observed.observation?.eventTime, TAKEN);
  });
}

test("a number that overflows is NOT_FINITE and names its field", () => {
  const body = answer(healthyBook())
    .replace('"mark_price":0.233320', '"mark_price":1e999')
    .replace('"mark_price":0.23332', '"mark_price":1e999');
  const { observation, faults } = parseDeribitBoard(body, SOURCE, "ETH");
  assert.deepEqual(
    faults.map((fault) => fault.code),
    ["NOT_FINITE"],
  );
  assert.match(faults[0]?.detail ?? "", /mark_price/);
  assert.equal(observation?.quotes.length, 13);
});

test("a zero bid is read as no bid, and said", () => {
  const observed = spoiled({ bid_price: 0 });
  assert.deepEqual(codes(observed), ["NOT_POSITIVE"]);
  assert.equal(observed.observation?.quotes.length, 14);
  assert.equal(observed.observation?.quotes[0]?.bidCoin, null);
});

test("equal copies of an instrument leave one", () => {
  const observed = parse([...healthyBook(), ...healthyBook().slice(0, 3)]);
  assert.deepEqual(codes(observed), ["DUPLICATE"]);
  assert.equal(observed.faults[0]?.count, 3);
  assert.equal(observed.observation?.quotes.length, 14);
});

test("copies that differ leave none, since nothing says which is right", () => {
  const [first] = healthyBook();
  const observed = parse([...healthyBook(), { ...first, mark_price: 0.21, bid_price: null, ask_price: null }]);
  assert.deepEqual(codes(observed), ["DUPLICATE"]);
  assert.equal(
    observed.observation?.quotes.some((quote) => quote.instrument === first?.["instrument_name"]),
    false,
  );
});

test("fractions sent for percent fail the whole board as UNIT_SUSPECT", () => {
  const observed = parse(healthyBook().map((one) => ({ ...one, mark_iv: Number(one["mark_iv"]) / 100 })));
  assert.equal(observed.observation, null);
  assert.deepEqual(codes(observed), ["UNIT_SUSPECT"]);
});

test("percent of percent fails the whole board as UNIT_SUSPECT", () => {
  const observed = parse(healthyBook().map((one) => ({ ...one, mark_iv: Number(one["mark_iv"]) * 100 })));
  assert.equal(observed.observation, null);
  assert.deepEqual(codes(observed), ["UNIT_SUSPECT"]);
});

test("seconds sent for milliseconds fail the whole board as UNIT_SUSPECT", () => {
  const observed = parse(healthyBook().map((one) => ({ ...one, creation_timestamp: TAKEN })));
  assert.equal(observed.observation, null);
  assert.deepEqual(codes(observed), ["UNIT_SUSPECT"]);
});

test("an empty list is EMPTY, and so is a list of which nothing is usable", () => {
  assert.deepEqual(codes(parse([])), ["EMPTY"]);
  const observed = parse(healthyBook().map((one) => ({ ...one, mark_price: 0 })));
  assert.equal(observed.observation, null);
  assert.deepEqual(codes(observed), ["EMPTY", "NOT_POSITIVE"]);
});

test("a result of another shape is SCHEMA", () => {
  assert.deepEqual(codes(parse({ data: [] })), ["SCHEMA"]);
  assert.deepEqual(codes(parse([1, null, "x"])).slice(0, 1), ["SCHEMA"]);
});

test("equal faults are folded into one with a count and the first instrument", () => {
  const observed = parse(healthyBook().map((one, at) => (at < 5 ? { ...one, mark_price: 0 } : one)));
  assert.equal(observed.faults.length, 1);
  assert.equal(observed.faults[0]?.count, 5);
  assert.match(observed.faults[0]?.detail ?? "", /ETH-27FEB26-2400-C/);
});
