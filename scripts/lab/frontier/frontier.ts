import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import Tinypool from "tinypool";
import { ASSETS } from "../validation/backtest/assets.ts";
import type { Assumptions, Span } from "./evaluate.ts";
import { utc } from "./evaluate.ts";
import type { Choice, FrontierRow } from "./judgeAsset.ts";
import { frontierCsv, frontierPage } from "./page.ts";
import frontierTask, { type FrontierPart, type FrontierTask } from "./task.ts";

/** Rules are chosen on what was known before it, and reported on what came after. */
const CUT = utc(2023, 1, 1);
const CHOOSING: Span = { name: "before 2023", from: utc(2019, 1, 1), to: CUT };
const REPORTING: Span = { name: "from 2023", from: CUT, to: utc(2100, 1, 1) };

/** What is to be judged. */
type FrontierRequest = {
  /** Names of recorded assets. */
  readonly assets: readonly string[];
  readonly folder: string;
  readonly assumptions: Assumptions;
  /** Names of families of depth. */
  readonly depths: readonly string[];
  /** Where chosen.json, frontier.csv and frontier.html are written. */
  readonly out: string;
  /** Worker threads; 0: none, all in this one. */
  readonly workers: number;
  progress(done: number, of: number, what: string): void;
};

export type Frontier = {
  readonly assumptions: Assumptions;
  readonly choices: readonly Choice[];
  readonly rows: readonly FrontierRow[];
  readonly files: readonly string[];
};

/** Assets that can be judged: all that have hours before and after the cut are, the others where they have any. */
export const FRONTIER_ASSETS: readonly string[] = ASSETS.map(({ name }) => name);

/**
 * Judges every rule on every asset, family of depth and span, in the order that keeps a choice honest: rules are chosen on
 * early data, the choice is written down, and only then is anything later handed to a rule.
 * @throws TonsorError BAD_FILE when recordings are missing or a rule looks ahead
 */
export async function frontier(request: FrontierRequest): Promise<Frontier> {
  const { assumptions, depths, folder, out } = request;
  mkdirSync(out, { recursive: true });
  const task = (kind: FrontierTask["kind"], asset: string): FrontierTask => {
    return { kind, asset, folder, choosing: CHOOSING, reporting: REPORTING, assumptions, depths };
  };
  const all = request.assets.length * 2;
  let done = 0;
  request.progress(done, all, "choosing");
  const parts = await pooled(request.workers, async (work) => {
    const each = (kind: FrontierTask["kind"]) =>
      Promise.all(
        request.assets.map(async (asset) => {
          const part = await work(task(kind, asset));
          request.progress(++done, all, `${kind === "choose" ? "choosing for" : "judging"} ${asset}`);
          return part;
        }),
      );
    const choices = (await each("choose")).flatMap((part) => part.choices);
    writeFileSync(
      join(out, "chosen.json"),
      `${JSON.stringify({ until: CHOOSING.to, assumptions, choices }, null, 1)}\n`,
    );
    return { choices, rows: (await each("judge")).flatMap((part) => part.rows) };
  });
  const found = { assumptions, ...parts };
  writeFileSync(join(out, "frontier.csv"), frontierCsv(parts.rows));
  writeFileSync(join(out, "frontier.html"), frontierPage(found));
  return { ...found, files: ["chosen.json", "frontier.csv", "frontier.html"].map((name) => join(out, name)) };
}

/** Threads that a sweep takes when nobody says: one for each core. */
export const DEFAULT_WORKERS = availableParallelism();

async function pooled<Result>(
  workers: number,
  use: (work: (task: FrontierTask) => Promise<FrontierPart>) => Promise<Result>,
): Promise<Result> {
  if (workers === 0) return use(async (task) => frontierTask(task));
  const pool = new Tinypool({
    filename: new URL("./task.ts", import.meta.url).href,
    ...{ minThreads: workers, maxThreads: workers },
  });
  try {
    return await use((task) => pool.run(task));
  } finally {
    await pool.destroy();
  }
}
