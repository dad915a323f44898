import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOkxBoard } from "../../../keeper/venues/okx/parse.ts";
import { TAKEN } from "../sampleSmile.ts";
import { type Lists, okxAnswer, okxBodies, okxLists, type Row } from "./sample.ts";

const SOURCE = "okx:ETH:options";
const parse = (change: (lists: Lists) => Partial<Lists> = () => ({})) => {
  const lists = okxLists();
  return parseOkxBoard(okxBodies({ ...lists, ...change(lists) }), SOURCE, "ETH");
};
const codes = (observed: ReturnType<typeof parse>) => observed.faults.map((fault) => fault.code);
const later = (rows: readonly Row[], seconds: number) =>
  rows.map((row) => ({ ...row, ts: String(Number(row["ts"]) + seconds * 1000) }));

test("the documentation's own example parses, percent-free: 155.5 % as 1.555", () => {
  const ts = "1646733631242";
  const option = {
    instId: "BTC-USD-220309-33000-P",
    markVol: "1.5551965233045728",
    fwdPx: "39016.8143629068452065",
    ts,
  };
  const bodies = {
    summary: okxAnswer([{ ...option, askVol: "1.7968814062499998", bidVol: "0", uly: "BTC-USD", instType: "OPTION" }]),
    marks: okxAnswer([{ instType: "OPTION", instId: option.instId, markPx: "0.0001", ts }]),
    tickers: okxAnswer([{ instType: "OPTION", instId: option.instId, bidPx: "", askPx: "0.0005", ts }]),
    index: okxAnswer([{ instId: "BTC-USD", idxPx: "39000.1", ts }]),
  };
  const { observation, faults } = parseOkxBoard(bodies, "okx:BTC:options", "BTC");
  assert.deepEqual(faults, []);
  assert.deepEqual(observation?.quotes[0], {
    instrument: "BTC-USD-220309-33000-P",
    expiry: 1_646_812_800,
    strike: 33_000,
    kind: "put",
    bidCoin: null,
    askCoin: 0.0005,
    markCoin: 0.0001,
    markIv: 1.5551965233045728,
    forwardUsd: 39_016.814_362_906_84,
    openInterest: 0,
  });
});

test("an option that is not marked is dropped; one without a ticker keeps its mark and has no bid", () => {
  const unmarked = parse(({ marks }) => ({ marks: marks.slice(1) }));
  assert.deepEqual([unmarked.observation?.quotes.length, codes(unmarked)], [17, ["INCONSISTENT"]]);
  const unquoted = parse(({ tickers }) => ({ tickers: tickers.slice(1) }));
  assert.deepEqual([unquoted.observation?.quotes.length, codes(unquoted)], [18, ["INCONSISTENT"]]);
  assert.deepEqual([unquoted.observation?.quotes[0]?.bidCoin, unquoted.observation?.quotes[0]?.askCoin], [null, null]);
});

test("a board is as old as the oldest of its parts: summary, marks, index", () => {
  for (const name of ["summary", "marks", "index"] as const) {
    const { observation } = parse((lists) => ({ [name]: later(lists[name], -600) }));
    assert.equal(observation?.eventTime, TAKEN - 600, name);
  }
});

test("a ticker is dated by its last change: one that moved lately dates them all, none that did makes the board old", () => {
  const quiet = parse(({ tickers }) => ({ tickers: [...later(tickers.slice(0, 17), -7200), ...tickers.slice(17)] }));
  assert.equal(quiet.observation?.eventTime, TAKEN);
  const dead = parse(({ tickers }) => ({ tickers: later(tickers, -7200) }));
  assert.equal(dead.observation?.eventTime, TAKEN - 7200);
});

test("one option written two minutes before the others is dropped", () => {
  const observed = parse(({ summary }) => ({ summary: [...later(summary.slice(0, 1), -120), ...summary.slice(1)] }));
  assert.deepEqual([observed.observation?.quotes.length, codes(observed)], [17, ["INCONSISTENT"]]);
  assert.equal(observed.observation?.eventTime, TAKEN);
});

test("the index of another pair is no index, and without one there is no board", () => {
  const observed = parse(({ index }) => ({ index: index.map((row) => ({ ...row, instId: "BTC-USD" })) }));
  assert.equal(observed.observation, null);
  assert.deepEqual(codes(observed), ["EMPTY", "INCONSISTENT"]);
});

test("answers without a usable ticker are EMPTY", () => {
  const observed = parse(({ tickers }) => ({ tickers: tickers.map((row) => ({ ...row, bidPx: "x" })) }));
  assert.deepEqual([observed.observation, codes(observed)], [null, ["EMPTY", "SCHEMA"]]);
});

test("a volatility that could not be fitted (empty text) leaves the quote without one", () => {
  const observed = parse(({ summary }) => ({ summary: summary.map((row) => ({ ...row, markVol: "" })) }));
  assert.deepEqual(codes(observed), []);
  assert.ok(observed.observation?.quotes.every((quote) => quote.markIv === null));
});

test("every answer that fails is named, not only the first", () => {
  const bodies = {
    ...okxBodies(),
    summary: "<html>",
    index: '{"code":"50001","msg":"Service temporarily unavailable"}',
  };
  const observed = parseOkxBoard(bodies, SOURCE, "ETH");
  assert.deepEqual([observed.observation, codes(observed)], [null, ["NOT_JSON", "VENUE_ERROR"]]);
});

test("an answer of code 0 without a list is SCHEMA", () => {
  for (const body of [
    '{"code":"0","msg":""}',
    '{"code":"0","msg":"","data":{}}',
    '{"code":0,"msg":"","data":[]}',
    "[]",
    "7",
  ]) {
    assert.deepEqual(codes(parseOkxBoard({ ...okxBodies(), marks: body }, SOURCE, "ETH")), ["SCHEMA"], body);
  }
});

test("options of another currency do not enter the board", () => {
  const observed = parseOkxBoard(
    okxBodies({ ...okxLists(), index: [{ ...okxLists().index[0], instId: "BTC-USD" }] }),
    SOURCE,
    "BTC",
  );
  assert.deepEqual([observed.observation, codes(observed)], [null, ["EMPTY", "INCONSISTENT"]]);
});
