import { DOMAIN, guardOf, LANES, lane, laneByLane, one, sound, type Usual, usualCase } from "./lanes.ts";
import type { Lemma } from "./lemma.ts";
import type { Solidity } from "./solidity.ts";
import { and, atMost, equal, implies, isTrue, not, or, type Term, type Terms, word } from "./terms.ts";

/** WholeGroup judges five lanes at once as the rules judge one. */
export const shortCutLemmas: readonly Lemma[] = [
  ...LANES.map(
    (at): Lemma => ({
      name: `whole.follows.${at}`,
      says: `Maintenance of lane ${at}, followed with the others, stands where Follower puts it alone, and the rest of the lane is empty.`,
      domain: "every group, ticks < 2^13",
      claim(solidity, terms) {
        const [group, up, down] = [terms.free("group"), terms.free("up", 13), terms.free("down", 13)];
        const allowance = one(solidity, "AllowanceLayout.pack", word(0), word(0), word(0), up, down, word(0));
        const plane = one(solidity, "WholeGroup.followed", group, allowance);
        const was = lane(solidity, group, at);
        const alone = one(solidity, "Follower.follow", was.maintenance, was.target, up, down);
        return equal(one(solidity, "GroupLayout.lane", plane, word(at)), alone);
      },
    }),
  ),
  ...LANES.map(
    (at): Lemma => ({
      name: `whole.saysNoMore.${at}`,
      says: `When the short cut says yes, the rules as they are meant take the market in lane ${at} too and it becomes what they say, to the bit; an empty lane is not named and stays empty.`,
      domain: DOMAIN,
      claim(solidity, terms) {
        const c = usualCase(solidity, terms);
        terms.assume(sound(solidity, c.group));
        terms.assume(not(equal(c.lanes, word(0))));
        const l = laneByLane(solidity, c, at);
        const is = one(solidity, "GroupLayout.lane", c.lanes, word(at));
        return and(
          implies(l.listed, and(l.taken, equal(is, l.after))),
          implies(not(l.listed), and(not(l.named), equal(is, word(0)))),
          equal(solidity.operation("shr", word(205), c.lanes), word(0)),
        );
      },
    }),
  ),
  ...LANES.map(
    (at): Lemma => ({
      name: `whole.saysNoLess.${at}`,
      says: `When every market listed is named, no other is and none has a clock of its own, what the rules take in lane ${at} within the upper bounds keeps the guard of that lane in \`good\`.`,
      domain: DOMAIN,
      claim(solidity, terms) {
        const c = usualCase(solidity, terms);
        assumeUsual(solidity, terms, c);
        const good = solidity.inside.get("good") as Term;
        const [highest, most] = ["maxInitial", "maxMaintenance"].map((name) =>
          one(solidity, `RiskClassLayout.${name}`, c.riskClass),
        ) as [Term, Term];
        const { listed, taken, initial, target } = laneByLane(solidity, c, at);
        const within = and(atMost(initial, highest), atMost(target, most));
        return implies(and(listed, taken, within), guardOf(solidity, good, at));
      },
    }),
  ),
  {
    name: "whole.saysNoLess",
    says: "With the guard of every market listed in `good` and every initial above 0, the short cut says yes: with whole.saysNoLess.0 to 4, and a gap of at least 1, it says no less than the rules.",
    domain: DOMAIN,
    claim(solidity, terms) {
      const c = usualCase(solidity, terms);
      assumeUsual(solidity, terms, c);
      const good = solidity.inside.get("good") as Term;
      const all = LANES.map((at) => ({ ...laneByLane(solidity, c, at), at }));
      const each = all.map(({ listed, initial, at }) =>
        implies(listed, and(guardOf(solidity, good, at), not(equal(initial, word(0))))),
      );
      return implies(and(or(...all.map(({ listed }) => listed)), ...each), not(equal(c.lanes, word(0))));
    },
  },
  ...LANES.map(
    (at): Lemma => ({
      name: `whole.loosens.${at}`,
      says: `What the short cut books as loosened in lane ${at} is what initial falls there, in 14 bits and no other.`,
      domain: DOMAIN,
      claim(solidity, terms) {
        const c = usualCase(solidity, terms);
        terms.assume(sound(solidity, c.group));
        terms.assume(not(equal(c.lanes, word(0))));
        const { loosens, listed } = laneByLane(solidity, c, at);
        const counted = terms.choose(terms.truth(listed), loosens, word(0));
        const own = solidity.operation("shr", word(41 * at), c.loosened);
        const booked = at === 4 ? own : solidity.operation("and", own, word(2n ** 41n - 1n));
        return and(equal(booked, counted), atMost(counted, word(0x3fff)));
      },
    }),
  ),
  {
    name: "whole.sums",
    says: "Sum and greatest of a plane are those of its five lanes.",
    domain: "every five values < 2^14",
    claim(solidity, terms) {
      const values = LANES.map((at) => terms.free(`value${at}`, 14));
      const plane = values
        .map((value, at) => solidity.operation("shl", word(41 * at), value))
        .reduce((all, value) => solidity.operation("or", all, value));
      const total = values.reduce((all, value) => solidity.operation("add", all, value));
      const greatest = values.reduce((all, value) =>
        terms.choose(isTrue(solidity.operation("gt", value, all)), value, all),
      );
      const [sum, most] = ["sum", "most"].map((name) => one(solidity, `WholeGroup.${name}`, plane)) as [Term, Term];
      return and(equal(sum, total), equal(most, greatest));
    },
  },
];

/** Every market listed is named, no other is, and none has a clock of its own. */
function assumeUsual(solidity: Solidity, terms: Terms, { group, entry }: Usual): void {
  terms.assume(sound(solidity, group));
  for (const at of LANES) {
    const { initial, own } = lane(solidity, group, at);
    const bit = solidity.operation("shr", word(at), one(solidity, "EntryLayout.named", entry));
    const named = isTrue(solidity.operation("and", bit, word(1)));
    terms.assume(and(equal(own, word(0)), `(= ${named} ${not(equal(initial, word(0)))})`));
  }
}
