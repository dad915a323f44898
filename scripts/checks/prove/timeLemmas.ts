import { type Lemma, mutation } from "./lemma.ts";
import { type Solidity, Word } from "./solidity.ts";
import { and, equal, implies, not, or, same, type Term, type Terms } from "./terms.ts";

/** Minutes, by the sentences' own count: what the contract makes of them is what is proved. */
const DAY = 1_440;
const MONTH = 43_200;

/** A market known by its fields, whose data is not younger than its clock, and minutes from its clock on, in their order. */
function marketAt(solidity: Solidity, terms: Terms, ...names: readonly string[]) {
  const market = new Word("market");
  const of = (name: string, word = market): Term =>
    solidity.one("get", word, terms.number(solidity.constant(`M.${name}`)));
  terms.assume(terms.atMost(of("AGE"), of("SETTLED")));
  const minutes = names.map((name) => terms.free(name, 25));
  for (const [at, minute] of minutes.entries()) terms.assume(terms.atMost(minutes[at - 1] ?? of("SETTLED"), minute));
  return { market, of, minutes };
}

/**
 * Lets ticks be the steps of any clock that never goes back, which is what ticks.clock proves of them: products and divisions are
 * then left out of what rests on it.
 */
function anyClock(solidity: Solidity, terms: Terms): void {
  const read: { readonly speed: Term; readonly minute: Term; readonly at: Term }[] = [];
  const at = (speed: Term, minute: Term): Term => {
    const known = read.find((one) => one.speed === speed && one.minute === minute);
    if (known) return known.at;
    const now = terms.free(`clock${read.length}`, 64);
    for (const one of read.filter((other) => other.speed === speed)) {
      terms.assume(implies(terms.atMost(one.minute, minute), terms.atMost(one.at, now)));
      terms.assume(implies(terms.atMost(minute, one.minute), terms.atMost(now, one.at)));
    }
    read.push({ speed, minute, at: now });
    return now;
  };
  solidity.stands.set("_ticks", (speed, from, to) => {
    const [start, end] = [from, to].map((minute) => at(speed as Term, minute as Term)) as [Term, Term];
    return [terms.operate("-", end, start)];
  });
}

const ticksOf = (solidity: Solidity, speed: Term, from: Term, to: Term): Term =>
  solidity.one("_ticks", speed, from, to);

/** Any speed, and any three minutes in their order. */
function threeMinutes(terms: Terms): [Term, Term, Term, Term] {
  const [a, b, c] = ["a", "b", "c"].map((name) => terms.free(name, 25)) as [Term, Term, Term];
  terms.assume(terms.atMost(a, b), terms.atMost(b, c));
  return [terms.free("speed", 12), a, b, c];
}

const times = (terms: Terms, term: Term, by: number): Term => terms.operate("*", term, terms.number(by));
const plus = (terms: Terms, ...of: readonly Term[]): Term => of.reduce((sum, one) => terms.operate("+", sum, one));

/** Windows that a span touches. */
function touched(solidity: Solidity, terms: Terms, start: Term, end: Term): Term {
  const window = terms.number(solidity.constant("WINDOW_MINUTES"));
  const [first, last] = [terms.operate("/", start, window), terms.operate("/", end, window)];
  return plus(terms, terms.operate("-", last, first), terms.number(1));
}

const windowLemmas: readonly Lemma[] = [
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
      const next = solidity.word("Write._windowed", writer, minute);
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

const followLemmas: readonly Lemma[] = [
  {
    name: "ticks.clock",
    says: "Ticks are the steps of a clock: those of neighbouring stretches add up to those of the whole, and no stretch has fewer than none.",
    domain: "every speed, every three minutes in their order",
    logic: "numbers",
    mutations: [
      mutation("Follow", "speed * to / PERIOD - speed * from / PERIOD", "speed * to / PERIOD - from / PERIOD"),
      mutation(
        "Follow",
        "speed * to / PERIOD - speed * from / PERIOD",
        "speed * to / PERIOD - speed * from / PERIOD + 1",
      ),
    ],
    claim(solidity, terms) {
      const [speed, a, b, c] = threeMinutes(terms);
      const ticks = (from: Term, to: Term) => solidity.one("Follow._ticks", speed, from, to);
      const whole = ticks(a, c);
      return and(equal(plus(terms, ticks(a, b), ticks(b, c)), whole), terms.atMost(ticks(a, b), whole));
    },
  },
  {
    name: "ticks.speed",
    says: "There are at most speed x time of them, rounded up, and in 30 days at most as many as the speed (I2, I22).",
    domain: "every speed, every two minutes in their order",
    logic: "numbers",
    mutations: [
      mutation("Follow", "PERIOD = 43_200", "PERIOD = 43_199"),
      mutation("Follow", "speed * to / PERIOD -", "(speed * to + PERIOD) / PERIOD -"),
    ],
    claim(solidity, terms) {
      const [speed, a, b] = threeMinutes(terms);
      const ticks = solidity.one("Follow._ticks", speed, a, b);
      const most = plus(terms, terms.operate("*", speed, terms.operate("-", b, a)), terms.number(MONTH - 1));
      const short = terms.atMost(b, plus(terms, a, terms.number(MONTH)));
      return and(terms.atMost(times(terms, ticks, MONTH), most), implies(short, terms.atMost(ticks, speed)));
    },
  },
  {
    name: "follow.speed",
    says: "Maintenance is where it was stored at its own minute; between two later ones it moves towards its target, never past it, and by at most the ticks of its speed: with ticks.speed, at most speed x time (I2); with class.promises, at most the gap in 30 days whatever targets are written (I22).",
    domain: "every market, every two minutes from its clock on",
    logic: "numbers",
    mutations: [
      mutation("Follow", "if (value > target) value = target;", ""),
      mutation("Follow", "value > target + fall ? value - fall : target", "value - fall"),
      mutation(
        "Follow",
        "_ticks(get(market, M.LOOSEN_SPEED), from, to)",
        "_ticks(get(market, M.TIGHTEN_SPEED), from, to)",
      ),
      mutation("Follow", "value += _ticks(get(market, M.TIGHTEN_SPEED), from, to);", "value = target;"),
    ],
    claim(solidity, terms) {
      anyClock(solidity, terms);
      const { market, of, minutes } = marketAt(solidity, terms, "a", "b");
      const [a, b] = minutes as [Term, Term];
      const [at, then] = [a, b].map((minute) => solidity.one("Follow.maintenance", market, minute)) as [Term, Term];
      const target = of("TARGET");
      const most = (speed: string) => ticksOf(solidity, of(speed), a, b);
      const up = and(terms.atMost(then, target), terms.atMost(then, plus(terms, at, most("TIGHTEN_SPEED"))));
      const down = and(terms.atMost(target, then), terms.atMost(at, plus(terms, then, most("LOOSEN_SPEED"))));
      const rises = terms.below(of("MAINTENANCE"), target);
      return and(
        equal(solidity.one("Follow.maintenance", market, of("SETTLED")), of("MAINTENANCE")),
        implies(rises, and(terms.atMost(at, then), up)),
        implies(not(rises), and(terms.atMost(then, at), down)),
      );
    },
  },
  {
    name: "follow.settling",
    says: "A write in between that changes no value changes nothing, to the last bit: not maintenance, not the minute up to which it moves, not what is unchanged (I2, no ramp to restart).",
    domain: "every market, every two minutes from its clock on, data no older than 68 hours unless governance holds it",
    logic: "numbers",
    mutations: [
      mutation("Follow", "put(put(next, M.SETTLED, to), M.AGE", "put(put(next, M.SETTLED, minute), M.AGE"),
      mutation("Follow", "next = put(market, M.MAINTENANCE, maintenance(market, to));", "next = market;"),
      mutation("Follow", "M.AGE, min(to - asOf(market), LONGEST))", "M.AGE, 0)"),
    ],
    claim(solidity, terms) {
      anyClock(solidity, terms);
      const { market, of, minutes } = marketAt(solidity, terms, "b", "c");
      const [b, c] = minutes as [Term, Term];
      const settled = solidity.word("Follow.settled", market, b);
      const read = (word: Word) => {
        const to = solidity.one("Follow.until", word, c);
        return [to, solidity.one("Follow.maintenance", word, to), solidity.one("Follow.unchanged", word, to)];
      };
      const [before, after] = [read(market), read(settled)];
      const held = terms.below(solidity.one("Follow.asOf", market), times(terms, of("HELD_UNTIL"), 60));
      terms.assume(or(held, terms.atMost(of("AGE"), terms.number(4_094))));
      return and(...before.map((term, at) => equal(term, after[at] as Term)), ...solidity.fits);
    },
  },
  {
    name: "follow.silence",
    says: "Maintenance moves up to no later than the end of the ttl, counted from the oldest datum or from the end of what governance holds, and never backwards in time (I4).",
    domain: "every market, every minute from its clock on",
    logic: "numbers",
    mutations: [
      mutation("Follow", "min(minute, newest(market) + get(market, M.TTL) * 60)", "minute"),
      mutation("Follow", "to = max(get(market, M.SETTLED), min(", "to = max(0, min("),
      mutation("Follow", "get(market, M.HELD_UNTIL) * 60); }", "get(market, M.HELD_UNTIL) * 61); }"),
    ],
    claim(solidity, terms) {
      const { market, of, minutes } = marketAt(solidity, terms, "minute");
      const [minute] = minutes as [Term];
      const to = solidity.one("Follow.until", market, minute);
      const asOf = terms.operate("-", of("SETTLED"), of("AGE"));
      const ttl = times(terms, of("TTL"), 60);
      const ends = or(
        terms.atMost(to, of("SETTLED")),
        terms.atMost(to, plus(terms, asOf, ttl)),
        terms.atMost(to, plus(terms, times(terms, of("HELD_UNTIL"), 60), ttl)),
      );
      return and(terms.atMost(of("SETTLED"), to), terms.atMost(to, minute), ends);
    },
  },
  {
    name: "follow.frozen",
    says: "While FROZEN is in force maintenance does not fall, and after it has lapsed it does not make up for it (I4).",
    domain: "every market whose mode is FROZEN, every minute from its clock on",
    logic: "numbers",
    mutations: [
      mutation("Follow", "if (get(market, M.MODE) == 2)", "if (get(market, M.MODE) == 3)"),
      mutation(
        "Follow",
        "from = min(to, max(from, get(market, M.MODE_UNTIL) * 60))",
        "from = get(market, M.MODE_UNTIL) * 60 < to ? from : to",
      ),
    ],
    claim(solidity, terms) {
      anyClock(solidity, terms);
      const { market, of, minutes } = marketAt(solidity, terms, "minute");
      const [minute] = minutes as [Term];
      terms.assume(equal(of("MODE"), terms.number(2)));
      const lapses = times(terms, of("MODE_UNTIL"), 60);
      const at = solidity.one("Follow.maintenance", market, minute);
      const since = ticksOf(solidity, of("LOOSEN_SPEED"), lapses, minute);
      const falls = terms.below(at, of("MAINTENANCE"));
      const slow = terms.atMost(of("MAINTENANCE"), plus(terms, at, since));
      return implies(falls, and(terms.below(lapses, minute), slow));
    },
  },
  {
    name: "follow.mode",
    says: "A mode is in force until the full hour at which it lapses, and none after.",
    domain: "every market, every minute",
    logic: "numbers",
    mutations: [
      mutation("Follow", "minute / 60 >= get(market, M.MODE_UNTIL)", "minute / 60 > get(market, M.MODE_UNTIL)"),
    ],
    claim(solidity, terms) {
      const { market, of } = marketAt(solidity, terms);
      const minute = terms.free("minute", 25);
      const lapsed = terms.atMost(times(terms, of("MODE_UNTIL"), 60), minute);
      const mode = solidity.one("Follow.mode", market, minute);
      return equal(mode, terms.choose(lapsed, terms.number(0), of("MODE")));
    },
  },
];

/** Initial haircuts as they are read of one market at these minutes, for each of these decays of its class, in hours. */
function readAt(solidity: Solidity, terms: Terms, decays: readonly number[], ...names: readonly string[]) {
  const { market, of, minutes } = marketAt(solidity, terms, ...names);
  const cap = terms.free("cap", 14);
  const one = terms.number(10_000);
  // As class.promises says, and values that were stored under it.
  terms.assume(terms.atMost(cap, one), terms.atMost(of("INITIAL"), one));
  solidity.now = terms.number(0);
  solidity.stands.set("maintenance", () => [terms.number(0)]);
  const reads = decays.map((decay) => {
    const fields = [
      [solidity.constant("C.STALE_CAP"), cap],
      [solidity.constant("C.DECAY"), terms.number(decay)],
    ] as const;
    solidity.stands.set("_class", () => [new Word("class", new Map(fields))]);
    return minutes.map((minute) => {
      solidity.stands.set("minuteOf", () => [minute]);
      return solidity.call("Read._read", market)[0] as Term;
    });
  });
  return { of, minutes, reads };
}

const readLemmas: readonly Lemma[] = [
  {
    name: "read.initial",
    says: "Nobody reads an initial haircut below the stored one, nor above 100 %; while a mode is in force all read 100 % (I1).",
    domain:
      "every market, decays of 1, 24 and 48 h, every cap of at most 100 %, every minute from the market's clock on",
    logic: "numbers",
    mutations: [
      mutation("Read", "if (initial >= cap) return (initial, to);", ""),
      mutation("Read", "if (mode != 0) initial = BPS_ONE;", ""),
      mutation("Read", "if (past >= decay) return (cap, to);", ""),
    ],
    claim(solidity, terms) {
      const { of, minutes, reads } = readAt(solidity, terms, [1, 24, 48], "minute");
      const one = terms.number(10_000);
      const lapses = times(terms, of("MODE_UNTIL"), 60);
      const inForce = and(not(equal(of("MODE"), terms.number(0))), terms.below(minutes[0] as Term, lapses));
      const claims = reads.map(([initial = ""]) =>
        and(terms.atMost(of("INITIAL"), initial), terms.atMost(initial, one), implies(inForce, equal(initial, one))),
      );
      return and(...claims);
    },
  },
  {
    name: "read.stale",
    says: "Time alone never loosens initial while no mode lapses, and data within its ttl reads as stored (I5).",
    domain:
      "every market without a mode, decays of 1, 24 and 48 h, every cap of at most 100 %, every two minutes from the market's clock on",
    logic: "numbers",
    mutations: [
      mutation(
        "Read",
        "min(minute, Follow.newest(market) + get(market, M.TTL) * 60)",
        "min(minute, Follow.newest(market))",
      ),
      mutation("Read", "(cap - initial) * past", "(cap - initial) * (decay - past)"),
    ],
    claim(solidity, terms) {
      const { of, minutes, reads } = readAt(solidity, terms, [1, 24, 48], "a", "b");
      terms.assume(equal(of("MODE"), terms.number(0)));
      const asOf = terms.operate("-", of("SETTLED"), of("AGE"));
      const fresh = terms.atMost(minutes[0] as Term, plus(terms, asOf, times(terms, of("TTL"), 60)));
      const claims = reads.map(([first = "", second = ""]) =>
        and(terms.atMost(first, second), implies(fresh, equal(first, of("INITIAL")))),
      );
      return and(...claims);
    },
  },
];

export const timeLemmas: readonly Lemma[] = [...windowLemmas, ...followLemmas, ...readLemmas];
