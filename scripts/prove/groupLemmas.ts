import type { Lemma } from "./lemma.ts";
import type { Solidity, Struct } from "./solidity.ts";
import { and, atMost, equal, implies, isTrue, not, or, type Term, type Terms, type Truth, word } from "./terms.ts";

const LANES = [0, 1, 2, 3, 4] as const;
const one = (solidity: Solidity, name: string, ...args: readonly Term[]): Term =>
  solidity.call(name, ...args)[0] as Term;

/** The parts of lane `at` of a group. */
function lane(solidity: Solidity, group: Term, at: number) {
  const all = one(solidity, "GroupLayout.lane", group, word(at));
  const part = (name: string) => one(solidity, `LaneLayout.${name}`, all);
  return { all, initial: part("initial"), target: part("target"), maintenance: part("maintenance"), own: part("own") };
}

/** A group, an entry, what is spent, a class and the ticks: what the short cut looks at. */
function usualCase(solidity: Solidity, terms: Terms) {
  const [group, entry, spent] = [terms.free("group"), terms.free("entry", 192), terms.free("spent", 8)];
  const [riskClass, step, budget] = [terms.free("class", 133), terms.free("step", 12), terms.free("budget", 8)];
  const [up, down] = [terms.free("up", 13), terms.free("down", 13)];
  const usual: Struct = { fields: Array.from({ length: 9 }, () => word(0)) };
  solidity.call("WholeGroup.prepare", usual, riskClass, step, budget);
  [usual.fields[7], usual.fields[8]] = [up, down];
  const [lanes, listed, loosened] = solidity.call("WholeGroup.apply_", group, entry, spent, usual) as [
    Term,
    Term,
    Term,
  ];
  return { group, entry, spent, riskClass, step, budget, up, down, lanes, listed, loosened };
}

type Usual = ReturnType<typeof usualCase>;

/** What the rules that are meant say of lane `at`: taken or not, where it would stand, what it would loosen. */
function laneByLane(solidity: Solidity, c: Usual, at: number) {
  const was = lane(solidity, c.group, at);
  const [initial, target] = ["initial", "target"].map((name) =>
    one(solidity, `EntryLayout.${name}`, c.entry, word(at)),
  ) as [Term, Term];
  const bit = solidity.operation("shr", word(at), one(solidity, "EntryLayout.named", c.entry));
  const named = isTrue(solidity.operation("and", bit, word(1)));
  const listed = not(equal(was.initial, word(0)));
  const maintenance = one(solidity, "Follower.follow", was.maintenance, was.target, c.up, c.down);
  const over = isTrue(solidity.operation("gt", c.budget, c.spent));
  const left = solidity.terms.choose(over, solidity.operation("sub", c.budget, c.spent), word(0));
  const values = one(solidity, "UpdateCheck.ofValues", was.all, maintenance, initial, target, c.riskClass);
  const loosening = one(
    solidity,
    "UpdateCheck.ofLoosening",
    was.all,
    maintenance,
    initial,
    target,
    c.step,
    left,
    word(0),
  );
  const taken = and(not(isTrue(was.own)), named, equal(values, word(0)), equal(loosening, word(0)));
  const after = one(solidity, "LaneLayout.pack", initial, target, maintenance, word(0));
  const falls = isTrue(solidity.operation("lt", initial, was.initial));
  const loosens = solidity.terms.choose(falls, solidity.operation("sub", was.initial, initial), word(0));
  return { listed, named, taken, after, loosens, initial, target };
}

/** A lane that is not listed has no bit set: LaneWriter and Governing store nothing else. */
function sound(solidity: Solidity, group: Term): Truth {
  return and(
    ...LANES.map((at) => {
      const { all, initial } = lane(solidity, group, at);
      return implies(equal(initial, word(0)), equal(all, word(0)));
    }),
  );
}

const DOMAIN =
  "every group whose empty lanes are 0, every entry, class, spent < 2^8, step < 2^12, budget < 2^8, ticks < 2^13";

const shortCut: readonly Lemma[] = [
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
  {
    name: "whole.saysNoLess",
    says: "When the rules take every market listed, within the upper bounds, no other is named and none has a clock of its own, the short cut says yes.",
    domain: DOMAIN,
    claim(solidity, terms) {
      const c = usualCase(solidity, terms);
      terms.assume(sound(solidity, c.group));
      const [highest, most] = ["maxInitial", "maxMaintenance"].map((name) =>
        one(solidity, `RiskClassLayout.${name}`, c.riskClass),
      ) as [Term, Term];
      const all = LANES.map((at) => ({ ...laneByLane(solidity, c, at), at }));
      const each = all.map(({ listed, taken, named, initial, target }) =>
        or(and(listed, taken, atMost(initial, highest), atMost(target, most)), and(not(listed), not(named))),
      );
      // LimitsCheck demands a gap of at least 1.
      terms.assume(not(equal(one(solidity, "RiskClassLayout.minGap", c.riskClass), word(0))));
      const some = or(...all.map(({ listed }) => listed));
      return implies(and(some, ...each), not(equal(c.lanes, word(0))));
    },
  },
  {
    name: "whole.loosens",
    says: "What the short cut books as loosened is, lane by lane, what initial falls; their sum and their greatest are counted right.",
    domain: DOMAIN,
    claim(solidity, terms) {
      const c = usualCase(solidity, terms);
      terms.assume(sound(solidity, c.group));
      terms.assume(not(equal(c.lanes, word(0))));
      let [total, greatest] = [word(0), word(0)];
      const each = LANES.map((at) => {
        const { loosens, listed } = laneByLane(solidity, c, at);
        const counted = terms.choose(terms.truth(listed), loosens, word(0));
        total = solidity.operation("add", total, counted);
        greatest = terms.choose(isTrue(solidity.operation("gt", counted, greatest)), counted, greatest);
        const booked = solidity.operation(
          "and",
          solidity.operation("shr", word(41 * at), c.loosened),
          word(2n ** 41n - 1n),
        );
        return equal(booked, counted);
      });
      const sum = equal(one(solidity, "WholeGroup.sum", c.loosened), total);
      return and(...each, sum, equal(one(solidity, "WholeGroup.most", c.loosened), greatest));
    },
  },
];

/** The post-condition in words, on lane `at`. */
function laneHolds(
  solidity: Solidity,
  before: Term,
  written: Term,
  named: Truth,
  allowance: Struct,
  at: number,
): Truth {
  const [was, is] = [lane(solidity, before, at), lane(solidity, written, at)];
  const [riskClass, step, up, down] = allowance.fields as [Term, Term, Term, Term];
  const sum = (a: Term, b: Term) => solidity.operation("add", a, b);
  const of = (name: string) => one(solidity, `RiskClassLayout.${name}`, riskClass);
  const gap = of("minGap");
  const speed = and(
    atMost(is.maintenance, sum(was.maintenance, up)),
    atMost(was.maintenance, sum(is.maintenance, down)),
  );
  const apart = and(atMost(sum(is.maintenance, gap), is.initial), atMost(sum(is.target, gap), is.initial));
  const bounds = and(
    atMost(of("minInitial"), is.initial),
    or(atMost(is.initial, of("maxInitial")), atMost(is.initial, was.initial)),
    atMost(of("minMaintenance"), is.target),
    or(atMost(is.target, of("maxMaintenance")), atMost(is.target, was.target)),
  );
  const same = and(equal(is.initial, was.initial), equal(is.target, was.target));
  return and(
    speed,
    or(equal(is.initial, word(0)), apart),
    implies(named, bounds),
    implies(not(named), same),
    atMost(was.initial, sum(is.initial, step)),
  );
}

function guardsOf(terms: Terms, solidity: Solidity) {
  const flags = LANES.map((at) => terms.free(`named${at}`, 1));
  const word_ = flags.reduce(
    (all, flag, at) => solidity.operation("or", all, solidity.operation("shl", word(40 + 41 * at), flag)),
    word(0),
  );
  return { word: word_, named: flags.map(isTrue) };
}

const postcondition: readonly Lemma[] = [
  {
    name: "postcondition.isItsWords",
    says: "The post-condition on five lanes in one subtraction holds exactly when each lane keeps speed, gap, bounds and step, what is not named keeps its values, the class stays, settled is now and asOf does not go back.",
    domain: "every two groups, every class, every set of lanes named, step < 2^14, ticks < 2^13, every minute",
    claim(solidity, terms) {
      const [before, written, minute] = [terms.free("before"), terms.free("written"), terms.free("minute", 25)];
      const riskClass = terms.free("class", 133);
      const allowance: Struct = {
        fields: [riskClass, terms.free("step", 14), terms.free("up", 13), terms.free("down", 13), minute],
      };
      const { word: named, named: isNamed } = guardsOf(terms, solidity);
      solidity.call("Postcondition.enforce", word(0), before, written, named, allowance);
      const of = (name: string, group: Term) => one(solidity, `GroupLayout.${name}`, group);
      const forward = or(atMost(of("asOf", before), of("asOf", written)), equal(of("age", before), word(4_095)));
      const meant = and(
        ...LANES.map((at) => laneHolds(solidity, before, written, isNamed[at] as Truth, allowance, at)),
        equal(of("class", before), of("class", written)),
        equal(of("settled", written), minute),
        forward,
      );
      return `(= ${not(solidity.refused)} ${meant})`;
    },
  },
  {
    name: "postcondition.letsTheShortCut",
    says: "What the short cut says yes to, under a header of now with newer data, passes the post-condition.",
    domain: `${DOMAIN}; every header`,
    claim(solidity, terms) {
      const c = usualCase(solidity, terms);
      terms.assume(sound(solidity, c.group));
      terms.assume(not(equal(c.lanes, word(0))));
      const [minute, asOf, spent] = [terms.free("minute", 25), terms.free("asOf", 25), terms.free("booked", 8)];
      terms.assume(atMost(asOf, minute));
      terms.assume(atMost(one(solidity, "GroupLayout.asOf", c.group), asOf));
      terms.assume(atMost(solidity.operation("sub", minute, asOf), word(4_095)));
      const classId = one(solidity, "GroupLayout.class", c.group);
      const written = one(solidity, "GroupLayout.withHeader", c.lanes, minute, asOf, spent, classId);
      const allowance: Struct = { fields: [c.riskClass, c.step, c.up, c.down, minute] };
      solidity.call("Postcondition.enforce", word(0), c.group, written, c.listed, allowance);
      return not(solidity.refused);
    },
  },
];

export const groupLemmas: readonly Lemma[] = [...shortCut, ...postcondition];
