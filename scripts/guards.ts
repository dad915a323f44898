/**
 * Guard parity: takes every guard of the parameter contract and its doors away in turn and prints the test that fails.
 * One compilation serves all: in a copy under cache/guards each guard hangs on a switch (scripts/guards/instrument.ts).
 *
 *   npm run guards                          all of them; ends with 1 and the list of those that no test misses
 *   npm run guards -- --only _modeUntil     those whose name contains it
 *   npm run guards -- --sample 8 --seed 3   so many, drawn by the seed
 *   npm run guards -- --list                their names
 */
import { parseArgs } from "node:util";
import { NOBODY } from "./guards/instrument.ts";
import { sampleOf } from "./guards/sample.ts";
import { ARGUED } from "./guards/survivors.ts";
import { Trials } from "./guards/trials.ts";
import { allGuards, openWorkshop } from "./guards/workshop.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    sample: { type: "string" },
    seed: { type: "string" },
    list: { type: "boolean" },
  },
  strict: true,
});
if (values.list === true) {
  const { guards } = allGuards();
  for (const { name, file, line } of guards) console.log(`${file}:${line}  ${name}`);
  console.log(`${guards.length} guards`);
  process.exit(0);
}

const workshop = openWorkshop();
const matching = workshop.guards
  .map((guard, index) => ({ guard, index }))
  .filter(({ guard }) => guard.name.includes(values.only ?? ""));
if (matching.length === 0) {
  console.error(`no guard is named "${values.only}"; --list shows them all`);
  process.exit(1);
}
const wanted = values.sample ? sampleOf(matching, Number(values.sample), Number(values.seed ?? 1)) : matching;
const trials = new Trials(workshop);
const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;
const survivors: string[] = [];
let [killed, argued] = [0, 0];
try {
  await trials.build();
  const wrong = await trials.solidity(NOBODY, { exclude: "invariant" });
  if (wrong) throw new Error(`${wrong} fails with every guard in place`);
  console.log(`${workshop.guards.length} guards found, ${wanted.length} to try; ready after ${seconds()}`);
  for (const [at, { guard, index }] of wanted.entries()) {
    const killer = await trials.killerOf(index, guard);
    const why = ARGUED.get(guard.name);
    console.log(`${at + 1}/${wanted.length} ${guard.name}\n    -> ${killer ?? (why ? `argued: ${why}` : "SURVIVES")}`);
    if (killer) killed++;
    else if (why) argued++;
    else survivors.push(`${guard.file}:${guard.line}  ${guard.name}`);
  }
} finally {
  trials.close();
}
console.log(`${killed} killed, ${argued} argued, ${survivors.length} survive; ${seconds()}`);
for (const name of survivors) console.log(`  ${name}`);
process.exit(survivors.length === 0 ? 0 : 1);
