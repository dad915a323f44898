import { randomStream } from "../../scripts/lab/replay/generated/random.ts";
import { ROWS } from "./registry.ts";
import type { ChaosRow, RowResult } from "./row.ts";
import { type ChaosWorld, chaosWorld } from "./support/chaosWorld.ts";

export type RowOutcome = {
  readonly row: number;
  readonly fault: string;
  readonly seconds: number;
  readonly state: "passed" | "failed" | "skipped";
  readonly why: string;
  readonly result: RowResult | null;
};

/** Runs rows one after the other, all from one seed, and tells each outcome as it comes. */
export async function runRows(options: {
  readonly seed: number;
  readonly short: boolean;
  readonly only: readonly number[];
  readonly told: (outcome: RowOutcome) => void;
  readonly note: (text: string) => void;
}): Promise<readonly RowOutcome[]> {
  const { seed, short } = options;
  let shared: Promise<ChaosWorld> | null = null;
  const world = () => {
    shared ??= chaosWorld();
    return shared;
  };
  const outcomes: RowOutcome[] = [];
  try {
    for (const number of options.only) {
      const row = (ROWS as Readonly<Record<number, ChaosRow>>)[number];
      if (row === undefined) throw new Error(`no row ${number}; there are ${Object.keys(ROWS).join(", ")}`);
      const random = randomStream(seed, `row ${number}`).uniform;
      const note = (text: string) => options.note(`row ${number}: ${text}`);
      const started = performance.now();
      const outcome = await attempt(row, number, () => row.run({ seed, random, short, world, note }));
      const seconds = (performance.now() - started) / 1_000;
      outcomes.push({ ...outcome, seconds });
      options.told({ ...outcome, seconds });
    }
  } finally {
    const made = shared as Promise<ChaosWorld> | null;
    await (await made?.catch(() => null))?.close();
  }
  return outcomes;
}

async function attempt(row: ChaosRow, number: number, run: () => Promise<RowResult>): Promise<RowOutcome> {
  const base = { row: number, fault: row.fault, seconds: 0 };
  const without = row.without?.() ?? false;
  if (without !== false) return { ...base, state: "skipped", why: without, result: null };
  try {
    const result = await run();
    const { liquidations, lost, doubled, loosened, recovered } = result.ledger;
    const clean = [liquidations, lost, doubled, loosened].every((count) => count === null || count === 0) && recovered;
    const unmet = result.findings.filter((finding) => !finding.met).map((finding) => finding.what);
    const why = [...(clean ? [] : ["the ledger is not clean"]), ...unmet].join("; ");
    return { ...base, state: why === "" ? "passed" : "failed", why, result };
  } catch (error) {
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { ...base, state: "failed", why, result: null };
  }
}
