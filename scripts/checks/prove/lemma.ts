import type { Source } from "../guards/ast.ts";
import { Solidity } from "./solidity.ts";
import { Terms, type Truth } from "./terms.ts";

/** A sentence about the contract's own functions, true for every value of its domain. */
export type Lemma = {
  readonly name: string;
  readonly says: string;
  /** What is free, and within which bounds. */
  readonly domain: string;
  /** Assumes the domain and returns what is claimed. */
  claim(solidity: Solidity, terms: Terms): Truth;
};

/** A lemma in SMT-LIB: the negation of its claim is to be unsatisfiable. */
export function scriptOf(lemma: Lemma, sources: readonly Source[]): string {
  const terms = new Terms();
  const claim = lemma.claim(new Solidity(sources, terms), terms);
  const free = terms.lines.flatMap((line) => /^\(declare-const (\S+)/.exec(line)?.[1] ?? []);
  const wanted = free.length === 0 ? "" : `(get-value (${free.join(" ")}))\n`;
  // For words alone z3 has a procedure of its own, some hundred times as fast.
  const logic = terms.lines.some((line) => line.endsWith(" Int)")) ? "ALL" : "QF_BV";
  return `(set-option :produce-models true)\n(set-logic ${logic})\n${terms.lines.join("\n")}\n(assert (not ${claim}))\n(check-sat)\n${wanted}`;
}
