import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBybitBoard } from "../../../keeper/venues/bybit/parse.ts";
import { FORWARD, TAKEN } from "../sampleSmile.ts";
import { bybitAnswer, bybitList, type Row } from "./sample.ts";

const SOURCE = "bybit:ETH:options";
const parse = (list: unknown) => parseBybitBoard(bybitAnswer(list), SOURCE, "ETH");
const codes = (observed: ReturnType<typeof parse>) => observed.faults.map((fault) => fault.code);
const first = (changes: Row) => parse(bybitList().map((row, at) => (at === 0 ? { ...row, ...changes } : row)));

test("the documentation's own example parses: premium in dollars over the forward, a zero bid as none", () => {
  const ticker = {
    symbol: "BTC-30DEC22-18000-C",
    bid1Price: "0",
    bid1Size: "0",
    bid1Iv: "0",
    ask1Price: "435",
    ask1Size: "0.66",
    ask1Iv: "5",
    markPrice: "0.00000009",
    indexPrice: "16600.55",
    markIv: "0.7567",
    underlyingPrice: "16590.42",
    openInterest: "6.3",
  };
  // The example's `time` lies four hours before the expiry, 2022-12-30T08:00:00Z.
  const body = bybitAnswer([ticker]).replace(/"time":\d+/, '"time":1672376592395');
  const { observation, faults } = parseBybitBoard(body, "bybit:BTC:options", "BTC");
  assert.deepEqual(faults, []);
  assert.equal(observation?.eventTime, 1_672_376_592);
  assert.deepEqual(observation?.quotes[0], {
    instrument: "BTC-30DEC22-18000-C",
    expiry: 1_672_387_200,
    strike: 18_000,
    kind: "call",
    bidCoin: null,
    askCoin: 435 / 16_590.42,
    markCoin: 0.000_000_09 / 16_590.42,
    markIv: 0.7567,
    forwardUsd: 16_590.42,
    openInterest: 6.3,
  });
});

test("of two settlements the one with more options is read, and no option comes twice", () => {
  const both = [...bybitList(), ...bybitList("-USDT")];
  const even = parse(both);
  assert.deepEqual(codes(even), []);
  assert.ok(even.observation?.quotes.every((quote) => quote.instrument.endsWith("-USDT")));
  const moreUsdc = parse(both.slice(0, -1));
  assert.ok(moreUsdc.observation?.quotes.every((quote) => !quote.instrument.endsWith("-USDT")));
  assert.equal(moreUsdc.observation?.quotes.length, 18);
});

test("a name that says nothing is said, whichever settlement is read", () => {
  assert.deepEqual(codes(parse([...bybitList("-USDT"), { ...bybitList()[0], symbol: "what" }])), ["SCHEMA"]);
});

test("the event time is that of the answer, in whole seconds", () => {
  assert.equal(parse(bybitList()).observation?.eventTime, TAKEN);
});

const DROPPED: readonly (readonly [sentence: string, changes: Row, code: string])[] = [
  ["a forward of zero", { underlyingPrice: "0" }, "NOT_POSITIVE"],
  ["a forward of another magnitude", { underlyingPrice: String(FORWARD * 3) }, "INCONSISTENT"],
  ["an index of zero", { indexPrice: "0" }, "NOT_POSITIVE"],
  ["an index missing", { indexPrice: "" }, "SCHEMA"],
  ["a negative ask", { ask1Price: "-1", bid1Price: "0" }, "NOT_POSITIVE"],
  ["a negative open interest", { openInterest: "-1" }, "NOT_POSITIVE"],
  ["a volatility sent as a number", { markIv: 0.57 }, "NOT_FINITE"],
  ["an option of another coin", { symbol: "BTC-27FEB26-2400-C" }, "INCONSISTENT"],
  ["a bid above the coin", { bid1Price: "3600", ask1Price: "0" }, "INCONSISTENT"],
];
for (const [sentence, changes, code] of DROPPED) {
  test(`${sentence} drops the ticker as ${code} and leaves the others`, () => {
    const observed = first(changes);
    assert.deepEqual(codes(observed), [code]);
    assert.equal(observed.observation?.quotes.length, 17);
  });
}

test("a result without a list, and one of another category, are SCHEMA", () => {
  for (const result of [{}, { category: "option" }, { category: "linear", list: [] }, null, []]) {
    const body = JSON.stringify({ retCode: 0, retMsg: "OK", result, time: TAKEN * 1000 });
    assert.deepEqual(codes(parseBybitBoard(body, SOURCE, "ETH")), ["SCHEMA"], JSON.stringify(result));
  }
});
