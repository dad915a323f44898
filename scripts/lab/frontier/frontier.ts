import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SweepOptions } from "../sweep/sweep.ts";
import { sweep } from "../sweep/sweep.ts";
import { ASSETS } from "../validation/backtest/assets.ts";
import type { Assumptions } from "./assumptions.ts";
import { utc } from "./evaluate.ts";
import { frontierCsv } from "./frontierCsv.ts";
import type { Choice, FrontierRow } from "./judgeAsset.ts";
import { frontierPage } from "./page.ts";
import { type Reproduced, reproduce } from "./reproduction.ts";
import { spansOf } from "./spans.ts";
import type { FrontierPart, FrontierTask, OwnCollateral } from "./task.ts";

/** Rules are chosen on what was known before it, and reported on what came after. */
export const CUT = utc(2023, 1, 1);

/** What is to be judged. */
type FrontierRequest = {
  /** Names of recorded assets; that of `own` alone where there is one. */
  readonly assets: readonly string[];
  readonly own: OwnCollateral | null;
  /** Rules are chosen on what lies before it and judged on the rest, Unix seconds. */
  readonly cut: number;
  readonly folder: string;
  readonly assumptions: Assumptions;
  /** Names of families of depth. */
  readonly depths: readonly string[];
  /** Where chosen.json, frontier.csv and frontier.html are written. */
  readonly out: string;
  /** Whether the first judge's published figures are made again too. */
  readonly reproduction: boolean;
  /** How the sweep over assets and families of depth is done. */
  readonly sweep: Pick<SweepOptions, "workers" | "redisUrl" | "signal" | "progress" | "note">;
};

export type Frontier = {
  /** Rules were chosen on what lies before it, Unix seconds. */
  readonly cut: number;
  readonly assumptions: Assumptions;
  readonly choices: readonly Choice[];
  readonly rows: readonly FrontierRow[];
  /** The first judge's published figures beside ours; empty when they were not asked for. */
  readonly reproduction: readonly Reproduced[];
  readonly files: readonly string[];
  /** SHA-256 over the results of all tasks: the same whoever did what. */
  readonly digest: string;
};

/** Assets that can be judged: all that have hours before and after the cut are, the others where they have any. */
export const FRONTIER_ASSETS: readonly string[] = ASSETS.map(({ name }) => name);
/** Names of the files written. */
export const FRONTIER_FILES = ["chosen.json", "frontier.csv", "frontier.html"];

/**
 * Judges every rule on every asset, family of depth and span, in the order that keeps a choice honest: rules are chosen on
 * early data, the choice is written down, and only then is anything later handed to a rule.
 * @throws TonsorError BAD_FILE when recordings are missing or a rule looks ahead
 */
export async function frontier(request: FrontierRequest): Promise<Frontier> {
  const { assumptions, depths, folder, out, own, cut } = request;
  const { choosing, reporting } = own === null ? spansOf(cut) : spansOf(cut, 0);
  mkdirSync(out, { recursive: true });
  const pairs = request.assets.flatMap((asset) => depths.map((depth) => ({ asset, depth })));
  const task = (kind: FrontierTask["kind"], { asset, depth }: (typeof pairs)[0]) => ({
    key: `${kind} ${asset} ${depth}`,
    input: { kind, asset, ...(own === null ? {} : { own }), choosing, reporting, assumptions, depths: [depth] },
  });
  const options = {
    ...request.sweep,
    ...{ kind: "frontier", data: folder, kept: join(out, "unfinished"), expected: 2 * pairs.length },
  };
  const parts = await sweep(options, async ({ run, digest }) => {
    const each = (kind: FrontierTask["kind"]) => run<FrontierTask, FrontierPart>(pairs.map((pair) => task(kind, pair)));
    const early = await each("choose");
    const choices = early.flatMap((part) => part.choices);
    writeFileSync(
      join(out, "chosen.json"),
      `${JSON.stringify({ until: choosing.to, assumptions, choices }, null, 1)}\n`,
    );
    const rows = [...early, ...(await each("judge"))].flatMap((part) => part.rows);
    return { choices, rows, digest: digest() };
  });
  const note = (asset: string) => request.sweep.note(`making the first judge's figures again: ${asset}`);
  const reproduction = request.reproduction ? reproduce(folder, note) : [];
  const found = { cut, assumptions, ...parts, reproduction };
  writeFileSync(join(out, "frontier.csv"), frontierCsv(parts.rows));
  writeFileSync(join(out, "frontier.html"), frontierPage(found));
  return { ...found, files: FRONTIER_FILES.map((name) => join(out, name)) };
}
