import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FAULTS } from "../../keeper/domain/fault.ts";
import { median } from "../../keeper/domain/numbers.ts";
import type { Observed, OptionBoard } from "../../keeper/domain/observation.ts";
import { assertSound } from "./assertSound.ts";
import type { Bodies } from "./behavesLikeOptionsVenue.ts";
import { mutatedBody, poisonedBody } from "./mutatedBody.ts";

type Subject = {
  readonly now: number;
  readonly board: (eventTime: number) => Bodies;
  readonly parse: (bodies: Bodies) => Observed<OptionBoard>;
  readonly scaledVolatility: (factor: number) => Bodies;
};

/** Seeds are fixed, so that a run that fails fails again. */
const SEED = 20_261_121;

/**
 * Thousands of damaged answers: never an exception, never a number out of its unit, never nothing without a reason, and
 * never a board that is quietly calmer than the healthy one.
 */
export function survivesMutation(id: string, { now, board, parse, scaledVolatility }: Subject): void {
  const bodies = board(now);
  const healthy = parse(bodies).observation;
  const oneOf = (damage: (body: string) => fc.Arbitrary<string>): fc.Arbitrary<Bodies> =>
    fc
      .constantFrom(...Object.keys(bodies))
      .chain((path) => damage(bodies[path] ?? "").map((body) => ({ [path]: body })));

  const check = (changed: Bodies): Observed<OptionBoard> => {
    assert.ok(healthy !== null);
    const observed = parse({ ...bodies, ...changed });
    for (const one of observed.faults) {
      assert.ok(one.code in FAULTS, one.code);
      assert.equal(one.source, healthy.source);
      assert.ok(one.detail.length > 0 && one.detail.length < 400);
    }
    assert.ok(observed.observation !== null || observed.faults.length > 0, "nothing observed and no fault named");
    assertSound(observed.observation);
    if (observed.observation !== null && observed.faults.length === 0) plausible(observed.observation, healthy);
    return observed;
  };

  test(`${id}: 2500 mutated answers never throw, and none is quietly calmer`, () => {
    fc.assert(
      fc.property(oneOf(mutatedBody), (changed) => void check(changed)),
      { numRuns: 2500, seed: SEED },
    );
  });

  test(`${id}: 1000 answers with poisoned numbers never lose a record without a word`, () => {
    const property = fc.property(oneOf(poisonedBody), (changed) => {
      const { observation, faults } = check(changed);
      assert.ok(
        faults.length > 0 || observation?.quotes.length === healthy?.quotes.length,
        "a record vanished quietly",
      );
    });
    fc.assert(property, { numRuns: 1000, seed: SEED + 1 });
  });

  test(`${id}: any text at all is answered with a named fault`, () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((text) => `{"code":"0","data":[${text}]}`),
    );
    const property = fc.property(fc.constantFrom(...Object.keys(bodies)), anything, (path, text) => {
      const { faults } = check({ [path]: text });
      assert.ok(faults.length > 0);
    });
    fc.assert(property, { numRuns: 1000, seed: SEED + 2 });
  });

  for (const factor of [1e-4, 1e-2, 1e2, 1e4, 0, -1]) {
    test(`${id}: all volatilities times ${factor} cost the board`, () => {
      const observed = check(scaledVolatility(factor));
      assert.equal(observed.observation, null);
      assert.ok(observed.faults.some(({ code }) => code === "UNIT_SUSPECT" || code === "NOT_POSITIVE"));
    });
  }
}

/** What was accepted without a fault is about the same market: up to six numbers of it may be other plausible ones. */
function plausible(board: OptionBoard, healthy: OptionBoard): void {
  const vols = (one: OptionBoard) => one.quotes.flatMap(({ markIv }) => (markIv === null ? [] : [markIv]));
  const middle = median(vols(board));
  assert.ok(
    middle >= Math.min(...vols(healthy)) && middle <= Math.max(...vols(healthy)),
    `median volatility ${middle}`,
  );
  for (const { forwardUsd } of board.quotes) {
    const ratio = forwardUsd / board.indexUsd;
    assert.ok(ratio >= 0.5 && ratio <= 2, `forward ${forwardUsd} against an index of ${board.indexUsd}`);
  }
}
