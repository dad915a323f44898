/**
 * Proves the lemmas of scripts/prove on the contract's own source, for all values of their domain, and prints them.
 * Needs the prover z3 (Debian: apt-get install z3). `--only name` proves those whose name contains it; `--seconds N` is
 * the most that is spent on one (default 300). Ends with 1 when one is refuted, with 2 when one
 * stays open.
 */
import { parseArgs } from "node:util";
import { treesOf } from "./guards/ast.ts";
import { filesAt, PLACES, withImports } from "./guards/places.ts";
import { prove } from "./prove/lemma.ts";
import { LEMMAS } from "./prove/lemmas.ts";

const { values } = parseArgs({ options: { only: { type: "string" }, seconds: { type: "string" } }, strict: true });
const sources = treesOf(withImports(filesAt(PLACES.guarded)));
const counts = { proved: 0, refuted: 0, open: 0 };
for (const lemma of LEMMAS.filter(({ name }) => name.includes(values.only ?? ""))) {
  const started = performance.now();
  const verdict = await prove(lemma, sources, Number(values.seconds ?? 300));
  const took = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${verdict.result.padEnd(8)} ${took.padStart(6)} s  ${lemma.name}`);
  console.log(`${" ".repeat(20)}${lemma.says}\n${" ".repeat(20)}For ${lemma.domain}.`);
  if (verdict.result === "refuted") {
    for (const [name, value] of Object.entries(verdict.by))
      console.log(`${" ".repeat(20)}${name} = 0x${value.toString(16)}`);
  }
  if (verdict.result === "open") console.log(`${" ".repeat(20)}z3 says: ${verdict.said}`);
  counts[verdict.result]++;
}
console.log(`${counts.proved} proved, ${counts.refuted} refuted, ${counts.open} open`);
process.exit(counts.refuted > 0 ? 1 : counts.open > 0 ? 2 : 0);
