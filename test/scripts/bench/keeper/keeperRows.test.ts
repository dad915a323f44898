import assert from "node:assert/strict";
import { test } from "node:test";
import { renderRows } from "../../../../scripts/bench/keeper/keeperRows.ts";

type Row = Parameters<typeof renderRows>[0][number];

const line = (row: Row) => (renderRows([row])[1] ?? "").replaceAll(/ {2,}/g, " | ");
const jitter: Row = { what: "tick jitter, 99th percentile", unit: "ms", measured: [25, 4, 12.34], most: 20 };

test("a line shows the median of the runs, their range, what bounds it and whether its mark was met", () => {
  const beside = { name: "bare timer", measured: [2, 1, 3] };
  assert.equal(
    line({ ...jitter, beside }),
    "tick jitter, 99th percentile | ms | 12.3 | 4 to 25 | 2 bare timer | <= 20: met",
  );
});

test("one run has no range, and a median above the mark is missed", () => {
  assert.equal(line({ ...jitter, measured: [25] }), "tick jitter, 99th percentile | ms | 25 | <= 20: missed");
});

test("what was not measured meets no mark", () => {
  assert.equal(line({ ...jitter, measured: [] }), "tick jitter, 99th percentile | ms | none | <= 20: missed");
});
