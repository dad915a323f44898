import { spawn } from "node:child_process";
import type { Source } from "../guards/ast.ts";
import { Solidity } from "./solidity.ts";
import { Terms, type Truth } from "./terms.ts";

/** A sentence about the contract's own functions, true for every value of its domain. */
export type Lemma = {
  readonly name: string;
  readonly says: string;
  /** What is free, and within which bounds. */
  readonly domain: string;
  /** Assumes the domain and returns what is claimed. */
  claim(solidity: Solidity, terms: Terms): Truth;
};

/** What came of it: proved, or refuted by these values, or neither in the time given. */
type Verdict =
  | { readonly result: "proved" }
  | { readonly result: "refuted"; readonly by: Readonly<Record<string, bigint>> }
  | { readonly result: "open"; readonly said: string };

/** A lemma in SMT-LIB: the negation of its claim is to be unsatisfiable. */
export function scriptOf(lemma: Lemma, sources: readonly Source[]): string {
  const terms = new Terms();
  const claim = lemma.claim(new Solidity(sources, terms), terms);
  const free = terms.lines.flatMap((line) => /^\(declare-const (\S+)/.exec(line)?.[1] ?? []);
  const wanted = free.length === 0 ? "" : `(get-value (${free.join(" ")}))\n`;
  // For words alone z3 has a procedure of its own, some hundred times as fast.
  const logic = terms.lines.some((line) => line.endsWith(" Int)")) ? "ALL" : "QF_BV";
  return `(set-option :produce-models true)\n(set-logic ${logic})\n${terms.lines.join("\n")}\n(assert (not ${claim}))\n(check-sat)\n${wanted}`;
}

/** Asks the prover z3, which has to be in the PATH, for at most so many seconds. @throws Error when there is none. */
export async function prove(lemma: Lemma, sources: readonly Source[], seconds = 300): Promise<Verdict> {
  const said = await run("z3", ["-in", `-T:${seconds}`], scriptOf(lemma, sources));
  if (/^unsat$/m.test(said)) return { result: "proved" };
  if (!/^sat$/m.test(said)) return { result: "open", said: said.trim().slice(0, 300) };
  const values = [...said.matchAll(/\((\w+?)(?:_free)? (?:#x([0-9a-f]+)|#b([01]+)|\(?(-? ?\d+)\)?)\)/g)];
  const by = values.map(([, name = "", hex, bits, number]) => {
    const value = hex ? BigInt(`0x${hex}`) : bits ? BigInt(`0b${bits}`) : BigInt((number ?? "0").replace(" ", ""));
    return [name, value] as const;
  });
  return { result: "refuted", by: Object.fromEntries(by) };
}

function run(command: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
    child.on("error", (cause) => reject(new Error("z3 is not in the PATH (Debian: apt-get install z3)", { cause })));
    child.on("close", () => resolve(output));
    child.stdin.end(input);
  });
}
