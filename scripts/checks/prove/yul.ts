import { isNode, type Node } from "../guards/ast.ts";
import { argumentsOf, functionOf, namesOf } from "../guards/yulTree.ts";
import type { Frame, Solidity, Struct } from "./solidity.ts";
import { and, isTrue, type Term, type Truth, word } from "./terms.ts";

type Scope = {
  readonly solidity: Solidity;
  readonly frame: Frame;
  /** Declarations of Solidity, by the place of their name. */
  readonly outside: ReadonlyMap<string, number>;
  readonly own: Map<string, Term>;
};

/** Runs a block of inline assembly where `when` holds: words, `if`, and reads of a struct in memory. */
export function runAssembly(node: Node, solidity: Solidity, frame: Frame, when: Truth): void {
  const references = node["externalReferences"] as readonly { src: string; declaration: number }[];
  const outside = new Map(references.map(({ src, declaration }) => [src, declaration]));
  const own = new Map<string, Term>();
  block(node["AST"] as Node, { solidity, frame, outside, own }, when);
  for (const [name, value] of own) solidity.inside.set(name, value);
}

function block(node: Node, scope: Scope, when: Truth): void {
  for (const one of node["statements"] as readonly Node[]) statement(one, scope, when);
}

function statement(node: Node, scope: Scope, when: Truth): void {
  const { solidity, own } = scope;
  if (node.nodeType === "YulIf") {
    const condition = isTrue(wordOf(node["condition"] as Node, scope));
    block(node["body"] as Node, scope, solidity.terms.truth(and(when, condition)));
    return;
  }
  const value = node["value"];
  const [name] = namesOf(node);
  if (name === undefined || !isNode(value)) throw new Error(`${node.nodeType} is not known here`);
  const next = wordOf(value, scope);
  if (node.nodeType === "YulVariableDeclaration") {
    own.set(name, next);
    return;
  }
  const [target] = node["variableNames"] as readonly Node[];
  const id = scope.outside.get((target as Node).src);
  if (id !== undefined) solidity.set(scope.frame, id, next, when);
  else own.set(name, solidity.terms.choose(when, next, own.get(name) as Term));
}

function wordOf(node: Node, scope: Scope): Term {
  const { solidity, frame } = scope;
  if (node.nodeType === "YulLiteral") return word(BigInt(String(node["value"])));
  if (node.nodeType === "YulIdentifier") {
    const id = scope.outside.get(node.src);
    if (id === undefined) return scope.own.get(String(node["name"])) as Term;
    return (frame.values.get(id) as Term | undefined) ?? solidity.constantById(id);
  }
  const name = functionOf(node);
  if (name === "mload") return field(argumentsOf(node)[0] as Node, scope);
  return solidity.operation(name ?? node.nodeType, ...argumentsOf(node).map((one) => wordOf(one, scope)));
}

/** `mload(struct)` or `mload(add(struct, 32 i))`. */
function field(at: Node, scope: Scope): Term {
  const [struct, offset] = functionOf(at) === "add" ? argumentsOf(at) : [at, undefined];
  const id = scope.outside.get((struct as Node).src);
  const value = id === undefined ? undefined : scope.frame.values.get(id);
  if (value === undefined || typeof value === "string") throw new Error("memory is known only as a struct here");
  const index = offset ? Number(BigInt(String(offset["value"]))) / 32 : 0;
  return (value as Struct).fields[index] as Term;
}
