import { below, isNode, type Node, type Source, textOf } from "./ast.ts";
import { type Found, wrapped } from "./guard.ts";
import { PASSES, STOPS } from "./names.ts";
import { argumentsOf, functionOf, isMask, namesOf } from "./yulTree.ts";

/** The guards in the assembly of a function: refusals, clamps and every clause of what must hold. */
export function yulGuards(source: Source, of: Node): Found[] {
  return [...below(of)].flatMap((node) => {
    if (node.nodeType === "YulIf") return ifGuards(source, node);
    const said = node["value"];
    const [name, ...more] = namesOf(node);
    if (name === undefined || more.length > 0 || !isNode(said)) return [];
    if (STOPS.has(name)) return clauses(said, "or", name).map(stopped);
    if (PASSES.has(name)) return passing(said, name);
    // `let news := iszero(or(...))`: each is a reason why not.
    if (name === "news" || name === "usual") return clauses(argumentsOf(said)[0] ?? said, "or", name).map(stopped);
    return [];
  });
}

function passing(said: Node, name: string): Found[] {
  return clauses(said, "and", name)
    .filter((leaf) => !isMask(leaf))
    .map((leaf) => wrapped("assembly", leaf, "or(", ", sub(0, YUL_OFF))"));
}

const stopped = (leaf: Node): Found => wrapped("assembly", leaf, "mul(", ", iszero(YUL_OFF))");

/** A branch that reverts or only sets one thing (a clamp) is never taken; of `iszero(or(...))` no part stops any more. */
function ifGuards(source: Source, node: Node): Found[] {
  const condition = node["condition"] as Node;
  const body = (node["body"] as Node)["statements"] as readonly Node[];
  const called = (statement: Node) => functionOf((statement["expression"] as Node | undefined) ?? statement);
  if (body.some((statement) => called(statement) === "revert")) return [stopped(condition)];
  // `if done { return(...) } revert(...)`
  if (body.some((statement) => called(statement) === "return"))
    return [wrapped("assembly", condition, "or(", ", YUL_OFF)")];
  if (functionOf(condition) === "iszero") {
    const inner = argumentsOf(condition)[0];
    const parts = inner ? clauses(inner, "or", "") : [];
    return parts.length > 1 ? parts.map(stopped) : [];
  }
  const only = body.length === 1 ? body[0] : undefined;
  const clamps = only?.nodeType === "YulAssignment" && !STOPS.has(namesOf(only)[0] ?? "");
  return clamps && !textOf(source, only).includes("or(") ? [stopped(condition)] : [];
}

/** The parts of nested calls of one function, without the variable they are collected in. */
function clauses(expression: Node, operator: "and" | "or", name: string): Node[] {
  if (functionOf(expression) !== operator) return [expression];
  return argumentsOf(expression)
    .filter((part) => part["name"] !== name)
    .flatMap((part) => clauses(part, operator, name));
}
