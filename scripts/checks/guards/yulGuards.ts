import { below, childrenOf, isNode, type Node, type Source, textOf } from "./ast.ts";
import { type Found, wrapped } from "./findGuards.ts";

/** Names that hold, in assembly, what must be all ones (or true) for a value to pass, and what must be 0. */
export const PASSES: ReadonlySet<string> = new Set(["good", "gap", "bounds", "roof", "ok"]);
export const STOPS: ReadonlySet<string> = new Set(["wrong", "bad"]);
/** Names that collect bits and are no guards: what is compared, and what is stored. */
export const COLLECTS: ReadonlySet<string> = new Set(["lanes", "target", "initial", "loosened"]);

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

/** A constant, by its name in capitals or its digits. */
export function isMask(node: Node): boolean {
  return node.nodeType === "YulLiteral" || /^[A-Z_0-9]+$/.test(String(node["name"] ?? "a"));
}

export function functionOf(node: Node): string | undefined {
  const named = node["functionName"];
  return node.nodeType === "YulFunctionCall" && isNode(named) ? String(named["name"]) : undefined;
}

export function argumentsOf(node: Node): Node[] {
  return (node["arguments"] as Node[] | undefined) ?? childrenOf(node);
}

/** The variables a statement sets. */
export function namesOf(node: Node): string[] {
  const list =
    node.nodeType === "YulAssignment"
      ? node["variableNames"]
      : node.nodeType === "YulVariableDeclaration"
        ? node["variables"]
        : [];
  return (list as readonly Node[]).map((one) => String(one["name"]));
}
