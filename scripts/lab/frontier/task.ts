import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../../keeper/markets/defaults.ts";
import { limitsOfMarket } from "../../../keeper/markets/limits.ts";
import { ASSETS, type Asset } from "../validation/backtest/assets.ts";
import type { World } from "../validation/backtest/world.ts";
import { Worlds } from "../validation/backtest/worlds.ts";
import type { Assumptions } from "./assumptions.ts";
import { DEPTH_FAMILIES, loadBooks } from "./depthFamilies.ts";
import type { Span } from "./evaluate.ts";
import { type Choice, chooseFor, type FrontierRow, judgeFor } from "./judgeAsset.ts";
import { type Subject, subjectOf, worldUntil } from "./subject.ts";

/** A part of a frontier, plain data: any worker can do it, and the result does not depend on which one did. */
export type FrontierTask = {
  readonly kind: "choose" | "judge";
  readonly asset: string;
  readonly choosing: Span;
  readonly reporting: Span;
  readonly assumptions: Assumptions;
  /** Names of families of depth. */
  readonly depths: readonly string[];
};

/** What a task gives: choices when choosing, rows when judging. */
export type FrontierPart = { readonly choices: readonly Choice[]; readonly rows: readonly FrontierRow[] };

/** Does one task over the recordings of a folder; a kind of `SWEEP_KINDS`. */
export default function frontierTask(task: FrontierTask, folder: string): FrontierPart {
  const { choosing, reporting, assumptions } = task;
  const terms = { assumptions, families: DEPTH_FAMILIES.filter(({ name }) => task.depths.includes(name)) };
  const { early, whole } = subjectsOf(task.asset, folder, choosing.to);
  if (task.kind === "choose") return chooseFor(early, choosing, terms);
  return { choices: [], rows: judgeFor(whole(), early, reporting, terms) };
}

type Subjects = { readonly key: string; readonly early: Subject; whole(): Subject };
let held: Subjects | null = null;

/** An asset up to a cut, and as a whole once that is asked for. The last asset's are kept: the next task is often its too. */
function subjectsOf(name: string, folder: string, cut: number): Subjects {
  const key = [name, folder, cut].join(" ");
  if (held?.key === key) return held;
  const asset = ASSETS.find((one) => one.name === name) as Asset;
  const [world, books] = [worldOf(asset, folder), loadBooks(folder, name)];
  let all: Subject | null = null;
  const whole = () => {
    all ??= subjectOf(asset, world, books);
    return all;
  };
  held = { key, early: subjectOf(asset, worldUntil(world, cut), books), whole };
  return held;
}

/** An asset's world under the model as markets take it when nobody says otherwise. */
export function worldOf(asset: Asset, folder: string): World {
  const settings = { model: DEFAULT_MODEL, policy: DEFAULT_POLICY, limits: limitsOfMarket("WETH"), changes: {} };
  return new Worlds(folder, { ...settings, depthOverCap: 0.15, volumeOverCap: 2 }).open(asset);
}
