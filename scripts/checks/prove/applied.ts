import { keepsGap, NUMBERS, of } from "./numbers.ts";
import type { Solidity } from "./solidity.ts";
import { and, equal, type Term, type Terms, type Truth } from "./terms.ts";

/**
 * A writer's entry for a market, at any minute, and what `_apply` makes of it. The clock is any (followLemmas.ts speaks of it), and so
 * is a probe's answer. Assumed is what the invariants say before: the market keeps the gap of its class, its clock is not ahead of
 * the block, its data not younger than its clock.
 */
export function applied(solidity: Solidity, terms: Terms) {
  const [market, word, entry, writer] = ["market", "class", "entry", "writer"].map((name) => terms.free(name)) as [
    ...[Term, Term, Term, Term],
  ];
  const [maintenance, minute] = [terms.free("maintenance", 13), terms.free("minute", 25)];
  const current = terms.free("sameWindow", 1);
  const probed = terms.free("probed", 1);
  let stored: readonly Term[] = [];
  const parts = [terms.free("partOfBudget", 12), terms.free("partOfStep", 12)];
  const asked: (readonly [Term, Term])[] = [];
  const stands: Readonly<Record<string, (...args: readonly Term[]) => readonly Term[]>> = {
    _market: () => [market],
    _class: () => [word],
    until: () => [minute],
    maintenance: () => [maintenance],
    inWindow: () => [current],
    _probed: () => [probed],
    // Called for the budget and then for the step; any value that is no more than the notches. numbers.part says which.
    _part: (notches, base) => {
      const part = parts[asked.length % 2] as Term;
      terms.assume(terms.atMost(part, notches as Term));
      asked.push([notches as Term, base as Term]);
      return [part];
    },
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
    /** What a raise and all raises of the window may be, and of which notches and limit that is the part. */
    parts: parts.map((part, at) => [part, ...(asked[at] as readonly [Term, Term])] as const),
    /** The limits of the writer's power. */
    limits: terms.choose(quorum, terms.operate(">>", word, shift), word),
    /** Whether the entry keeps the rules of data, bounds and gap. */
    keepsRules: (): Truth =>
      and(
        equal(solidity.one("Judge.data", market, word, entry, minute), terms.number(0)),
        equal(solidity.one("Judge.values", market, maintenance, word, entry), terms.number(0)),
      ),
    /** Whether the three numbers are stored as the entry has them. */
    isWhole: (): Truth =>
      and(...NUMBERS.map((name) => equal(of(solidity, next as Term, `M.${name}`), of(solidity, entry, `N.${name}`)))),
  };
}

export const ANY =
  "every market that keeps its gap, every class, entry, writer and minute from the market's clock on, every place of maintenance, every answer of a probe";
