import assert from "node:assert/strict";
import { test } from "node:test";
import { waterfallLines } from "../../../keeper/cli/render/haircut.ts";
import { painter } from "../../../keeper/cli/render/layout.ts";

const plain = painter(false);
const step = (label: string, bps: number) => ({ label, bps, origin: `origin of ${label}` });
const lines = waterfallLines(
  { steps: [step("first", 1000), step("second", 500), step("back", -500)], totalBps: 1000 },
  "initial",
  plain,
);
const bars = lines
  .filter((line) => line.includes("█"))
  .map((line) => [line.indexOf("█"), line.lastIndexOf("█")] as const);

test("each bar starts where the last one ended, and a negative step goes back", () => {
  const [first, second, back] = bars;
  assert.ok(first !== undefined && second !== undefined && back !== undefined);
  assert.equal(second[0], first[1] + 1);
  assert.deepEqual(back, second);
});

test("bars are drawn to one scale", () => {
  const [first, second] = bars.map(([from, to]) => to - from + 1);
  assert.ok(Math.abs((first ?? 0) - 2 * (second ?? 0)) <= 1, `${first} and ${second} columns`);
});

test("each step has its sign and unit, its origin below it, and the sum its percent", () => {
  assert.match(lines[0] ?? "", /^ {2}first +\+1,000 bp {2}█/);
  assert.equal(lines[1], "      origin of first");
  assert.match(lines[4] ?? "", /back +-500 bp/);
  assert.match(lines.at(-1) ?? "", /sum +1,000 bp {2}10\.00 %/);
});

test("a step of zero has no bar", () => {
  const [zero = ""] = waterfallLines(
    { steps: [step("nothing", 0), step("all", 100)], totalBps: 100 },
    "initial",
    plain,
  );
  assert.match(zero, /nothing +\+0 bp$/);
});
