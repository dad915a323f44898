import { uniforms } from "../statistics/random.ts";
import type { Walk } from "./walkForward.ts";
import { type World, withOtherFuture } from "./world.ts";

/** A number that changed although only the future did. */
type Leak = { readonly column: string; readonly time: number; readonly cut: number };

/**
 * Looks for look-ahead: the walk is made once as things were and once with every price and index after a cut replaced by
 * other ones. Whatever it said up to the cut must be the same to the bit. Returns the first difference of each column.
 * @param cuts moments up to which the two worlds agree
 */
export function leakCheck(
  world: World,
  walk: (world: World) => Walk,
  cuts: readonly number[],
  seed: number,
): readonly Leak[] {
  const asItWas = walk(world);
  const leaks: Leak[] = [];
  for (const cut of cuts) {
    const random = uniforms(seed + cut);
    let level = 1;
    const other = walk(
      withOtherFuture(world, cut, () => {
        level = Math.min(4, Math.max(0.25, level * (0.9 + 0.2 * random())));
        return level;
      }),
    );
    for (const [column, values] of Object.entries(columnsOf(asItWas))) {
      const changed = columnsOf(other)[column] ?? values;
      for (let n = 0; n < values.length && (asItWas.time[n] ?? 0) <= cut; n++) {
        if (Object.is(values[n], changed[n])) continue;
        leaks.push({ column, time: asItWas.time[n] ?? 0, cut });
        break;
      }
    }
  }
  return leaks;
}

function columnsOf(walk: Walk): Readonly<Record<string, ArrayLike<number>>> {
  const { maintenance, initial, rungs, updates: _updates, trips: _trips, ...plain } = walk;
  const named = (prefix: string, columns: Readonly<Record<string, Float64Array>>) =>
    Object.entries(columns).map(([name, values]) => [`${prefix} ${name}`, values] as const);
  return {
    ...plain,
    ...Object.fromEntries([
      ...named("maintenance", maintenance),
      ...named("initial", initial),
      ...named("rung", rungs),
    ]),
  };
}
