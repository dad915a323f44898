import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Case, firstHalf, fit, gridOf, judge } from "../../../scripts/lab/reality/judge.ts";

const DAYS = 20;
const up = Float64Array.from({ length: DAYS }, (_, day) => day + 1);

/** A case whose model at `turn` ranks days rightly before that day and the wrong way round from it on. */
function made(recorded: Float64Array, turns: readonly number[], seen: number[] = []): Case {
  return {
    ...{ name: "made", recorded: { first: 19_000, usd: recorded }, grid: gridOf({ turn: turns }), assumed: [] },
    simple: [["the day's fall", up]],
    model({ turn = 0 }, days) {
      seen.push(days);
      return Float64Array.from({ length: days }, (_, day) => (day < turn ? day + 1 : 100 - day));
    },
  };
}

describe("a fit on the first half", () => {
  it("is handed no day of the second, and what is recorded there does not matter", () => {
    const seen: number[] = [];
    const later = up.map((usd, day) => (day < DAYS / 2 ? usd : 1_000 - usd));
    const choices = [up, later].map((recorded) => fit(made(recorded, [3, 10, 20], seen), DAYS / 2));
    assert.deepEqual(choices, [{ turn: 10 }, { turn: 10 }]);
    assert.deepEqual(new Set(seen), new Set([DAYS / 2]));
    assert.equal(firstHalf(made(up, [1])), DAYS / 2);
  });

  it("takes the first of equally good choices, and none that is no number", () => {
    assert.deepEqual(fit(made(up, [20, 10]), DAYS / 2), { turn: 20 });
    const still = {
      ...made(up, [1, 2]),
      model: ({ turn = 0 }, days: number) => new Float64Array(days).map((_, day) => (turn === 2 ? -day : 7)),
    };
    assert.deepEqual(fit(still, DAYS / 2), { turn: 2 });
  });
});

describe("a judgement", () => {
  it("ranks each half alone, says what hindsight would have taken, and scales by the first half", () => {
    const found = judge(made(up, [10, 20]), { turn: 10 });
    assert.deepEqual([found.model.fitted.rank, found.model.judged.rank], [1, -1]);
    assert.deepEqual(found.hindsight, { choice: { turn: 20 }, rank: 1 });
    assert.deepEqual(found.others, { least: -1, most: 1 });
    assert.equal(found.cut, 19_010);
    // Modelled 90 to 81 against recorded 11 to 20, both 1 to 10 before.
    assert.ok(Math.abs(found.judgedTotal - 855 / 155) < 1e-12);
    assert.ok(found.advantage.high < 0, "the plain predictor is better");
  });
});

describe("gridOf", () => {
  it("is every combination, the first name changing slowest", () => {
    assert.deepEqual(gridOf({ a: [1, 2], b: [3, 4] }), [
      { a: 1, b: 3 },
      { a: 1, b: 4 },
      { a: 2, b: 3 },
      { a: 2, b: 4 },
    ]);
  });
});
