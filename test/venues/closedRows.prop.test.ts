import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { faultLog } from "../../keeper/domain/fault.ts";
import { closedRows, type Row } from "../../keeper/venues/series.ts";

const STEP = 60;
const row = (time: number, value = time): Row => ({ time, values: [value] });
function read(rows: readonly Row[], now: number) {
  const log = faultLog("s");
  const kept = closedRows(rows, STEP, now, log);
  return { kept, codes: log.faults().map((one) => one.code) };
}
const someRow = fc
  .tuple(fc.integer({ min: -3, max: 40 }), fc.integer({ min: 0, max: 2 }), fc.constantFrom(0, 0, 0, 7))
  .map(([bar, value, off]) => row(bar * STEP + off, value));

test("what is kept is closed, on the grid, ascending, each time once, and was sent that way", () => {
  const property = fc.property(
    fc.array(someRow, { maxLength: 30 }),
    fc.integer({ min: 0, max: 40 * STEP }),
    (rows, now) => {
      const { kept } = read(rows, now);
      kept.forEach((one, at) => {
        assert.ok(one.time >= 0 && one.time % STEP === 0 && one.time + STEP <= now);
        assert.ok(at === 0 || (kept[at - 1]?.time ?? 0) < one.time);
        const sent = rows.filter((other) => other.time === one.time);
        assert.ok(
          sent.every((other) => other.values[0] === one.values[0]),
          "a bar sent in two versions was kept",
        );
      });
    },
  );
  fc.assert(property, { numRuns: 2000 });
});

test("every bar that is closed, on the grid and unambiguous is kept", () => {
  const property = fc.property(
    fc.array(someRow, { maxLength: 30 }),
    fc.integer({ min: 0, max: 40 * STEP }),
    (rows, now) => {
      const { kept } = read(rows, now);
      for (const one of rows) {
        if (one.time < 0 || one.time % STEP !== 0 || one.time + STEP > now) continue;
        const versions = new Set(rows.filter((other) => other.time === one.time).map((other) => other.values[0]));
        assert.equal(
          kept.some((other) => other.time === one.time),
          versions.size === 1,
        );
      }
    },
  );
  fc.assert(property, { numRuns: 2000 });
});

test("the order in which bars arrive changes what is said, never what is kept", () => {
  const rows = fc.uniqueArray(someRow, { selector: (one) => one.time, maxLength: 30 });
  const property = fc.property(rows, fc.integer({ min: 0, max: 40 * STEP }), (some, now) => {
    assert.deepEqual(read(some.toReversed(), now).kept, read(some, now).kept);
  });
  fc.assert(property, { numRuns: 500 });
});

test("a clean run of bars is kept whole without a word", () => {
  assert.deepEqual(read([row(0), row(60), row(120)], 180), { kept: [row(0), row(60), row(120)], codes: [] });
});

test("the three bars after the end are: open, open, future", () => {
  const { kept, codes } = read([row(0), row(60), row(120), row(180)], 120);
  assert.deepEqual(kept, [row(0), row(60)]);
  assert.deepEqual(codes, ["FUTURE"]);
});

test("one bar from the far future does not push the others out", () => {
  const { kept, codes } = read([row(6_000_000), row(0), row(60)], 180);
  assert.deepEqual([kept.length, codes], [2, ["FUTURE"]]);
});
