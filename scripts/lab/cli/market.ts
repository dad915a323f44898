import { writeFileSync } from "node:fs";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../../keeper/markets/defaults.ts";
import { limitsOfMarket } from "../../../keeper/markets/limits.ts";
import { v3SellCurve } from "../../../keeper/model/depth/uniswapV3Curve.ts";
import { readPoolFile } from "../files/poolFile.ts";
import { readDepthFile, readPriceFile, type Series } from "../files/seriesFile.ts";
import { PLAY_DEFAULTS, type PlaySettings, playSettings } from "../market/play.ts";
import { type DepthCurve, recordedDepth } from "../market/pool.ts";
import { type ContractRules, type Rule, speedLimits, unguarded } from "../market/rules.ts";
import { type Outcome, runMarket } from "../market/run.ts";
import { mergeOutcomes, segmentsOf } from "../market/segments.ts";
import { TIMELINE_COLUMNS, timelineRow } from "../market/timeline.ts";
import { walkedRule } from "../market/walkedRule.ts";
import { ASSETS } from "../validation/backtest/assets.ts";
import type { Method } from "../validation/backtest/methods.ts";
import type { PriceSeries } from "../validation/backtest/priceSeries.ts";
import { type Walk, walkForward } from "../validation/backtest/walkForward.ts";
import type { World } from "../validation/backtest/world.ts";
import { Worlds } from "../validation/backtest/worlds.ts";
import { parseChanges } from "../validation/parameters.ts";
import { recordingsFolder } from "../validation/recordings.ts";
import { soldSide } from "./depth.ts";

/** Rules a market can be played under: the static one of the settings, or one of the backtest's. */
export const MARKET_RULES = ["static", "onChain", "ewmaNormal", "realised", "smartLtv", "aloe"] as const;
type MarketRule = (typeof MARKET_RULES)[number];

/** What is to be played; times are Unix seconds, null is open. */
type MarketRequest = {
  /** A recorded asset, or a csv file of prices, `-` for standard input. */
  readonly source: string;
  /** Whether rows of the file may be missing: longer holes end a stretch. */
  readonly gaps: boolean;
  readonly depthFile: string | null;
  /** A recorded Uniswap v3 pool to sell into, null: none. */
  readonly poolFile: string | null;
  /** Most that the rule's maintenance haircut may rise a day, a fraction; null: what the rule says is on chain at once. */
  readonly maintenanceSpeed: number | null;
  readonly rule: MarketRule;
  /** "name=value" each: parameters of the model that rules are asked with. */
  readonly changes: readonly string[];
  /** What is given of `PLAY_DEFAULTS`; undefined: the asset's own, or the default. */
  readonly given: { readonly [Name in keyof typeof PLAY_DEFAULTS]?: number | undefined };
  readonly from: number | null;
  readonly to: number | null;
  readonly folder: string | undefined;
  /** Where the timeline is written, csv; null: nowhere. */
  readonly timeline: string | null;
  progress(done: number, of: number, what: string): void;
};

/** A market's outcome, what was assumed, and where its prices came from. */
export type MarketReport = {
  readonly outcome: Outcome;
  readonly assumed: Omit<PlaySettings, "prices" | "depth" | "pool">;
  readonly from: number;
  readonly to: number;
  readonly segments: number;
};

/**
 * Plays a lender with one collateral over recorded or given prices under one rule.
 * @throws TonsorError BAD_FILE, BAD_ARGUMENT or OUT_OF_RANGE naming what cannot be used
 */
export function playMarket(request: MarketRequest): MarketReport {
  const depth = request.depthFile === null ? null : readDepthFile(request.depthFile);
  const { world, segments, name } = subjectOf(request, depth);
  const bonus = request.given.bonus ?? world.model.liquidationBonus;
  const own = { bonus, ltv: 1 - world.deployed.initial, threshold: 1 - world.deployed.maintenance };
  const given = Object.fromEntries(Object.entries(request.given).filter(([, value]) => value !== undefined));
  const assumed = { ...PLAY_DEFAULTS, ...own, ...given, name };
  const walk =
    request.rule === "static" ? null : walkForward({ ...world, model: { ...world.model, liquidationBonus: bonus } });
  const pool = request.poolFile === null ? null : poolDepth(request.poolFile);
  const contract = request.maintenanceSpeed === null ? unguarded : noticed(request.maintenanceSpeed);
  const spans = segments.map((one) =>
    within(one, Math.max(request.from ?? 0, firstOf(request.rule, walk)), request.to),
  );
  const played = spans.filter((one) => one.times.length > 1);
  if (played.length === 0) {
    const facts = {
      field: "--from, --to",
      given: spanText(request),
      expected: spanOf(segments, firstOf(request.rule, walk)),
    };
    throw new TonsorError("BAD_ARGUMENT", "no price lies in that span", facts);
  }
  const rows: string[] = request.timeline === null ? [] : [TIMELINE_COLUMNS.join(",")];
  const outcomes = played.map((prices, i) => {
    request.progress(i, played.length, name);
    const rule = walk === null ? undefined : ruleOf(request.rule as Method, walk, prices.times, bonus);
    const settings = playSettings({ ...assumed, prices, depth, pool }, rule, contract);
    const [outcome] = runMarket(settings, (lender) => {
      const [market] = lender.markets;
      if (request.timeline === null || market === undefined) return;
      rows.push(timelineRow(market, prices.times[lender.step - 1] as number, lender.unsold(market)));
    });
    return outcome as Outcome;
  });
  request.progress(played.length, played.length, name);
  if (request.timeline !== null) writeFileSync(request.timeline, `${rows.join("\n")}\n`);
  const [first, last] = [played[0] as Series, played.at(-1) as Series];
  return {
    outcome: mergeOutcomes(outcomes),
    ...{ assumed, segments: played.length, from: first.times[0] as number, to: last.times.at(-1) as number },
  };
}

/** The world of a recorded asset, or one made of a file's prices with the defaults of the model. */
function subjectOf(
  request: MarketRequest,
  depth: Series | null,
): { world: World; segments: readonly Series[]; name: string } {
  const asset = ASSETS.find(({ name }) => name === request.source.toUpperCase());
  const changes = parseChanges(request.changes, DEFAULT_MODEL);
  const base = { model: DEFAULT_MODEL, policy: DEFAULT_POLICY, limits: limitsOfMarket("WETH"), changes };
  if (asset !== undefined) {
    const folder = recordingsFolder(request.folder);
    const world = new Worlds(folder, { ...base, depthOverCap: 0.15, volumeOverCap: 2 }).open(asset);
    const { closeTimes, closes, stepSeconds } = world.series;
    return { world, name: asset.name, segments: segmentsOf(closeTimes, closes, stepSeconds) };
  }
  if (!/[./-]/.test(request.source)) {
    const expected = `a csv file of prices, - for standard input, or one of ${ASSETS.map(({ name }) => name).join(", ")}`;
    throw new TonsorError("UNKNOWN_MARKET", "nothing is recorded under that name", {
      ...{ field: "market", given: request.source, expected },
    });
  }
  const series = readPriceFile(request.source, "prices", request.gaps);
  const { closeTimes: times, closes: values, stepSeconds } = series;
  const segments = request.gaps ? segmentsOf(times, values, stepSeconds) : [{ times, values, stepSeconds }];
  return {
    world: worldOf(series, depth, { ...base, model: { ...DEFAULT_MODEL, ...changes } }),
    name: request.source,
    segments,
  };
}

/** What rules see of it: the given depth and volume where there are some, else the proportions of the calm example. */
function worldOf(series: PriceSeries, depth: Series | null, base: Pick<World, "model" | "policy" | "limits">): World {
  const { model } = base;
  return {
    ...base,
    series,
    ...(depth === null ? {} : { depth }),
    ...(series.candles.some((candle) => candle[5] > 0) ? { measuredVolume: true } : {}),
    ...{ index: null, transfer: null, depthUsd: 0.15 * model.supplyCapUsd, dailyVolumeUsd: 2 * model.supplyCapUsd },
    deployed: { initial: 1 - PLAY_DEFAULTS.ltv, maintenance: 1 - PLAY_DEFAULTS.threshold },
  };
}

function ruleOf(method: Method, walk: Walk, times: Float64Array, bonus: number): Rule {
  const haircuts = { time: walk.time, initial: walk.initial[method], maintenance: walk.maintenance[method] };
  return walkedRule(method, haircuts, times, DEFAULT_MODEL.minimumGap, 1 / (1 + bonus) - 0.005);
}

/** Depth of a recorded pool in the direction in which its collateral is sold, as far as it goes. */
function poolDepth(path: string): DepthCurve {
  const { pool } = readPoolFile(path);
  const curve = v3SellCurve(pool, soldSide(pool, undefined) === 0);
  return recordedDepth(curve, curve.capacity(1));
}

/** A contract that gives notice: maintenance rises at that speed a day, all else moves at once. */
function noticed(maintenanceUp: number): ContractRules {
  const atOnce = Number.POSITIVE_INFINITY;
  const free = { initialUp: atOnce, initialDown: atOnce, maintenanceDown: atOnce, limitUp: atOnce };
  return speedLimits({ ...free, maintenanceUp, gap: DEFAULT_MODEL.minimumGap });
}

function within({ times, values, stepSeconds }: Series, from: number, to: number | null): Series {
  const inside = (time: number) => time >= from && (to === null || time < to);
  const first = times.findIndex(inside);
  const last = times.findLastIndex(inside);
  const [low, high] = first < 0 ? [0, 0] : [first, last + 1];
  return { times: times.subarray(low, high), values: values.subarray(low, high), stepSeconds };
}

const iso = (time: number | null | undefined) =>
  time === null || time === undefined || !Number.isFinite(time) ? "open" : new Date(time * 1_000).toISOString();

function spanText({ from, to }: MarketRequest): string {
  return `${iso(from)} to ${iso(to)}`;
}

function spanOf(segments: readonly Series[], begins: number): string {
  const first = Math.max(segments[0]?.times[0] ?? 0, begins);
  return `times from ${iso(first)} to ${iso(segments.at(-1)?.times.at(-1))}, with 90 days of moving prices before`;
}

/** When a rule first says something, Unix seconds; Infinity: never. */
function firstOf(rule: MarketRule, walk: Walk | null): number {
  if (walk === null || rule === "static") return 0;
  const index = walk.maintenance[rule].findIndex((one) => !Number.isNaN(one));
  return walk.time[index] ?? Number.POSITIVE_INFINITY;
}
