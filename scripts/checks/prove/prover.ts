import { spawn } from "node:child_process";
import type { Source } from "../guards/ast.ts";
import { type Lemma, scriptOf } from "./lemma.ts";

/** What came of it: proved, or refuted by these values, or neither in the time given. */
export type Verdict =
  | { readonly result: "proved" }
  | { readonly result: "refuted"; readonly by: Readonly<Record<string, bigint>> }
  | { readonly result: "open"; readonly said: string };

/** Asks the prover z3, which has to be in the PATH, for at most so many seconds. @throws Error when there is none. */
export async function prove(lemma: Lemma, sources: readonly Source[], seconds = 300): Promise<Verdict> {
  const said = await run("z3", ["-in", `-T:${seconds}`], scriptOf(lemma, sources));
  if (/^unsat$/m.test(said)) return { result: "proved" };
  if (!/^sat$/m.test(said)) return { result: "open", said: said.trim().slice(0, 300) };
  const values = [...said.matchAll(/\((\w+) (?:#x([0-9a-f]+)|#b([01]+)|\(?(-? ?\d+)\)?)\)/g)];
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
