import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What a script said, and its exit code; null when a signal ended it. */
export type ScriptResult = { readonly code: number | null; readonly out: string; readonly err: string };

/** Runs a file of scripts/ in a process of its own until it ends. */
export async function runScript(name: string, words: readonly string[]): Promise<ScriptResult> {
  const script = fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url));
  const child = spawn(process.execPath, [script, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}
