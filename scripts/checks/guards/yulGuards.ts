import { below, isNode, type Node } from "./ast.ts";
import { type Found, wrapped } from "./guard.ts";
import { PASSES } from "./names.ts";
import { argumentsOf, functionOf, isMask, namesOf } from "./yulTree.ts";

/** The guards in the assembly of a function: branches that revert, and every clause of what must hold. */
export function yulGuards(of: Node): Found[] {
  return [...below(of)].flatMap((node) => {
    if (node.nodeType === "YulIf") return ifGuards(node);
    const said = node["value"];
    const [name, ...more] = namesOf(node);
    if (name === undefined || more.length > 0 || !isNode(said) || !PASSES.has(name)) return [];
    return clauses(said, name)
      .filter((leaf) => !isMask(leaf))
      .map((leaf) => wrapped("assembly", leaf, "or(", ", YUL_OFF)"));
  });
}

function ifGuards(node: Node): Found[] {
  const body = (node["body"] as Node)["statements"] as readonly Node[];
  const reverts = body.some((statement) => functionOf((statement["expression"] as Node) ?? statement) === "revert");
  return reverts ? [wrapped("assembly", node["condition"] as Node, "mul(", ", iszero(YUL_OFF))")] : [];
}

/** The parts of nested `and`s, without the variable they are collected in. */
function clauses(expression: Node, name: string): Node[] {
  if (functionOf(expression) !== "and") return [expression];
  return argumentsOf(expression)
    .filter((part) => part["name"] !== name)
    .flatMap((part) => clauses(part, name));
}
