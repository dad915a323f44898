import type { Source } from "../guards/ast.ts";
import { Solidity } from "./solidity.ts";
import { type Logic, Terms, type Truth } from "./terms.ts";

/** A change of the contract's source: this text, which stands in the file once, becomes that. */
export type Mutation = { readonly file: string; readonly from: string; readonly to: string };

/** A sentence about the contract's own functions, true for every value of its domain. */
export type Lemma = {
  readonly name: string;
  readonly says: string;
  /** What is free, and within which bounds. */
  readonly domain: string;
  /** Values are words, unless they are times and speeds. */
  readonly logic?: Logic;
  /** Mistakes in the code that it speaks of: under each of them it is refuted (`npm run prove -- --mutations`). */
  readonly mutations: readonly [Mutation, ...Mutation[]];
  /** Assumes the domain and returns what is claimed. */
  claim(solidity: Solidity, terms: Terms): Truth;
};

/** A file of the parameter contract with another text in it. */
export function mutation(file: string, from: string, to: string): Mutation {
  const folder = file === "Units" || file === "Toxicity" ? "libraries" : "parameters";
  return { file: `contracts/${folder}/${file}.sol`, from, to };
}

/** A lemma in SMT-LIB: the negation of its claim is to be unsatisfiable. */
export function scriptOf(lemma: Lemma, sources: readonly Source[]): string {
  const terms = new Terms(lemma.logic);
  const claim = lemma.claim(new Solidity(sources, terms), terms);
  const free = terms.lines.flatMap((line) => /^\(declare-const (\S+)/.exec(line)?.[1] ?? []);
  const wanted = free.length === 0 ? "" : `(get-value (${free.join(" ")}))\n`;
  // For words alone z3 has a procedure of its own, some hundred times as fast.
  const logic = terms.logic === "numbers" ? "ALL" : "QF_BV";
  return `(set-option :produce-models true)\n(set-logic ${logic})\n${terms.lines.join("\n")}\n(assert (not ${claim}))\n(check-sat)\n${wanted}`;
}
