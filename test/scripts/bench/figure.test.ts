import assert from "node:assert/strict";
import { test } from "node:test";
import { best, renderFigures, time } from "../../../scripts/bench/model/figure.ts";

test("times carry three digits and the unit that suits them", () => {
  assert.deepEqual([4.31e-6, 0.004313, 4.3129, 43_129].map(time), ["4.31 ns", "4.31 us", "4.31 ms", "43.1 s"]);
});

test("a line names the work, our time, the peer's and how the mark was met", () => {
  const lines = renderFigures("Title", [
    {
      what: "inversion",
      ms: 24,
      peer: { name: "QuantLib", ms: 192 },
      note: "a note",
      aim: { text: "< 30 ms", met: true },
    },
    { what: "slow", ms: 40, aim: { text: "< 30 ms", met: false } },
  ]);
  assert.equal(lines[0], "Title");
  assert.match(lines[2] ?? "", /^ {2}inversion +24 ms +8\.0 x {2}192 ms QuantLib +< 30 ms: met$/);
  assert.equal(lines[3], "      a note");
  assert.match(lines[4] ?? "", /^ {2}slow +40 ms +< 30 ms: MISSED$/);
});

test("a bench warms up once, then counts each run", async () => {
  let calls = 0;
  const ms = await best(3, () => {
    calls++;
  });
  assert.equal(calls, 4);
  assert.ok(ms >= 0 && Number.isFinite(ms));
});
