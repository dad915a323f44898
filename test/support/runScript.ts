import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { format } from "node:util";
import { explainFailure } from "../../scripts/deploy/explainFailure.ts";

/** What a script said, and its exit code; null when a signal ended it. */
export type ScriptResult = { readonly code: number | null; readonly out: string; readonly err: string };

const GOVERN = fileURLToPath(new URL("../../scripts/govern.ts", import.meta.url));

/** Runs one of governance's scripts, "propose-limits", in a process of its own until it ends. */
export async function runScript(name: string, words: readonly string[]): Promise<ScriptResult> {
  const child = spawn(process.execPath, [GOVERN, name, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}

type Main = (words: readonly string[]) => Promise<void>;

/** The same in this process, one at a time, which saves a second for each: what it prints is taken while it runs. */
export async function runHere(main: Main, words: readonly string[]): Promise<ScriptResult> {
  const { log, error } = console;
  const { exitCode } = process;
  const out: string[] = [];
  const err: string[] = [];
  console.log = (...said: unknown[]) => void out.push(`${format(...said)}\n`);
  console.error = (...said: unknown[]) => void err.push(`${format(...said)}\n`);
  process.exitCode = 0;
  try {
    await main(words).catch(explainFailure);
    return { code: Number(process.exitCode), out: out.join(""), err: err.join("") };
  } finally {
    Object.assign(console, { log, error });
    process.exitCode = exitCode;
  }
}
