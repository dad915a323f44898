import { type Fault, fault } from "../domain/fault.ts";
import type { QuarantineParameters } from "../domain/parameters.ts";
import type { Quarantined } from "../domain/risk.ts";

/** Whether a source that can be held against others agrees with them now. */
export type Verdict = readonly [source: string, agrees: boolean];
/** Verdicts of one cycle; a source that was not seen has none. */
type Verdicts = ReadonlyMap<string, boolean>;

/** A verdict for each of the sources, by the DISAGREES faults found among them. */
export function verdictsOn(
  sources: readonly { readonly source: string }[],
  faults: readonly Fault[],
): readonly Verdict[] {
  const accused = new Set(faults.filter(({ code }) => code === "DISAGREES").map((found) => found.source));
  return sources.map(({ source }) => [source, !accused.has(source)]);
}

/**
 * Sources in quarantine after a cycle, sorted by name. One that disagrees enters, or begins anew; one that agrees counts up,
 * and leaves once it has agreed `agreements` times in a row and `seconds` have passed since it last disagreed; one that was
 * not seen begins to count anew. A pure function of the state before, the verdicts and the time, so that evidence recomputes it.
 * @param now Unix seconds
 * @example quarantineAfter([], new Map([["a", false]]), 100, { seconds: 60, agreements: 2 }) // [["a", 100, 0]]
 */
export function quarantineAfter(
  before: readonly Quarantined[],
  verdicts: Verdicts,
  now: number,
  rules: QuarantineParameters,
): readonly Quarantined[] {
  const known = new Map(before.map((one) => [one[0], one]));
  for (const [source, agrees] of verdicts) if (!agrees) known.set(source, [source, now, 0]);
  const after = [...known.values()].flatMap(([source, since, agreed]): Quarantined[] => {
    const verdict = verdicts.get(source);
    if (verdict === false) return [[source, since, 0]];
    const times = verdict === true ? agreed + 1 : 0;
    return times >= rules.agreements && now - since >= rules.seconds ? [] : [[source, since, times]];
  });
  return after.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The fault of each source that is out although it agrees now. */
export function quarantineFaults(
  out: readonly Quarantined[],
  verdicts: Verdicts,
  now: number,
  rules: QuarantineParameters,
): readonly Fault[] {
  return out
    .filter(([source]) => verdicts.get(source) === true)
    .map(([source, since, agreed]) => {
      const need = `out for ${rules.seconds} s and ${rules.agreements} times`;
      return fault("QUARANTINED", source, `disagreed ${now - since} s ago, agreed ${agreed} times since; ${need}`);
    });
}
