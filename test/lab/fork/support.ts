import assert from "node:assert/strict";
import { type ForkSettings, simulate } from "../../../scripts/lab/fork/fork.ts";
import { type Moment, momentsOf } from "../../../scripts/lab/fork/pricePath.ts";
import type { ForkReport } from "../../../scripts/lab/fork/report.ts";
import { CRASH_END, CRASH_START } from "../../../scripts/lab/replay/generated/crashScenario.ts";
import { generatedSource } from "../../../scripts/lab/replay/generatedSource.ts";

/** Boards of a seed's generated crash, the first and then one in so many: few steps, each a large one. */
export function boards(seed: number, every: number, flat = false): readonly Moment[] {
  return momentsOf(generatedSource(seed), { from: CRASH_START, to: CRASH_END, stepHours: 24, flat })
    .filter(({ board }) => board)
    .filter((_, i) => i % every === 0);
}

/** A simulation on an own replica; `change` is what a test is about. */
export function forkSettings(
  seed: number,
  moments: readonly Moment[],
  change: Partial<ForkSettings> = {},
): ForkSettings {
  return {
    ...{ source: generatedSource(seed), moments, seed, borrowers: 24, lateShare: 0.2, rows: null },
    choice: { first: moments[0]?.time ?? 0, fork: null, seedFrom: null },
    play: {
      feed: { deviation: 0.005, heartbeatSeconds: 3_600, delaySeconds: 120 },
      liquidators: { count: 3, capitalUsd: 2_000_000, gasGwei: 20 },
      refillSeconds: 1_800,
    },
    onNote: () => {},
    signal: new AbortController().signal,
    progress: () => {},
    ...change,
  };
}

/**
 * A run whose prices never move, with every borrower at the limit of their day and two boards, calm and nine days into the
 * crash: the keeper has every reason to tighten.
 */
export async function atTheLimit(seed: number): Promise<ForkReport> {
  const rows = [{ collateral: 1, debt: 0.8, threshold: 0.808 }];
  const moments = boards(seed, 35, true).slice(0, 2);
  const report = await simulate(forkSettings(seed, moments, { rows, borrowers: 12, lateShare: 0.5 }));
  assert.ok(report.with.updates > 0 && report.with.syncs > 0, `seed ${seed}: the keeper acts`);
  return report;
}
