import { ANY, applied } from "./applied.ts";
import { type Lemma, mutation } from "./lemma.ts";
import { dataTime, of, sum, tightest } from "./numbers.ts";
import { and, equal, implies, not, or, type Term } from "./terms.ts";

export const ruleLemmas: readonly Lemma[] = [
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
      const { market, entry, isApplied, keepsRules, isWhole } = applied(solidity, terms);
      return implies(and(keepsRules(), tightest(solidity, entry, market)), and(isApplied, isWhole()));
    },
  },
  {
    name: "rules.tighterLands",
    says: "An entry with OR_TIGHTER that keeps the rules of data, the loose bounds and its own gap is applied: whole where it may loosen, else with no number looser than the stored one, nor than the entry's as far as its tight bound (I13).",
    domain: `${ANY}, whose bounds are in order and keep the gap`,
    mutations: [
      mutation("Write", "applies = Judge.tightened(market, class, entry);", "applies = entry;"),
      mutation("Write", "if (get(entry, E.OR_TIGHTER) == 0 || ", "if (get(entry, E.OR_TIGHTER) != 0 || "),
      mutation("Judge", "looser(entry, tightest)", "entry"),
      mutation("Judge", "looser(entry, tightest)", "looser(entry, market)"),
    ],
    claim(solidity, terms) {
      const { market, class: word, entry, writer, minute, maintenance, next, ...rest } = applied(solidity, terms);
      const field = (name: string, one: Term) => of(solidity, one, name);
      const gap = field("C.GAP", word);
      const keeps = (initial: Term, target: Term) => terms.atMost(sum(terms, target, gap), initial);
      const bounds = [
        ["TARGET", field("C.MIN_MAINTENANCE", word), field("C.MAX_MAINTENANCE", word)],
        ["INITIAL", field("C.MIN_INITIAL", word), field("C.MAX_INITIAL", word)],
        ["LIMIT", field("M.LOOSEST_LIMIT", market), field("M.TIGHTEST_LIMIT", market)],
      ] as const;
      terms.assume(...bounds.map(([, loosest, most]) => terms.atMost(loosest, most)));
      terms.assume(keeps(field("C.MAX_INITIAL", word), field("C.MAX_MAINTENANCE", word)));
      const right = and(
        equal(solidity.one("Judge.data", market, word, entry, minute), terms.number(0)),
        ...bounds.map(([name, loosest]) => terms.atMost(loosest, field(`N.${name}`, entry))),
        keeps(field("N.INITIAL", entry), field("N.TARGET", entry)),
      );
      const flagged = terms.isTrue(field("E.OR_TIGHTER", entry));
      const refusal = solidity.one("Write._loosening", market, maintenance, word, entry, writer, minute);
      const may = or(equal(refusal, terms.number(0)), tightest(solidity, entry, market));
      const reached = bounds.map(([name, , most]) => {
        const is = field(`M.${name}`, next);
        return or(terms.atMost(field(`N.${name}`, entry), is), terms.atMost(most, is));
      });
      const either = and(...reached, or(and(rest.isWhole(), may), tightest(solidity, next, market)));
      return implies(and(right, flagged), and(rest.isApplied, either));
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
      const sixty = terms.number(60);
      const held = terms.operate("*", of(solidity, was, "M.HELD_UNTIL"), sixty);
      const stopped = terms.below(terms.operate("/", a.minute, sixty), of(solidity, a.class, "C.HELD_UNTIL"));
      const free = and(
        terms.below(dataTime(solidity, was), of(solidity, a.entry, "E.AS_OF")),
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
      mutation(
        "Judge",
        "minus(_part(get(class, C.RAISE_BUDGET), base), raised)",
        "_part(get(class, C.RAISE_BUDGET), base)",
      ),
      mutation("Write", "if (was - next > left) return refuse(R.AGGREGATE_SPENT, was - next, left);", ""),
      mutation("Write", "writer += loosened << (A.SPENT & 0xff);", ""),
      mutation("Write", "| raised << (M.RAISED & 0xff)", ""),
      mutation("Write", "market & 0xfffff << 111", "market & 0xffff << 111"),
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
    name: "rules.smallLimit",
    says: "A limit that began the window below 1024 tokens rises in it, this entry included, by no more than that part of it which the budget says, and by one entry no more than the step's: with numbers.part so many 1024ths, rounded up (I10).",
    domain: ANY,
    mutations: [
      mutation("Judge", "_part(get(class, C.RAISE_BUDGET), base)", "get(class, C.RAISE_BUDGET)"),
      mutation("Judge", "_part(get(class, C.RAISE_STEP), base)", "get(class, C.RAISE_STEP)"),
      mutation("Judge", "minus(0xffff - limit, raised)", "0xffff - limit"),
    ],
    claim(solidity, terms) {
      const a = applied(solidity, terms);
      const [from, to] = [of(solidity, a.market, "M.LIMIT"), of(solidity, a.next, "M.LIMIT")];
      const raised = terms.choose(a.current, of(solidity, a.market, "M.RAISED"), terms.number(0));
      const code = terms.operate("-", terms.number(0xffff), from);
      const start = terms.operate("-", code, raised);
      const small = and(terms.atMost(raised, code), terms.below(start, terms.number(1_024)), terms.below(to, from));
      const way = terms.operate("-", from, to);
      const kept = [sum(terms, raised, way), way].map((notches, at) => {
        const [part, ofNotches, base] = a.parts[at] as readonly [Term, Term, Term];
        const limit = of(solidity, a.limits, at === 0 ? "C.RAISE_BUDGET" : "C.RAISE_STEP");
        return and(terms.atMost(notches, part), equal(ofNotches, limit), equal(base, start));
      });
      return implies(and(a.isApplied, small), and(...kept));
    },
  },
  {
    name: "rules.stores",
    says: "What is stored has the numbers applied, maintenance as it reads now, the clock of now, the newer of both data with the quality of that, the class's speeds and ttl, and every other field as it was (I6).",
    domain: ANY,
    mutations: [
      mutation("Write", "minute << 74", "minute << 73"),
      mutation("Write", "get(class, C.STAMP) << 143", "get(class, C.STAMP) << 142"),
      mutation("Write", "if (asOf < given) asOf = given;", "asOf = given;"),
      mutation("Write", "else if (asOf > given) entry", "else if (asOf >= given) entry"),
    ],
    claim(solidity, terms) {
      const a = applied(solidity, terms);
      const [asOf, given] = [dataTime(solidity, a.market), of(solidity, a.entry, "E.AS_OF")];
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
      const [was, is3] = [a.market, a.entry].map((word) => of(solidity, word, "M.QUALITY")) as [Term, Term];
      const quality = is("QUALITY", terms.choose(terms.below(given, asOf), was, is3));
      return implies(a.isApplied, and(...kept, ...stamp, ...time, quality));
    },
  },
];
