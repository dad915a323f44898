import assert from "node:assert/strict";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, test } from "node:test";
import { gzipSync } from "node:zlib";
import { readDepthFile, readPriceFile } from "../../../scripts/lab/files/seriesFile.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const folder = temporaryFolder();

function file(content: string | Uint8Array, name = "prices.csv"): string {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith(".gz") && typeof content === "string" ? gzipSync(content) : content);
  return path;
}
const prices = (content: string | Uint8Array, name?: string, gaps = false) =>
  readPriceFile(file(content, name), "A", gaps);

/** [what, content, what the message must say] */
const REFUSED: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  [
    "no time",
    "a,close\n1,2\n2,3\n",
    /prices\.csv lacks a column; field header; given "a,close"; expected a column t or/,
  ],
  ["no price", "t,x\n1,2\n2,3\n", /lacks a column; .* expected a column close or price or price_usd$/],
  ["two prices", "t,close,close\n1,2,3\n", /has a column twice; .* expected one column close/],
  [
    "semicolons",
    "t;close\n1;2,5\n2;3,5\n",
    /is no table; field header; given "t;close"; expected comma-separated .*, a point in decimals/,
  ],
  ["one row", "t,close\n1,2\n", /row 2 of .*; field t; given "1"; expected two rows or more/],
  ["no row", "t,close\n", /is no table; field file; given "no row below the header"/],
  [
    "nothing",
    "\n \n",
    /prices\.csv cannot be used; field file; given "an empty file"; expected a csv file, plain or gzip/,
  ],
  [
    "a word",
    "t,close\n0,2\n60,none\n",
    /row 3 of \S*prices\.csv .*; field close; given "none"; expected a price in USD/,
  ],
  ["no cell", "t,close\n0,2\n60,\n", /row 3 .*; field close; given "nothing"/],
  [
    "zero",
    "t,close\n0,2\n60,0\n",
    /row 3 .* field close; given "0"; expected a price in USD, a number from 1e-12 to 1e12/,
  ],
  ["below zero", "t,close\n0,2\n60,-1\n", /row 3 .* field close; given "-1"/],
  ["NaN", "t,close\n0,2\n60,NaN\n", /row 3 .* field close; given "NaN"/],
  ["hexadecimal", "t,close\n0,2\n60,0x1\n", /row 3 .* field close; given "0x1"/],
  ["beyond numbers", "t,close\n0,2\n60,1e999\n", /row 3 .* field close; given "1e999"/],
  [
    "a time that is none",
    "t,close\n0,2\nnoon,3\n",
    /row 3 .* field t; given "noon"; expected Unix seconds or ISO 8601/,
  ],
  ["a day that is none", "t,close\n2023-02-29,2\n2023-03-01,3\n", /row 2 .* field t; given "2023-02-29"/],
  ["milliseconds", "t,close\n1704067200000,2\n1704070800000,3\n", /row 2 .* given "1704067200000"; .*in milliseconds/],
  [
    "a time twice",
    "t,close\n0,2\n60,3\n60,4\n",
    /row 4 .* field t; given "60"; expected a time later than that of the row/,
  ],
  ["a time that falls", "t,close\n0,2\n60,3\n30,4\n", /row 4 .* field t; given "30"; expected a time later/],
  [
    "a hole",
    "t,close\n0,2\n60,3\n180,4\n240,5\n",
    /row 4 .* given "180"; expected 60 s after the row before, without a hole/,
  ],
  [
    "an odd step",
    "t,close\n0,2\n60,3\n90,4\n150,4\n210,4\n",
    /row 4 .* given "90"; expected 60 s after the row before, as most/,
  ],
  ["an empty line before", "t,close\n\n0,2\n\n60,none\n", /row 5 of/],
  ["a row of another width", "t,close\n0,2\n60,3,4\n", /row 3 of .*; field row; given "60,3,4"; expected 2 cells/],
  ["an open quote", 't,close\n0,"2\n', /is no table; .* expected comma-separated values with one header line/],
  ["JSON", '{"t":1}', /is no table; field file; given "text that begins with \{"/],
  ["a picture", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0xff]), /cannot be used; .* given "binary data"/],
  [
    "UTF-16",
    Buffer.from("\ufefft,close\n1,2\n", "utf16le"),
    /given "UTF-16"; expected a csv file, plain or gzip, saved as UTF-8/,
  ],
  ["half a gzip", gzipSync("t,close\n0,1\n60,2\n").subarray(0, 20), /cannot be read; .* given "damaged gzip"/],
  [
    "a low above the close",
    "t,open,high,low,close\n0,2,3,1,2\n60,2,3,2.5,2\n",
    /row 3 .* field low; given "2.5"; expected at most/,
  ],
  ["a high below the open", "t,open,high,low,close\n0,2,3,1,2\n60,2,1.5,1,1\n", /row 3 .* field high; given "1.5"/],
  [
    "a price beside which no other can be true",
    "t,close\n0,100\n3600,1e12\n7200,100\n",
    /row 3 of \S*prices\.csv .* field close; given "1e12"; expected within a factor of 100 of the row before \(100\)$/,
  ],
  ["a price that falls as far", "t,close\n0,100\n60,0.99\n", /row 3 .* field close; given "0.99"; expected within/],
  [
    "a day's price that is no price",
    "t,close\n0,100\n86400,1e9\n172800,1\n",
    /row 3 .* given "1e9"; expected within a factor of 1000000 of/,
  ],
  [
    "a low that no trade was at",
    "t,open,high,low,close\n0,2,3,1,2\n60,2,3,0.01,2\n",
    /row 3 .* field low; given "0.01"; expected within a factor of 100 of the close \(2\)/,
  ],
  ["a high that none was at", "t,open,high,low,close\n0,2,300,1,2\n60,2,3,1,2\n", /row 2 .* field high; given "300"/],
  ["a volume below zero", "t,close,volume\n0,2,1\n60,2,-1\n", /row 3 .* field volume; given "-1"; expected a volume/],
];

describe("a file of prices", () => {
  it("is read with either form of time, plain or gzip, with any line end, mark and case", () => {
    const iso = "time,price\n2024-01-01T00:00:00Z,10\n2024-01-01 01:00:00,11\n";
    const zoned = "\ufeffTimestamp,Close\r\n2024-01-01 02:00:00+02:00,10\r\n2024-01-01T01:00:00.000Z,11\r\n\r\n";
    const unix = "t,close,other\n1704067200,10,x\n1704070800,1.1e1,\n";
    for (const series of [prices(iso), prices(zoned), prices(unix, "prices.csv.gz")]) {
      const { closeTimes, closes, stepSeconds } = series;
      assert.deepEqual([[...closeTimes], [...closes], stepSeconds], [[1_704_067_200, 1_704_070_800], [10, 11], 3_600]);
    }
  });

  it("of bars has times at which they begin", () => {
    const { closeTimes, lows, candles } = prices("t,open,high,low,close,volume\n0,9,12,8,10,1\n3600,10,11,7,11,2\n");
    assert.deepEqual(
      [[...closeTimes], [...lows]],
      [
        [3_600, 7_200],
        [8, 7],
      ],
    );
    assert.deepEqual(candles[1], [3_600, 10, 11, 7, 11, 2]);
  });

  it("may lack rows when that is said", () => {
    assert.equal(prices("t,close\n0,2\n60,3\n180,4\n240,4\n", undefined, true).closes.length, 4);
  });

  it("may fall as far as LUNA did: 7.5-fold in an hour, 22,594-fold in a day, and stand elsewhere after a hole", () => {
    assert.equal(prices("t,close\n0,100\n3600,1\n7200,100\n").closes.length, 3);
    assert.equal(prices("t,close\n0,1.1297\n86400,0.00005\n").closes.length, 2);
    const luna = "t,close\n0,0.00005\n1800,0.00005\n1575000,8.693\n1576800,8.5\n";
    assert.equal(prices(luna, undefined, true).closes.length, 4);
    assert.throws(
      () => prices("t,close\n0,1\n1800,1\n7200,1e7\n9000,1\n", undefined, true),
      /given "1e7"; .* 1000000 of/,
    );
  });

  for (const [what, content, message] of REFUSED) {
    it(`with ${what} is refused in one line`, () => {
      assert.throws(
        () => prices(content),
        (error: Error) => {
          assert.match(error.message, message);
          assert.ok(!error.message.includes("\n"), error.message);
          return true;
        },
      );
    });
  }

  it("that is not there is refused", () => {
    const read = (name: string) => () => readPriceFile(join(folder, name), "A", false);
    assert.throws(read("none.csv"), /none\.csv cannot be read; field file; given "no such file"; expected a csv file/);
    assert.throws(read(""), /cannot be read; field file; given "a folder"; expected a csv file/);
  });

  it("that is longer than a text can be is refused before it is read", () => {
    const path = file("t,close\n");
    truncateSync(path, 600e6);
    const message = /cannot be read; .* given "a longer text"; expected .* of at most 536 MB unpacked$/;
    assert.throws(() => readPriceFile(path, "A", false), message);
  });
});

test("a file of depth may have any rhythm, and no zero", () => {
  const depth = (text: string) => readDepthFile(file(text, "depth.csv"));
  assert.equal(depth("t,bids_usd\n0,5\n3600,6\n9000,7\n").stepSeconds, null);
  assert.equal(depth("t,depth_usd\n0,5\n3600,6\n7200,7\n").stepSeconds, 3_600);
  assert.throws(
    () => depth("t,depth_usd\n0,5\n3600,0\n"),
    /row 3 .* field depth_usd; given "0"; expected a depth in USD/,
  );
});
