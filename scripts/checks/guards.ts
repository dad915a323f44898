/**
 * Guard parity: takes every guard of the parameter contract, its gateways and its adapters away in turn and finds the test that
 * fails, which contracts/guards.json then names. One compilation serves all: in a copy under cache/guards each guard hangs on a
 * switch (scripts/checks/guards/instrument.ts). The test that the table names is tried first.
 *
 *   npm run guards                          all of them; ends with 1 and the list of those that no test misses
 *   npm run guards -- --missing             those the table does not hold and nothing argues away, after a change
 *   npm run guards -- --only _modeUntil     those whose name contains it
 *   npm run guards -- --in gateways         those of parameters, gateways or adapters
 *   npm run guards -- --sample 8 --seed 3   so many that a Solidity test misses, drawn by the seed (default: from the commit), each
 *                                           tried by the test that the table names and no other
 *   npm run guards -- --list                their names
 */

import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { DAY_MS } from "../../keeper/domain/calendar.ts";
import type { Guard } from "./guards/guard.ts";
import { NOBODY } from "./guards/instrument.ts";
import { PARTS, type Part, partOf, ROOT, testsOf } from "./guards/places.ts";
import { sampleOf } from "./guards/sample.ts";
import { ARGUED } from "./guards/survivors.ts";
import { readTable, testNamed, writeTable } from "./guards/table.ts";
import { NOT_FIRST, Trials } from "./guards/trials.ts";
import { allGuards, openWorkshop } from "./guards/workshop.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    in: { type: "string" },
    missing: { type: "boolean" },
    sample: { type: "string" },
    seed: { type: "string" },
    list: { type: "boolean" },
  },
  strict: true,
});
const found = allGuards();
if (values.list === true) {
  for (const { name, file, line } of found.guards) console.log(`${file}:${line}  ${name}`);
  console.log(`${found.guards.length} guards`);
  process.exit(0);
}

const table = readTable();
const known = ({ file, name }: Guard) => table[file]?.[name];
if (values.in && !PARTS.includes(values.in as Part)) {
  console.error(`--in ${values.in}: expected one of ${PARTS.join(", ")}`);
  process.exit(1);
}
const matching = found.guards
  .map((guard, index) => ({ guard, index }))
  .filter(({ guard }) => guard.name.includes(values.only ?? ""))
  .filter(({ guard }) => !values.in || partOf(guard.file) === values.in)
  .filter(({ guard }) => !(values.missing && (known(guard) || ARGUED.has(guard.name))))
  .filter(({ guard }) => !(values.sample && !isQuick(guard)));
if (matching.length === 0) {
  const none = values.missing
    ? "the table holds every guard that is not argued away"
    : `no guard is named "${values.only}"; --list shows them all`;
  console.log(none);
  process.exit(values.missing ? 0 : 1);
}
const seed = Number(values.seed ?? seedOfCommit());
const wanted = values.sample ? sampleOf(matching, Number(values.sample), seed) : matching;
const parts = PARTS.filter((part) => wanted.some(({ guard }) => partOf(guard.file) === part));
const tests = values.sample ? namedFor(wanted.map(({ guard }) => guard)) : parts.flatMap(testsOf.solidity);
const workshop = openWorkshop(found, tests, values.sample ? deployedFor(wanted.map(({ guard }) => guard)) : undefined);
const trials = new Trials(workshop);
const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;
const survivors: string[] = [];
let [killed, argued] = [0, 0];
try {
  await trials.build();
  if (!values.sample) {
    const wrong = tests.length > 0 ? await trials.solidity(NOBODY, { files: tests, exclude: NOT_FIRST }) : undefined;
    if (wrong) throw new Error(`${wrong} fails with every guard in place`);
  }
  const drawn = values.sample ? `, by seed ${seed}` : "";
  console.log(`${found.guards.length} guards found, ${wanted.length} to try${drawn}; ready after ${seconds()}`);
  for (const [at, { guard, index }] of wanted.entries()) {
    const killer = await killerOf(guard, index);
    const why = ARGUED.get(guard.name);
    console.log(`${at + 1}/${wanted.length} ${guard.name}\n    -> ${killer ?? (why ? `argued: ${why}` : "SURVIVES")}`);
    if (killer) killed++;
    else if (why) argued++;
    else survivors.push(`${guard.file}:${guard.line}  ${guard.name}`);
    if (values.sample) continue;
    // Another run may have written about others meanwhile.
    const written = readTable();
    const own = written[guard.file] ?? {};
    written[guard.file] = own;
    if (killer) own[guard.name] = killer;
    else delete own[guard.name];
    writeTable(found.guards, written);
  }
} finally {
  trials.close();
}
console.log(`${killed} killed, ${argued} argued, ${survivors.length} survive; ${seconds()}`);
for (const name of survivors) console.log(`  ${name}`);
process.exit(survivors.length === 0 ? 0 : 1);

/** The test the table names, if it still fails without the guard; else, unless a sample asks for that one, any that does. */
async function killerOf(guard: Guard, index: number): Promise<string | undefined> {
  const test = known(guard);
  if (test && (await failsWithout(test, index))) return test;
  return values.sample ? undefined : trials.killerOf(index, guard);
}

async function failsWithout(test: string, index: number): Promise<boolean> {
  try {
    return await trials.fails(test, index);
  } catch (error) {
    // A test that was renamed or removed is searched for anew.
    if (values.sample) throw error;
    return false;
  }
}

/** Whether a Solidity test misses it: such a one is run in a second, and of the contracts few have to be compiled for it. */
function isQuick(guard: Guard): boolean {
  const test = known(guard) ?? "";
  return test !== "" && !ARGUED.has(guard.name) && testNamed(test).language === "solidity";
}

/** The files of the Solidity tests that the table names for these guards. */
function namedFor(guards: readonly Guard[]): string[] {
  return [...new Set(guards.map((guard) => testNamed(known(guard) ?? "").file))];
}

/** What tests deploy by its artifact, and the contracts of these guards. */
function deployedFor(guards: readonly Guard[]): string[] {
  return [...new Set(["contracts/parameters/Parameters.sol", ...guards.map(({ file }) => file)])];
}

/** So that every commit tries others and each can be tried again; without a repository, every day. */
function seedOfCommit(): number {
  const { status, stdout } = spawnSync("git", ["rev-parse", "HEAD"], { cwd: ROOT, encoding: "utf8" });
  return status === 0 ? Number.parseInt(stdout.slice(0, 8), 16) : Math.floor(Date.now() / DAY_MS);
}
