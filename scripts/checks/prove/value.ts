import type { Term } from "./terms.ts";

/** A struct in memory: its members in order. */
export type Struct = { readonly members: readonly Term[] };

/** A word known by its fields (W in Words.sol: width above place), for proofs about numbers; what it was free in has this name. */
export class Word {
  readonly name: string;
  readonly fields: Map<bigint, Term>;

  constructor(name: string, fields: ReadonlyMap<bigint, Term> = new Map()) {
    this.name = name;
    this.fields = new Map(fields);
  }
}
