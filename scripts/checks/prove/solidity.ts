import { below, isNode, type Node, type Source } from "../guards/ast.ts";
import { revertsAlways } from "../guards/refusals.ts";
import { and, not, or, type Term, Terms, type Truth } from "./terms.ts";
import { type Struct, Word } from "./value.ts";

type Value = Term | Struct | Word;

/** What is known inside one function: values by declaration, what it returns, and when it has returned. */
type Frame = { readonly values: Map<number, Value>; readonly returns: readonly number[]; left: Truth };

type Stand = (...args: readonly Value[]) => readonly Value[];

/**
 * Functions of the contract, read from its own syntax tree and written down as terms over free values. It knows what they are
 * made of and no more: no loops, no storage, arithmetic that wraps as in `unchecked` (where the contract's is checked, it would
 * revert instead: what is proved of calls that do not revert holds of it too). Whatever else it meets it refuses.
 */
export class Solidity {
  readonly #nodes = new Map<number, Node>();
  readonly terms: Terms;
  /** Functions that read storage or call others, by name: what they return instead. */
  readonly stands = new Map<string, Stand>();
  /** The time of the block. */
  now: Term | undefined;
  /** When a call made so far would have reverted. */
  refused: Truth = "false";
  /** What must be true for every value to fit the field that it was put in, of words known by their fields. */
  readonly fits: Truth[] = [];
  #path: Truth = "true";

  constructor(sources: readonly Source[], terms = new Terms()) {
    this.terms = terms;
    for (const { tree } of sources) {
      for (const node of below(tree)) if (typeof node["id"] === "number") this.#nodes.set(node["id"], node);
    }
    if (terms.logic === "numbers") {
      this.stands.set("get", (word, field) => [this.#get(word as Word, field as Term)]);
      this.stands.set("put", (word, field, value) => [this.#put(word as Word, field as Term, value as Term)]);
    }
  }

  /** What `Library.function`, or a function of no library, returns for these arguments. */
  call(name: string, ...args: readonly Value[]): Value[] {
    const [inner = "", outer] = name.split(".").reverse();
    const stand = outer ? undefined : this.stands.get(inner);
    if (stand) return [...stand(...args)];
    for (const node of this.#nodes.values()) {
      if (node.nodeType !== (outer ? "ContractDefinition" : "SourceUnit") || (outer && node["name"] !== outer))
        continue;
      for (const one of node["nodes"] as readonly Node[]) {
        if (one.nodeType === "FunctionDefinition" && one["name"] === inner) return this.#run(one, args);
      }
    }
    throw new Error(`there is no ${name}`);
  }

  /** The first word that it returns. */
  one(name: string, ...args: readonly Value[]): Term {
    return this.call(name, ...args)[0] as Term;
  }

  /** The constants of a library, by name. */
  constants(library: string): Map<string, bigint> {
    const found = [...this.#nodes.values()].find(
      (node) => node.nodeType === "ContractDefinition" && node["name"] === library,
    );
    if (found === undefined) throw new Error(`there is no ${library}`);
    const all = (found["nodes"] as readonly Node[]).filter((node) => node["constant"] === true);
    return new Map(all.map((node) => [String(node["name"]), this.#valueOf(node)]));
  }

  /** A constant of a library, or of none. */
  constant(name: string): bigint {
    const [inner = "", outer] = name.split(".").reverse();
    const value = outer && this.constants(outer).get(inner);
    if (typeof value === "bigint") return value;
    const found = [...this.#nodes.values()].find((node) => node["constant"] === true && node["name"] === inner);
    if (outer || found === undefined) throw new Error(`there is no ${name}`);
    return this.#valueOf(found);
  }

  #valueOf(declared: Node): bigint {
    const value = this.terms.valueOf(this.#constantOf(declared));
    if (value === undefined) throw new Error(`${String(declared["name"])} has no value`);
    return value;
  }

  #constantOf(declared: Node | undefined): Term {
    const first = declared?.["value"];
    if (declared?.["constant"] !== true || !isNode(first))
      throw new Error(`${String(declared?.["name"])} has no value`);
    return this.#one(first, { values: new Map(), returns: [], left: "false" });
  }

  /** A field of a word: free until it is put. */
  #get(word: Word, field: Term): Term {
    const at = this.#field(field);
    const known = word.fields.get(at);
    if (known !== undefined) return known;
    const free = this.terms.free(`${word.name}_${at & 0xffn}`, Number(at >> 8n));
    word.fields.set(at, free);
    return free;
  }

  #put(word: Word, field: Term, value: Term): Word {
    const at = this.#field(field);
    this.fits.push(this.terms.below(value, this.terms.number(1n << (at >> 8n))));
    return new Word(word.name, new Map([...word.fields, [at, value]]));
  }

  #field(term: Term): bigint {
    const field = this.terms.valueOf(term);
    if (field === undefined) throw new Error("which field is not known here");
    return field;
  }

  #run(definition: Node, args: readonly Value[], when: Truth = "true"): Value[] {
    const declared = (key: string) => ((definition[key] as Node)["parameters"] as readonly Node[]).map(idOf);
    const returns = declared("returnParameters");
    const values = new Map<number, Value>();
    for (const [index, id] of declared("parameters").entries()) values.set(id, args[index] as Value);
    for (const id of returns) values.set(id, this.terms.number(0));
    const frame: Frame = { values, returns, left: "false" };
    const outside = this.#path;
    this.#path = this.terms.truth(and(outside, when));
    this.#statement(definition["body"] as Node, frame, "true");
    this.#path = outside;
    return returns.map((id) => frame.values.get(id) as Value);
  }

  #statement(node: Node, frame: Frame, when: Truth): void {
    switch (node.nodeType) {
      case "Block":
      case "UncheckedBlock":
        for (const one of node["statements"] as readonly Node[]) this.#statement(one, frame, when);
        return;
      case "IfStatement": {
        const condition = this.terms.truth(this.terms.isTrue(this.#one(node["condition"] as Node, frame)));
        this.#statement(node["trueBody"] as Node, frame, this.terms.truth(and(when, condition)));
        const otherwise = node["falseBody"];
        if (isNode(otherwise)) this.#statement(otherwise, frame, this.terms.truth(and(when, not(condition))));
        return;
      }
      case "Return": {
        const said = isNode(node["expression"]) ? this.#many(node["expression"], frame, when) : [];
        for (const [index, value] of said.entries()) this.#set(frame, frame.returns[index] as number, value, when);
        frame.left = this.terms.truth(or(frame.left, when));
        return;
      }
      case "VariableDeclarationStatement": {
        const first = node["initialValue"];
        const values = isNode(first) ? this.#many(first, frame, when) : [this.terms.number(0)];
        for (const [index, one] of (node["declarations"] as readonly (Node | null)[]).entries()) {
          if (one !== null) frame.values.set(idOf(one), values[index] as Value);
        }
        return;
      }
      case "EmitStatement":
        return;
      case "RevertStatement":
      case "ExpressionStatement":
        if (revertsAlways(node)) {
          this.refused = this.terms.truth(or(this.refused, and(this.#path, when, not(frame.left))));
          return;
        }
        this.#assign(node["expression"] as Node, frame, when);
        return;
      default:
        throw new Error(`${node.nodeType} is not known here`);
    }
  }

  /** Gives a variable a value where the function has not returned and `when` holds. */
  #set(frame: Frame, id: number, value: Value, when: Truth): void {
    const goesOn = frame.left === "false" ? when : this.terms.truth(and(when, not(frame.left)));
    frame.values.set(id, this.#choose(goesOn, value, frame.values.get(id) as Value));
  }

  #choose(condition: Truth, then: Value, otherwise: Value): Value {
    if (condition === "true") return then;
    if (typeof then === "string" && typeof otherwise === "string") return this.terms.choose(condition, then, otherwise);
    if (!(then instanceof Word)) throw new Error("a struct is not changed here");
    // A result that is not given a value anywhere else.
    if (!(otherwise instanceof Word)) return then;
    const fields = new Set([...then.fields.keys(), ...otherwise.fields.keys()]);
    const of = (word: Word, field: bigint) => this.#get(word, this.terms.number(field));
    return new Word(
      then.name,
      new Map([...fields].map((field) => [field, this.terms.choose(condition, of(then, field), of(otherwise, field))])),
    );
  }

  #assign(node: Node, frame: Frame, when: Truth): void {
    if (node.nodeType === "FunctionCall") {
      this.#called(node, frame, when);
      return;
    }
    if (node.nodeType !== "Assignment") throw new Error(`${node.nodeType} is not known here`);
    const to = node["leftHandSide"] as Node;
    const operator = String(node["operator"]).slice(0, -1);
    const targets = to.nodeType === "TupleExpression" ? (to["components"] as readonly Node[]) : [to];
    let values = this.#many(node["rightHandSide"] as Node, frame, when);
    if (operator !== "") values = [this.terms.operate(operator, this.#one(to, frame), values[0] as Term)];
    for (const [index, target] of targets.entries()) {
      this.#set(frame, target["referencedDeclaration"] as number, values[index] as Value, when);
    }
  }

  #one(node: Node, frame: Frame): Term {
    const value = this.#value(node, frame);
    if (typeof value !== "string") throw new Error(`${node.nodeType} is not a number`);
    return value;
  }

  #many(node: Node, frame: Frame, when: Truth): Value[] {
    if (node.nodeType === "TupleExpression") {
      return (node["components"] as readonly Node[]).map((one) => this.#value(one, frame));
    }
    if (node.nodeType === "FunctionCall") return this.#called(node, frame, when);
    return [this.#value(node, frame)];
  }

  #value(node: Node, frame: Frame): Value {
    switch (node.nodeType) {
      case "Literal":
        if (node["kind"] === "bool") return this.terms.number(node["value"] === "true" ? 1 : 0);
        if (node["kind"] === "string") return this.terms.number(0);
        return this.terms.number(BigInt(String(node["value"]).replaceAll("_", "")));
      case "Identifier": {
        const id = node["referencedDeclaration"] as number;
        return frame.values.get(id) ?? this.#constantOf(this.#nodes.get(id));
      }
      case "TupleExpression":
        return this.#value((node["components"] as readonly Node[])[0] as Node, frame);
      case "Conditional": {
        const condition = this.terms.truth(this.terms.isTrue(this.#one(node["condition"] as Node, frame)));
        const [then, otherwise] = [node["trueExpression"], node["falseExpression"]] as readonly Node[];
        return this.#choose(condition, this.#value(then as Node, frame), this.#value(otherwise as Node, frame));
      }
      case "UnaryOperation": {
        const of = this.#one(node["subExpression"] as Node, frame);
        if (node["operator"] === "!") return this.terms.operate("==", of, this.terms.number(0));
        if (node["operator"] === "~") return this.terms.operate("^", of, this.terms.number(-1));
        throw new Error(`the operator ${String(node["operator"])} is not known here`);
      }
      case "BinaryOperation": {
        const [left, right] = [node["leftExpression"], node["rightExpression"]] as readonly Node[];
        const operator = String(node["operator"]);
        return this.terms.operate(operator, this.#one(left as Node, frame), this.#one(right as Node, frame));
      }
      case "MemberAccess":
        return this.#member(node, frame);
      case "FunctionCall":
        return this.#called(node, frame, "true")[0] as Value;
      default:
        throw new Error(`${node.nodeType} is not known here`);
    }
  }

  #member(node: Node, frame: Frame): Value {
    const of = node["expression"] as Node;
    if (of["name"] === "block" && node["memberName"] === "timestamp" && this.now) return this.now;
    const declared = this.#nodes.get(node["referencedDeclaration"] as number);
    if (declared?.nodeType === "EnumValue") return this.terms.number(this.#placeOf(declared, "EnumDefinition"));
    if (declared?.["constant"] === true) return this.#constantOf(declared);
    const struct = this.#value(of, frame) as Struct;
    if (declared === undefined || struct.members === undefined)
      throw new Error(`${String(node["memberName"])} is unknown`);
    return struct.members[this.#placeOf(declared, "StructDefinition")] as Term;
  }

  /** The place of a member in its enum or struct. */
  #placeOf(member: Node, kind: string): number {
    for (const node of this.#nodes.values()) {
      if (node.nodeType !== kind) continue;
      const at = (node["members"] as readonly Node[]).findIndex((one) => idOf(one) === idOf(member));
      if (at >= 0) return at;
    }
    throw new Error(`${String(member["name"])} is no member`);
  }

  #called(node: Node, frame: Frame, when: Truth): Value[] {
    const callee = node["expression"] as Node;
    const args = (node["arguments"] as readonly Node[]).map((one) => this.#value(one, frame));
    if (node["kind"] === "typeConversion") {
      const bits = Number(
        /^uint(\d+)$/.exec((node["typeDescriptions"] as { typeString: string }).typeString)?.[1] ?? 256,
      );
      const mask = this.terms.number(2n ** BigInt(bits) - 1n);
      return [bits === 256 ? (args[0] as Term) : this.terms.operate("&", args[0] as Term, mask)];
    }
    const stand = this.stands.get(String(callee["memberName"] ?? callee["name"]));
    if (stand) return [...stand(...args)];
    const definition = this.#nodes.get(callee["referencedDeclaration"] as number);
    if (definition?.nodeType !== "FunctionDefinition") throw new Error(`${String(callee["name"])} is not known here`);
    return this.#run(definition, args, this.terms.truth(and(when, not(frame.left))));
  }
}

const idOf = (node: Node): number => node["id"] as number;
