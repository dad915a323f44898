import { type Node, rangeOf } from "./ast.ts";

/** How a guard is taken away: what is written before and after its text. `OFF` and `ON` stand for "is it taken away". */
type Cut = { readonly start: number; readonly end: number; readonly before: string; readonly after: string };

/** One thing that stops somebody, and the edits without which the rest of the contract stays as it is. */
export type Guard = {
  /** `Contract.function: text`, with `#2` when a function says the same twice. */
  readonly name: string;
  readonly kind: "condition" | "permission" | "check" | "assembly";
  readonly file: string;
  readonly line: number;
  readonly cuts: readonly Cut[];
};

/** What a guard is before it has a name. */
export type Found = Pick<Guard, "kind" | "cuts"> & { readonly node: Node };

export function wrapped(kind: Found["kind"], node: Node, before: string, after: string, through = ""): Found {
  const { start, end } = rangeOf(node);
  // The tree leaves out the semicolon of a statement.
  return { kind, node, cuts: [{ start, end: end + through.length, before, after: after.slice(through.length) }] };
}
