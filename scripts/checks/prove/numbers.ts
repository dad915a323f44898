import type { Solidity } from "./solidity.ts";
import { and, type Term, type Terms, type Truth } from "./terms.ts";

export const NUMBERS = ["TARGET", "INITIAL", "LIMIT"] as const;

/** A field by its name in Words.sol. */
export const of = (solidity: Solidity, word: Term, name: string): Term =>
  solidity.one("get", word, solidity.terms.number(solidity.constant(name)));

/** The time of a market's oldest datum: its age counts back from its clock. */
export const dataTime = (solidity: Solidity, market: Term): Term =>
  solidity.terms.operate("-", of(solidity, market, "M.SETTLED"), of(solidity, market, "M.AGE"));

/** Whether each of the three numbers of `a` is at least as tight as that of `b`. */
export const tightest = (solidity: Solidity, a: Term, b: Term): Truth =>
  and(...NUMBERS.map((name) => solidity.terms.atMost(of(solidity, b, `N.${name}`), of(solidity, a, `N.${name}`))));

export const sum = (terms: Terms, a: Term, b: Term): Term => terms.operate("+", a, b);

/** The loosest three numbers of a market: bounds of its class for the haircuts, its own for the limit. */
export const keepsBounds = (solidity: Solidity, numbers: Term, market: Term, word: Term): Truth =>
  and(
    solidity.terms.atMost(of(solidity, word, "C.MIN_MAINTENANCE"), of(solidity, numbers, "N.TARGET")),
    solidity.terms.atMost(of(solidity, word, "C.MIN_INITIAL"), of(solidity, numbers, "N.INITIAL")),
    solidity.terms.atMost(of(solidity, market, "M.LOOSEST_LIMIT"), of(solidity, numbers, "N.LIMIT")),
  );

export const keepsGap = (solidity: Solidity, numbers: Term, maintenance: Term, word: Term): Truth => {
  const { terms } = solidity;
  const initial = of(solidity, numbers, "N.INITIAL");
  const above = (value: Term) => terms.atMost(sum(terms, value, of(solidity, word, "C.GAP")), initial);
  return and(above(maintenance), above(of(solidity, numbers, "N.TARGET")));
};
