/** A value as an SMT-LIB term: a word of 256 bits or, for arithmetic of time, a whole number from 0 to 2^256 - 1. */
export type Term = string;

/** A truth value as an SMT-LIB term. */
export type Truth = string;

const SIZE = 2n ** 256n;

/** What terms are made of. Both say the same of a value; the prover is quick at bits with the one and at division with the other. */
export type Logic = "words" | "numbers";

/** The script being written: what is free, what is assumed, what is defined. Every step is a definition, so nothing is written twice. */
export class Terms {
  readonly lines: string[] = [];
  readonly logic: Logic;
  /** The greatest value of a term; of one that is not here, the greatest word. */
  readonly #most = new Map<Term, bigint>();
  #next = 0;

  constructor(logic: Logic = "words") {
    this.logic = logic;
  }

  number(value: bigint | number): Term {
    const wrapped = ((BigInt(value) % SIZE) + SIZE) % SIZE;
    return this.logic === "words" ? `(_ bv${wrapped} 256)` : String(wrapped);
  }

  /** The value of a constant. */
  valueOf(term: Term): bigint | undefined {
    const digits = /^(?:\(_ bv(\d+) 256\)|(\d+))$/.exec(term);
    return digits ? BigInt(digits[1] ?? digits[2] ?? 0) : undefined;
  }

  /** Any value of so many bits. */
  free(name: string, bits = 256): Term {
    if (this.logic === "numbers") {
      this.lines.push(`(declare-const ${name} Int)`, `(assert (and (<= 0 ${name}) (< ${name} ${2n ** BigInt(bits)})))`);
      this.#most.set(name, 2n ** BigInt(bits) - 1n);
      return name;
    }
    this.lines.push(`(declare-const ${name} (_ BitVec ${bits}))`);
    return bits === 256 ? name : this.define(`((_ zero_extend ${256 - bits}) ${name})`, 2n ** BigInt(bits) - 1n);
  }

  define(term: Term, most = SIZE - 1n): Term {
    if (!term.startsWith("(") || this.valueOf(term) !== undefined) return term;
    const name = `t${this.#next++}`;
    this.lines.push(`(define-fun ${name} () ${this.logic === "words" ? "(_ BitVec 256)" : "Int"} ${term})`);
    this.#most.set(name, most);
    return name;
  }

  truth(term: Truth): Truth {
    if (!term.startsWith("(")) return term;
    const name = `p${this.#next++}`;
    this.lines.push(`(define-fun ${name} () Bool ${term})`);
    return name;
  }

  assume(...truths: readonly Truth[]): void {
    for (const truth of truths) this.lines.push(`(assert ${truth})`);
  }

  choose(condition: Truth, then: Term, otherwise: Term): Term {
    if (condition === "true" || then === otherwise) return then;
    if (condition === "false") return otherwise;
    const [a, b] = [this.most(then), this.most(otherwise)];
    return this.define(`(ite ${condition} ${then} ${otherwise})`, a > b ? a : b);
  }

  isTrue(term: Term): Truth {
    const value = this.valueOf(term);
    return value === undefined ? `(not (= ${term} ${this.number(0)}))` : String(value !== 0n);
  }

  asTerm(truth: Truth): Term {
    return this.choose(truth, this.number(1), this.number(0));
  }

  atMost(a: Term, b: Term): Truth {
    return this.logic === "words" ? `(bvule ${a} ${b})` : `(<= ${a} ${b})`;
  }

  below(a: Term, b: Term): Truth {
    return not(this.atMost(b, a));
  }

  most(term: Term): bigint {
    return this.valueOf(term) ?? this.#most.get(term) ?? SIZE - 1n;
  }

  /** What an operator of Solidity makes of two values in `unchecked`: it wraps. @throws Error an operator not known here. */
  operate(operator: string, a: Term, b: Term): Term {
    const [x, y] = [this.valueOf(a), this.valueOf(b)];
    const folded = x !== undefined && y !== undefined ? FOLD[operator]?.(x, y) : undefined;
    if (folded !== undefined) return this.number(folded);
    const compared = COMPARE[operator]?.(this, a, b);
    if (compared !== undefined) return this.asTerm(compared);
    return this.logic === "words" ? this.#ofWords(operator, a, b) : this.#ofNumbers(operator, a, b);
  }

  #ofWords(operator: string, a: Term, b: Term): Term {
    const name = WORD_NAMES[operator];
    if (name === undefined) throw new Error(`the operator ${operator} is not known here`);
    const [mostA, mostB] = [this.most(a), this.most(b)];
    if (operator === "/" || operator === "%") return this.#divided(name, a, b);
    const by = this.valueOf(b);
    if (operator === ">>" && by !== undefined) return this.define(`(${name} ${a} ${b})`, by < 256n ? mostA >> by : 0n);
    return this.define(`(${name} ${a} ${b})`, operator === "&" ? (mostA < mostB ? mostA : mostB) : undefined);
  }

  /** A quotient or rest, of no more bits than it needs: the prover is slow at wide ones. */
  #divided(name: string, a: Term, b: Term): Term {
    const [mostA, mostB] = [this.most(a), this.most(b)];
    const bits = (mostA > mostB ? mostA : mostB).toString(2).length;
    const low = (term: Term) => `((_ extract ${bits - 1} 0) ${term})`;
    const narrow = `((_ zero_extend ${256 - bits}) (${name} ${low(a)} ${low(b)}))`;
    return this.choose(
      equal(b, this.number(0)),
      this.number(0),
      this.define(narrow, name === "bvudiv" ? mostA : mostB),
    );
  }

  #ofNumbers(operator: string, a: Term, b: Term): Term {
    const [mostA, mostB] = [this.most(a), this.most(b)];
    const wrapped = (term: Term, most: bigint, by: string): Term => {
      if (most < SIZE) return this.define(term, most);
      return this.define(`(ite (< ${term} ${SIZE}) ${term} (${by} ${term} ${SIZE}))`);
    };
    switch (operator) {
      case "+":
        return wrapped(`(+ ${a} ${b})`, mostA + mostB, "-");
      case "*":
        return wrapped(`(* ${a} ${b})`, mostA * mostB, "mod");
      case "-":
        return this.define(`(ite (<= ${b} ${a}) (- ${a} ${b}) (+ (- ${a} ${b}) ${SIZE}))`);
      case "/":
        return this.define(`(ite (= ${b} 0) 0 (div ${a} ${b}))`, mostA);
      case "%":
        return this.define(`(ite (= ${b} 0) 0 (mod ${a} ${b}))`, mostB);
      default:
        throw new Error(`the operator ${operator} is not known of whole numbers`);
    }
  }
}

export const and = (...of: readonly Truth[]): Truth => (of.length === 0 ? "true" : `(and ${of.join(" ")} true)`);
export const or = (...of: readonly Truth[]): Truth => (of.length === 0 ? "false" : `(or ${of.join(" ")} false)`);
export const not = (of: Truth): Truth => (of === "true" ? "false" : of === "false" ? "true" : `(not ${of})`);
export const implies = (a: Truth, b: Truth): Truth => `(=> ${a} ${b})`;
export const same = (a: Truth, b: Truth): Truth => `(= ${a} ${b})`;
export const equal = (a: Term, b: Term): Truth => `(= ${a} ${b})`;

const WORD_NAMES: Readonly<Record<string, string>> = {
  "+": "bvadd",
  "-": "bvsub",
  "*": "bvmul",
  "/": "bvudiv",
  "%": "bvurem",
  "&": "bvand",
  "|": "bvor",
  "^": "bvxor",
  "<<": "bvshl",
  ">>": "bvlshr",
};

const COMPARE: Readonly<Record<string, (terms: Terms, a: Term, b: Term) => Truth>> = {
  "<": (terms, a, b) => terms.below(a, b),
  ">": (terms, a, b) => terms.below(b, a),
  "<=": (terms, a, b) => terms.atMost(a, b),
  ">=": (terms, a, b) => terms.atMost(b, a),
  "==": (_, a, b) => equal(a, b),
  "!=": (_, a, b) => not(equal(a, b)),
  "&&": (terms, a, b) => and(terms.isTrue(a), terms.isTrue(b)),
  "||": (terms, a, b) => or(terms.isTrue(a), terms.isTrue(b)),
};

const asBit = (truth: boolean): bigint => (truth ? 1n : 0n);
const FOLD: Readonly<Record<string, (a: bigint, b: bigint) => bigint | undefined>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => (b === 0n ? undefined : a / b),
  "%": (a, b) => (b === 0n ? undefined : a % b),
  "**": (a, b) => a ** b,
  "&": (a, b) => a & b,
  "|": (a, b) => a | b,
  "^": (a, b) => a ^ b,
  "<<": (a, b) => (b < 256n ? a << b : 0n),
  ">>": (a, b) => (b < 256n ? a >> b : 0n),
  "<": (a, b) => asBit(a < b),
  ">": (a, b) => asBit(a > b),
  "<=": (a, b) => asBit(a <= b),
  ">=": (a, b) => asBit(a >= b),
  "==": (a, b) => asBit(a === b),
  "!=": (a, b) => asBit(a !== b),
};
