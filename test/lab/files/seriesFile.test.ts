import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { DEPTH_COLUMNS, PRICE_COLUMNS, readSeriesFile } from "../../../scripts/lab/files/seriesFile.ts";

const folder = mkdtempSync(join(tmpdir(), "series-"));
after(() => rmSync(folder, { recursive: true }));

function file(text: string, name = "prices.csv"): string {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return path;
}
const refused = (text: string, expected: RegExp) =>
  assert.throws(() => readSeriesFile(file(text), PRICE_COLUMNS, true), expected);

describe("a series file", () => {
  it("is read with either form of time, plain or gzip", () => {
    const iso = "time,price\n2024-01-01T00:00:00Z,10\n2024-01-01T01:00:00Z,11\n";
    const unix = "t,open,close,volume\n1704067200,9,10,1\n1704070800,10,11,1\n";
    for (const path of [file(iso), file(unix, "prices.csv.gz")]) {
      const { times, values, stepSeconds } = readSeriesFile(path, PRICE_COLUMNS, true);
      assert.deepEqual([[...times], [...values], stepSeconds], [[1_704_067_200, 1_704_070_800], [10, 11], 3_600]);
    }
  });

  it("of a depth may have any rhythm", () => {
    const path = file("t,bids_usd\n0,5\n3600,6\n9000,7\n", "depth.csv");
    assert.equal(readSeriesFile(path, DEPTH_COLUMNS, false).stepSeconds, null);
  });

  it("is refused with file, row, column, value and what was expected", () => {
    refused(
      "a,close\n1,2\n2,3\n",
      /prices.csv lacks a column; field header; given "a,close"; expected a column t or time/,
    );
    refused("t,x\n1,2\n2,3\n", /lacks a column; .* expected a column close or price or price_usd/);
    refused("t,close\n1,2\n", /too short; field rows; given 1; expected two rows or more/);
    refused(
      "t,close\n0,2\n60,none\n",
      /row 3 of .*prices.csv cannot be used; field close; given "none"; expected a number > 0/,
    );
    refused("t,close\n0,2\n60,0\n", /row 3 .* field close; given "0"; expected a number > 0/);
    refused("t,close\n0,2\nnoon,3\n", /row 3 .* field t; given "noon"; expected Unix seconds or ISO 8601/);
    refused(
      "t,close\n0,2\n60,3\n60,4\n",
      /row 4 .* field t; given "60"; expected a time later than that of the row before/,
    );
    refused("t,close\n0,2\n60,3\n30,4\n", /row 4 .* field t; given "30"; expected a time later/);
    refused(
      "t,close\n0,2\n60,3\n180,4\n",
      /row 4 .* field t; given "180"; expected 60 s after the row before, without a hole/,
    );
    refused('t,close\n0,"2\n', /is no table; expected comma-separated values with one header line/);
    assert.throws(
      () => readSeriesFile(join(folder, "none.csv"), PRICE_COLUMNS, true),
      /none.csv cannot be read; field .*none.csv; given "ENOENT"; expected a csv file/,
    );
  });
});
