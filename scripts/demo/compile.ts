import { spawn } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { monotonicClock } from "../../keeper/runtime/clock.ts";
import { isCompiled, stampCompiled } from "./compiledStamp.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const compiler = join(root, "node_modules", "hardhat", "dist", "src", "cli.js");

/**
 * Compiles the contracts with the npm compiler, unless neither they nor what came of them changed since the last time. One
 * process at a time: two compilations beside each other would take each other's cache away.
 * @param options `withTests` compiles the Solidity tests too, and asks the compiler whether there is anything to do
 */
export async function compileContracts(
  onNote: (text: string) => void,
  signal: AbortSignal,
  { withTests = false }: { readonly withTests?: boolean } = {},
): Promise<void> {
  const release = await takeTurn(join(root, "cache", "tonsor-compile.pid"), signal);
  try {
    if (!withTests && isCompiled(root)) return;
    onNote("Compiling the contracts (a minute the first time) ...");
    await runCompiler(withTests ? [] : ["--no-tests"], signal);
    removeStaleArtifacts(root);
    stampCompiled(root);
  } finally {
    release();
  }
}

/**
 * Removes what was compiled from source files that are gone. The compiler keeps it, and a contract that moved would then be
 * there twice under one name.
 */
export function removeStaleArtifacts(folder: string): void {
  const artifacts = join(folder, "artifacts");
  for (const source of globSync("{contracts,test}/**/*.sol", { cwd: artifacts })) {
    if (!existsSync(join(folder, source))) rmSync(join(artifacts, source), { recursive: true });
  }
}

function runCompiler(words: readonly string[], signal: AbortSignal): Promise<void> {
  const args = [compiler, "build", "--quiet", ...words];
  const env = { ...process.env, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" };
  return new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, env, signal, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new TonsorError("BAD_FILE", `the contracts do not compile: ${output.trim().slice(-2000)}`));
    });
  });
}

/**
 * Waits until no other process holds the file, and holds it: it is created with this process's id, or not at all. A file
 * left by a process that is gone is taken over. Returns what gives it back.
 */
export async function takeTurn(file: string, signal: AbortSignal): Promise<() => void> {
  mkdirSync(join(file, ".."), { recursive: true });
  for (;;) {
    signal.throwIfAborted();
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (!holderLives(file)) rmSync(file, { force: true });
    else await monotonicClock.sleep(100, signal);
  }
}

function holderLives(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    // An empty file was created an instant ago by one who has not written yet.
    if (!(pid > 0)) return true;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
