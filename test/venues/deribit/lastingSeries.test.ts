import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { seriesFolder } from "../../../keeper/journal/files.ts";
import { isSoundBar } from "../../../keeper/venues/deribit/candles.ts";
import { lastingSeries } from "../../../keeper/venues/deribit/lastingSeries.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

type Point = readonly [time: number, value: number];
const HOUR = 3600;
const points: readonly Point[] = [
  [HOUR, 1.5],
  [2 * HOUR, 2],
  [4 * HOUR, 3],
];
const SHAPE = { width: 2, interval: HOUR, isSound: ([value = 0]: readonly number[]) => value > 0 };
const open = (folder: string) => lastingSeries<Point>(seriesFolder(folder), "deribit:ETH-PERPETUAL:history 550", SHAPE);

test("what one process knew the next one falls back on, between the times it asks for, and never takes for known", async () => {
  const folder = join(temporaryFolder(), "series");
  const first = open(folder);
  first.add(points);
  await first.keep();
  assert.deepEqual(readdirSync(folder), ["deribit%3AETH-PERPETUAL%3Ahistory%20550.json"], "and nothing left beside it");
  const next = open(folder);
  assert.deepEqual(await next.standing(0, 3 * HOUR), points.slice(0, 2));
  assert.deepEqual(await next.standing(0, 9 * HOUR), points);
  assert.deepEqual(await next.standing(2 * HOUR, 9 * HOUR), points.slice(1));
  assert.deepEqual(next.points(), []);
});

test("what the venue says itself stands against what was kept, and alone once it has answered whole", async () => {
  const folder = temporaryFolder();
  const first = open(folder);
  first.add(points);
  await first.keep();
  const next = open(folder);
  next.add([[2 * HOUR, 7]]);
  assert.deepEqual(await next.standing(0, 9 * HOUR), [points[0], [2 * HOUR, 7], points[2]]);
  await next.keep();
  assert.deepEqual(await next.standing(0, 9 * HOUR), [[2 * HOUR, 7]]);
});

test("it is handed on again only when it reaches further", async () => {
  const kept: number[] = [];
  const memory = {
    recall: async () => null,
    keep: async (_: string, all: readonly unknown[]) => void kept.push(all.length),
  };
  const known = lastingSeries<Point>(memory, "x", SHAPE);
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
    assert.deepEqual(await next.standing(0, 9 * HOUR), []);
  });
}

test("a folder that cannot be written costs nothing but the memory", async () => {
  const folder = join(temporaryFolder(), "series");
  mkdirSync(join(folder, ".."), { recursive: true });
  writeFileSync(folder, "a file where the folder should be");
  const known = open(folder);
  known.add(points);
  await known.keep();
  assert.deepEqual(await open(folder).standing(0, 9 * HOUR), []);
  assert.deepEqual(known.points(), points);
});

test("a bar is sound by the rule of the venue's own pages", () => {
  assert.equal(isSoundBar([1, 2, 1, 2, 0]), true);
  for (const bar of [
    [0, 2, 0, 2, 0],
    [1, 2, 1, 2, -1],
    [1, 2, 1.5, 2, 0],
    [1, 1.5, 1, 2, 0],
  ]) {
    assert.equal(isSoundBar(bar), false, String(bar));
  }
});
