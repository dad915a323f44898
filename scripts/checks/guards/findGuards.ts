import { below, functionsOf, isNode, type Node, rangeOf, type Source, textOf } from "./ast.ts";
import { type Found, type Guard, wrapped } from "./guard.ts";
import { asksRule, isMade, isRefused, leaves, refuses, revertsAlways } from "./refusals.ts";
import { yulGuards } from "./yulGuards.ts";

/** Calls whose effect is not a refusal, though they return nothing and store nothing: they end the call with an answer. */
const NO_CHECKS = ["_end"];

/** Every guard of a source, in its order. */
export function findGuards(source: Source): Guard[] {
  const guards: Guard[] = [];
  const times = new Map<string, number>();
  for (const { contract, node } of functionsOf(source)) {
    for (const found of [...permissionsOf(source, node), ...conditionsOf(node), ...yulGuards(node)]) {
      const place = `${contract}.${String(node["name"] || node["kind"])}`;
      const plain = `${place}: ${textOf(source, found.node)}`;
      const time = (times.get(plain) ?? 0) + 1;
      times.set(plain, time);
      guards.push({
        name: time === 1 ? plain : `${plain} #${time}`,
        kind: found.kind,
        file: source.file,
        line: source.text.subarray(0, rangeOf(found.node).start).toString("utf8").split("\n").length,
        cuts: found.cuts,
      });
    }
  }
  return guards;
}

function conditionsOf(body: Node): Found[] {
  return [...below(body)].flatMap((node) => {
    if (node.nodeType === "IfStatement") return ifGuards(node);
    if (node.nodeType === "Conditional") return choices(node);
    if (node.nodeType === "ExpressionStatement" && (isCheck(node) || asksRule(node)) && !revertsAlways(node)) {
      // In braces, or an `else` that follows would be that of the switch.
      return [wrapped("check", node, "{ if (ON) { ", "; } }", ";")];
    }
    const said = node.nodeType === "Return" ? node["expression"] : node["rightHandSide"];
    if ((node.nodeType === "Return" || node.nodeType === "Assignment") && isNode(said)) {
      const all = leaves(said, "&&");
      return all.length < 2 ? [] : all.map((leaf) => wrapped("condition", leaf, "(OFF || (", "))"));
    }
    return unlessReturned(node);
  });
}

/** Every reason to refuse, to pass a refusal on, or to set a value back (`if (value > target) value = target;`). */
function ifGuards(node: Node): Found[] {
  const parts = leaves(node["condition"] as Node, "||");
  if (!refuses(node["trueBody"] as Node) && !setsBack(node) && !parts.some(isRefused)) return [];
  return parts.map((leaf) => wrapped("condition", leaf, "(ON && (", "))"));
}

/** One assignment and no other way. */
function setsBack({ trueBody, falseBody }: Node): boolean {
  const inside = (trueBody as Node)["statements"] as readonly Node[] | undefined;
  const [only, ...more] = inside ?? [trueBody as Node];
  const given = only?.["expression"];
  const assigns = isNode(given) && given.nodeType === "Assignment" && given["operator"] === "=";
  return assigns && more.length === 0 && !isNode(falseBody) && !asksRule(only as Node);
}

/** `kept ? 0 : refuse(...)` */
function choices({ condition, falseExpression }: Node): Found[] {
  return isMade(falseExpression) ? [wrapped("condition", condition as Node, "(OFF || (", "))")] : [];
}

/** `if (allowed) return; revert ...`: taken away by always returning. */
function unlessReturned(block: Node): Found[] {
  const statements = (block["statements"] as readonly Node[] | undefined) ?? [];
  return statements.flatMap((statement, index) => {
    const last = statements[index - 1];
    if (last?.nodeType !== "IfStatement" || !revertsAlways(statement)) return [];
    if (![...below(last["trueBody"] as Node)].some(({ nodeType }) => nodeType === "Return")) return [];
    return [wrapped("condition", last["condition"] as Node, "(OFF || (", "))")];
  });
}

/** A call for its refusal alone: it may only read, and what it returns is not used. */
function isCheck({ expression: call }: Node): boolean {
  if (!isNode(call) || call.nodeType !== "FunctionCall" || !isNode(call["expression"])) return false;
  const callee = call["expression"];
  const type = (callee["typeDescriptions"] as { typeString?: string } | undefined)?.typeString ?? "";
  if (!/^function .*\b(view|pure)\b/.test(type)) return false;
  const path = [(callee["expression"] as Node | undefined)?.["name"], callee["memberName"] ?? callee["name"]];
  return !NO_CHECKS.includes(path.filter(Boolean).join("."));
}

/** OpenZeppelin's `nonReentrant`, whose parts are private: what runs before the function, and after it. */
const NOT_REENTRANT = [
  ' { bool entered; assembly ("memory-safe") { entered := tload(1) tstore(1, 1) } ' +
    "if (entered && ON) revert ReentrancyGuardReentrantCall(); } ",
  ' assembly ("memory-safe") { tstore(1, 0) } ',
] as const;

/** What a modifier would have checked, where it can be written as a statement. */
const AS_STATEMENT: Readonly<Record<string, string>> = { onlyRole: "_checkRole", onlyOwner: "_checkOwner" };

function permissionsOf(source: Source, node: Node): Found[] {
  const all = (node["modifiers"] as readonly Node[] | undefined) ?? [];
  return all.flatMap((modifier) => {
    if (modifier["kind"] !== "modifierInvocation") return [];
    const [name = "", rest = "()"] = textOf(source, modifier).split(/(?=\()/);
    const range = rangeOf(modifier);
    const inside = rangeOf(node["body"] as Node).start + 1;
    const outside = rangeOf(node["body"] as Node).end - 1;
    const statement = AS_STATEMENT[name];
    if (statement === undefined && name !== "nonReentrant") throw new Error(`no way to take away the modifier ${name}`);
    const [first, last] = statement ? [` if (ON) ${statement}${rest}; `, ""] : NOT_REENTRANT;
    return [
      {
        kind: "permission" as const,
        node: modifier,
        cuts: [
          { ...range, before: "/* ", after: " */" },
          { start: inside, end: inside, before: first, after: "" },
          { start: outside, end: outside, before: last, after: "" },
        ],
      },
    ];
  });
}
