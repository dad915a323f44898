/**
 * Proves the lemmas of scripts/checks/prove on the contract's own source, for all values of their domain, and prints them.
 * Needs the prover z3 (Debian: apt-get install z3). `--only name` proves those whose name contains it; `--seconds N` is the most
 * that is spent on one (default 300). With `--mutations` each is tried on its mistakes instead: changes of the code that it speaks
 * of, under every one of which it must be refuted. Ends with 1 when a lemma is refuted (or under a mistake is not), with 2 when
 * one stays open, with 3 when nothing has that name.
 */
import { parseArgs } from "node:util";
import type { Source } from "./guards/ast.ts";
import type { Lemma } from "./prove/lemma.ts";
import { LEMMAS } from "./prove/lemmas.ts";
import { mutated, readSources, withMistake } from "./prove/mutated.ts";
import { prove, type Verdict } from "./prove/prover.ts";

const { values } = parseArgs({
  options: { only: { type: "string" }, seconds: { type: "string" }, mutations: { type: "boolean" } },
  strict: true,
});
const counts = { proved: 0, refuted: 0, open: 0 };
const wanted = LEMMAS.filter(({ name }) => name.includes(values.only ?? ""));
if (wanted.length === 0) {
  console.error(`no lemma is named "${values.only}"; there are ${LEMMAS.map(({ name }) => name).join(", ")}`);
  process.exit(3);
}
// At once, not after minutes: a mistake whose text is no longer in the source.
for (const { mutations } of LEMMAS) for (const one of mutations) withMistake(one);
for (const lemma of wanted) {
  if (!values.mutations) {
    await tried(lemma, readSources(), `${lemma.says}\nFor ${lemma.domain}.`);
    continue;
  }
  for (const { file, from, to } of lemma.mutations) {
    await tried(lemma, mutated({ file, from, to }), `${file}: "${from}" -> "${to}"`);
  }
}
console.log(`${counts.proved} proved, ${counts.refuted} refuted, ${counts.open} open`);
const wrong = values.mutations ? counts.proved : counts.refuted;
process.exit(wrong > 0 ? 1 : counts.open > 0 ? 2 : 0);

async function tried(lemma: Lemma, sources: readonly Source[], about: string): Promise<void> {
  const started = performance.now();
  const verdict = await prove(lemma, sources, Number(values.seconds ?? 300));
  const took = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${verdict.result.padEnd(8)} ${took.padStart(6)} s  ${lemma.name}`);
  for (const line of [...about.split("\n"), ...details(verdict)]) console.log(`${" ".repeat(20)}${line}`);
  counts[verdict.result]++;
}

function details(verdict: Verdict): string[] {
  if (verdict.result === "open") return [`z3 says: ${verdict.said}`];
  if (verdict.result === "proved" || values.mutations) return [];
  return Object.entries(verdict.by).map(([name, value]) => `${name} = 0x${value.toString(16)}`);
}
