import { ANY, applied } from "./applied.ts";
import { type Lemma, mutation } from "./lemma.ts";
import { dataTime, keepsBounds, keepsGap, of, sum } from "./numbers.ts";
import { and, equal, implies, not, type Term } from "./terms.ts";

const PARTS = "every market before and after, every class, place of maintenance, step and raise, every minute";

export const postconditionLemmas: readonly Lemma[] = [
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
      const others = terms.number(~solidity.constant("M.BY_UPDATE"));
      return implies(
        not(solidity.refused),
        and(
          keepsGap(solidity, written, maintenance, word),
          keepsBounds(solidity, written, written, word),
          reaches("M.INITIAL", step),
          reaches("M.LIMIT", raise),
          equal(of(solidity, written, "M.MAINTENANCE"), maintenance),
          terms.atMost(dataTime(solidity, before), dataTime(solidity, written)),
          equal(terms.operate("&", before, others), terms.operate("&", written, others)),
        ),
      );
    },
  },
  {
    name: "postcondition.letsTheRules",
    says: "What the rules apply passes the post-condition: it never turns an honest batch into a revert.",
    domain: ANY,
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
