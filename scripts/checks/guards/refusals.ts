import { isNode, type Node } from "./ast.ts";
import { REFUSAL, REFUSING, REVERTING } from "./names.ts";

/** Whether a body ends in a refusal: a revert, a reason to skip a market, `false`. */
export function refuses(body: Node): boolean {
  const statements = (body["statements"] as readonly Node[] | undefined) ?? [body];
  const last = statements.at(-1);
  if (last === undefined) return false;
  if (last.nodeType === "IfStatement") {
    return isNode(last["falseBody"]) && refuses(last["trueBody"] as Node) && refuses(last["falseBody"]);
  }
  if (revertsAlways(last) || isReason(last)) return true;
  if (last.nodeType === "Return" && statements.some(saysSkipped)) return true;
  if (last.nodeType !== "Return" || !isNode(last["expression"])) return false;
  const said = last["expression"];
  const parts = said.nodeType === "TupleExpression" ? (said["components"] as readonly Node[]) : [said];
  return parts.some((part) => part.nodeType === "Literal" && part["value"] === "false");
}

/** A revert, or a call of a function that does nothing else. */
export function revertsAlways(statement: Node): boolean {
  if (statement.nodeType === "RevertStatement") return true;
  const call = statement["expression"];
  return statement.nodeType === "ExpressionStatement" && isNode(call) && REVERTING.includes(calledName(call) ?? "");
}

/** `emit MarketSkipped(...)` */
function saysSkipped({ nodeType, eventCall }: Node): boolean {
  return nodeType === "EmitStatement" && isNode(eventCall) && (calledName(eventCall) ?? "").endsWith("Skipped");
}

/** `return refuse(...)`, `return refusal`, `refusal = refuse(...)` */
function isReason(statement: Node): boolean {
  if (statement.nodeType === "Return") return isMade(statement["expression"]) || isVariable(statement["expression"]);
  return isMade(refusalGiven(statement));
}

/** `refusal = Judge.values(...)`: a rule that is asked. */
export function asksRule(statement: Node): boolean {
  const given = refusalGiven(statement);
  return isNode(given) && given.nodeType === "FunctionCall" && !isMade(given);
}

/** What a statement makes the refusal. */
function refusalGiven(statement: Node): unknown {
  const given = statement["expression"];
  const assigns = isNode(given) && given.nodeType === "Assignment" && isVariable(given["leftHandSide"]);
  return assigns ? given["rightHandSide"] : undefined;
}

export function isMade(said: unknown): boolean {
  return isNode(said) && REFUSING.includes(calledName(said) ?? "");
}

const isVariable = (node: unknown): boolean =>
  isNode(node) && node.nodeType === "Identifier" && node["name"] === REFUSAL;

/** `refusal != 0` */
export function isRefused(condition: Node): boolean {
  return condition["operator"] === "!=" && isVariable(condition["leftExpression"]);
}

function calledName(call: Node): string | undefined {
  const callee = call.nodeType === "FunctionCall" ? call["expression"] : undefined;
  return isNode(callee) ? String(callee["memberName"] ?? callee["name"]) : undefined;
}

/** The parts that an operator joins, outermost first, without brackets around them. */
export function leaves(expression: Node, operator: "&&" | "||"): Node[] {
  const inner = bare(expression);
  if (inner.nodeType !== "BinaryOperation" || inner["operator"] !== operator) return [expression];
  return [...leaves(inner["leftExpression"] as Node, operator), ...leaves(inner["rightExpression"] as Node, operator)];
}

function bare(expression: Node): Node {
  const components = expression["components"] as readonly Node[] | undefined;
  const only = expression.nodeType === "TupleExpression" && components?.length === 1 ? components[0] : undefined;
  return only ? bare(only) : expression;
}
