import { type Fault, fault } from "../domain/fault.ts";
import type { QuarantineParameters } from "../domain/parameters.ts";
import type { Quarantined } from "../domain/risk.ts";

/** What one look says of the sources that can be held against others: true agreed, false disagreed; absent: not seen. */
type Verdicts = ReadonlyMap<string, boolean>;

/**
 * Sources in quarantine after a look, sorted by name. One that disagrees enters, or begins anew; one that agrees counts up,
 * and leaves once it has agreed `agreements` times in a row and `seconds` have passed since it last disagreed; one that was
 * not seen begins to count anew. A pure function of the state before, the look and the time, so that evidence recomputes it.
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
