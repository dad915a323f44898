import { childrenOf, isNode, type Node } from "./ast.ts";

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
