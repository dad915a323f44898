import { writeFileSync } from "node:fs";
import { DAY_SECONDS, HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { DEFAULT_MODEL } from "../../../keeper/markets/defaults.ts";
import { v3SellCurve } from "../../../keeper/model/depth/uniswapV3Curve.ts";
import { readPoolFile } from "../files/poolFile.ts";
import { readDepthFile, type Series } from "../files/seriesFile.ts";
import { liveRule } from "../market/liveRule.ts";
import { parameterContract } from "../market/parameterContract.ts";
import { PLAY_DEFAULTS, type PlaySettings, type PlayShared, playTogether } from "../market/play.ts";
import { type DepthCurve, recordedDepth } from "../market/pool.ts";
import { type ContractRules, type Rule, speedLimits, unguarded } from "../market/rules.ts";
import { type Outcome, runMarket } from "../market/run.ts";
import { mergeOutcomes, sumOutcomes } from "../market/segments.ts";
import { TIMELINE_COLUMNS, timelineRow } from "../market/timeline.ts";
import { walkedRule } from "../market/walkedRule.ts";
import type { Method } from "../validation/backtest/methods.ts";
import type { PriceSeries } from "../validation/backtest/priceSeries.ts";
import { type Walk, walkForward } from "../validation/backtest/walkForward.ts";
import { soldSide } from "./depthReport.ts";
import { commonStretches, type MarketSubject, marketSubject, within } from "./marketSubject.ts";

/** Rules a market can be played under: the static one of the settings, or one of the backtest's. */
export const MARKET_RULES = [
  "static",
  "onChain",
  "ours",
  "live",
  "ewmaNormal",
  "realised",
  "smartLtv",
  "aloe",
] as const;
type MarketRule = (typeof MARKET_RULES)[number];

/** What is between a rule and its lender: the real contract's rules, one speed, or nothing. */
export const MARKET_CONTRACTS = ["real", "speeds", "none"] as const;
type MarketContract = (typeof MARKET_CONTRACTS)[number];

/** Days of prices before the live reasoning knows long-run volatility. */
const HISTORY_SECONDS = 90 * DAY_SECONDS;

/** What is to be played; times are Unix seconds, null is open. */
type MarketRequest = {
  /** Collaterals: recorded assets, or csv files of prices, `-` for standard input. */
  readonly sources: readonly string[];
  /** Whether rows of the files may be missing: longer holes end a stretch. */
  readonly gaps: boolean;
  readonly depthFile: string | null;
  /** A recorded Uniswap v3 pool to sell into, null: none. */
  readonly poolFile: string | null;
  /** Null: real for `ours` and `live`, none for the others. */
  readonly contract: MarketContract | null;
  /** Most that the rule's maintenance haircut may rise a day, a fraction; null: not limited by a speed of its own. */
  readonly maintenanceSpeed: number | null;
  readonly rule: MarketRule;
  /** "name=value" each: parameters of the model that rules are asked with. */
  readonly changes: readonly string[];
  /** What is given of `PLAY_DEFAULTS`; undefined: the asset's own, or the default. */
  readonly given: { readonly [Name in keyof typeof PLAY_DEFAULTS]?: number | undefined };
  readonly shared: PlayShared;
  readonly from: number | null;
  readonly to: number | null;
  readonly folder: string | undefined;
  /** Where the timeline is written, csv; null: nowhere. */
  readonly timeline: string | null;
  progress(done: number, of: number, what: string): void;
};

/** A lender's outcome, that of its parts, what was assumed, and where its prices came from. */
export type MarketReport = {
  readonly outcome: Outcome;
  /** By collateral, and of borrowers who hold several. */
  readonly parts: readonly Pick<Outcome, (typeof PART_FIELDS)[number]>[];
  /** Of the first collateral; the others bring as much in value at the start. */
  readonly assumed: Omit<PlaySettings, "prices" | "depth" | "pool">;
  readonly contract: MarketContract;
  /** Collateral that the rule lets the lender take, share of what borrowers bring: mean over time, and the least; null: it has no limit. */
  readonly limit: { readonly mean: number; readonly least: number } | null;
  readonly from: number;
  readonly to: number;
  readonly segments: number;
};

const PART_FIELDS = [
  ...(["name", "meanDebtUsd", "badDebtUsd", "badDebtBps", "liquidatedUsd"] as const),
  ...(["caused", "dueUsd", "failedUsd"] as const),
] as const;

/** One collateral with what is asked of it and what its rule says. */
type Collateral = MarketSubject & {
  readonly depth: Series | null;
  readonly assumed: MarketReport["assumed"];
  readonly walk: Walk | null;
};

/**
 * Plays a lender with one or more collaterals over recorded or given prices under one rule.
 * @throws TonsorError BAD_FILE, BAD_ARGUMENT or OUT_OF_RANGE naming what cannot be used
 */
export function playMarket(request: MarketRequest): MarketReport {
  const contract = contractOf(request);
  const collaterals = collateralsOf(request);
  const stretches = commonStretches(collaterals);
  const begins = Math.max(...collaterals.map((one) => firstOf(request.rule, one)));
  const spans = stretches.map((stretch) =>
    stretch.map((one) => within(one, Math.max(request.from ?? 0, begins), request.to)),
  );
  const played = spans.filter(([one]) => (one as Series).times.length > 1);
  if (played.length === 0) {
    const facts = { field: "--from, --to", given: spanText(request), expected: spanOf(stretches, begins) };
    throw new TonsorError("BAD_ARGUMENT", "no price lies in that span", facts);
  }
  const rows: string[] = request.timeline === null ? [] : [TIMELINE_COLUMNS.join(",")];
  const shares: number[] = [];
  const outcomes = played.map((prices, i) => {
    request.progress(i, played.length, collaterals.map(({ name }) => name).join(" + "));
    return playStretch(request, contract, collaterals, prices, { rows, shares });
  });
  request.progress(played.length, played.length, "played");
  if (request.timeline !== null) writeFileSync(request.timeline, `${rows.join("\n")}\n`);
  const parts = (outcomes[0] as readonly Outcome[]).map((_, i) =>
    mergeOutcomes(outcomes.map((one) => one[i] as Outcome)),
  );
  return {
    outcome: sumOutcomes(parts),
    parts: parts.map((part) => Object.fromEntries(PART_FIELDS.map((name) => [name, part[name]])) as never),
    ...{ assumed: (collaterals[0] as Collateral).assumed, contract, limit: limitOf(shares) },
    ...{ from: played[0]?.[0]?.times[0] as number, to: played.at(-1)?.[0]?.times.at(-1) as number },
    segments: played.length,
  };
}

function collateralsOf(request: MarketRequest): readonly Collateral[] {
  const { sources, gaps, changes, folder, depthFile, poolFile } = request;
  if (sources.length > 1 && (depthFile !== null || poolFile !== null)) {
    const facts = {
      field: depthFile === null ? "--pool" : "--depth",
      given: sources.join(" "),
      expected: "one collateral",
    };
    throw new TonsorError("BAD_ARGUMENT", "a depth of one's own belongs to one collateral", facts);
  }
  const depth = depthFile === null ? null : readDepthFile(depthFile);
  const given = Object.fromEntries(Object.entries(request.given).filter(([, value]) => value !== undefined));
  const cap = request.given.cap ?? PLAY_DEFAULTS.cap;
  let usd: number | undefined;
  /** The first collateral's cap is in tokens, and the others bring as much in value. */
  const capUsd = ({ closeTimes, closes }: PriceSeries) => {
    const first = closeTimes.findIndex((time) => time >= (request.from ?? 0));
    usd ??= cap * (closes[Math.max(0, first)] as number);
    return usd;
  };
  const found = sources.map((source): Collateral => {
    const subject = marketSubject({ source, gaps, changes, folder, capUsd }, depth);
    const { world, name } = subject;
    capUsd(world.series);
    const bonus = request.given.bonus ?? world.model.liquidationBonus;
    const own = { bonus, ltv: 1 - world.deployed.initial, threshold: 1 - world.deployed.maintenance };
    const walk =
      request.rule === "static" || request.rule === "live"
        ? null
        : walkForward({ ...world, model: { ...world.model, liquidationBonus: bonus }, limitMoves: true });
    return { ...subject, depth, assumed: { ...PLAY_DEFAULTS, ...own, ...given, name }, walk };
  });
  const names = found.map(({ name }) => name);
  const strangers = request.shared.samePool.filter((name) => !names.includes(name));
  if (strangers.length > 0 || new Set(names).size < names.length) {
    const field = strangers.length > 0 ? "--same-pool" : "source";
    const facts = { field, given: strangers[0] ?? names.join(" "), expected: "each collateral once, by its name" };
    throw new TonsorError("BAD_ARGUMENT", "these are not the collaterals", facts);
  }
  return found;
}

function limitOf(shares: readonly number[]): MarketReport["limit"] {
  const sum = shares.reduce((total, share) => total + share, 0);
  if (!Number.isFinite(sum)) return null;
  return { mean: sum / shares.length, least: shares.reduce((least, share) => Math.min(least, share)) };
}

/** Outcomes of the collaterals, and of those who hold several, over one stretch; adds to the timeline and to what the limit let in. */
function playStretch(
  request: MarketRequest,
  contract: MarketContract,
  collaterals: readonly Collateral[],
  stretch: readonly Series[],
  { rows, shares }: { readonly rows: string[]; readonly shares: number[] },
): readonly Outcome[] {
  const price = (at: number) => stretch[at]?.values[0] as number;
  const pool = request.poolFile === null ? null : poolDepth(request.poolFile);
  const parts = collaterals.map(({ assumed, depth, walk, world }, i) => {
    const prices = stretch[i] as Series;
    const cap = (assumed.cap * price(0)) / price(i);
    const settings = { ...assumed, cap, prices, depth, pool };
    if (request.rule === "live") return { settings, ...liveRule({ ...live(assumed, prices), world, cap }) };
    return {
      settings,
      rule: walk === null ? undefined : ruleOf(request.rule as Method, walk, prices.times, settings),
      contract: rulesOf(contract, request.maintenanceSpeed, world),
    };
  });
  const [{ times }] = stretch as [Series];
  return runMarket(playTogether(parts, request.shared), (lender) => {
    for (const [i, market] of lender.markets.entries()) {
      shares.push(market.terms.limit / (parts[i]?.settings.cap as number));
      if (request.timeline === null) continue;
      rows.push(timelineRow(market, times[lender.step - 1] as number, lender.unsold(market)));
    }
  });
}

/** What was asked for, or what goes with the rule. @throws TonsorError BAD_ARGUMENT when speed and contract disagree */
function contractOf({ contract, maintenanceSpeed, rule }: MarketRequest): MarketContract {
  const own = rule === "ours" || rule === "live";
  const asked = contract ?? (maintenanceSpeed !== null ? "speeds" : own ? "real" : "none");
  if (rule === "live" && asked !== "real") {
    const facts = { field: "--contract", given: asked, expected: "real: the live reasoning writes to a contract" };
    throw new TonsorError("BAD_ARGUMENT", "the contract does not go with the rule", facts);
  }
  if ((asked === "speeds") === (maintenanceSpeed !== null)) return asked;
  const given = `--contract ${asked} ${maintenanceSpeed === null ? "without" : "with"} --maintenance-speed`;
  const facts = { field: "--contract", given, expected: "--maintenance-speed with speeds, and only with it" };
  throw new TonsorError("BAD_ARGUMENT", "the contract is not clear", facts);
}

function rulesOf(contract: MarketContract, speed: number | null, { limits }: MarketSubject["world"]): ContractRules {
  if (contract === "real") return parameterContract(limits);
  return speed === null ? unguarded : noticed(speed);
}

/** Of the rules only ours has an exposure limit, at most the lender's cap. */
function ruleOf(
  method: Method,
  walk: Walk,
  times: Float64Array,
  { bonus, cap }: Pick<PlaySettings, "bonus" | "cap">,
): Rule {
  const haircuts = { time: walk.time, initial: walk.initial[method], maintenance: walk.maintenance[method] };
  const shares = { ours: walk.limitOverCap, onChain: walk.chainLimitOverCap }[method as string];
  const limit = shares?.map((share) => Math.min(1, share) * cap);
  return walkedRule(
    method,
    { ...haircuts, ...(limit === undefined ? {} : { limit }) },
    times,
    DEFAULT_MODEL.minimumGap,
    1 / (1 + bonus) - 0.005,
  );
}

/** What the live reasoning starts from. @throws TonsorError BAD_ARGUMENT when prices are not hourly */
function live({ ltv, threshold, bonus }: MarketReport["assumed"], { stepSeconds }: Series) {
  if (stepSeconds === HOUR_SECONDS) return { opening: { ltv, threshold, limit: Number.POSITIVE_INFINITY }, bonus };
  const facts = { field: "--rule", given: "live", expected: `hourly prices, not every ${stepSeconds} s` };
  throw new TonsorError("BAD_ARGUMENT", "the live reasoning reads hourly candles", facts);
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

const iso = (time: number | null | undefined) =>
  time === null || time === undefined || !Number.isFinite(time) ? "open" : new Date(time * 1_000).toISOString();

function spanText({ from, to }: MarketRequest): string {
  return `${iso(from)} to ${iso(to)}`;
}

function spanOf(stretches: readonly (readonly Series[])[], begins: number): string {
  const first = Math.max(stretches[0]?.[0]?.times[0] ?? 0, begins);
  const last = stretches.at(-1)?.[0]?.times.at(-1);
  if (first === Number.POSITIVE_INFINITY) return `more than 90 days of moving prices; these end at ${iso(last)}`;
  return `times from ${iso(first)} to ${iso(last)}, with 90 days of moving prices before`;
}

/** When a rule first says something, Unix seconds; Infinity: never. */
function firstOf(rule: MarketRule, { walk, world }: Collateral): number {
  if (rule === "live") return (world.series.closeTimes[0] as number) + HISTORY_SECONDS;
  if (walk === null || rule === "static") return 0;
  const index = walk.maintenance[rule].findIndex((one) => !Number.isNaN(one));
  return walk.time[index] ?? Number.POSITIVE_INFINITY;
}
