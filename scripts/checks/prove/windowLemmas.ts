import { type Lemma, mutation } from "./lemma.ts";
import type { Solidity } from "./solidity.ts";
import { and, equal, same, type Term, type Terms } from "./terms.ts";
import { DAY, marketAt, plus } from "./time.ts";
import { Word } from "./value.ts";

/** Windows that a span touches. */
function touched(solidity: Solidity, terms: Terms, start: Term, end: Term): Term {
  const window = terms.number(solidity.constant("WINDOW_MINUTES"));
  const [first, last] = [terms.operate("/", start, window), terms.operate("/", end, window)];
  return plus(terms, terms.operate("-", last, first), terms.number(1));
}

export const windowLemmas: readonly Lemma[] = [
  {
    name: "windows.day",
    says: "Any closed span of 24 hours touches at most four budget windows, so it sees at most four budgets (I10).",
    domain: "every start, in minutes",
    logic: "numbers",
    mutations: [mutation("Units", "WINDOW_MINUTES = 480", "WINDOW_MINUTES = 240")],
    claim(solidity, terms) {
      const start = terms.free("start", 25);
      return terms.atMost(touched(solidity, terms, start, plus(terms, start, terms.number(DAY))), terms.number(4));
    },
  },
  {
    name: "windows.span",
    says: "A closed span of T touches at most floor(T / 8 h) + 2 windows (I14).",
    domain: "every start and span, in minutes",
    logic: "numbers",
    mutations: [mutation("Units", "WINDOW_MINUTES = 480", "WINDOW_MINUTES = 479")],
    claim(solidity, terms) {
      const [start, span] = [terms.free("start", 25), terms.free("span", 25)];
      const windows = terms.operate("/", span, terms.number(DAY / 3));
      const most = plus(terms, windows, terms.number(2));
      return terms.atMost(touched(solidity, terms, start, plus(terms, start, span)), most);
    },
  },
  {
    name: "windows.ofMarket",
    says: "A market's budgets count as of this window exactly when it was written in it.",
    domain: "every market, every minute from its clock on",
    logic: "numbers",
    mutations: [
      mutation("Follow", "<= minute % WINDOW_MINUTES", "<= minute % (WINDOW_MINUTES / 2)"),
      mutation("Follow", "minute - get(market, M.SETTLED) <=", "minute - get(market, M.SETTLED) <"),
    ],
    claim(solidity, terms) {
      const { market, of, minutes } = marketAt(solidity, terms, "minute");
      const window = terms.number(DAY / 3);
      const [then, now] = [of("SETTLED"), minutes[0] as Term].map((minute) => terms.operate("/", minute, window));
      const said = terms.isTrue(solidity.one("Follow.inWindow", market, minutes[0] as Term));
      return same(said, equal(then as Term, now as Term));
    },
  },
  {
    name: "windows.ofWriter",
    says: "A writer's spent and refused loosening are 0 in a window it has not written in, and stay in one that it has; its powers and its trip stay.",
    domain: "every writer, every minute",
    logic: "numbers",
    mutations: [
      mutation(
        "Write",
        "put(writer, A.WINDOW, minute / WINDOW_MINUTES), A.SPENT, 0)",
        "put(writer, A.WINDOW, minute / WINDOW_MINUTES), A.REFUSED, 0)",
      ),
      mutation(
        "Write",
        "get(writer, A.WINDOW) != minute / WINDOW_MINUTES",
        "get(writer, A.WINDOW) > minute / WINDOW_MINUTES",
      ),
    ],
    claim(solidity, terms) {
      const [writer, minute] = [new Word("writer"), terms.free("minute", 24)];
      const next = solidity.call("Write._windowed", writer, minute)[0] as Word;
      const of = (name: string, word: Word) => solidity.one("get", word, terms.number(solidity.constant(`A.${name}`)));
      const window = terms.operate("/", minute, terms.number(DAY / 3));
      const spent = ["SPENT", "REFUSED"].map((name) =>
        equal(of(name, next), terms.choose(equal(of("WINDOW", writer), window), of(name, writer), terms.number(0))),
      );
      const others = ["POWER", "SEQUENCE", "AGGREGATE", "TRIP", "TIGHTEN_ONLY", "HALTED_UNTIL"];
      const kept = others.map((name) => equal(of(name, next), of(name, writer)));
      return and(...spent, ...kept, equal(of("WINDOW", next), window), ...solidity.fits);
    },
  },
];
