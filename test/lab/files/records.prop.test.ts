import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { type Records, recordsOf } from "../../../scripts/lab/files/records.ts";

const cell = fc.stringMatching(/^[a-z0-9.:+-]{1,8}$/);
const padding = fc.constantFrom("", " ", "\t");
const rows = fc
  .integer({ min: 2, max: 5 })
  .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 2, maxLength: 12 }));

function read({ header, length, cell, line }: Records) {
  const cells = Array.from({ length }, (_, row) => [line(row), ...header.map((_, at) => cell(row, at))]);
  return [header, ...cells];
}

it("reads the same cells and lines whether or not cells are quoted, with any line end, empty lines and blanks", () => {
  fc.assert(
    fc.property(rows, fc.constantFrom("\n", "\r\n", "\r"), fc.constantFrom(1, 2), padding, (table, end, ends, pad) => {
      const text = (write: (cell: string) => string) =>
        table.map((row) => row.map((one) => `${pad}${write(one)}${pad}`).join(",")).join(end.repeat(ends));
      const plain = read(recordsOf(text(String), "a.csv"));
      assert.deepEqual(plain, read(recordsOf(text(JSON.stringify), "a.csv")));
      const lines = table.slice(1).map((row, i) => [1 + (i + 1) * ends, ...row]);
      assert.deepEqual(plain, [table[0], ...lines]);
    }),
    { seed: 1, numRuns: 200 },
  );
});

it("refuses the first row of another width alike", () => {
  const message = 'row 4 of a.csv cannot be used; field row; given "3"; expected 2 cells, as the header has';
  for (const header of ["a,b", '"a",b']) {
    assert.throws(() => recordsOf(`${header}\n1,2\n\n3\n4,5,6\n`, "a.csv"), { message });
  }
});
