import { layoutLemmas } from "./layoutLemmas.ts";
import type { Lemma } from "./lemma.ts";
import { postconditionLemmas } from "./postconditionLemmas.ts";
import { shortCutLemmas } from "./shortCutLemmas.ts";
import type { Solidity } from "./solidity.ts";
import { and, asWord, atMost, equal, implies, isTrue, or, type Term, type Terms, word } from "./terms.ts";

const one = (solidity: Solidity, name: string, ...args: readonly Term[]): Term =>
  solidity.call(name, ...args)[0] as Term;

const followLemmas: readonly Lemma[] = [
  {
    name: "follow.bounds",
    says: "A followed value moves towards its target, by at most its ticks, and never past it.",
    domain: "value and target < 2^14, ticks < 2^14",
    claim(solidity, terms) {
      const [value, target, up, down] = ["value", "target", "up", "down"].map((name) => terms.free(name, 14)) as [
        Term,
        Term,
        Term,
        Term,
      ];
      const next = one(solidity, "Follower.follow", value, target, up, down);
      const most = solidity.operation("add", value, up);
      const least = solidity.operation("add", next, down);
      const rises = and(atMost(value, next), atMost(next, target), atMost(next, most));
      const falls = and(atMost(target, next), atMost(next, value), atMost(value, least));
      return or(and(atMost(value, target), rises), and(atMost(target, value), falls));
    },
  },
  {
    name: "follow.composes",
    says: "Settling in between changes nothing, to the last bit.",
    domain: "value and target < 2^14, ticks of both stretches < 2^14",
    claim(solidity, terms) {
      const [value, target, up, down, up2, down2] = ["value", "target", "up", "down", "up2", "down2"].map((name) =>
        terms.free(name, 14),
      ) as [Term, Term, Term, Term, Term, Term];
      const inBetween = one(solidity, "Follower.follow", value, target, up, down);
      const ups = solidity.operation("add", up, up2);
      const downs = solidity.operation("add", down, down2);
      return equal(
        one(solidity, "Follower.follow", inBetween, target, up2, down2),
        one(solidity, "Follower.follow", value, target, ups, downs),
      );
    },
  },
  {
    name: "follow.towards",
    says: "What reads run is the follower with as many ticks either way.",
    domain: "value and target < 2^14, every word of ticks",
    claim(solidity, terms) {
      const [value, target, ticks] = [terms.free("value", 14), terms.free("target", 14), terms.free("ticks")];
      return equal(
        one(solidity, "Follower.towards", value, target, ticks),
        one(solidity, "Follower.follow", value, target, ticks, ticks),
      );
    },
  },
];

/** Whole numbers without bounds, for the arithmetic of time; written here, not read from the contract. */
function integers(terms: Terms, ...names: readonly string[]): void {
  for (const name of names) terms.lines.push(`(declare-const ${name} Int)`, `(assert (>= ${name} 0))`);
}

const timeLemmas: readonly Lemma[] = [
  {
    name: "ticks.speed",
    says: "Between two minutes a clock of speed s ticks at most ceil(s (c - a) / 1440) times, and never backwards.",
    domain: "all whole numbers; x stands for s a and d for s (c - a)",
    claim(_, terms) {
      integers(terms, "x", "d");
      return "(and (>= (div (+ x d) 1440) (div x 1440)) (<= (- (div (+ x d) 1440) (div x 1440)) (div (+ d 1439) 1440)))";
    },
  },
  {
    name: "windows.day",
    says: "Any closed span of 24 hours touches at most four budget windows, so it sees at most four quarters.",
    domain: "all starts, in seconds",
    claim(_, terms) {
      integers(terms, "start");
      return "(<= (+ 1 (- (div (+ start 86400) 28800) (div start 28800))) 4)";
    },
  },
  {
    name: "windows.span",
    says: "A closed span of T touches at most T/8h + 1 windows when T is whole windows, else floor(T/8h) + 2 (I14).",
    domain: "all starts and spans, in seconds",
    claim(_, terms) {
      integers(terms, "start", "span");
      const touched = "(+ 1 (- (div (+ start span) 28800) (div start 28800)))";
      return `(<= ${touched} (+ (div span 28800) (ite (= (mod span 28800) 0) 1 2)))`;
    },
  },
];

/** The values of one update against a class, as UpdateCheck takes them. */
function update(terms: Terms) {
  return {
    lane: terms.free("lane", 41),
    maintenance: terms.free("maintenance", 13),
    initial: terms.free("initial", 14),
    target: terms.free("target", 13),
    class: terms.free("class", 159),
    step: terms.free("step", 14),
    left: terms.free("left", 14),
    tightenOnly: terms.define(asWord(isTrue(terms.free("tightenOnly", 1)))),
  };
}

const updateLemmas: readonly Lemma[] = [
  {
    name: "update.tighteningNeverWaits",
    says: "No step, budget or mode refuses what loosens neither initial nor the target.",
    domain: "every lane, maintenance < 2^13, every value of an entry, every step, budget and mode",
    claim(solidity, terms) {
      const u = update(terms);
      const was = one(solidity, "LaneLayout.initial", u.lane);
      const old = one(solidity, "LaneLayout.target", u.lane);
      const reason = ofLoosening(solidity, u);
      const tightens = and(atMost(was, u.initial), or(atMost(old, u.target), atMost(u.maintenance, u.target)));
      return implies(tightens, equal(reason, word(0)));
    },
  },
  {
    name: "update.looseningIsBounded",
    says: "What is taken loosens initial by at most the step and the budget left, nothing while only tightening is allowed.",
    domain: "the same",
    claim(solidity, terms) {
      const u = update(terms);
      const was = one(solidity, "LaneLayout.initial", u.lane);
      const taken = equal(ofLoosening(solidity, u), word(0));
      const within = (most: Term) => atMost(was, solidity.operation("add", u.initial, most));
      const closed = implies(isTrue(u.tightenOnly), atMost(was, u.initial));
      return implies(taken, and(within(u.step), within(u.left), closed));
    },
  },
  {
    name: "update.gap",
    says: "What is taken keeps the gap of its class above maintenance and target, and the lower bounds.",
    domain: "the same",
    claim(solidity, terms) {
      const u = update(terms);
      const [reason] = solidity.call("UpdateCheck.ofValues", u.lane, u.maintenance, u.initial, u.target, u.class);
      const gap = one(solidity, "RiskClassLayout.minGap", u.class);
      const above = (value: Term) => atMost(solidity.operation("add", value, gap), u.initial);
      const lowest = atMost(one(solidity, "RiskClassLayout.minInitial", u.class), u.initial);
      const least = atMost(one(solidity, "RiskClassLayout.minMaintenance", u.class), u.target);
      return implies(equal(reason as Term, word(0)), and(above(u.maintenance), above(u.target), lowest, least));
    },
  },
];

function ofLoosening(solidity: Solidity, u: ReturnType<typeof update>): Term {
  const { lane, maintenance, initial, target, step, left, tightenOnly } = u;
  return one(solidity, "UpdateCheck.ofLoosening", lane, maintenance, initial, target, step, left, tightenOnly);
}

/** Every sentence, in the order of what it rests on. */
export const LEMMAS: readonly Lemma[] = [
  ...timeLemmas,
  ...followLemmas,
  ...layoutLemmas,
  ...updateLemmas,
  ...shortCutLemmas,
  ...postconditionLemmas,
];
