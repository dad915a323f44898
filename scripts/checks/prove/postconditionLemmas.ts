import { DOMAIN, guardOf, LANES, lane, laneByLane, one, sound, usualCase } from "./lanes.ts";
import type { Lemma } from "./lemma.ts";
import type { Solidity } from "./solidity.ts";
import { and, atMost, equal, implies, isTrue, not, or, type Term, type Terms, type Truth, word } from "./terms.ts";

/** Class, step, and ticks upwards and downwards. */
type Allowed = readonly [Term, Term, Term, Term];

/** The post-condition in words, on lane `at`. */
function laneHolds(solidity: Solidity, before: Term, written: Term, named: Truth, allowed: Allowed, at: number): Truth {
  const [was, is] = [lane(solidity, before, at), lane(solidity, written, at)];
  const [riskClass, step, up, down] = allowed;
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
  return and(
    speed,
    or(equal(is.initial, word(0)), apart),
    implies(named, bounds),
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

/** Any two groups, and what may happen between them. */
function anyWrite(solidity: Solidity, terms: Terms) {
  const [before, written, minute] = [terms.free("before"), terms.free("written"), terms.free("minute", 25)];
  const [riskClass, step] = [terms.free("class", 159), terms.free("step", 14)];
  const [up, down] = [terms.free("up", 13), terms.free("down", 13)];
  const allowance = one(solidity, "AllowanceLayout.pack", riskClass, step, word(0), up, down, minute);
  const allowed: Allowed = [riskClass, step, up, down];
  const flags = guardsOf(terms, solidity);
  solidity.call("Postcondition.enforce", word(0), before, written, flags.word, allowance);
  const [wrong, good] = ["wrong", "good"].map((name) => solidity.inside.get(name)) as [Term, Term];
  return { before, written, minute, allowed, named: flags.named, wrong, good };
}

const ANY_WRITE = "every two groups, every class, every set of lanes named, step < 2^14, ticks < 2^13, every minute";

/** The post-condition on five lanes is its words on each. */
export const postconditionLemmas: readonly Lemma[] = [
  ...LANES.map(
    (at): Lemma => ({
      name: `postcondition.lane.${at}`,
      says: `The guard of lane ${at} stands in \`good\` exactly when that lane keeps speed, gap, bounds (if named) and step.`,
      domain: ANY_WRITE,
      claim(solidity, terms) {
        const w = anyWrite(solidity, terms);
        const meant = laneHolds(solidity, w.before, w.written, w.named[at] as Truth, w.allowed, at);
        return `(= ${guardOf(solidity, w.good, at)} ${meant})`;
      },
    }),
  ),
  {
    name: "postcondition.header",
    says: "`wrong` is 0 exactly when what is not named keeps its values, the class stays, settled is now and asOf does not go back.",
    domain: ANY_WRITE,
    claim(solidity, terms) {
      const w = anyWrite(solidity, terms);
      const of = (name: string, group: Term) => one(solidity, `GroupLayout.${name}`, group);
      const forward = or(atMost(of("asOf", w.before), of("asOf", w.written)), equal(of("age", w.before), word(4_095)));
      const kept = LANES.map((at) => {
        const [was, is] = [lane(solidity, w.before, at), lane(solidity, w.written, at)];
        const same = and(equal(is.initial, was.initial), equal(is.target, was.target));
        return or(w.named[at] as Truth, same);
      });
      const meant = and(
        ...kept,
        equal(of("class", w.before), of("class", w.written)),
        equal(of("settled", w.written), w.minute),
        forward,
      );
      return `(= ${equal(w.wrong, word(0))} ${meant})`;
    },
  },
  {
    name: "postcondition.isItsWords",
    says: "The post-condition holds exactly when `wrong` is 0 and `good` has all five guards: with postcondition.header and postcondition.lane.0 to 4, exactly when its words hold.",
    domain: ANY_WRITE,
    claim(solidity, terms) {
      const w = anyWrite(solidity, terms);
      const guards = and(...LANES.map((at) => guardOf(solidity, w.good, at)));
      return `(= ${not(solidity.refused)} ${and(equal(w.wrong, word(0)), guards)})`;
    },
  },
  ...LANES.map(
    (at): Lemma => ({
      name: `postcondition.letsTheRules.${at}`,
      says: `What the rules take in lane ${at} keeps the words of the post-condition there, and so does an empty lane: with whole.saysNoMore, postcondition.lane and postcondition.isItsWords, the short cut is never refused for a lane.`,
      domain: DOMAIN,
      claim(solidity, terms) {
        const c = usualCase(solidity, terms);
        terms.assume(sound(solidity, c.group));
        const l = laneByLane(solidity, c, at);
        const shift = word(41 * at);
        const written = solidity.operation("shl", shift, terms.choose(terms.truth(l.listed), l.after, word(0)));
        const allowed: Allowed = [c.riskClass, c.step, c.up, c.down];
        const kept = laneHolds(solidity, c.group, written, l.listed, allowed, at);
        return implies(or(l.taken, not(l.listed)), kept);
      },
    }),
  ),
  {
    name: "postcondition.letsTheHeader",
    says: "A header of now with newer data, over lanes that are all named where listed, leaves `wrong` at 0.",
    domain: "every group whose empty lanes are 0, every lanes with the same ones empty, every minute, every newer asOf",
    claim(solidity, terms) {
      const [group, lanes] = [terms.free("group"), terms.free("lanes", 205)];
      terms.assume(sound(solidity, group));
      terms.assume(sound(solidity, lanes));
      const [minute, asOf, spent] = [terms.free("minute", 25), terms.free("asOf", 25), terms.free("booked", 8)];
      terms.assume(atMost(asOf, minute));
      terms.assume(atMost(one(solidity, "GroupLayout.asOf", group), asOf));
      terms.assume(atMost(solidity.operation("sub", minute, asOf), word(4_095)));
      const { listed, wordOf } = listedIn(solidity, group);
      const also = listedIn(solidity, lanes);
      for (const at of LANES) terms.assume(`(= ${listed[at]} ${also.listed[at]})`);
      const classId = one(solidity, "GroupLayout.class", group);
      const written = one(solidity, "GroupLayout.withHeader", lanes, minute, asOf, spent, classId);
      const none = [word(0), word(0), word(0), word(0)] as const;
      const allowance = one(solidity, "AllowanceLayout.pack", terms.free("class", 159), ...none, minute);
      solidity.call("Postcondition.enforce", word(0), group, written, wordOf, allowance);
      return equal(solidity.inside.get("wrong") as Term, word(0));
    },
  },
];

/** The lanes listed, as truths and as a word of their guards. */
function listedIn(solidity: Solidity, group: Term) {
  const listed = LANES.map((at) => not(equal(lane(solidity, group, at).initial, word(0))));
  const guards = listed.map((is, at) => solidity.terms.choose(is, word(2n ** BigInt(40 + 41 * at)), word(0)));
  return { listed, wordOf: guards.reduce((all, guard) => solidity.operation("or", all, guard)) };
}
