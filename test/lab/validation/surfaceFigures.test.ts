import assert from "node:assert/strict";
import { test } from "node:test";
import type { OptionBoard } from "../../../keeper/domain/observation.ts";
import { nearestClose } from "../../../scripts/lab/validation/indexClose.ts";
import { surfaceFigures } from "../../../scripts/lab/validation/surfaceFigures.ts";
import { near } from "../../support/near.ts";
import { atDays, CALM, EVENT_TIME, smileBoard, withQuotes } from "../../support/smileBoard.ts";

const RULES = { maxOptionSpread: 0.3, minStrikes: 5, maxFitErrorVolPoints: 3 };
const DAY = 86_400;

/** The calm board `days` later with the same expiries, its variance multiplied by `level`. */
function boardAfter(days: number, level = 1): OptionBoard {
  const scaled = (each: number) => {
    const smile = atDays(each);
    return { ...smile, a: smile.a * level, b: smile.b * level };
  };
  const board = smileBoard({ days: [10 - days, 30 - days, 90 - days], smile: scaled });
  const later = withQuotes(board, (quote) => ({ ...quote, expiry: quote.expiry + days * DAY }));
  return { ...later, eventTime: EVENT_TIME + days * DAY };
}

const figuresOf = (boards: readonly OptionBoard[], index = {}) => surfaceFigures({ boards, index, rules: RULES });

test("quotes that lie on smiles are met: no error, all inside, no arbitrage", () => {
  const figures = figuresOf([boardAfter(0), boardAfter(1), boardAfter(2)]);
  assert.equal(figures.moments, 3);
  assert.equal(figures.boards, 3);
  assert.equal(figures.slices, 9);
  assert.equal(figures.points, figures.slices * 13);
  assert.equal(figures.boardsWithoutSlice, 0);
  near(figures.fitError.largest ?? 1, 0, 0.01, "largest error");
  near(figures.insideSpreadShare, 1, 1e-12, "inside");
  assert.deepEqual(figures.arbitrage, {
    butterflyBefore: 0,
    butterflyAfter: 0,
    repaired: 0,
    calendarCrossings: 0,
    calendarAtTheMoney: 0,
  });
});

test("a board without a usable quote is counted, not thrown", () => {
  const empty = { ...boardAfter(0), quotes: [] };
  const figures = figuresOf([empty]);
  assert.equal(figures.boardsWithoutSlice, 1);
  assert.equal(figures.fitError.median, null);
  assert.equal(figures.byCurrency["ETH"]?.inversion, null);
});

test("no board at all gives empty figures", () => {
  const figures = figuresOf([]);
  assert.deepEqual([figures.moments, figures.slices, figures.insideSpreadShare], [0, 0, 0]);
  assert.deepEqual(figures.byCurrency, {});
});

test("an index that is the 30-day volatility plus two points has correlation 1 and bias -2", () => {
  const levels = [1, 1.2, 0.9, 1.1];
  const boards = levels.map((level, i) => boardAfter(i, level));
  const closes = levels.map((level, i) => {
    const smile = atDays(30);
    const atm = Math.sqrt((level * (smile.a + smile.b * atMoney()) * 365) / 30);
    return [EVENT_TIME + i * DAY + 3_600, atm + 0.02] as const;
  });
  const { atTheMoney, modelFree } = figuresOf(boards, { ETH: closes }).byCurrency["ETH"]?.index ?? assert.fail();
  assert.equal(atTheMoney.moments, 4);
  near(atTheMoney.correlation ?? 0, 1, 1e-3);
  near(atTheMoney.correlationOfChanges ?? 0, 1, 1e-3);
  near(atTheMoney.biasVolPoints ?? 0, -2, 0.1);
  near(atTheMoney.noiseVolPoints ?? 1, 0, 0.1);
  assert.ok((modelFree.biasVolPoints ?? 0) > (atTheMoney.biasVolPoints ?? 0), "the smile lifts the swap level");
});

test("a close more than six hours from the board is not compared", () => {
  const closes = [[EVENT_TIME, 0.5] as const, [EVENT_TIME + DAY, 0.6] as const];
  assert.equal(nearestClose(closes, EVENT_TIME + 5 * 3_600), 0.5);
  assert.equal(nearestClose(closes, EVENT_TIME + 7 * 3_600), null);
  assert.equal(nearestClose(closes, EVENT_TIME + 19 * 3_600), 0.6);
  assert.equal(nearestClose([], EVENT_TIME), null);
});

test("a market that moves and is followed adds no movement of the fit's own", () => {
  const { atTheMoney, oneDeviationBelow } =
    figuresOf([boardAfter(0), boardAfter(1, 1.3)]).byCurrency["ETH"]?.stability ?? assert.fail();
  assert.equal(atTheMoney.pairs, 3);
  assert.ok((atTheMoney.marks ?? 0) > 5, `marks moved ${atTheMoney.marks}`);
  near(atTheMoney.added ?? 1, 0, 0.1, "at the money");
  near(oneDeviationBelow.added ?? 1, 0, 0.2, "below");
});

test("snapshots two days apart are not neighbours", () => {
  assert.equal(figuresOf([boardAfter(0), boardAfter(2)]).byCurrency["ETH"]?.stability.atTheMoney.pairs, 0);
});

test("the steepest inversion is found, with the state of a week before", () => {
  const inverted = withLevelByDays(8, (days) => (days < 10 ? 3 : 1));
  const found = figuresOf([boardAfter(0), boardAfter(1), inverted]).byCurrency["ETH"]?.inversion ?? assert.fail();
  assert.equal(found.time, inverted.eventTime);
  assert.equal(found.weekBefore?.time, EVENT_TIME + DAY);
  assert.ok((found.atmByDays[7] ?? 0) > (found.atmByDays[30] ?? 1));
  assert.equal(figuresOf([inverted]).byCurrency["ETH"]?.inversion?.invertedShare, 1);
  assert.equal(found.slices, 3);
});

test("the order of the boards does not matter", () => {
  const boards = [boardAfter(0), boardAfter(1, 1.3), boardAfter(2)];
  assert.deepEqual(figuresOf(boards.toReversed()), figuresOf(boards));
});

function withLevelByDays(after: number, levelOf: (days: number) => number): OptionBoard {
  const smile = (days: number) => {
    const base = atDays(days);
    return { ...base, a: base.a * levelOf(days), b: base.b * levelOf(days) };
  };
  const board = smileBoard({ days: [5, 22, 82], smile });
  const later = withQuotes(board, (quote) => ({ ...quote, expiry: quote.expiry + after * DAY }));
  return { ...later, eventTime: EVENT_TIME + after * DAY };
}

/** rho (0 - m) + sqrt(m^2 + sigma^2) of the calm smile at the money. */
function atMoney(): number {
  return -CALM.rho * CALM.m + Math.hypot(CALM.m, CALM.sigma);
}
