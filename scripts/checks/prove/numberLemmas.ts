import { type Lemma, mutation } from "./lemma.ts";
import { NUMBERS, of, sum, tightest } from "./numbers.ts";
import { and, equal, implies, or, same, type Term } from "./terms.ts";

export const numberLemmas: readonly Lemma[] = [
  {
    name: "numbers.atLeast",
    says: "`atLeast` compares all three numbers, each by itself: a number's guard bit is set exactly where it is at least as tight.",
    domain: "every two words",
    mutations: [
      mutation("Words", "GUARDS = 1 << 13 | 1 << 28 | 1 << 45", "GUARDS = 1 << 13 | 1 << 28 | 1 << 46"),
      mutation("Words", "((a & N.ALL | N.GUARDS) - (b & N.ALL)) & N.GUARDS", "((a & N.ALL | N.GUARDS) - b) & N.GUARDS"),
      mutation("Words", "ALL = HAIRCUTS | 0xffff << 29", "ALL = HAIRCUTS"),
    ],
    claim(solidity, terms) {
      const [a, b] = [terms.free("a"), terms.free("b")];
      const said = solidity.one("atLeast", a, b);
      const guards = ["M.CHALLENGED", "M.PROBED"].map((name) => solidity.constant(name) & 0xffn);
      const bits = [...guards, solidity.constant("M.QUALITY") & 0xffn] as const;
      const each = NUMBERS.map((name, at) => {
        const bit = terms.operate("&", said, terms.number(1n << (bits[at] as bigint)));
        const tighter = terms.atMost(of(solidity, b, `N.${name}`), of(solidity, a, `N.${name}`));
        return same(terms.isTrue(bit), tighter);
      });
      const others = terms.operate("&", said, terms.number(~bits.reduce((all, bit) => all | (1n << bit), 0n)));
      return and(...each, equal(others, terms.number(0)));
    },
  },
  eitherOf("tighter", "max", (next, one) => [next, one]),
  eitherOf("looser", "min", (next, one) => [one, next]),
  {
    name: "numbers.tokens",
    says: "A code of a limit up to 2047 is its own number of tokens, and a greater one is more; 1024 notches double them, and one is at most 0.1 %, both from 1024 tokens on.",
    domain: "every two codes of 16 bits",
    mutations: [
      mutation("Words", "(1_024 | (limit & 0x3ff))", "(limit & 0x3ff)"),
      mutation("Words", "<< ((limit >> 10) - 1)", "<< (limit >> 10)"),
    ],
    claim(solidity, terms) {
      const [a, b] = [terms.free("a", 16), terms.free("b", 16)];
      const tokens = (code: Term) => solidity.one("tokensOf", code);
      const last = terms.number(0xffff);
      const up = (notches: number) => sum(terms, a, terms.number(notches));
      const large = terms.atMost(terms.number(1_024), a);
      const doubled = equal(tokens(up(1_024)), terms.operate("<<", tokens(a), terms.number(1)));
      const step = terms.operate("-", tokens(up(1)), tokens(a));
      const small = terms.atMost(terms.operate("<<", step, terms.number(10)), tokens(a));
      return and(
        implies(terms.atMost(a, terms.number(2_047)), equal(tokens(a), a)),
        implies(terms.below(a, b), terms.below(tokens(a), tokens(b))),
        implies(and(large, terms.atMost(up(1_024), last)), doubled),
        implies(and(large, terms.atMost(up(1), last)), small),
      );
    },
  },
  {
    name: "numbers.part",
    says: "A part is so many 1024ths, rounded up: never more than the notches of a step or budget, all of them from 1024 tokens on, and 1 at least where there is one.",
    domain: "every step and budget of 12 bits, every limit up to 1024 tokens",
    mutations: [mutation("Judge", "+ 1_023 >> 10", "+ 1_024 >> 10"), mutation("Judge", "+ 1_023 >> 10", ">> 10")],
    claim(solidity, terms) {
      const [notches, base] = [terms.free("notches", 12), terms.free("base", 11)];
      terms.assume(terms.atMost(base, terms.number(1_024)));
      const part = solidity.one("Judge._part", notches, base);
      const whole = terms.operate("*", notches, base);
      const times = terms.operate("<<", part, terms.number(10));
      const isAny = and(terms.isTrue(notches), terms.isTrue(base));
      return and(
        terms.atMost(whole, times),
        terms.below(times, sum(terms, whole, terms.number(1_024))),
        terms.atMost(part, notches),
        implies(equal(base, terms.number(1_024)), equal(part, notches)),
        implies(isAny, terms.isTrue(part)),
      );
    },
  },
  {
    name: "numbers.refusal",
    says: "A refusal is told as it is: reason, value given, nearest allowed.",
    domain: "every reason of 8, given of 120 and allowed of 128 bits",
    mutations: [mutation("Words", "given << 8 | allowed << 128", "given << 8 | allowed << 120")],
    claim(solidity, terms) {
      const parts = [terms.free("reason", 8), terms.free("given", 120), terms.free("allowed", 128)] as const;
      const refusal = solidity.one("refuse", ...parts);
      return and(
        ...["V.REASON", "V.GIVEN", "V.ALLOWED"].map((name, at) =>
          equal(of(solidity, refusal, name), parts[at] as Term),
        ),
      );
    },
  },
];

/** The lemma of `tighter` or `looser`: the first of the pair is at least as tight as the second, for each of both words. */
function eitherOf(name: string, by: string, pair: (next: Term, one: Term) => readonly [Term, Term]): Lemma {
  return {
    name: `numbers.${name}`,
    says: `\`${name}\` takes the ${name} of each of the three numbers and leaves every other bit.`,
    domain: "every two words",
    mutations: [
      mutation("Words", `${by}(get(a, N.LIMIT), get(b, N.LIMIT))`, "get(a, N.LIMIT)"),
      mutation("Words", `next = put(next, N.INITIAL, ${by}(`, `next = put(a, N.INITIAL, ${by}(`),
    ],
    claim(solidity, terms) {
      const [a, b] = [terms.free("a"), terms.free("b")];
      const next = solidity.one(name, a, b);
      const others = terms.number(~solidity.constant("N.ALL"));
      const kept = equal(terms.operate("&", next, others), terms.operate("&", a, others));
      const either = NUMBERS.map((number) => {
        const [one, other, of3] = [a, b, next].map((word) => of(solidity, word, `N.${number}`)) as [Term, Term, Term];
        return or(equal(of3, one), equal(of3, other));
      });
      const least = [a, b].map((word) => tightest(solidity, ...pair(next, word)));
      return and(...least, ...either, kept);
    },
  };
}
