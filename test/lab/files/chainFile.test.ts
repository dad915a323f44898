import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { isoTime } from "../../../keeper/domain/calendar.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { readChainFile, selectBoards } from "../../../scripts/lab/files/chainFile.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "chain-"));
});
after(async () => {
  await rm(folder, { recursive: true });
});

async function written(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const HEADER = "ts,instrument,forward,index,bid,ask,mark,iv,delta,vega,oi,vol24h";
const CALL = "2026-02-01T04:54:02Z,ETH-27FEB26-3000-C,2710.5,2700.25,0.0121,0.0125,0.0123,0.62,0.2,3,10,1";
const PUT = "2026-02-01T04:54:02Z,ETH-27FEB26-2400-P,2710.5,2700.25,,0.0125,0.0123,,0.2,3,,1";
const BTC = "2026-02-01T04:54:02Z,BTC-27FEB26-90000-C,88000,87900,0.01,0.011,0.0105,0.4,0.2,3,5,1";
const LATER = "2026-02-02T04:54:02Z,ETH-27FEB26-3000-C,2650,2640,0.01,0.011,0.0105,0.65,0.2,3,10,1";
const TABLE = [HEADER, CALL, PUT, BTC, LATER].join("\n");

const record = {
  instrument_name: "ETH-27FEB26-3000-C",
  bid_price: 0.0121,
  ask_price: null,
  mark_price: 0.0123,
  mark_iv: 62.5,
  underlying_price: 2710.5,
  estimated_delivery_price: 2700.25,
  open_interest: 10,
  creation_timestamp: 1769921642900,
};
const answer = (...result: unknown[]) => JSON.stringify({ jsonrpc: "2.0", result });

test("a table gives one board for each moment and currency, volatilities as fractions", async () => {
  const boards = await readChainFile(await written("chain.csv", TABLE));
  assert.deepEqual(
    boards.map((board) => [board.currency, isoTime(board.eventTime), board.indexUsd, board.quotes.length]),
    [
      ["BTC", "2026-02-01T04:54:02Z", 87900, 1],
      ["ETH", "2026-02-01T04:54:02Z", 2700.25, 2],
      ["ETH", "2026-02-02T04:54:02Z", 2640, 1],
    ],
  );
  const [call, put] = boards[1]?.quotes ?? [];
  assert.deepEqual(call, {
    instrument: "ETH-27FEB26-3000-C",
    expiry: 1772179200,
    strike: 3000,
    kind: "call",
    bidCoin: 0.0121,
    askCoin: 0.0125,
    markCoin: 0.0123,
    markIv: 0.62,
    forwardUsd: 2710.5,
    openInterest: 10,
  });
  assert.deepEqual([put?.bidCoin, put?.markIv, put?.openInterest], [null, null, 0]);
});

test("times are printed as ISO 8601 without milliseconds", () => {
  assert.equal(isoTime(1770326977), "2026-02-05T21:29:37Z");
});

test("a gzipped table reads the same", async () => {
  const plain = await readChainFile(await written("plain.csv", TABLE));
  assert.deepEqual(await readChainFile(await written("packed.csv.gz", gzipSync(TABLE))), plain);
});

test("the API's answer is read, percent into fraction, oldest record as its time, futures left out", async () => {
  const older = { ...record, instrument_name: "ETH-27FEB26-2400-P", creation_timestamp: 1769921640100 };
  const future = { ...record, instrument_name: "ETH-PERPETUAL" };
  const { mark_iv: _, ...bare } = { ...record, instrument_name: "ETH-27FEB26-2500-P" };
  const [board, ...others] = await readChainFile(await written("a.json", answer(record, older, future, bare)));
  assert.equal(others.length, 0);
  assert.equal(board?.eventTime, 1769921640);
  assert.equal(board?.quotes.length, 3);
  assert.deepEqual(
    [board?.quotes[0]?.markIv, board?.quotes[0]?.bidCoin, board?.quotes[0]?.askCoin],
    [0.625, 0.0121, null],
  );
  assert.equal(board?.quotes[2]?.markIv, null);
});

test("the last snapshot is chosen, or the last at or before a time, of one currency or all", async () => {
  const boards = await readChainFile(await written("select.csv", TABLE));
  const names = (chosen: typeof boards) => chosen.map((board) => `${board.currency} ${isoTime(board.eventTime)}`);
  assert.deepEqual(names(selectBoards(boards, {})), ["ETH 2026-02-02T04:54:02Z"]);
  assert.deepEqual(names(selectBoards(boards, { currency: "btc" })), ["BTC 2026-02-01T04:54:02Z"]);
  const between = Date.parse("2026-02-01T12:00:00Z") / 1000;
  assert.deepEqual(names(selectBoards(boards, { at: between })), [
    "BTC 2026-02-01T04:54:02Z",
    "ETH 2026-02-01T04:54:02Z",
  ]);
});

test("a currency or time the file lacks is answered with what it has", async () => {
  const boards = await readChainFile(await written("lacks.csv", TABLE));
  assert.throws(() => selectBoards(boards, { currency: "SOL" }), /--currency; given "SOL"; expected one of BTC, ETH/);
  assert.throws(() => selectBoards(boards, { at: 1_600_000_000 }), /expected 2026-02-01T04:54:02Z or later/);
});

/** [what is wrong, file name, content, what the message must say] */
const BROKEN: readonly (readonly [string, string, string | Buffer, RegExp])[] = [
  [
    "a missing column",
    "m.csv",
    "ts,instrument\n1,2",
    /lacks a column; field header; given "ts,instrument"; expected a column forward/,
  ],
  ["a table without rows", "e.csv", `${HEADER}\n`, /is no table; .*no row below the header/],
  [
    "a future in the table",
    "f.csv",
    `${HEADER}\n${CALL.replace("ETH-27FEB26-3000-C", "ETH-PERPETUAL")}`,
    /row 2 of .* field instrument; given "ETH-PERPETUAL"/,
  ],
  [
    "a price in words",
    "p.csv",
    `${HEADER}\n${CALL}\n${CALL.replace("0.0121", "cheap")}`,
    /row 3 of .* field bid; given "cheap"; expected a price in coin/,
  ],
  [
    "a negative forward",
    "n.csv",
    `${HEADER}\n${CALL.replace("2710.5", "-1")}`,
    /field forward; given "-1"; expected the forward/,
  ],
  [
    "a time that is none",
    "t.csv",
    `${HEADER}\n${CALL.replace("2026-02-01T04:54:02Z", "yesterday")}`,
    /field ts; given "yesterday"/,
  ],
  ["a row of another width", "w.csv", `${HEADER}\n1,2,3`, /row 2 of .* given "1,2,3"; expected \d+ cells/],
  ["HTML instead of JSON", "h.json", "<html>502</html>", /is not JSON; field file; given "<html>502/],
  [
    "JSON of another shape",
    "s.json",
    '{"result":{"bids":[]}}',
    /field result; given "an object with bids"; expected a value of type array/,
  ],
  [
    "a mark price in words",
    "v.json",
    answer(record, { ...record, mark_price: "0.01" }),
    /field result.1.mark_price; given "0.01"; expected a value of type number$/,
  ],
  ["an answer without options", "o.json", answer({ ...record, instrument_name: "ETH-PERPETUAL" }), /holds no option/],
  ["a broken archive", "z.csv.gz", Buffer.from("no gzip"), /lacks a column|is no table/],
];
for (const [what, name, content, message] of BROKEN) {
  test(`${what} is refused as BAD_FILE with the place and what was expected`, async () => {
    const path = await written(name, content);
    await assert.rejects(
      readChainFile(path),
      (error) =>
        error instanceof TonsorError &&
        error.code === "BAD_FILE" &&
        message.test(error.message) &&
        error.message.includes(path),
    );
  });
}

test("a file that is not there is refused by its path", async () => {
  await assert.rejects(readChainFile(join(folder, "absent.csv")), /absent.csv cannot be read/);
});
