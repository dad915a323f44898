/**
 * Runs every check of the project in order of cost and ends with the line `N passed, N failed`; before it stands how many were skipped.
 * `npm test -- --only unit,golden` runs some stages; `npm test -- --list` names them.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name: string) => join(root, "node_modules", ".bin", name);

type Counts = { passed: number; failed: number; skipped: number };
type Stage = { readonly name: string; readonly what: string; run(): Promise<Counts> };

/** Test files by kind suffix and folder; a file belongs to the first stage that claims it. */
const all = globSync("test/**/*.test.ts", { cwd: root }).sort();
const claimed = new Set<string>();
function claim(pattern: RegExp): readonly string[] {
  const files = all.filter((file) => pattern.test(file) && !claimed.has(file));
  for (const file of files) claimed.add(file);
  return files;
}

const architecture = claim(/^test\/architecture\//);
const slow = {
  e2e: claim(/\.e2e\.test\.ts$/),
  differential: claim(/^test\/(differential|fork|scripts|conformance)\//),
  properties: claim(/\.prop\.test\.ts$/),
  golden: claim(/\.golden\.test\.ts$/),
};
const unit = claim(/./);

const stages: readonly Stage[] = [
  { name: "lint", what: "format and lint", run: () => check(bin("biome"), ["ci", "--reporter=summary", "."]) },
  { name: "types", what: "types", run: () => check(bin("tsc"), ["-p", "."]) },
  { name: "architecture", what: "architecture", run: () => nodeTests(architecture) },
  { name: "build", what: "compile the contracts", run: () => check(bin("hardhat"), ["build", "--no-tests"]) },
  { name: "unit", what: "unit tests", run: () => nodeTests(unit) },
  { name: "contracts", what: "contract tests, fuzz and invariants", run: solidityTests },
  { name: "properties", what: "property tests", run: () => nodeTests(slow.properties) },
  { name: "golden", what: "golden tests on recorded data", run: () => nodeTests(slow.golden) },
  {
    name: "differential",
    what: "differential, conformance, fork and script tests",
    run: () => nodeTests(slow.differential),
  },
  { name: "e2e", what: "end to end", run: () => nodeTests(slow.e2e) },
  { name: "chaos", what: "faults on purpose, one seed, short forms", run: chaosRows },
];

/** Runs a command with its output shown; resolves with what it printed and its exit code. */
function run(command: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, FORCE_COLOR: "0", NO_COLOR: "1", HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" };
    const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const show = (chunk: Buffer) => {
      output += chunk.toString("utf8");
      process.stdout.write(chunk);
    };
    child.stdout.on("data", show);
    child.stderr.on("data", show);
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

async function check(command: string, args: readonly string[]): Promise<Counts> {
  const { code } = await run(command, args);
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

async function nodeTests(files: readonly string[]): Promise<Counts> {
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const args = ["--test", "--test-concurrency=2", "--test-reporter=spec", ...files];
  const { code, output } = await run(process.execPath, args);
  const count = (word: string) => Number(new RegExp(`^ℹ ${word} (\\d+)`, "m").exec(output)?.[1] ?? 0);
  const failed = count("fail") + count("cancelled");
  // A runner that died without counting is one failure, never silence.
  return { passed: count("pass"), failed: code !== 0 && failed === 0 ? 1 : failed, skipped: count("skipped") };
}

async function solidityTests(): Promise<Counts> {
  const { code, output } = await run(bin("hardhat"), ["test", "solidity"]);
  const sum = (word: string) =>
    [...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}`, "gm"))].reduce((total, match) => total + Number(match[1]), 0);
  const failed = sum("failing");
  return { passed: sum("passing"), failed: code !== 0 && failed === 0 ? 1 : failed, skipped: sum("skipped") };
}

async function chaosRows(): Promise<Counts> {
  const { code, output } = await run(process.execPath, ["--expose-gc", "scripts/chaos.ts", "--gate"]);
  const count = (word: string) => Number(new RegExp(`^seed .* (\\d+) (?:rows )?${word}`, "m").exec(output)?.[1] ?? 0);
  const failed = count("failed");
  return { passed: count("passed"), failed: code !== 0 && failed === 0 ? 1 : failed, skipped: count("skipped") };
}

const { values } = parseArgs({ options: { only: { type: "string" }, list: { type: "boolean" } }, strict: true });
if (values.list === true) {
  for (const stage of stages) console.log(`${stage.name.padEnd(14)}${stage.what}`);
  process.exit(0);
}
const wanted = values.only?.split(",") ?? stages.map((stage) => stage.name);
const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(
    `unknown stage ${unknown.join(", ")}; expected some of ${stages.map((stage) => stage.name).join(", ")}`,
  );
  process.exit(1);
}

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const summary: string[] = [];
for (const stage of stages.filter((one) => wanted.includes(one.name))) {
  console.log(`\n== ${stage.what}`);
  const started = performance.now();
  const counts = await stage.run();
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  summary.push(
    `${stage.what.padEnd(50)}${String(counts.passed).padStart(6)} passed ${String(counts.failed).padStart(4)} failed ` +
      `${String(counts.skipped).padStart(4)} skipped ${seconds.padStart(5)} s`,
  );
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}
console.log(`\n${summary.join("\n")}\n`);
if (total.skipped > 0) console.log(`${total.skipped} skipped: each says above why\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);
