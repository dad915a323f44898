import { below, isNode, type Node, type Source } from "../guards/ast.ts";
import { revertsAlways } from "../guards/refusals.ts";
import { and, asWord, isTrue, not, OPERATIONS, or, type Term, Terms, type Truth, word } from "./terms.ts";
import { runAssembly } from "./yul.ts";

/** A struct in memory: its words in order. */
export type Struct = { readonly fields: Term[] };
type Value = Term | Struct;

/** What is known inside one function: values by declaration, whether it goes on, what it returned. */
export type Frame = {
  readonly values: Map<number, Value>;
  readonly returns: readonly number[];
  left: Truth;
};

const OPERATORS: Readonly<Record<string, string>> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "%": "mod",
  "&": "and",
  "|": "or",
  "^": "xor",
  "<": "lt",
  ">": "gt",
  "==": "eq",
};

/**
 * Pure functions of the contract, read from its own syntax tree and written down as terms over free words. It knows what
 * they are made of and no more: no loops, no calls outside, arithmetic that wraps as in `unchecked`. Whatever else it
 * meets it refuses.
 */
export class Solidity {
  readonly #nodes = new Map<number, Node>();
  readonly terms: Terms;
  /** The variables of the last assembly run, by name, as it left them: what a proof by steps speaks of. */
  readonly inside = new Map<string, Term>();
  /** When a call made so far would have reverted. */
  refused: Truth = "false";

  constructor(sources: readonly Source[], terms = new Terms()) {
    this.terms = terms;
    for (const { tree } of sources) {
      for (const node of below(tree)) if (typeof node["id"] === "number") this.#nodes.set(node["id"], node);
    }
  }

  /** What `Library.function` returns for these arguments. */
  call(name: string, ...args: readonly Value[]): Term[] {
    const [library, of] = name.split(".");
    for (const node of this.#nodes.values()) {
      if (node.nodeType !== "ContractDefinition" || node["name"] !== library) continue;
      for (const inner of node["nodes"] as readonly Node[]) if (inner["name"] === of) return this.#run(inner, args);
    }
    throw new Error(`there is no ${name}`);
  }

  #run(definition: Node, args: readonly Value[]): Term[] {
    const declared = (key: string) => ((definition[key] as Node)["parameters"] as readonly Node[]).map(idOf);
    const returns = declared("returnParameters");
    const values = new Map<number, Value>();
    for (const [index, id] of declared("parameters").entries()) values.set(id, args[index] as Value);
    for (const id of returns) values.set(id, word(0));
    const frame: Frame = { values, returns, left: "false" };
    this.#statement(definition["body"] as Node, frame, "true");
    return returns.map((id) => frame.values.get(id) as Term);
  }

  #statement(node: Node, frame: Frame, when: Truth): void {
    switch (node.nodeType) {
      case "Block":
      case "UncheckedBlock":
        for (const one of node["statements"] as readonly Node[]) this.#statement(one, frame, when);
        return;
      case "IfStatement": {
        const condition = this.terms.truth(isTrue(this.#one(node["condition"] as Node, frame)));
        this.#statement(node["trueBody"] as Node, frame, this.terms.truth(and(when, condition)));
        const otherwise = node["falseBody"];
        if (isNode(otherwise)) this.#statement(otherwise, frame, this.terms.truth(and(when, not(condition))));
        return;
      }
      case "Return": {
        const said = isNode(node["expression"]) ? this.#many(node["expression"], frame) : [];
        for (const [index, value] of said.entries()) this.set(frame, frame.returns[index] as number, value, when);
        frame.left = this.terms.truth(or(frame.left, when));
        return;
      }
      case "VariableDeclarationStatement": {
        const first = node["initialValue"];
        const values = isNode(first) ? this.#many(first, frame) : [word(0)];
        for (const [index, one] of (node["declarations"] as readonly Node[]).entries()) {
          frame.values.set(idOf(one), values[index] as Value);
        }
        return;
      }
      case "ExpressionStatement":
        if (revertsAlways(node)) {
          this.refused = this.terms.truth(or(this.refused, and(when, not(frame.left))));
          return;
        }
        this.#assign(node["expression"] as Node, frame, when);
        return;
      case "InlineAssembly":
        runAssembly(node, this, frame, this.terms.truth(and(when, not(frame.left))));
        return;
      default:
        throw new Error(`${node.nodeType} is not known here`);
    }
  }

  /** Gives a variable a value where the function has not returned and `when` holds. */
  set(frame: Frame, id: number, value: Value, when: Truth): void {
    const before = frame.values.get(id);
    const goesOn = frame.left === "false" ? when : this.terms.truth(and(when, not(frame.left)));
    const plain = typeof before === "string" && typeof value === "string";
    frame.values.set(id, plain ? this.terms.choose(goesOn, value, before) : value);
  }

  #assign(node: Node, frame: Frame, when: Truth): void {
    if (node.nodeType !== "Assignment") throw new Error(`${node.nodeType} is not known here`);
    const to = node["leftHandSide"] as Node;
    const operator = String(node["operator"]).slice(0, -1);
    let value = this.#one(node["rightHandSide"] as Node, frame);
    if (operator !== "") value = this.#operate(operator, this.#one(to, frame), value);
    if (to.nodeType === "Identifier") {
      this.set(frame, to["referencedDeclaration"] as number, value, when);
      return;
    }
    const struct = this.value(to["expression"] as Node, frame) as Struct;
    struct.fields[this.#fieldOf(to)] = value;
  }

  /** The place of a member in its struct. */
  #fieldOf(member: Node): number {
    const id = member["referencedDeclaration"] as number;
    for (const node of this.#nodes.values()) {
      if (node.nodeType !== "StructDefinition") continue;
      const at = (node["members"] as readonly Node[]).findIndex((one) => idOf(one) === id);
      if (at >= 0) return at;
    }
    throw new Error(`${String(member["memberName"])} is no member of a struct`);
  }

  #one(node: Node, frame: Frame): Term {
    const value = this.value(node, frame);
    if (typeof value !== "string") throw new Error(`${node.nodeType} is not a word`);
    return value;
  }

  #many(node: Node, frame: Frame): Value[] {
    if (node.nodeType === "TupleExpression") {
      return (node["components"] as readonly Node[]).map((one) => this.value(one, frame));
    }
    if (node.nodeType === "FunctionCall") return this.#called(node, frame);
    return [this.value(node, frame)];
  }

  value(node: Node, frame: Frame): Value {
    switch (node.nodeType) {
      case "Literal":
        if (node["kind"] === "bool") return word(node["value"] === "true" ? 1 : 0);
        return word(BigInt(String(node["value"]).replaceAll("_", "")));
      case "Identifier":
        return frame.values.get(node["referencedDeclaration"] as number) ?? this.constant(node);
      case "TupleExpression":
        return this.value((node["components"] as readonly Node[])[0] as Node, frame);
      case "Conditional": {
        const [then, otherwise] = [node["trueExpression"], node["falseExpression"]] as readonly Node[];
        const condition = isTrue(this.#one(node["condition"] as Node, frame));
        return this.terms.choose(condition, this.#one(then as Node, frame), this.#one(otherwise as Node, frame));
      }
      case "UnaryOperation": {
        const of = this.#one(node["subExpression"] as Node, frame);
        const name = { "!": "iszero", "~": "not" }[String(node["operator"])];
        if (name === undefined) throw new Error(`the operator ${String(node["operator"])} is not known here`);
        return this.operation(name, of);
      }
      case "BinaryOperation": {
        const [left, right] = [node["leftExpression"], node["rightExpression"]] as readonly Node[];
        return this.#operate(String(node["operator"]), this.#one(left as Node, frame), this.#one(right as Node, frame));
      }
      case "MemberAccess":
        return this.#member(node, frame);
      case "FunctionCall":
        return this.#called(node, frame)[0] as Value;
      default:
        throw new Error(`${node.nodeType} is not known here`);
    }
  }

  operation(name: string, ...of: readonly Term[]): Term {
    const operation = OPERATIONS[name];
    if (operation === undefined) throw new Error(`${name} is not known here`);
    return this.terms.define(operation(of[0] as Term, of[1] as Term));
  }

  #operate(operator: string, left: Term, right: Term): Term {
    if (operator === "<<") return this.operation("shl", right, left);
    if (operator === ">>") return this.operation("shr", right, left);
    if (operator === "<=") return this.operation("iszero", this.operation("gt", left, right));
    if (operator === ">=") return this.operation("iszero", this.operation("lt", left, right));
    if (operator === "!=") return this.operation("iszero", this.operation("eq", left, right));
    if (operator === "&&") return this.terms.define(asWord(and(isTrue(left), isTrue(right))));
    if (operator === "||") return this.terms.define(asWord(or(isTrue(left), isTrue(right))));
    return this.operation(OPERATORS[operator] ?? operator, left, right);
  }

  /** A constant by its declaration. */
  constant(node: Node): Term {
    const declared = this.#nodes.get(node["referencedDeclaration"] as number);
    const first = declared?.["value"];
    if (declared?.["constant"] !== true || !isNode(first)) throw new Error(`${String(node["name"])} has no value`);
    return this.#one(first, { values: new Map(), returns: [], left: "false" });
  }

  constantById(id: number): Term {
    return this.constant({ nodeType: "Identifier", src: "", referencedDeclaration: id });
  }

  #member(node: Node, frame: Frame): Value {
    const declared = this.#nodes.get(node["referencedDeclaration"] as number);
    if (declared?.nodeType === "EnumValue") {
      for (const one of this.#nodes.values()) {
        const at = one.nodeType === "EnumDefinition" ? (one["members"] as readonly Node[]).indexOf(declared) : -1;
        if (at >= 0) return word(at);
      }
    }
    if (declared?.["constant"] === true) return this.constant(node);
    const struct = this.value(node["expression"] as Node, frame);
    if (typeof struct === "string") throw new Error(`${String(node["memberName"])} is of no struct`);
    return struct.fields[this.#fieldOf(node)] as Term;
  }

  #called(node: Node, frame: Frame): Value[] {
    const callee = node["expression"] as Node;
    const args = (node["arguments"] as readonly Node[]).map((one) => this.value(one, frame));
    if (node["kind"] === "typeConversion") {
      const type = (node["typeDescriptions"] as { typeString: string }).typeString;
      const bits = Number(/^uint(\d+)$/.exec(type)?.[1] ?? 256);
      return [bits === 256 ? (args[0] as Term) : this.operation("and", args[0] as Term, word(2n ** BigInt(bits) - 1n))];
    }
    if (callee["memberName"] === "wrap" || callee["memberName"] === "unwrap") return args;
    const definition = this.#nodes.get(callee["referencedDeclaration"] as number);
    if (definition?.nodeType !== "FunctionDefinition") throw new Error(`${String(callee["name"])} is not known here`);
    const on = callee.nodeType === "MemberAccess" ? (callee["expression"] as Node) : undefined;
    const bound = on !== undefined && args.length < ((definition["parameters"] as Node)["parameters"] as Node[]).length;
    return this.#run(definition, bound ? [this.value(on, frame), ...args] : args);
  }
}

const idOf = (node: Node): number => node["id"] as number;
