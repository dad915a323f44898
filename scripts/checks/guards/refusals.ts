import { below, isNode, type Node } from "./ast.ts";
import { REVERTING } from "./names.ts";

/** Whether a body ends in a refusal: a revert, a reason to skip a market, `false`. */
export function refuses(body: Node): boolean {
  const statements = (body["statements"] as readonly Node[] | undefined) ?? [body];
  const last = statements.at(-1);
  if (last === undefined) return false;
  if (revertsAlways(last) || isReason(last)) return true;
  if (last.nodeType !== "Return" || !isNode(last["expression"])) return false;
  const said = last["expression"];
  const first = said.nodeType === "TupleExpression" ? (said["components"] as readonly Node[])[0] : said;
  return first?.nodeType === "Literal" && first["value"] === "false";
}

/** A revert, or a call of a function that does nothing else. */
export function revertsAlways(statement: Node): boolean {
  if (statement.nodeType === "RevertStatement") return true;
  const call = statement["expression"];
  if (statement.nodeType !== "ExpressionStatement" || !isNode(call) || !isNode(call["expression"])) return false;
  const name = call["expression"]["memberName"] ?? call["expression"]["name"];
  return REVERTING.includes(String(name));
}

/** `return SkipReason.X` or `x = SkipReason.X`. */
function isReason(statement: Node): boolean {
  const said = statement.nodeType === "Return" ? statement["expression"] : assigned(statement);
  if (!isNode(said) || said.nodeType !== "MemberAccess" || said["memberName"] === "NONE") return false;
  return [...below(said)].some((node) => [node["name"], node["memberName"]].includes("SkipReason"));
}

function assigned({ expression }: Node): unknown {
  return isNode(expression) && expression.nodeType === "Assignment" ? expression["rightHandSide"] : undefined;
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
