import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { isCompiled, removeStaleArtifacts, stampCompiled } from "./compiledStamp.ts";
import { lockFile } from "./compileLock.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const compiler = join(root, "node_modules", "hardhat", "dist", "src", "cli.js");

/**
 * Compiles the contracts with the npm compiler, unless neither they nor what came of them changed since the last time. One
 * process at a time: two compilations beside each other would take each other's cache away.
 * @param options `withTests` compiles the Solidity tests too, and asks the compiler whether there is anything to do;
 * `unpack` may put there what is needed instead, and says whether it did
 */
export async function compileContracts(
  onNote: (text: string) => void,
  signal: AbortSignal,
  { withTests = false, unpack }: { readonly withTests?: boolean; readonly unpack?: (root: string) => boolean } = {},
): Promise<void> {
  const release = await lockFile(join(root, "cache", "tonsor-compile.pid"), signal);
  try {
    if (!withTests && (isCompiled(root) || unpack?.(root) === true)) return;
    onNote("Compiling the contracts (a minute the first time) ...");
    await runCompiler(withTests ? [] : ["--no-tests"], signal);
    removeStaleArtifacts(root);
    stampCompiled(root);
  } finally {
    release();
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
