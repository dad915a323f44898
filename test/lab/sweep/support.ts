import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type SweepOptions, sweep } from "../../../scripts/lab/sweep/sweep.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

export const KINDS = { square: new URL("tasks.ts", import.meta.url).href };

/** A folder in place of the recordings: two files of which results would depend. */
export function recordings(content = "t,close\n0,1\n"): string {
  const folder = join(temporaryFolder(), "data");
  mkdirSync(join(folder, "ohlcv"), { recursive: true });
  writeFileSync(join(folder, "ohlcv", "a.csv"), content);
  writeFileSync(join(folder, "README"), "made\n");
  return folder;
}

export type Seen = { readonly notes: string[]; readonly progress: [done: number, of: number, left?: number][] };

/** Options of a sweep of squares, and what it tells. */
export function options(changes: Partial<SweepOptions> = {}): SweepOptions & { readonly seen: Seen } {
  const seen: Seen = { notes: [], progress: [] };
  return {
    ...{ kind: "square", kinds: KINDS, workers: 0, redisUrl: null, expected: 0, signal: new AbortController().signal },
    data: changes.data ?? recordings(),
    kept: join(temporaryFolder(), "kept"),
    progress: (done, of, _, left) => void seen.progress.push(left === undefined ? [done, of] : [done, of, left]),
    note: (text) => void seen.notes.push(text),
    ...changes,
    seen,
  };
}

/** Tasks 0 to count - 1. */
export function squares(count: number, asked: (n: number) => object = () => ({})) {
  return Array.from({ length: count }, (_, n) => ({ key: `square ${n}`, input: { n, ...asked(n) } }));
}

/** Does the tasks in one run, and returns outputs and digest. */
export function swept(given: SweepOptions, tasks: ReturnType<typeof squares>) {
  return sweep(given, async (made) => {
    const outputs = await made.run<object, { n: number; square: number }>(tasks);
    return { outputs, digest: made.digest() };
  });
}
