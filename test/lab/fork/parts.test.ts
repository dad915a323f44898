import assert from "node:assert/strict";
import { test } from "node:test";
import { borrowersOf } from "../../../scripts/lab/fork/borrowers.ts";
import { roundIsDue } from "../../../scripts/lab/fork/feed.ts";
import { momentsOf } from "../../../scripts/lab/fork/pricePath.ts";
import { CRASH_END, CRASH_START } from "../../../scripts/lab/replay/generated/crashScenario.ts";
import { generatedSource } from "../../../scripts/lab/replay/generatedSource.ts";
import { lab } from "../cli/harness.ts";

const SHAPE = {
  ...{ seed: 7, count: 1_000, rows: null, lateShare: 0.3, spanSeconds: 86_400 },
  sizes: { WETH: { totalUsd: 30e6, largestUsd: 1.5e6 }, WBTC: { totalUsd: 15e6, largestUsd: 750e3 } },
  threshold: () => 0.8,
} as const;

test("A book has the total of each collateral, nobody above the largest, and a share that comes later.", () => {
  const book = borrowersOf(SHAPE);
  for (const [name, { totalUsd, largestUsd }] of Object.entries(SHAPE.sizes)) {
    const sizes = book.filter(({ collateral }) => collateral === name).map(({ collateralUsd }) => collateralUsd);
    assert.ok(Math.abs(sizes.reduce((a, b) => a + b, 0) / totalUsd - 1) < 1e-6);
    assert.ok(Math.max(...sizes) <= largestUsd * (1 + 1e-9));
  }
  const late = book.filter(({ opensAfter }) => opensAfter !== null).length;
  assert.ok(late > 250 && late < 350, `${late} come later`);
  assert.equal(new Set(book.map(({ address }) => address)).size, 1_000);
});

test("The same seed gives the same book, another seed another.", () => {
  assert.deepEqual(borrowersOf(SHAPE), borrowersOf(SHAPE));
  assert.notDeepEqual(borrowersOf({ ...SHAPE, seed: 8 }), borrowersOf(SHAPE));
});

test("Recorded borrowers keep their health: debt wanted is collateral x threshold / health.", () => {
  const rows = [{ collateral: 5, debt: 2, threshold: 0.8 }];
  for (const { collateralUsd, wishUsd } of borrowersOf({ ...SHAPE, rows, count: 20 })) {
    assert.ok(Math.abs(wishUsd / collateralUsd - 0.4) < 1e-12);
  }
});

test("A round is due at the deviation and at the heartbeat, not before.", () => {
  const settings = { deviation: 0.005, heartbeatSeconds: 3_600, delaySeconds: 120 };
  const last = { price: 2_000, time: 1_000 };
  assert.deepEqual(
    [
      roundIsDue(undefined, 1, 0, settings),
      roundIsDue(last, 2_009, 4_599, settings),
      roundIsDue(last, 2_011, 1_001, settings),
      roundIsDue(last, 1_989, 1_001, settings),
      roundIsDue(last, 2_000, 4_600, settings),
    ],
    [true, false, true, true, true],
  );
});

test("Moments are every board and the hours between, ascending; flat ones keep the first price.", () => {
  const source = generatedSource(1);
  const span = { from: CRASH_START, to: CRASH_END, stepHours: 1 };
  const moments = momentsOf(source, { ...span, flat: false });
  const times = moments.map(({ time }) => time);
  assert.deepEqual(
    times,
    [...new Set(times)].sort((a, b) => a - b),
  );
  assert.equal(moments.filter(({ board }) => board).length, source.instants(CRASH_START, CRASH_END).length);
  assert.ok(moments.length > 440);
  const trough = Math.min(...moments.map(({ prices }) => prices.WETH)) / (moments[0]?.prices.WETH ?? 1);
  assert.ok(trough > 0.55 && trough < 0.65, `falls to ${trough}`);
  const flat = momentsOf(source, { ...span, flat: true });
  assert.deepEqual(new Set(flat.map(({ prices }) => prices.WETH)), new Set([moments[0]?.prices.WETH]));
});

test("Wrong options are answered with what was expected.", async () => {
  for (const [line, expected, exit = 1] of [
    ["fork --borrowers 0", /field --borrowers, given "?0"?, expected a whole number/],
    ["fork --block 5", /there is no chain to fork\n {2}field --block, given 5, expected --fork-url or MAINNET_RPC_URL/],
    ["fork --fork-url http://127.0.0.1:9 --hours 10", /the chain to fork does not answer/, 75],
    ["fork --positions nowhere.csv", /nowhere\.csv cannot be read/],
    ["fork --from 2001-01-01", /no board in the span|there are no recordings/],
  ] as const) {
    const { code, out, err } = await lab(line);
    assert.deepEqual([code, out], [exit, ""], line);
    assert.match(err, expected, line);
  }
});
