import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Lemma, mutation, scriptOf } from "../../../../scripts/checks/prove/lemma.ts";
import { LEMMAS } from "../../../../scripts/checks/prove/lemmas.ts";
import { mutated, readSources, withMistake } from "../../../../scripts/checks/prove/mutated.ts";
import { prove } from "../../../../scripts/checks/prove/prover.ts";
import { equal, not, type Term } from "../../../../scripts/checks/prove/terms.ts";
import { Word } from "../../../../scripts/checks/prove/value.ts";
import { withoutProgram } from "../../../support/programs.ts";

/** 2 to 20 seconds each, so proved by `npm run prove` only; the others take a second. */
const SLOW = /^(ticks|rules)\.|^postcondition\.letsTheRules$|^numbers\.tokens$|^class\.bonus$|^read\.stale$/;

/** Tried on a mistake here; all, on each of theirs, by `npm run prove -- --mutations`. */
const MISTAKEN = ["layout.M.roundTrip", "windows.day", "follow.speed", "postcondition.says"];

/** A sentence that is wrong, to see that the prover says so: maintenance need not reach its target in a minute. */
const WRONG: Lemma = {
  name: "wrong.follow",
  says: "Maintenance is at its target one minute after it was stored.",
  domain: "every market",
  logic: "numbers",
  mutations: [mutation("Follow", "PERIOD = 43_200", "PERIOD = 1")],
  claim(solidity, terms) {
    const market = new Word("market");
    const of = (name: string): Term => solidity.one("get", market, terms.number(solidity.constant(`M.${name}`)));
    terms.assume(not(equal(of("TIGHTEN_SPEED"), terms.number(0))), terms.below(of("MAINTENANCE"), of("TARGET")));
    const next = terms.operate("+", of("SETTLED"), terms.number(1));
    return equal(solidity.one("Follow.maintenance", market, next), of("TARGET"));
  },
};

const skip = withoutProgram("z3");

describe("the lemmas", () => {
  it("are written down for every function they speak of, and have names of their own", () => {
    for (const lemma of LEMMAS) assert.match(scriptOf(lemma, readSources()), /\(check-sat\)/, lemma.name);
    assert.equal(new Set(LEMMAS.map(({ name }) => name)).size, LEMMAS.length);
  });

  it("speak of the code: each mistake that must refute one is a text that stands in the source once", () => {
    for (const { mutations } of LEMMAS) for (const one of mutations) assert.doesNotThrow(() => withMistake(one));
    assert.throws(() => withMistake(mutation("Follow", "no such text", "")), /does not stand in .*Follow\.sol once/);
  });

  for (const lemma of LEMMAS.filter(({ name }) => !SLOW.test(name))) {
    it(`hold for all values: ${lemma.name}`, { skip }, async () => {
      assert.deepEqual(await prove(lemma, readSources()), { result: "proved" }, lemma.says);
    });
  }

  for (const lemma of LEMMAS.filter(({ name }) => MISTAKEN.includes(name))) {
    it(`are refuted when the code is wrong: ${lemma.name}`, { skip }, async () => {
      const verdict = await prove(lemma, mutated(lemma.mutations[0]));
      assert.equal(verdict.result, "refuted", lemma.mutations[0].from);
    });
  }

  it("are refuted when they are wrong, by values that show it", { skip }, async () => {
    const verdict = await prove(WRONG, readSources());
    assert.ok(verdict.result === "refuted", verdict.result);
    const { market_61: maintenance = 0n, market_0: target = 0n } = verdict.by;
    assert.ok(maintenance < target, `from ${maintenance} to ${target}`);
  });
});
