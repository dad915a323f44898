import type { Solidity } from "./solidity.ts";
import { implies, type Term, type Terms } from "./terms.ts";
import { Word } from "./value.ts";

/** Minutes, by the sentences' own count: what the contract makes of them is what is proved. */
export const DAY = 1_440;
export const MONTH = 43_200;

/** A market known by its fields, whose data is not younger than its clock, and minutes from its clock on, in their order. */
export function marketAt(solidity: Solidity, terms: Terms, ...names: readonly string[]) {
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
export function anyClock(solidity: Solidity, terms: Terms): void {
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

export const ticksOf = (solidity: Solidity, speed: Term, from: Term, to: Term): Term =>
  solidity.one("_ticks", speed, from, to);

/** Any speed, and any three minutes in their order. */
export function threeMinutes(terms: Terms): [Term, Term, Term, Term] {
  const [a, b, c] = ["a", "b", "c"].map((name) => terms.free(name, 25)) as [Term, Term, Term];
  terms.assume(terms.atMost(a, b), terms.atMost(b, c));
  return [terms.free("speed", 12), a, b, c];
}

export const times = (terms: Terms, term: Term, by: number): Term => terms.operate("*", term, terms.number(by));
export const plus = (terms: Terms, ...of: readonly Term[]): Term =>
  of.reduce((sum, one) => terms.operate("+", sum, one));
