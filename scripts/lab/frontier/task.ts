import { join } from "node:path";
import type { ModelParameters } from "../../../keeper/domain/parameters.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../../keeper/markets/defaults.ts";
import { RISK_CLASSES } from "../../../keeper/markets/limits.ts";
import { type GivenTerms, type OwnFiles, ownAsset } from "../files/ownAsset.ts";
import { ASSETS, type Asset } from "../validation/backtest/assets.ts";
import type { World } from "../validation/backtest/world.ts";
import { Worlds } from "../validation/backtest/worlds.ts";
import type { Assumptions } from "./assumptions.ts";
import { type Books, DEPTH_FAMILIES, loadBooks } from "./depthFamilies.ts";
import type { Span } from "./evaluate.ts";
import { type Choice, chooseFor, type FrontierRow, judgeFor } from "./judgeAsset.ts";
import { type Subject, subjectOf, worldUntil } from "./subject.ts";

/** A part of a frontier, plain data: any worker can do it, and the result does not depend on which one did. */
export type FrontierTask = {
  readonly kind: "choose" | "judge";
  readonly asset: string;
  /** Files of an analyst in the data folder, instead of a recording; absent: `asset` is a recorded one. */
  readonly own?: OwnCollateral;
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
  const { early, whole } = subjectsOf(task, folder);
  if (task.kind === "choose") return chooseFor(early, choosing, terms);
  return { choices: [], rows: judgeFor(whole(), early, reporting, terms) };
}

/** A collateral of an analyst's own, whose files are in the data folder. */
export type OwnCollateral = { readonly files: OwnFiles; readonly terms: GivenTerms };

/** Reads it. @throws TonsorError BAD_FILE for a file that cannot be used */
export function ownCollateral(name: string, { files, terms }: OwnCollateral, folder: string): Asset {
  const [prices, depth] = [join(folder, files.prices), files.depth === null ? null : join(folder, files.depth)];
  return ownAsset(name, { ...files, prices, depth }, terms, DEFAULT_MODEL.liquidationBonus);
}

/** Depth of one's own as bids: what was to be had for that many dollars at the price of the hour. */
function booksOf({ series, depth }: NonNullable<Asset["own"]>): Books | null {
  if (depth === null) return null;
  let at = 0;
  const tokens = Float64Array.from(depth.times, (time, i) => {
    while (at + 1 < series.closeTimes.length && (series.closeTimes[at + 1] as number) <= time) at += 1;
    return (depth.values[i] as number) / (series.closes[at] as number);
  });
  return { times: depth.times, tokens };
}

type Subjects = { readonly key: string; readonly early: Subject; whole(): Subject };
let held: Subjects | null = null;

/** An asset up to a cut, and as a whole once that is asked for. The last asset's are kept: the next task is often its too. */
function subjectsOf({ asset: name, own, choosing, assumptions }: FrontierTask, folder: string): Subjects {
  const cut = choosing.to;
  const { memoryDays, changes } = assumptions;
  const key = JSON.stringify([name, own, folder, cut, memoryDays, changes]);
  if (held?.key === key) return held;
  const asset =
    own === undefined ? (ASSETS.find((one) => one.name === name) as Asset) : ownCollateral(name, own, folder);
  const books = asset.own === undefined ? loadBooks(folder, name) : booksOf(asset.own);
  const world = worldOf(asset, folder, changes);
  let all: Subject | null = null;
  const whole = () => {
    all ??= subjectOf(asset, world, books, memoryDays);
    return all;
  };
  held = { key, early: subjectOf(asset, worldUntil(world, cut), books, memoryDays), whole };
  return held;
}

/** An asset's world under the model as markets take it when nobody says otherwise, but for the changes. */
export function worldOf(asset: Asset, folder: string, changes: Partial<ModelParameters> = {}): World {
  const settings = { model: DEFAULT_MODEL, policy: DEFAULT_POLICY, limits: RISK_CLASSES.major.limits, changes };
  const world = new Worlds(folder, { ...settings, depthOverCap: 0.15, volumeOverCap: 2 }).open(asset);
  // Depth is the family's here, and sizes are shares of the cap: for recorded and own collateral alike.
  const { depth: _depth, measuredVolume: _volume, ...plain } = world;
  return plain;
}
