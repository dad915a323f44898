/**
 * Runs every check of the project and ends with the line `N passed, N failed`; before it, how many were skipped.
 * `npm test -- --only unit,e2e` runs some stages, and `--only slow` what else runs on demand; `npm test -- --list` names them.
 */
import { spawn } from "node:child_process";
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { HIDE, missingPrograms, programNames } from "../test/support/programs.ts";
import { reaches } from "./checks/reaches.ts";
import { compileContracts } from "./deploy/compile.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name: string) => join(root, "node_modules", ".bin", name);

type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };
type Stage = { readonly name: string; readonly what: string; run(print: Print): Promise<Counts> };
/** Where a stage prints: at once, or when it has ended where another runs beside it. */
type Print = (text: string) => void;
type Environment = Readonly<Record<string, string>>;

/** Test files by kind suffix and folder; a file belongs to the first stage that claims it. */
const all = globSync("test/**/*.test.ts", { cwd: root }).sort();
const claimed = new Set<string>();
function claim(isOne: (file: string) => boolean): readonly string[] {
  const files = all.filter((file) => isOne(file) && !claimed.has(file));
  for (const file of files) claimed.add(file);
  return files;
}
const textOf = (file: string) => readFileSync(join(root, file), "utf8");
const named = (pattern: RegExp) => claim((file) => pattern.test(file));

/** What reads compiled contracts, or starts a process that may. */
const CONTRACTS = /artifacts|"hardhat"|"node:child_process"/;
/** Random tests that are few in a run, and on demand as many as MUTATION_RUNS says. */
const MUTATIONS = /^test\/(conformance\/neverLoosens|pipeline).*\.(prop|golden)\.test\.ts$/;

/** What would act on the tests of all files in the same process: a hook outside of `describe`. */
const HOOKED = /^(before|after)(Each)?\(/m;

const slow = named(/\.slow\.test\.ts$/);
const architecture = named(/^test\/architecture\//);
const needsContracts = reaches((_, code) => CONTRACTS.test(code));
const nodes = named(/^test\/(evidence|io|operations|protocols|runtime|sources|submission)\/.*\.e2e\.test\.ts$/);
const e2e = named(/\.e2e\.test\.ts$/);
const pure = claim((file) => !needsContracts(file) && !HOOKED.test(textOf(file)));
const scripts = named(/^test\/scripts\//);
const apart = claim((file) => /^test\/(differential|fork|conformance)\//.test(file) || HOOKED.test(textOf(file)));
const unit = named(/./);

/** A process for all: most of a small file's time is a process's start and what it imports. */
const ONE_PROCESS = ["--test-isolation=none"];
const ONE_AT_ONCE = ["--test-concurrency=1"];
const tests = (name: string, what: string, files: readonly string[], options = ONE_PROCESS): Stage => ({
  name,
  what,
  run: (print) => nodeTests(print, files, options),
});
const tool = (name: string, what: string, file: string, words: readonly string[]): Stage => ({
  name,
  what,
  run: async (print) => verdict((await command(print, file, words)).code),
});

/**
 * Groups one after the other; the tracks of a group beside each other, so that two cores are busy: the compiler and the
 * Solidity tests beside what needs no contract, then the faults, which mostly wait, beside tests with nodes of their own.
 */
const groups: readonly (readonly (readonly Stage[])[])[] = [
  [
    [
      { name: "build", what: "compile contracts and their tests", run: build },
      { name: "contracts", what: "contract tests, fuzz and invariants", run: solidityTests },
      tests("unit", "unit tests on contracts", unit),
    ],
    [
      tool("lint", "format and lint", bin("biome"), ["ci", "--reporter=summary", "."]),
      tool("types", "types", bin("tsc"), ["-p", "."]),
      tests("architecture", "architecture", architecture),
      tests("pure", "tests that need no compiled contract", pure),
    ],
  ],
  [
    [
      { name: "chaos", what: "faults on purpose, one seed, short forms", run: (print) => chaosRows(print, ["--gate"]) },
      tool("guards", "four guards taken away", process.execPath, ["scripts/checks/guards.ts", "--sample", "4"]),
      { name: "without", what: "once more without the outside programs", run: withoutPrograms },
    ],
    [
      tests("apart", "differential and fork tests, a process each", apart, ONE_AT_ONCE),
      tests("nodes", "keeper's rooms on real nodes", nodes, ONE_AT_ONCE),
    ],
  ],
  // Three processes at once, but not beside the faults, whose marks are counted in ticks: a third starved them.
  [
    [tests("e2e", "end to end", e2e, ["--test-concurrency=2"])],
    [tests("scripts", "scripts of deployment, governance and checks", scripts, ONE_AT_ONCE)],
  ],
];
/** Runs on demand only. */
const onDemand: Stage = {
  name: "slow",
  what: "what takes long and rarely breaks",
  run: (print) =>
    nodeTests(print, [...slow, ...all.filter((file) => MUTATIONS.test(file))], ["--test-concurrency=2"], MANY),
};
const stages = groups.flat(2);

const MANY = { MUTATION_RUNS: "2500" };
const PROGRAMS = "test/support/programs.ts";
const PLAIN = { FORCE_COLOR: "0", NO_COLOR: "1", HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" };

/** Runs a command with its output printed; resolves with what it printed and its exit code. */
function command(
  print: Print,
  file: string,
  args: readonly string[],
  own: Environment = {},
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const env = { NODE_COMPILE_CACHE: join(root, "cache", "node"), ...process.env, ...PLAIN, ...own };
    const child = spawn(file, args, { cwd: root, env, stdio: "pipe" });
    child.stdin.end();
    let output = "";
    const take = (chunk: Buffer) => {
      const text = chunk.toString("utf8");
      output += text;
      print(text);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

const verdict = (code: number): Counts => ({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 });

/** A runner that died without counting is one failure, never silence. */
function counted(code: number, count: (word: "passed" | "failed" | "skipped") => number): Counts {
  const failed = count("failed");
  return { passed: count("passed"), failed: code !== 0 && failed === 0 ? 1 : failed, skipped: count("skipped") };
}

/** Everything at once and under the lock of all who compile; nothing is compiled after it while tests read the results. */
async function build(print: Print): Promise<Counts> {
  try {
    await compileContracts(print, new AbortController().signal, { withTests: true });
    return verdict(0);
  } catch (error) {
    print(`${error instanceof Error ? error.message : error}\n`);
    return verdict(1);
  }
}

async function nodeTests(
  print: Print,
  files: readonly string[],
  options: readonly string[],
  own: Environment = {},
): Promise<Counts> {
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const args = ["--test", ...options, "--test-reporter=spec", ...files];
  const { code, output } = await command(print, process.execPath, args, own);
  const count = (word: string) => Number(new RegExp(`^ℹ ${word} (\\d+)`, "m").exec(output)?.[1] ?? 0);
  const counts = { passed: count("pass"), failed: count("fail") + count("cancelled"), skipped: count("skipped") };
  return counted(code, (word) => counts[word]);
}

async function solidityTests(print: Print): Promise<Counts> {
  const { code, output } = await command(print, bin("hardhat"), ["test", "solidity", "--no-compile"]);
  const words = { passed: "passing", failed: "failing", skipped: "skipped" };
  return counted(code, (word) =>
    [...output.matchAll(new RegExp(`^\\s*(\\d+) ${words[word]}`, "gm"))].reduce(
      (sum, match) => sum + Number(match[1]),
      0,
    ),
  );
}

async function chaosRows(print: Print, words: readonly string[], own: Environment = {}): Promise<Counts> {
  const args = ["--expose-gc", "scripts/checks/chaos.ts", ...words];
  const { code, output } = await command(print, process.execPath, args, own);
  return counted(code, (word) => Number(new RegExp(`^seed .* (\\d+) (?:rows )?${word}`, "m").exec(output)?.[1] ?? 0));
}

/**
 * Every test that uses a program from outside of npm, on a machine without one: it is skipped with its reason, never
 * failed. Skipped counts as passed here; where none was skipped, nothing was hidden.
 */
async function withoutPrograms(print: Print): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), "tonsor-path-"));
  try {
    linkOtherPrograms(folder);
    const own = { PATH: folder, [HIDE]: "1" };
    const uses = reaches((file) => file === PROGRAMS);
    const users = all.filter((file) => uses(file) && !slow.includes(file));
    const files = await nodeTests(print, users, ONE_AT_ONCE, own);
    const rows = await chaosRows(print, ["--short", "--only", "3"], own);
    const skipped = files.skipped + rows.skipped;
    const unhidden = files.skipped === 0 || rows.skipped === 0 ? 1 : 0;
    if (unhidden) print("no test was skipped: the programs are not hidden\n");
    return {
      passed: files.passed + rows.passed + skipped,
      failed: files.failed + rows.failed + unhidden,
      skipped: 0,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Fills a folder with links to everything in the PATH but the programs that a test may use. */
function linkOtherPrograms(folder: string): void {
  const hidden = new Set([...programNames(), "ps", "git", "curl", "python3"]);
  for (const place of (process.env["PATH"] ?? "").split(delimiter)) {
    for (const name of placeEntries(place)) {
      if (hidden.has(name)) continue;
      hidden.add(name);
      symlinkSync(join(place, name), join(folder, name));
    }
  }
}

function placeEntries(place: string): readonly string[] {
  try {
    return readdirSync(place);
  } catch {
    return [];
  }
}

const { values } = parseArgs({ options: { only: { type: "string" }, list: { type: "boolean" } }, strict: true });
if (values.list === true) {
  for (const stage of [...stages, onDemand]) console.log(`${stage.name.padEnd(14)}${stage.what}`);
  process.exit(0);
}
const wanted = values.only?.split(",") ?? stages.map((stage) => stage.name);
const known = [...stages, onDemand].map(({ name }) => name);
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`unknown stage ${unknown.join(", ")}; expected some of ${known.join(", ")}`);
  process.exit(1);
}

const missing = missingPrograms();
if (missing !== null) {
  console.log(
    `not installed: ${missing.names.join(", ")}; tests that need one are skipped. To run them: ${missing.command}`,
  );
}
const began = performance.now();
const results = new Map<Stage, { readonly counts: Counts; readonly seconds: number }>();
for (const group of [...groups, [[onDemand]]]) {
  const tracks = group
    .map((track) => track.filter(({ name }) => wanted.includes(name)))
    .filter(({ length }) => length > 0);
  await Promise.all(tracks.map((track) => runTrack(track, tracks.length === 1)));
}

async function runTrack(track: readonly Stage[], alone: boolean): Promise<void> {
  for (const stage of track) {
    const heading = `\n== ${stage.what}\n`;
    const kept: string[] = [];
    const print: Print = alone ? (text) => void process.stdout.write(text) : (text) => void kept.push(text);
    if (alone) print(heading);
    const started = performance.now();
    const counts = await stage.run(print);
    if (!alone) process.stdout.write([heading, ...kept].join(""));
    results.set(stage, { counts, seconds: (performance.now() - started) / 1000 });
  }
}

const total = { passed: 0, failed: 0, skipped: 0 };
console.log("");
for (const stage of [...stages, onDemand]) {
  const result = results.get(stage);
  if (result === undefined) continue;
  const { passed, failed, skipped } = result.counts;
  console.log(
    `${stage.what.padEnd(50)}${String(passed).padStart(6)} passed ${String(failed).padStart(4)} failed ` +
      `${String(skipped).padStart(4)} skipped ${result.seconds.toFixed(0).padStart(5)} s`,
  );
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}
console.log(`${"all".padEnd(80)}${((performance.now() - began) / 60_000).toFixed(1).padStart(13)} min\n`);
if (total.skipped > 0) console.log(`${total.skipped} skipped: each says above why\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);
