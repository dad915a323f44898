import assert from "node:assert/strict";
import { test } from "node:test";
import { binance } from "../../../keeper/venues/binance/binance.ts";
import { parseBinanceBoard, parseContracts } from "../../../keeper/venues/binance/parse.ts";
import { connect } from "../../../keeper/venues/connection.ts";
import { loopback } from "../../support/loopback.ts";
import { near } from "../../support/near.ts";
import { EXPIRY, FORWARD, INDEX, SMILE, TAKEN } from "../sampleSmile.ts";
import { binanceBodies, binanceInfo, binanceLists, type Lists, type Row } from "./sample.ts";

const SOURCE = "binance:ETH:options";
const ALL = new Set(binanceLists().contracts.map((row) => String(row["symbol"])));
const parse = (change: (lists: Lists) => Partial<Lists> = () => ({}), contracts: ReadonlySet<string> = ALL) => {
  const lists = binanceLists();
  return parseBinanceBoard(binanceBodies({ ...lists, ...change(lists) }), contracts, SOURCE, "ETH");
};
const codes = (observed: { readonly faults: readonly { readonly code: string }[] }) =>
  observed.faults.map((one) => one.code);
const info = (change: (row: Row) => Row) => parseContracts(binanceInfo(binanceLists().contracts.map(change)), SOURCE);

test("marks of other currencies in the same answer are left out without a word", () => {
  const { observation, faults } = parse();
  assert.deepEqual(faults, []);
  assert.equal(observation?.quotes.length, SMILE.length);
});

test("premiums discounted by the venue's rate are undiscounted before they become coin", () => {
  const years = (EXPIRY - TAKEN) / 31_536_000;
  const discounted = (rows: readonly Row[], field: string) =>
    rows.map((row) => ({ ...row, [field]: String(Number(row[field]) * Math.exp(-0.1 * years)) }));
  const { observation, faults } = parse(({ marks, tickers }) => ({
    marks: discounted(marks, "markPrice").map((row) => ({ ...row, riskFreeInterest: "0.1" })),
    tickers: discounted(discounted(tickers, "bidPrice"), "askPrice"),
  }));
  assert.deepEqual(faults, []);
  for (const [at, quote] of (observation?.quotes ?? []).entries()) {
    near(quote.forwardUsd, FORWARD, 1e-9);
    near(quote.markCoin, SMILE[at]?.mark ?? 0, 1e-12);
    near(quote.bidCoin ?? 0, SMILE[at]?.bid ?? 0, 1e-12);
  }
});

test("a rate of 10 for 10 % is UNIT_SUSPECT", () => {
  const observed = parse(({ marks }) => ({ marks: marks.map((row) => ({ ...row, riskFreeInterest: "10" })) }));
  assert.equal(observed.observation, null);
  assert.deepEqual(codes(observed), ["EMPTY", "UNIT_SUSPECT"]);
});

test("a contract that is not listed is dropped, and one without a ticker has no bid", () => {
  const unlisted = parse(() => ({}), new Set([...ALL].slice(1)));
  assert.deepEqual([unlisted.observation?.quotes.length, codes(unlisted)], [17, ["INCONSISTENT"]]);
  const unquoted = parse(({ tickers }) => ({ tickers: tickers.slice(1) }));
  assert.deepEqual([unquoted.observation?.quotes.length, codes(unquoted)], [18, ["INCONSISTENT"]]);
  assert.equal(unquoted.observation?.quotes[0]?.askCoin, null);
});

test("a refusal in any answer is the venue's own error, and every one is named", () => {
  const refusal = '{"code":-1121,"msg":"Invalid symbol."}';
  for (const name of ["marks", "tickers", "index"] as const) {
    const observed = parseBinanceBoard({ ...binanceBodies(), [name]: refusal }, ALL, SOURCE, "ETH");
    assert.deepEqual([observed.observation, codes(observed)], [null, ["VENUE_ERROR"]], name);
  }
  const all = parseBinanceBoard({ marks: refusal, tickers: "", index: "<html>" }, ALL, SOURCE, "ETH");
  assert.deepEqual(codes(all), ["VENUE_ERROR", "EMPTY", "NOT_JSON"]);
});

test("calls alone have no forward: TOO_FEW, and nothing is guessed from the index", () => {
  const observed = parse(({ marks }) => ({ marks: marks.filter((row) => String(row["symbol"]).endsWith("C")) }));
  assert.equal(observed.observation, null);
  assert.deepEqual(codes(observed), ["EMPTY", "TOO_FEW"]);
});

test("the forward by parity is K + C - P, the median of the five strikes nearest the index", () => {
  /** The forward when calls of some strikes cost so many dollars more. */
  const forwardWith = (dearer: Readonly<Record<number, number>>) => {
    const { observation } = parse(({ marks }) => ({
      marks: marks.map((row) => {
        const [, , strike, side] = String(row["symbol"]).split("-");
        const more = side === "C" ? (dearer[Number(strike)] ?? 0) : 0;
        return { ...row, markPrice: String(Number(row["markPrice"]) + more) };
      }),
    }));
    return observation?.quotes.find((quote) => quote.instrument === "ETH-260227-3150-P")?.forwardUsd ?? Number.NaN;
  };
  near(forwardWith({}), FORWARD, 1e-9);
  const far = { 2400: 300, 2550: 300, 3450: 300, 3600: 300 };
  near(forwardWith({ ...far, 3000: 400 }), FORWARD, 1e-9, "one strike of five and strikes far away change nothing");
  near(forwardWith({ 3000: 20, 2850: 20 }), FORWARD, 1e-9);
  near(forwardWith({ 3000: 20, 2850: 20, 3150: 20 }), FORWARD + 20, 1e-9);
});

test("each expiry has the forward of its own options", () => {
  const month = (["C", "P"] as const).map((side) => `ETH-260327-3000-${side}`);
  const { observation } = parse(
    ({ marks }) => ({
      marks: [
        ...marks,
        ...month.map((symbol, at) => ({ ...marks[8], symbol, markPrice: at === 0 ? "250" : "200", markIV: "0.5" })),
      ],
    }),
    new Set([...ALL, ...month]),
  );
  for (const { instrument, forwardUsd } of observation?.quotes ?? []) {
    near(forwardUsd, instrument.startsWith("ETH-260327") ? 3050 : FORWARD, 1e-9);
  }
  assert.equal(observation?.quotes.length, 20);
});

test("one premium a tenth off moves no forward, and so no other quote", () => {
  const observed = parse(({ marks }) => ({
    marks: marks.map((row, at) => (at === 7 ? { ...row, markPrice: String(Number(row["markPrice"]) * 1.1) } : row)),
  }));
  near(observed.observation?.quotes[0]?.forwardUsd ?? 0, FORWARD, 1e-9);
});

test("the index and its time are the board's", () => {
  const { observation } = parse();
  assert.deepEqual([observation?.indexUsd, observation?.eventTime], [INDEX, TAKEN]);
});

test("contracts are known by names that agree with expiry, strike and side", () => {
  assert.deepEqual(
    info((row) => row),
    { contracts: ALL, faults: [] },
  );
  for (const change of [{ expiryDate: EXPIRY * 1000 + 1 }, { strikePrice: "1" }, { symbol: "ETH-260227-2400-X" }]) {
    const { contracts, faults } = info((row) => (row["id"] === 0 ? { ...row, ...change } : row));
    assert.equal(contracts?.size, 17, JSON.stringify(change));
    assert.equal(faults.length, 1);
  }
  assert.equal(info((row) => (row["id"] === 0 ? { ...row, side: "PUT" } : row)).contracts?.size, 17);
});

test("contracts of more than one coin and contracts in another dollar are not read", () => {
  assert.equal(info((row) => ({ ...row, unit: row["id"] === 0 ? 100 : 1 })).contracts?.size, 17);
  const { contracts, faults } = info((row) => ({ ...row, quoteAsset: "BUSD" }));
  assert.deepEqual([contracts, faults.map((one) => one.code)], [null, ["EMPTY", "SCHEMA"]]);
});

test("the list of contracts is asked for once an hour of the venue's time, and not for every board", async () => {
  let time = TAKEN;
  const server = await loopback((request, response) => {
    const { marks, tickers, index } = binanceBodies(binanceLists(time));
    const moved = marks.replace('"0.5725"', `"0.57${time % 100}"`);
    const body = { mark: moved, ticker: tickers, index, exchangeInfo: binanceInfo(binanceLists().contracts) };
    const method = /eapi\/v1\/(\w+)/.exec(request.url ?? "")?.[1] ?? "";
    response.end(body[method as keyof typeof body]);
  });
  const source = connect(binance, { baseUrl: server.url });
  const asked = () => server.requests.filter((url) => url.includes("exchangeInfo")).length;
  const seen: number[] = [];
  for (const step of [0, 60, 3599, 3600, 3660, 3720]) {
    time = TAKEN + step;
    assert.notEqual((await source.board("ETH")).observation, null);
    seen.push(asked());
  }
  await server.close();
  assert.deepEqual(seen, [1, 1, 1, 1, 2, 2]);
});

test("two currencies read at the same moment share nothing that could break", async () => {
  const server = await loopback((request, response) => {
    const { marks, tickers, index } = binanceBodies();
    const body = { mark: marks, ticker: tickers, index, exchangeInfo: binanceInfo(binanceLists().contracts) };
    response.end(body[(/eapi\/v1\/(\w+)/.exec(request.url ?? "")?.[1] ?? "") as keyof typeof body]);
  });
  const source = connect(binance, { baseUrl: server.url });
  const [eth, btc] = await Promise.all([source.board("ETH"), source.board("BTC")]);
  await server.close();
  assert.equal(eth?.observation?.quotes.length, 18);
  assert.deepEqual([btc?.observation, codes(btc ?? { faults: [] })], [null, ["EMPTY", "INCONSISTENT"]]);
});
