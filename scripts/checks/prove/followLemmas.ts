import { type Lemma, mutation } from "./lemma.ts";
import { and, equal, implies, not, or, type Term } from "./terms.ts";
import { anyClock, MONTH, marketAt, plus, threeMinutes, ticksOf, times } from "./time.ts";
import type { Word } from "./value.ts";

export const followLemmas: readonly Lemma[] = [
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
      const settled = solidity.call("Follow.settled", market, b)[0] as Word;
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
