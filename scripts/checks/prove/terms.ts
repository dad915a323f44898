/** Words of 256 bits as SMT-LIB terms. Every step is a definition of its own, so that nothing is written twice. */
export type Term = string;

/** A truth value as an SMT-LIB term. */
export type Truth = string;

const WORD = "(_ BitVec 256)";
const SIZE = 2n ** 256n;

/** The script being written: what is free, what is assumed, what is defined. */
export class Terms {
  readonly lines: string[] = [];
  #next = 0;

  /** A free word of so many bits; the rest of it is 0. */
  free(name: string, bits = 256): Term {
    const small = `${name}_free`;
    this.lines.push(`(declare-const ${small} (_ BitVec ${bits}))`);
    return this.define(bits === 256 ? small : `((_ zero_extend ${256 - bits}) ${small})`);
  }

  define(term: Term): Term {
    if (!term.startsWith("(") || term.startsWith("(_ bv")) return term;
    const name = `t${this.#next++}`;
    this.lines.push(`(define-fun ${name} () ${WORD} ${term})`);
    return name;
  }

  truth(term: Truth): Truth {
    if (!term.startsWith("(")) return term;
    const name = `p${this.#next++}`;
    this.lines.push(`(define-fun ${name} () Bool ${term})`);
    return name;
  }

  assume(truth: Truth): void {
    this.lines.push(`(assert ${truth})`);
  }

  choose(condition: Truth, then: Term, otherwise: Term): Term {
    if (condition === "true" || then === otherwise) return then;
    return condition === "false" ? otherwise : this.define(`(ite ${condition} ${then} ${otherwise})`);
  }
}

export const word = (value: bigint | number): Term => `(_ bv${((BigInt(value) % SIZE) + SIZE) % SIZE} 256)`;
export const isTrue = (term: Term): Truth => `(not (= ${term} ${word(0)}))`;
export const asWord = (truth: Truth): Term => `(ite ${truth} ${word(1)} ${word(0)})`;
export const and = (...of: readonly Truth[]): Truth => (of.length === 0 ? "true" : `(and ${of.join(" ")} true)`);
export const or = (...of: readonly Truth[]): Truth => (of.length === 0 ? "false" : `(or ${of.join(" ")} false)`);
export const not = (of: Truth): Truth => `(not ${of})`;
export const implies = (a: Truth, b: Truth): Truth => `(=> ${a} ${b})`;
export const equal = (a: Term, b: Term): Truth => `(= ${a} ${b})`;
export const atMost = (a: Term, b: Term): Truth => `(bvule ${a} ${b})`;

/** A product with a constant of few bits, as the sum that it is: the prover would try them all. */
function shifted(a: Term, constant: Term): Term | undefined {
  const value = BigInt(/^\(_ bv(\d+) 256\)$/.exec(constant)?.[1] ?? 0);
  const bits = [...value.toString(2)].reverse().flatMap((bit, at) => (bit === "1" ? [at] : []));
  if (bits.length === 0 || bits.length > 8) return undefined;
  return bits.map((at) => `(bvshl ${a} ${word(at)})`).reduce((sum, one) => `(bvadd ${sum} ${one})`);
}

/** What a Yul function or a Solidity operator makes of words. */
export const OPERATIONS: Readonly<Record<string, (a: Term, b: Term) => Term>> = {
  add: (a, b) => `(bvadd ${a} ${b})`,
  sub: (a, b) => `(bvsub ${a} ${b})`,
  mul: (a, b) => shifted(a, b) ?? shifted(b, a) ?? `(bvmul ${a} ${b})`,
  div: (a, b) => `(ite ${equal(b, word(0))} ${word(0)} (bvudiv ${a} ${b}))`,
  mod: (a, b) => `(ite ${equal(b, word(0))} ${word(0)} (bvurem ${a} ${b}))`,
  and: (a, b) => `(bvand ${a} ${b})`,
  or: (a, b) => `(bvor ${a} ${b})`,
  xor: (a, b) => `(bvxor ${a} ${b})`,
  shl: (by, of) => `(bvshl ${of} ${by})`,
  shr: (by, of) => `(bvlshr ${of} ${by})`,
  byte: (at, of) => `(bvand (bvlshr ${of} (bvsub ${word(248)} (bvshl ${at} ${word(3)}))) ${word(255)})`,
  lt: (a, b) => asWord(`(bvult ${a} ${b})`),
  gt: (a, b) => asWord(`(bvugt ${a} ${b})`),
  eq: (a, b) => asWord(equal(a, b)),
  not: (a) => `(bvnot ${a})`,
  iszero: (a) => asWord(equal(a, word(0))),
};
