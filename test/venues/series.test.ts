import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { seriesFolder } from "../../keeper/journal/files.ts";
import { barProblem, firstMissing, holes, openSeries } from "../../keeper/venues/series.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

type Point = readonly [time: number, value: number];
const HOUR = 3600;
const points: readonly Point[] = [
  [HOUR, 1.5],
  [2 * HOUR, 2],
  [4 * HOUR, 3],
];
const SHAPE = { width: 2, interval: HOUR, isSound: ([value = 0]: readonly number[]) => value > 0 };
const open = (folder: string) => openSeries<Point>(seriesFolder(folder), "deribit:ETH-PERPETUAL:history 550", SHAPE);

test("what one process knew the next one falls back on, between the times it asks for, and never takes for known", async () => {
  const folder = join(temporaryFolder(), "series");
  const first = open(folder);
  first.add(points);
  await first.keep();
  assert.deepEqual(readdirSync(folder), ["deribit%3AETH-PERPETUAL%3Ahistory%20550.json"], "and nothing left beside it");
  const next = open(folder);
  assert.deepEqual(await next.filledUp(0, 3 * HOUR), points.slice(0, 2));
  assert.deepEqual(await next.filledUp(0, 9 * HOUR), points);
  assert.deepEqual(await next.filledUp(2 * HOUR, 9 * HOUR), points.slice(1));
  assert.deepEqual(next.points(), []);
});

test("what the venue says itself stands against what was kept, which is not gone because an answer leaves it out", async () => {
  const folder = temporaryFolder();
  const first = open(folder);
  first.add(points);
  await first.keep();
  const next = open(folder);
  next.add([[2 * HOUR, 7]]);
  assert.deepEqual(await next.filledUp(0, 9 * HOUR), [points[0], [2 * HOUR, 7], points[2]]);
  await next.keep();
  assert.deepEqual(await next.filledUp(0, 9 * HOUR), [points[0], [2 * HOUR, 7]], "up to its newest");
});

test("it is handed on again only when it reaches further", async () => {
  const kept: number[] = [];
  const memory = {
    recall: async () => null,
    keep: async (_: string, all: readonly unknown[]) => void kept.push(all.length),
  };
  const known = openSeries<Point>(memory, "x", SHAPE);
  await known.keep();
  known.add(points);
  await known.keep();
  await known.keep();
  known.add([[5 * HOUR, 1]]);
  await known.keep();
  assert.deepEqual(kept, [3, 4]);
});

for (const [what, text] of [
  ["cut off", "[[3600,1.5],[72"],
  ["of another shape", '{"points":[]}'],
  ["with too few numbers a point", "[[3600]]"],
  ["with a word for a number", '[[3600,"1.5"]]'],
  ["with a number that is none", "[[3600,1e999]]"],
  ["off the hour", "[[3601,1.5]]"],
  ["with a value that makes no sense", "[[3600,1.5],[7200,0]]"],
] as const) {
  test(`a file that is ${what} counts as nothing kept`, async () => {
    const folder = temporaryFolder();
    const first = open(folder);
    first.add(points);
    await first.keep();
    const [name = ""] = readdirSync(folder);
    writeFileSync(join(folder, name), text);
    const next = open(folder);
    assert.deepEqual(await next.filledUp(0, 9 * HOUR), []);
  });
}

test("a folder that cannot be written costs nothing but the memory", async () => {
  const folder = join(temporaryFolder(), "series");
  mkdirSync(join(folder, ".."), { recursive: true });
  writeFileSync(folder, "a file where the folder should be");
  const known = open(folder);
  known.add(points);
  await known.keep();
  assert.deepEqual(await open(folder).filledUp(0, 9 * HOUR), []);
  assert.deepEqual(known.points(), points);
});

test("a bar has positive prices, no negative volume, and open and close within low and high", () => {
  assert.equal(barProblem([1, 2, 1, 2, 0], "a price"), null);
  for (const [bar, code] of [
    [[0, 2, 0, 2, 0], "NOT_POSITIVE"],
    [[1, 2, 1, 2, -1], "NOT_POSITIVE"],
    [[1, 2, 1.5, 2, 0], "INCONSISTENT"],
    [[1, 1.5, 1, 2, 0], "INCONSISTENT"],
  ] as const) {
    assert.equal(barProblem(bar, "a price")?.[0], code, String(bar));
  }
  assert.deepEqual(barProblem([1, 11, 1, 1], "index", { value: 10, words: "1000 %" }), [
    "UNIT_SUSPECT",
    "index above 1000 %",
  ]);
});

test("a series keeps each time once, in order, and counts what came back changed", () => {
  const known = openSeries<Point>(undefined, "x", SHAPE);
  assert.equal(
    known.add([
      [2, 20],
      [0, 1],
    ]),
    0,
  );
  assert.equal(
    known.add([
      [1, 10],
      [2, 20],
    ]),
    0,
  );
  assert.equal(known.add([[2, 21]]), 1);
  assert.deepEqual(known.points(), [
    [0, 1],
    [1, 10],
    [2, 20],
  ]);
  known.trim(1);
  assert.deepEqual(known.points(), [
    [1, 10],
    [2, 20],
  ]);
});

test("points that were handed out stay as they were when others come or are forgotten", () => {
  const known = openSeries<Point>(undefined, "x", SHAPE);
  known.add([[1, 10]]);
  const first = known.points();
  known.add([[2, 20]]);
  const second = known.points();
  known.trim(2);
  assert.deepEqual(first, [[1, 10]]);
  assert.equal(second.length, 2);
  assert.deepEqual(known.points(), [[2, 20]]);
});

test("nothing remembered is asked for from the start", () => {
  assert.equal(firstMissing([], 0, 10 * HOUR, HOUR), 0);
});

test("after a full read only the next bar is asked for", () => {
  const times = Array.from({ length: 100 }, (_, at) => at * HOUR);
  assert.equal(firstMissing(times, 0, 99 * HOUR, HOUR), 100 * HOUR);
  assert.equal(firstMissing(times, 0, 102 * HOUR, HOUR), 100 * HOUR);
});

test("a hole within 48 bars is asked for again, an older one is not", () => {
  const without = (gone: number) => Array.from({ length: 100 }, (_, at) => at * HOUR).filter((t) => t !== gone * HOUR);
  assert.equal(firstMissing(without(80), 0, 99 * HOUR, HOUR), 80 * HOUR);
  assert.equal(firstMissing(without(20), 0, 99 * HOUR, HOUR), 100 * HOUR);
});

test("after a long silence reading goes on where it ended", () => {
  assert.equal(firstMissing([0, HOUR, 2 * HOUR], 0, 500 * HOUR, HOUR), 3 * HOUR);
});

test("what is remembered from before the window does not count", () => {
  assert.equal(firstMissing([0, HOUR], 50 * HOUR, 60 * HOUR, HOUR), 50 * HOUR);
});

test("holes are counted with where the first starts", () => {
  assert.deepEqual(holes([0, HOUR, 4 * HOUR, 6 * HOUR], HOUR), { missing: 3, first: 2 * HOUR });
  assert.deepEqual(holes([0, HOUR], HOUR), { missing: 0, first: 0 });
});
