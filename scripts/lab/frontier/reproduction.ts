import { existsSync } from "node:fs";
import { join } from "node:path";
import { ASSETS } from "../validation/backtest/assets.ts";
import { ASSUMPTIONS } from "./assumptions.ts";
import { DEPTH_FAMILIES, type DepthFamily } from "./depthFamilies.ts";
import { judge, onStage, type Stage, stageOf, utc } from "./evaluate.ts";
import { depthOverCap } from "./judgeAsset.ts";
import { movementOf } from "./movement.ts";
import { type OfferedPath, offered, scaleForLtv } from "./offered.ts";
import type { FrontierRule, RulePath } from "./rules.ts";
import { rulesOf, subjectOf } from "./subject.ts";
import { worldOf } from "./task.ts";

/** One published figure beside ours. */
export type Reproduced = {
  readonly asset: string;
  readonly what: string;
  /** `bad debt`: bp of debt a year; `caused`: share of hours whose loans the rule alone makes liquidatable in 60 days. */
  readonly figure: "bad debt" | "caused";
  readonly published: number;
  readonly ours: number;
  /** Whether ours is within a factor of two. */
  readonly isWithinTwo: boolean;
};

const COMPARED = ["ETH", "BTC", "SOL"];
const LTV = 0.76;
const GAP = 0.03;

/** "What a first judge says", MODEL.md of model version 3: rules at a mean LTV of 0.76, hourly 2019-2026. */
const RULES: readonly (readonly [rule: FrontierRule, ETH: number, BTC: number | null, caused: number | null])[] = [
  ["static", 83.5, 65.1, 0],
  ["ewmaNormal", 73.7, 56.9, 0.38],
  // SmartLTV on fast volatility.
  ["fastDepth", 44.2, null, 0.37],
  ["fastLong", 42.9, 30.2, 0.3],
  ["fastLongSlow", 46.7, 35, 0.03],
];

/** The same place: static haircuts at a liquidation threshold without a limit, and with one in proportion to depth. */
const LIMITS: readonly (readonly [asset: string, threshold: number, without: number, limited: number | null])[] = [
  ["ETH", 0.83, 120, 39],
  ["ETH", 0.78, 77, 11],
  ["ETH", 0.7, 37, 1.9],
  ["BTC", 0.83, 92, 30],
  ["BTC", 0.78, 60, 14],
  ["BTC", 0.7, 17, 4.3],
  ["SOL", 0.83, 384, 222],
];

/**
 * The published figures of the first judge, made again under the assumptions of that name on depth that follows turnover.
 * @param folder the recordings; an asset that is not there is left out
 */
export function reproduce(folder: string, progress: (what: string) => void): readonly Reproduced[] {
  const assets = ASSETS.filter(({ name, file }) => COMPARED.includes(name) && existsSync(join(folder, file)));
  return assets.flatMap((asset) => {
    progress(asset.name);
    const subject = subjectOf(asset, worldOf(asset, folder), null, null);
    const span = { name: "2019 to 2026", from: utc(2019, 1, 1), to: utc(2027, 1, 1) };
    const family = DEPTH_FAMILIES.find((one) => one.name === "turnover") as DepthFamily;
    const stage = stageOf(subject, family, span, ASSUMPTIONS.firstJudge) as Stage;
    const paths = rulesOf(subject, stage.depth, depthOverCap(ASSUMPTIONS.firstJudge));
    return [...rulesAt(stage, paths), ...limitsAt(stage, paths.limitDepth)];
  });
}

function rulesAt(stage: Stage, paths: Readonly<Record<FrontierRule, RulePath>>): readonly Reproduced[] {
  const { name } = stage.subject.asset;
  const bonus = stage.subject.world.model.liquidationBonus;
  if (name !== "ETH" && name !== "BTC") return [];
  return RULES.flatMap(([rule, ETH, BTC, caused]): Reproduced[] => {
    const published = { ETH, BTC }[name];
    if (published === null) return [];
    const scale = scaleForLtv(paths[rule], LTV, GAP, bonus, onStage(stage));
    if (scale === null) return [];
    const offer = offered(paths[rule], scale, GAP, bonus);
    const bad = compared(name, `${rule}, mean LTV ${LTV}`, "bad debt", published, badDebt(stage, offer));
    if (name !== "ETH" || caused === null) return [bad];
    const { unmoved60 } = movementOf(stage, offer);
    return [bad, compared(name, `${rule}, mean LTV ${LTV}`, "caused", caused, unmoved60)];
  });
}

function limitsAt(stage: Stage, { limit }: RulePath): readonly Reproduced[] {
  const { asset, times } = stage.subject;
  return LIMITS.filter(([name]) => name === asset.name).flatMap(([name, at, without, limited]) => {
    const offer = { threshold: times.map(() => at), ltv: times.map(() => at - GAP), limit: null };
    const what = `static, threshold ${at}`;
    const plain = compared(name, what, "bad debt", without, badDebt(stage, offer));
    if (limited === null) return [plain];
    const own = badDebt(stage, { ...offer, limit });
    return [plain, compared(name, `${what}, limit in proportion to depth`, "bad debt", limited, own)];
  });
}

function badDebt(stage: Stage, offer: OfferedPath): number {
  return judge(stage, offer).outcome.badDebtBps;
}

function compared(
  asset: string,
  what: string,
  figure: Reproduced["figure"],
  published: number,
  ours: number,
): Reproduced {
  const isWithinTwo = published === ours || (ours <= 2 * published && ours >= published / 2);
  return { asset, what, figure, published, ours, isWithinTwo };
}
