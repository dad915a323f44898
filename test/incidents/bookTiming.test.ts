import assert from "node:assert/strict";
import { test } from "node:test";
import { atMaximum, bookValues, countLiquidatable, minutesToFirst, type Position } from "./support/book.ts";
import { type IncidentWorld, incidentWorld } from "./support/incidentWorld.ts";
import { type Haircuts, idOf, MAX_INITIAL, MAX_MAINTENANCE, PAIRS, TIGHTEN_SPEED } from "./support/terms.ts";

const START = Date.parse("2026-03-10T00:00:00Z") / 1000;
const MINUTE = 60;
/** From the first tightening at full speed: gap 200, 250 and 500 basis points, at 150 a day. */
const FIRST = [1_930, 2_410, 4_810];
const BOOK: readonly (readonly Position[])[] = PAIRS.map((pair, index) =>
  bookValues(10_000, 7)
    .filter((_, i) => i % PAIRS.length === index)
    .map((value) => atMaximum(value, pair.initialBps)),
);

/** The tightest values there are, for every market. */
const tightest = (asOf: number) =>
  PAIRS.map((_, group) => ({
    group,
    asOf,
    lanes: [{ initialBps: MAX_INITIAL, maintenanceTargetBps: MAX_MAINTENANCE }],
  }));

const lostBy = (haircuts: readonly Haircuts[]): readonly number[] =>
  BOOK.map((positions, pair) => countLiquidatable(positions, haircuts[pair]?.maintenanceBps ?? 0));

/** Minutes after `from` at which each pair first has a liquidatable position; the keeper writes every `every` minutes. */
async function firstLosses(world: IncidentWorld, from: number, every: number): Promise<readonly (number | null)[]> {
  const first: (number | null)[] = PAIRS.map(() => null);
  await world.send(from, tightest(from));
  const looks = new Set(FIRST.flatMap((minute) => [minute - 1, minute]));
  for (let minute = 1; minute <= Math.max(...FIRST); minute += 1) {
    const time = from + minute * MINUTE;
    let seen: readonly Haircuts[] | null = null;
    if (minute % every === 0) {
      const { before, after, refusal } = await world.send(time, tightest(time));
      assert.equal(refusal, "");
      assert.deepEqual(lostBy(after), lostBy(before), `nobody is lost in the block of an update, minute ${minute}`);
      seen = after;
    } else if (looks.has(minute)) seen = await world.haircuts(time);
    if (seen === null) continue;
    for (const [pair, count] of lostBy(seen).entries()) if (count > 0) first[pair] ??= minute;
  }
  return first;
}

test("the closed form of the first loss is the first tick past the gap: 1930, 2410 and 4810 minutes", () => {
  const gaps = PAIRS.map((pair) => pair.initialBps - pair.maintenanceBps);
  assert.deepEqual(gaps, [200, 250, 500]);
  assert.deepEqual(
    gaps.map((gap) => minutesToFirst(gap, TIGHTEN_SPEED)),
    FIRST,
  );
});

test("ten thousand positions at the maximum are none of them liquidatable when they are opened", () => {
  assert.equal(BOOK.flat().length, 10_000);
  const [first, second, third] = BOOK.map((positions, i) => countLiquidatable(positions, PAIRS[i]?.initialBps ?? 0));
  assert.deepEqual([first, second, third], [0, 0, 0], "and not at a maintenance equal to initial either");
});

test("at full speed the first of ten thousand positions is liquidatable after 1930, 2410 and 4810 minutes", async () => {
  const world = await incidentWorld(START);
  assert.deepEqual(world.watched, [idOf(0, 0), idOf(1, 0), idOf(2, 0)]);
  assert.deepEqual(await firstLosses(world, START + 86_400, 60), FIRST);
});

test("repeating the same tightening every seven minutes makes it no faster", async () => {
  const world = await incidentWorld(START);
  assert.deepEqual(await firstLosses(world, START + 86_400, 7), FIRST);
});
