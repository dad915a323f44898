import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { TonsorError } from "../domain/errors.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Compiles the contracts with the npm compiler; a second time it only checks that nothing changed (about a second). */
export async function compileContracts(onNote: (text: string) => void, signal: AbortSignal): Promise<void> {
  onNote("Compiling the contracts (some seconds the first time) ...");
  const args = [
    fileURLToPath(new URL("../../node_modules/hardhat/dist/src/cli.js", import.meta.url)),
    "build",
    "--quiet",
    "--no-tests",
  ];
  const env = { ...process.env, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" };
  await new Promise<void>((resolve, reject) => {
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
