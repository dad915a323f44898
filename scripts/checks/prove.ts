/**
 * Proves the lemmas of scripts/checks/prove on the contract's own source, for all values of their domain, and prints them.
 * Needs the prover z3 (Debian: apt-get install z3). `--only name` proves those whose name contains it; `--seconds N` is
 * the most that is spent on one (default 300, for those known to be open 10). Ends with 1 when one is refuted, with 2
 * when one stays open that is not known to (openLemmas.ts), with 3 when nothing has that name.
 */
import { parseArgs } from "node:util";
import { treesOf } from "./guards/ast.ts";
import { filesAt, PLACES, withImports } from "./guards/places.ts";
import { LEMMAS } from "./prove/lemmas.ts";
import { BRIEFLY, OPEN } from "./prove/openLemmas.ts";
import { prove } from "./prove/prover.ts";

const { values } = parseArgs({ options: { only: { type: "string" }, seconds: { type: "string" } }, strict: true });
const sources = treesOf(withImports(filesAt(PLACES.guarded)));
const counts = { proved: 0, refuted: 0, open: 0 };
const unexpected: string[] = [];
const indented = (line: string) => console.log(`${" ".repeat(20)}${line}`);
const wanted = LEMMAS.filter(({ name }) => name.includes(values.only ?? ""));
if (wanted.length === 0) {
  console.error(`no lemma is named "${values.only}"; there are ${LEMMAS.map(({ name }) => name).join(", ")}`);
  process.exit(3);
}
for (const lemma of wanted) {
  const why = OPEN.get(lemma.name);
  const started = performance.now();
  const verdict = await prove(lemma, sources, Number(values.seconds ?? (why ? BRIEFLY : 300)));
  const took = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${verdict.result.padEnd(8)} ${took.padStart(6)} s  ${lemma.name}`);
  indented(lemma.says);
  indented(`For ${lemma.domain}.`);
  if (verdict.result === "refuted") {
    for (const [name, value] of Object.entries(verdict.by)) indented(`${name} = 0x${value.toString(16)}`);
  }
  if (verdict.result === "open") {
    indented(`z3 says: ${verdict.said}`);
    indented(why ? `Known to be open: ${why}` : "Not known to be open.");
    if (why === undefined) unexpected.push(lemma.name);
  }
  if (verdict.result === "proved" && why) indented("It is proved now: take it off openLemmas.ts.");
  counts[verdict.result]++;
}
console.log(
  `${counts.proved} proved, ${counts.refuted} refuted, ${counts.open} open (${unexpected.length} of them new)`,
);
process.exit(counts.refuted > 0 ? 1 : unexpected.length > 0 ? 2 : 0);
