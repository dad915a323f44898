import { type Lemma, mutation } from "./lemma.ts";
import type { Solidity } from "./solidity.ts";
import { and, equal, implies, not, or, same, type Term, type Terms, type Truth } from "./terms.ts";

const NUMBERS = ["TARGET", "INITIAL", "LIMIT"] as const;

/** A field by its name in Words.sol. */
const of = (solidity: Solidity, word: Term, name: string): Term =>
  solidity.one("get", word, solidity.terms.number(solidity.constant(name)));

/** Whether each of the three numbers of `a` is at least as tight as that of `b`. */
const tightest = (solidity: Solidity, a: Term, b: Term): Truth =>
  and(...NUMBERS.map((name) => solidity.terms.atMost(of(solidity, b, `N.${name}`), of(solidity, a, `N.${name}`))));

const sum = (terms: Terms, a: Term, b: Term): Term => terms.operate("+", a, b);

/** The loosest three numbers of a market: bounds of its class for the haircuts, its own for the limit. */
const keepsBounds = (solidity: Solidity, numbers: Term, market: Term, word: Term): Truth =>
  and(
    solidity.terms.atMost(of(solidity, word, "C.MIN_MAINTENANCE"), of(solidity, numbers, "N.TARGET")),
    solidity.terms.atMost(of(solidity, word, "C.MIN_INITIAL"), of(solidity, numbers, "N.INITIAL")),
    solidity.terms.atMost(of(solidity, market, "M.LOOSEST_LIMIT"), of(solidity, numbers, "N.LIMIT")),
  );

const keepsGap = (solidity: Solidity, numbers: Term, maintenance: Term, word: Term): Truth => {
  const { terms } = solidity;
  const initial = of(solidity, numbers, "N.INITIAL");
  const above = (value: Term) => terms.atMost(sum(terms, value, of(solidity, word, "C.GAP")), initial);
  return and(above(maintenance), above(of(solidity, numbers, "N.TARGET")));
};

/**
 * A writer's entry for a market, at any minute, and what `_apply` makes of it. The clock is any (timeLemmas.ts speaks of it), and so
 * is a probe's answer. Assumed is what the invariants say before: the market keeps the gap of its class, its clock is not ahead of
 * the block, its data not younger than its clock.
 */
function applied(solidity: Solidity, terms: Terms) {
  const [market, word, entry, writer] = ["market", "class", "entry", "writer"].map((name) => terms.free(name)) as [
    ...[Term, Term, Term, Term],
  ];
  const [maintenance, minute] = [terms.free("maintenance", 13), terms.free("minute", 25)];
  const current = terms.free("sameWindow", 1);
  let stored: readonly Term[] = [];
  const stands: Readonly<Record<string, (...args: readonly Term[]) => readonly Term[]>> = {
    _market: () => [market],
    _class: () => [word],
    until: () => [minute],
    maintenance: () => [maintenance],
    inWindow: () => [current],
    _probed: () => [terms.free("probed", 1)],
    _refused: (before) => [terms.operate("|", before as Term, terms.number(1n << 155n))],
    _store: (...args) => {
      stored = args;
      return [];
    },
  };
  for (const [name, stand] of Object.entries(stands)) {
    solidity.stands.set(name, (...args) => stand(...(args as readonly Term[])));
  }
  const settled = of(solidity, market, "M.SETTLED");
  terms.assume(terms.atMost(settled, minute), terms.atMost(of(solidity, market, "M.AGE"), settled));
  terms.assume(
    keepsGap(solidity, market, maintenance, word),
    equal(of(solidity, writer, "A.APPLIED"), terms.number(0)),
  );
  const after = solidity.one("Write._apply", entry, writer, minute);
  const [, , next, , , , loosened, raised] = stored as readonly [...Term[]];
  const isApplied = terms.isTrue(of(solidity, after, "A.APPLIED"));
  const quorum = equal(of(solidity, writer, "A.POWER"), terms.number(2));
  const shift = terms.number(solidity.constant("C.QUORUM"));
  return {
    ...{ market, class: word, entry, writer, after, maintenance, minute, current: terms.isTrue(current), isApplied },
    ...{ next: next as Term, loosened: loosened as Term, raised: raised as Term },
    /** The limits of the writer's power. */
    limits: terms.choose(quorum, terms.operate(">>", word, shift), word),
  };
}

const ANY =
  "every market that keeps its gap, every class, entry, writer and minute from the market's clock on, every place of maintenance, every answer of a probe";

const numberLemmas: readonly Lemma[] = [
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
  {
    name: "numbers.tighter",
    says: "`tighter` takes the tighter of each of the three numbers and leaves every other bit.",
    domain: "every two words",
    mutations: [
      mutation("Words", "max(get(a, N.LIMIT), get(b, N.LIMIT))", "get(a, N.LIMIT)"),
      mutation("Words", "next = put(next, N.INITIAL, max(", "next = put(a, N.INITIAL, max("),
    ],
    claim(solidity, terms) {
      const [a, b] = [terms.free("a"), terms.free("b")];
      const next = solidity.one("tighter", a, b);
      const others = terms.number(~solidity.constant("N.ALL"));
      const kept = equal(terms.operate("&", next, others), terms.operate("&", a, others));
      const either = NUMBERS.map((name) => {
        const [one, other, of3] = [a, b, next].map((word) => of(solidity, word, `N.${name}`)) as [Term, Term, Term];
        return or(equal(of3, one), equal(of3, other));
      });
      return and(tightest(solidity, next, a), tightest(solidity, next, b), ...either, kept);
    },
  },
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

const ruleLemmas: readonly Lemma[] = [
  {
    name: "rules.data",
    says: "What is applied was made for this market as it is now, of data neither of the future nor older than the class allows (I7).",
    domain: ANY,
    mutations: [
      mutation("Judge", "get(entry, E.GENERATION) != generation", "get(entry, E.GENERATION) < generation"),
      mutation("Judge", "minute - asOf > get(class, C.MAX_AGE)", "minute - asOf > get(class, C.MAX_AGE) + 1"),
      mutation(
        "Judge",
        "if (asOf > minute) refusal = refuse(R.ASOF_IN_FUTURE, asOf, minute);",
        "if (asOf > minute) refusal = 0;",
      ),
    ],
    claim(solidity, terms) {
      const { market, class: word, entry, minute, isApplied } = applied(solidity, terms);
      const asOf = of(solidity, entry, "E.AS_OF");
      const generation = of(solidity, market, "M.GENERATION");
      return implies(
        isApplied,
        and(
          terms.isTrue(generation),
          equal(of(solidity, entry, "E.GENERATION"), generation),
          terms.atMost(asOf, minute),
          terms.atMost(minute, sum(terms, asOf, of(solidity, word, "C.MAX_AGE"))),
        ),
      );
    },
  },
  {
    name: "rules.tighteningNeverWaits",
    says: "What loosens none of the three numbers is applied whole, or breaks a rule of data, bounds or gap: no sequence of data, hold, trip, step, budget or probe is asked (I13).",
    domain: ANY,
    mutations: [
      mutation("Write", "if (!Judge.loosens(market, entry)) return (0, entry);", ""),
      mutation(
        "Judge",
        "return atLeast(entry, market) != N.GUARDS;",
        "return atLeast(entry, market) != N.GUARDS || get(market, M.HELD_UNTIL) != 0;",
      ),
    ],
    claim(solidity, terms) {
      const { market, class: word, entry, minute, maintenance, next, isApplied } = applied(solidity, terms);
      const data = solidity.one("Judge.data", market, word, entry, minute);
      const values = solidity.one("Judge.values", market, maintenance, word, entry);
      const right = and(equal(data, terms.number(0)), equal(values, terms.number(0)));
      const whole = NUMBERS.map((name) => equal(of(solidity, next, `M.${name}`), of(solidity, entry, `N.${name}`)));
      return implies(and(right, tightest(solidity, entry, market)), and(isApplied, ...whole));
    },
  },
  {
    name: "rules.tighterLands",
    says: "An entry with OR_TIGHTER that keeps the rules of data, bounds and gap is applied, and no number is looser than the entry's and the stored one both are.",
    domain: ANY,
    mutations: [
      mutation("Write", "applies = tighter(entry, market);", "applies = entry;"),
      mutation("Write", "if (get(entry, E.OR_TIGHTER) != 0) applies", "if (get(entry, E.OR_TIGHTER) == 0) applies"),
    ],
    claim(solidity, terms) {
      const { market, class: word, entry, minute, maintenance, next, isApplied } = applied(solidity, terms);
      const data = solidity.one("Judge.data", market, word, entry, minute);
      const values = solidity.one("Judge.values", market, maintenance, word, entry);
      const right = and(equal(data, terms.number(0)), equal(values, terms.number(0)));
      const flagged = terms.isTrue(of(solidity, entry, "E.OR_TIGHTER"));
      const asked = and(
        ...NUMBERS.map((name) => equal(of(solidity, next, `M.${name}`), of(solidity, entry, `N.${name}`))),
      );
      const either = and(tightest(solidity, next, entry), or(asked, tightest(solidity, next, market)));
      return implies(and(right, flagged), and(isApplied, either));
    },
  },
  {
    name: "rules.steps",
    says: "What is applied loosens no number past its step, and nothing with data not newer than stored, while governance holds the values, or by a writer or in a class that may only tighten (I8, I10).",
    domain: ANY,
    mutations: [
      mutation("Judge", "get(entry, E.AS_OF) <= stored", "get(entry, E.AS_OF) < stored"),
      mutation("Judge", "minute < held", "minute + 60 < held"),
      mutation("Judge", "} else if (tightenOnly) {", "} else if (tightenOnly && held != 0) {"),
      mutation("Judge", "min(left, get(class, C.STEP))) << 14", "left) << 14"),
      mutation("Judge", "target < maintenance ? target : maintenance, get(class, C.STEP)", "0, get(class, C.STEP)"),
      mutation("Write", "class >>= C.QUORUM", "class >>= C.QUORUM + 1"),
    ],
    claim(solidity, terms) {
      const a = applied(solidity, terms);
      const [was, is] = [a.market, a.next];
      const step = (name: string) => of(solidity, a.limits, `C.${name}`);
      const reaches = (from: Term, to: Term, most: Term) => terms.atMost(from, sum(terms, to, most));
      const target = of(solidity, was, "M.TARGET");
      const lower = terms.choose(terms.below(target, a.maintenance), target, a.maintenance);
      const steps = and(
        reaches(lower, of(solidity, is, "M.TARGET"), step("STEP")),
        reaches(of(solidity, was, "M.INITIAL"), of(solidity, is, "M.INITIAL"), step("STEP")),
        reaches(of(solidity, was, "M.LIMIT"), of(solidity, is, "M.LIMIT"), step("RAISE_STEP")),
      );
      const asOf = terms.operate("-", of(solidity, was, "M.SETTLED"), of(solidity, was, "M.AGE"));
      const sixty = terms.number(60);
      const held = terms.operate("*", of(solidity, was, "M.HELD_UNTIL"), sixty);
      const stopped = terms.below(terms.operate("/", a.minute, sixty), of(solidity, a.class, "C.HELD_UNTIL"));
      const free = and(
        terms.below(asOf, of(solidity, a.entry, "E.AS_OF")),
        terms.atMost(held, a.minute),
        not(terms.isTrue(of(solidity, a.writer, "A.TIGHTEN_ONLY"))),
        not(stopped),
      );
      return implies(and(a.isApplied, not(tightest(solidity, is, was))), and(steps, free));
    },
  },
  {
    name: "rules.budgets",
    says: "What is loosened in a window, this entry's included, stays within the budgets of initial, of the limit and of the writer, and is counted in each: with windows.day at most four of them in 24 h (I10).",
    domain: `${ANY}; less than 2^24 loosened by the writer so far`,
    mutations: [
      mutation("Judge", "minus(get(class, C.BUDGET), get(market, M.SPENT))", "get(class, C.BUDGET)"),
      mutation("Judge", "minus(get(class, C.RAISE_BUDGET), get(market, M.RAISED))", "get(class, C.RAISE_BUDGET)"),
      mutation("Write", "if (was - next > left) return refuse(R.AGGREGATE_SPENT, was - next, left);", ""),
      mutation("Write", "writer += loosened << (A.SPENT & 0xff);", ""),
      mutation("Write", "| raised << (M.RAISED & 0xff)", ""),
    ],
    claim(solidity, terms) {
      const a = applied(solidity, terms);
      const [was, is] = [a.market, a.next];
      const counted = (name: string, by: Term, budget: Term, number: string) => {
        const before = terms.choose(a.current, of(solidity, was, `M.${name}`), terms.number(0));
        const now = of(solidity, is, `M.${name}`);
        const loosens = terms.below(of(solidity, is, `M.${number}`), of(solidity, was, `M.${number}`));
        return and(equal(now, sum(terms, before, by)), implies(loosens, terms.atMost(now, budget)));
      };
      const way = (number: string) => {
        const [from, to] = [of(solidity, was, `M.${number}`), of(solidity, is, `M.${number}`)];
        return terms.choose(terms.below(to, from), terms.operate("-", from, to), terms.number(0));
      };
      const spent = of(solidity, a.after, "A.SPENT");
      const total = equal(spent, sum(terms, of(solidity, a.writer, "A.SPENT"), way("INITIAL")));
      const aggregate = or(
        equal(way("INITIAL"), terms.number(0)),
        terms.atMost(spent, of(solidity, a.writer, "A.AGGREGATE")),
      );
      const budget = (name: string) => of(solidity, a.limits, `C.${name}`);
      return implies(
        a.isApplied,
        and(
          counted("SPENT", way("INITIAL"), budget("BUDGET"), "INITIAL"),
          counted("RAISED", way("LIMIT"), budget("RAISE_BUDGET"), "LIMIT"),
          total,
          aggregate,
        ),
      );
    },
  },
  {
    name: "rules.stores",
    says: "What is stored has the numbers and quality applied, maintenance as it reads now, the clock of now, the newer of both data, the class's speeds and ttl, and every other field as it was (I6).",
    domain: ANY,
    mutations: [
      mutation("Write", "minute << 74", "minute << 73"),
      mutation("Write", "get(class, C.STAMP) << 143", "get(class, C.STAMP) << 142"),
      mutation("Write", "if (asOf < get(entry, E.AS_OF)) asOf = get(entry, E.AS_OF);", "asOf = get(entry, E.AS_OF);"),
      mutation("Write", "market & 0xfffff << 111", "market & 0xffff << 111"),
    ],
    claim(solidity, terms) {
      const a = applied(solidity, terms);
      const [asOf, given] = [
        terms.operate("-", of(solidity, a.market, "M.SETTLED"), of(solidity, a.market, "M.AGE")),
        of(solidity, a.entry, "E.AS_OF"),
      ];
      const newer = terms.choose(terms.below(asOf, given), given, asOf);
      const is = (name: string, value: Term) => equal(of(solidity, a.next, `M.${name}`), value);
      const others = [
        "CHALLENGED",
        "PROBED",
        "LOOSEST_LIMIT",
        "TIGHTEST_LIMIT",
        "HELD_UNTIL",
        "MODE",
        "MODE_UNTIL",
        "CLASS",
        "GENERATION",
      ];
      const kept = others.map((name) => is(name, of(solidity, a.market, `M.${name}`)));
      const stamp = ["TIGHTEN_SPEED", "LOOSEN_SPEED", "TTL"].map((name) =>
        is(name, of(solidity, a.class, `C.${name}`)),
      );
      const time = [
        is("MAINTENANCE", a.maintenance),
        is("SETTLED", a.minute),
        is("AGE", terms.operate("-", a.minute, newer)),
      ];
      return implies(a.isApplied, and(...kept, ...stamp, ...time, is("QUALITY", of(solidity, a.entry, "M.QUALITY"))));
    },
  },
];

const PARTS = "every market before and after, every class, place of maintenance, step and raise, every minute";

const postconditionLemmas: readonly Lemma[] = [
  {
    name: "postcondition.says",
    says: "A write of values that passes the post-condition keeps gap to both maintenances (I1), the loosest bounds and with class.bonus the bonus (I12), the step of initial and of the limit; maintenance is what was read (I3), asOf did not go back (I7), and no bit that the path may not change did (I6).",
    domain: PARTS,
    mutations: [
      mutation("Postcondition", "if (initial < maintenance + gap)", "if (initial + 1 < maintenance + gap)"),
      mutation("Postcondition", "if (initial < get(written, M.TARGET) + gap)", "if (initial < get(written, M.TARGET))"),
      mutation("Postcondition", "(before ^ written) & ~may != 0", "(before ^ written) & ~may > 1 << 13"),
      mutation("Postcondition", "if (atLeast(written, loosest) != N.GUARDS)", "if (atLeast(written, loosest) == 0)"),
      mutation(
        "Postcondition",
        "if (get(written, M.LIMIT) + raise < get(before, M.LIMIT))",
        "if (get(written, M.LIMIT) + raise + 1 < get(before, M.LIMIT))",
      ),
    ],
    claim(solidity, terms) {
      const [before, written, word] = ["before", "written", "class"].map((name) => terms.free(name)) as [
        Term,
        Term,
        Term,
      ];
      const [maintenance, step, raise] = [
        terms.free("maintenance", 13),
        terms.free("step", 129),
        terms.free("raise", 129),
      ];
      solidity.now = terms.free("now", 40);
      solidity.stands.set("until", () => [terms.free("until", 25)]);
      const may = terms.number(solidity.constant("M.BY_UPDATE"));
      solidity.call("Postcondition.enforce", terms.number(1), before, written, maintenance, word, may, step, raise);
      const reaches = (name: string, most: Term) =>
        terms.atMost(of(solidity, before, name), sum(terms, of(solidity, written, name), most));
      const time = (market: Term) =>
        terms.operate("-", of(solidity, market, "M.SETTLED"), of(solidity, market, "M.AGE"));
      const others = terms.number(~solidity.constant("M.BY_UPDATE"));
      return implies(
        not(solidity.refused),
        and(
          keepsGap(solidity, written, maintenance, word),
          keepsBounds(solidity, written, written, word),
          reaches("M.INITIAL", step),
          reaches("M.LIMIT", raise),
          equal(of(solidity, written, "M.MAINTENANCE"), maintenance),
          terms.atMost(time(before), time(written)),
          equal(terms.operate("&", before, others), terms.operate("&", written, others)),
        ),
      );
    },
  },
  {
    name: "postcondition.letsTheRules",
    says: "What the rules apply passes the post-condition: it never turns an honest batch into a revert.",
    domain: `${ANY}`,
    mutations: [
      mutation(
        "Judge",
        "if (atLeast(entry, loosest) != N.GUARDS) {\n                refusal = refuse(R.TOO_LOOSE",
        "if (false) {\n                refusal = refuse(R.TOO_LOOSE",
      ),
      mutation("Judge", "if (least < maintenance) least = maintenance;", ""),
      mutation(
        "Write",
        "_store(id, market, next, maintenance, class, M.BY_UPDATE, loosened, raised);",
        "_store(id, market, next, maintenance, class, M.BY_UPDATE, raised, raised);",
      ),
      mutation("Write", "next = market & ~M.BY_UPDATE | entry & M.BY_ENTRY;", "next = market & ~M.BY_UPDATE | entry;"),
    ],
    claim(solidity, terms) {
      const a = applied(solidity, terms);
      // Of this minute: what `minuteOf` makes of the block's time.
      solidity.stands.set("minuteOf", () => [a.minute]);
      solidity.now = terms.number(0);
      const rest = [a.maintenance, a.class, terms.number(solidity.constant("M.BY_UPDATE")), a.loosened, a.raised];
      solidity.call("Postcondition.enforce", terms.number(1), a.market, a.next, ...rest);
      return implies(a.isApplied, not(solidity.refused));
    },
  },
];

export const writeLemmas: readonly Lemma[] = [...numberLemmas, ...ruleLemmas, ...postconditionLemmas];
