import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { readPositions } from "../../scripts/lab/positionFile.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const HEAD = "user,collateral,debt,threshold,more";
/** What is read of a file `book.csv` of this text. */
function positionsOf(text: string) {
  const file = join(temporaryFolder(), "book.csv");
  writeFileSync(file, text);
  return readPositions(file);
}

describe("a table of positions", () => {
  it("gives collateral, debt and threshold, as a fraction or in basis points, and leaves out who owes nothing", () => {
    const text = `${HEAD}\n0xa,150.5,100,0.8,x\n0xb,2e3,1,7600,y\n0xc,9,0,0,z\n`;
    assert.deepEqual(positionsOf(text), [
      { collateral: 150.5, debt: 100, threshold: 0.8 },
      { collateral: 2_000, debt: 1, threshold: 0.76 },
    ]);
  });

  it("reads gzip as it reads plain text", () => {
    const folder = temporaryFolder();
    const text = `${HEAD}\n0xa,1,1,0.8,x\n`;
    writeFileSync(join(folder, "a.csv"), text);
    writeFileSync(join(folder, "a.csv.gz"), gzipSync(text));
    assert.deepEqual(readPositions(join(folder, "a.csv")), readPositions(join(folder, "a.csv.gz")));
  });

  it("says in one line what is wrong and what was expected", () => {
    const refused = (text: string, message: RegExp) =>
      assert.throws(() => positionsOf(text), { code: "BAD_FILE", message });
    refused("user,debt\n0xa,1\n", /book\.csv lacks a column.*given "user,debt"; expected a column collateral/);
    refused(`${HEAD}\n`, /no row below the header/);
    refused(`${HEAD}\n0xa,1,1,0.8,x\n0xb,-1,1,0.8,x\n`, /row 3 of \S*book\.csv.*collateral.*-1.*an amount >= 0/);
    refused(`${HEAD}\n0xa,1,1e99,0.8,x\n`, /row 2.*debt.*1e99/);
    for (const threshold of ["80000", "83", "1.8", "999", "0"]) {
      const message = new RegExp(
        `row 2.*threshold.*given "${threshold}".*a fraction in \\(0, 1\\] or basis points from 1000`,
      );
      refused(`${HEAD}\n0xa,1,1,${threshold},x\n`, message);
    }
    refused(`${HEAD}\n0xa,,1,0.8,x\n`, /row 2.*collateral/);
    const under =
      /row 3 of \S*book\.csv.*field debt; given "9"; expected at most the collateral \(8\): it is under water/;
    refused(`${HEAD}\n0xa,1,1,0.8,x\n0xb,8,9,0.8,x\n`, under);
    refused(`${HEAD}\n"0xa,1,1,0.8\n`, /is no table/);
    assert.throws(() => readPositions("/nowhere/a.csv"), { code: "BAD_FILE", message: /cannot be read/ });
  });
});
