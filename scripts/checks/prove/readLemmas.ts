import { type Lemma, mutation } from "./lemma.ts";
import type { Solidity } from "./solidity.ts";
import { and, equal, implies, not, type Term, type Terms } from "./terms.ts";
import { marketAt, plus, times } from "./time.ts";
import { Word } from "./value.ts";

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

export const readLemmas: readonly Lemma[] = [
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
    mutations: [mutation("Read", "(cap - initial) * past", "(cap - initial) * (decay - past)")],
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
