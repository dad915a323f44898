import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { treesOf } from "../../../../scripts/checks/guards/ast.ts";
import { filesAt, PLACES, withImports } from "../../../../scripts/checks/guards/places.ts";
import { type Lemma, scriptOf } from "../../../../scripts/checks/prove/lemma.ts";
import { LEMMAS } from "../../../../scripts/checks/prove/lemmas.ts";
import { OPEN } from "../../../../scripts/checks/prove/openLemmas.ts";
import { prove } from "../../../../scripts/checks/prove/prover.ts";
import { equal, not, type Term, word } from "../../../../scripts/checks/prove/terms.ts";
import { withoutProgram } from "../../../support/programs.ts";

/** Proved in a second or two each; the others in `npm run prove`. */
const QUICK = [
  "windows.day",
  "windows.span",
  "follow.bounds",
  "update.tighteningNeverWaits",
  "update.gap",
  "lane.packs",
  "whole.saysNoLess",
  "whole.loosens.0",
  "postcondition.header",
  "postcondition.isItsWords",
  "postcondition.letsTheHeader",
];

/** A sentence that is wrong, to see that the prover says so: a value need not reach its target. */
const WRONG: Lemma = {
  name: "wrong.follow",
  says: "A followed value is at its target after one tick.",
  domain: "value and target < 2^14, ticks at least 1",
  claim(solidity, terms) {
    const [value, target, ticks] = ["value", "target", "ticks"].map((name) => terms.free(name, 14)) as [
      Term,
      Term,
      Term,
    ];
    terms.assume(not(equal(ticks, word(0))));
    return equal(solidity.call("Follower.follow", value, target, ticks, ticks)[0] as Term, target);
  },
};

const skip = withoutProgram("z3");

describe("the lemmas", () => {
  const sources = treesOf(withImports(filesAt(PLACES.guarded)));

  it("are written down for every function they speak of, and have names of their own", () => {
    for (const lemma of LEMMAS) assert.match(scriptOf(lemma, sources), /\(check-sat\)/, lemma.name);
    assert.equal(new Set(LEMMAS.map(({ name }) => name)).size, LEMMAS.length);
  });

  it("known to be open are lemmas, each with its reason, and none is among those proved here", () => {
    const names = LEMMAS.map(({ name }) => name);
    for (const [name, why] of OPEN) {
      assert.ok(names.includes(name), `${name} is no lemma any more`);
      assert.ok(why.length > 0 && !QUICK.includes(name), name);
    }
  });

  for (const name of QUICK) {
    it(`hold for all values: ${name}`, { skip }, async () => {
      const lemma = LEMMAS.find((one) => one.name === name);
      assert.ok(lemma);
      assert.deepEqual(await prove(lemma, sources), { result: "proved" }, lemma.says);
    });
  }

  it("are refuted when they are wrong, by values that show it", { skip }, async () => {
    const verdict = await prove(WRONG, sources);
    assert.ok(verdict.result === "refuted", verdict.result);
    const { value = 0n, target = 0n, ticks = 0n } = verdict.by;
    const way = value < target ? target - value : value - target;
    assert.ok(ticks > 0n && way > ticks, `from ${value} to ${target} in ${ticks} ticks`);
  });
});
