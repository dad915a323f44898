import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { tableCsv } from "../../../scripts/lab/page/csv.ts";
import { csvFilesOf, section, table } from "../../../scripts/lab/page/html.ts";

describe("a table's csv", () => {
  it("has shares as fractions, whole numbers without groups, nothing where there was no number", () => {
    const rows = [
      ["ETH", "72 056", "0.61 %", "+1.20 points", "24 h", "<0.001"],
      ["a, b", "-", "-12.5 %", "-", "1.2e-3", "0.5"],
    ];
    assert.equal(
      tableCsv(["asset", "windows", "rate", "change", "horizon", "p"], rows),
      'asset,windows,rate,change,horizon,p\nETH,72056,0.0061,0.012,24,<0.001\n"a, b",,-0.125,,1.2e-3,0.5\n',
    );
  });

  it("gives each number of a cell a column of its own, in columns where all cells have as many", () => {
    const rows = [
      ["ETH", "0.43 % to 0.84 %", "0.032 (75 %)", "99 % / 1 % / 0 %", "1.0 % -> 2.0 %"],
      ["LDO", "-", "<0.001 (98 %)", "too short", "3.0 % -> 1.0 %"],
    ];
    assert.equal(
      tableCsv(["asset", "interval", "Kupiec", "zones", "change"], rows),
      "asset,interval 1,interval 2,Kupiec 1,Kupiec 2,zones,change 1,change 2\n" +
        "ETH,0.0043,0.0084,0.032,0.75,99 % / 1 % / 0 %,0.01,0.02\nLDO,,,<0.001,0.98,too short,0.03,0.01\n",
    );
  });

  it("is in the page under the section's name, for each table", () => {
    const [first, second] = [table(["a"], [["ü,1"]]), table(["b", "c"], [["x", { text: "5 %", mark: "bad" }]])];
    assert.deepEqual(csvFilesOf(section("one", "One", first, second) + section("two", "Two", first)), [
      ["one-1.csv", 'a\n"ü,1"\n'],
      ["one-2.csv", "b,c\nx,0.05\n"],
      ["two-1.csv", 'a\n"ü,1"\n'],
    ]);
  });
});
