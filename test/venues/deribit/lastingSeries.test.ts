import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { seriesFolder } from "../../../keeper/runtime/seriesFolder.ts";
import { lastingSeries } from "../../../keeper/venues/deribit/lastingSeries.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

type Point = readonly [time: number, value: number];
const HOUR = 3600;
const points: readonly Point[] = [
  [HOUR, 1.5],
  [2 * HOUR, 2],
  [4 * HOUR, 3],
];
const open = (folder: string) =>
  lastingSeries<Point>(seriesFolder(folder), "deribit:ETH-PERPETUAL:history 550", 2, HOUR);

test("what one process knew the next one takes over, up to the time it asks for", async () => {
  const folder = join(temporaryFolder(), "series");
  const first = open(folder);
  first.add(points);
  await first.keep();
  assert.deepEqual(readdirSync(folder), ["deribit%3AETH-PERPETUAL%3Ahistory%20550.json"], "and nothing left beside it");
  const next = open(folder);
  assert.deepEqual(next.points(), [], "not before it is asked for");
  await next.recall(3 * HOUR);
  assert.deepEqual(next.points(), points.slice(0, 2));
  await next.recall(9 * HOUR);
  assert.deepEqual(next.points(), points.slice(0, 2), "once");
});

test("what the venue says itself stands against what was kept", async () => {
  const folder = temporaryFolder();
  const first = open(folder);
  first.add(points);
  await first.keep();
  const next = open(folder);
  next.add([[2 * HOUR, 7]]);
  await next.recall(9 * HOUR);
  assert.deepEqual(next.points(), [points[0], [2 * HOUR, 7], points[2]]);
});

test("it is handed on again only when it reaches further", async () => {
  const kept: number[] = [];
  const memory = {
    recall: async () => null,
    keep: async (_: string, all: readonly unknown[]) => void kept.push(all.length),
  };
  const known = lastingSeries<Point>(memory, "x", 2, HOUR);
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
] as const) {
  test(`a file that is ${what} counts as nothing kept`, async () => {
    const folder = temporaryFolder();
    const first = open(folder);
    first.add(points);
    await first.keep();
    const [name = ""] = readdirSync(folder);
    writeFileSync(join(folder, name), text);
    const next = open(folder);
    await next.recall(9 * HOUR);
    assert.deepEqual(next.points(), []);
  });
}

test("a folder that cannot be written costs nothing but the memory", async () => {
  const folder = join(temporaryFolder(), "series");
  mkdirSync(join(folder, ".."), { recursive: true });
  writeFileSync(folder, "a file where the folder should be");
  const known = open(folder);
  known.add(points);
  await known.keep();
  await known.recall(9 * HOUR);
  assert.deepEqual(known.points(), points);
});
