/**
 * The invariants of the parameter contract at length: 100 000 calls in Solidity, each judged by all of them (profile `long`
 * of hardhat.config.ts; `--calls N`, a multiple of 500), the TypeScript model against the contract call by call, and millions of steps of the model against
 * its invariants and its own events. `--steps N`: calls compared on chain (default a million, half an hour of one core); `--model-steps N` (default
 * 2000000); `--seed N`. Ends with 1 when any of them fails.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PLACES, ROOT } from "./guards/places.ts";

const { values } = parseArgs({
  options: {
    calls: { type: "string" },
    steps: { type: "string" },
    "model-steps": { type: "string" },
    seed: { type: "string" },
  },
  strict: true,
});
const hardhat = join(ROOT, "node_modules", ".bin", "hardhat");
/** The campaign: its handler stands in the same file, and the fuzzer calls only what is compiled with the suite. */
const suite = `${PLACES.solidityTests}/parameters/Invariants.t.sol`;
const seed = values.seed ? { CONTRACT_SEED: values.seed } : {};
const parts: readonly {
  readonly what: string;
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}[] = [
  {
    what: `Solidity invariants after each of ${values.calls ?? "100000"} calls`,
    command: [hardhat, "test", "solidity", "--test-profile", "long", "--grep", "invariant", suite],
    env: { ...(values.calls ? { CONTRACT_CALLS: values.calls } : {}), ...seed },
  },
  {
    what: `model against contract, ${values.steps ?? "1000000"} calls`,
    command: [process.execPath, "--test", PLACES.differential],
    env: { CONTRACT_STEPS: values.steps ?? "1000000", ...seed },
  },
  {
    what: `model against its invariants, ${values["model-steps"] ?? "2000000"} calls`,
    command: [process.execPath, "--test", PLACES.modelInvariants],
    env: { MODEL_STEPS: values["model-steps"] ?? "2000000", ...seed },
  },
];

let failed = 0;
for (const { what, command, env } of parts) {
  console.log(`\n== ${what}`);
  const started = performance.now();
  const code = await run(command, env);
  if (code !== 0) failed++;
  console.log(
    `${what}: ${code === 0 ? "held" : "FAILED"} after ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
}
process.exit(failed === 0 ? 0 : 1);

function run([file = "", ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: "inherit" });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}
