import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { Asset } from "../validation/backtest/assets.ts";
import { blockBootstrap, type Interval } from "../validation/statistics/blockBootstrap.ts";
import { uniforms } from "../validation/statistics/random.ts";
import type { Assumptions } from "./assumptions.ts";
import type { DepthFamily } from "./depthFamilies.ts";
import { type Judged, judge, onStage, type Span, type Stage, stageOf } from "./evaluate.ts";
import { type Movement, movementOf } from "./movement.ts";
import { meanWhere, offered, scaleForLtv } from "./offered.ts";
import { type FrontierRegime, REGIMES } from "./regimes.ts";
import { type FrontierRule, HONEST_RULES, RULE_NAMES, type RulePath } from "./rules.ts";
import { rulesOf, type Subject } from "./subject.ts";

/**
 * Mean LTVs at which rules are compared, by class; the middle one is the one that is written about. The mean LTV that the
 * asset's lender really had is added.
 */
const LTV_TARGETS = { major: [0.7, 0.76, 0.8], "long-tail": [0.55, 0.65, 0.7] } as const;
/** Place of the middle one. */
const MIDDLE = 1;

/** Whether rows of one comparison tell rules apart: in some the bad debt is 0.05 bp of the mean debt a year or more. */
export function tells(rows: readonly FrontierRow[]): boolean {
  return rows.some(({ badDebtBps }) => badDebtBps >= 0.05);
}

/** What is written about of an asset of a class. @example middleLtv("major") // 0.76 */
export function middleLtv(kind: Asset["class"]): number {
  return LTV_TARGETS[kind][MIDDLE];
}

/** What happened in one regime. Bad debt and liquidations in bp of the mean debt a year of the whole span. */
type RegimeRow = {
  readonly share: number;
  readonly badDebtBps: number;
  readonly liquidatedBps: number;
  readonly causedBps: number;
  readonly meanLtv: number;
};

/** One rule at one mean LTV, over one span and family of depth paths. Money in USD, shares as fractions. */
export type FrontierRow = Movement & {
  readonly asset: string;
  readonly class: Asset["class"];
  readonly span: string;
  readonly depth: string;
  readonly rule: FrontierRule;
  readonly targetLtv: number;
  /** What the rule's haircuts were multiplied with. */
  readonly scale: number;
  readonly meanThreshold: number;
  readonly meanDebtUsd: number;
  readonly badDebtBps: number;
  /** 99 % quantile of a year's bad debt, years drawn as four blocks of three months; bp of the mean debt. */
  readonly year99Bps: number;
  /** Most of it in 30 days, bp of the mean debt. */
  readonly worst30DaysBps: number;
  /** 95 % interval of its bad debt less that of static, bp a year of the mean debt; null for static, and below a year. */
  readonly againstStatic: Interval | null;
  /** Bad debt at the mean debt that static has, bp a year, between this rule's own points; null outside them. */
  readonly badDebtAtEqualDebtBps: number | null;
  /** What static haircuts with a constant limit lose at the same mean LTV and mean debt, bp a year; null outside their points. */
  readonly fixedLimitBps: number | null;
  readonly caused: number;
  readonly liquidatedUsd: number;
  readonly meanUnsoldUsd: number;
  readonly regimes: Readonly<Record<FrontierRegime, RegimeRow>>;
};

/** What is chosen on early data alone: the rule with the least bad debt at the middle LTV, by family of depth. */
export type Choice = {
  readonly asset: string;
  readonly depth: string;
  readonly rule: FrontierRule;
  readonly targetLtv: number;
  readonly scale: number;
  readonly badDebtBps: number;
};

/** What every rule is judged under. */
type JudgingTerms = { readonly assumptions: Assumptions; readonly families: readonly DepthFamily[] };

/** Judges and chooses on a subject that ends with the span, of rules that cannot look ahead. */
export function chooseFor(early: Subject, span: Span, terms: JudgingTerms) {
  const { asset } = early;
  const rows = stagesOf(early, span, terms).flatMap(({ stage, depth, paths }) => rowsOf(stage, depth, paths));
  const choices = terms.families.flatMap(({ name }): Choice[] => {
    const own = rows.filter(({ depth, rule, targetLtv }) => {
      return depth === name && targetLtv === middleLtv(asset.class) && HONEST_RULES.includes(rule);
    });
    const [best] = own.toSorted((a, b) => a.badDebtBps - b.badDebtBps);
    if (best === undefined) return [];
    const { rule, targetLtv, scale, badDebtBps } = best;
    return [{ asset: asset.name, depth: name, rule, targetLtv, scale, badDebtBps }];
  });
  return { rows, choices };
}

/**
 * Judges every rule on every family of depth over a span.
 * @param early the subject as it was known when the span began
 * @throws TonsorError BAD_FILE when a rule says something else of the time before the span once it is shown what came
 * after, or when the rule that does look ahead is not caught by that
 */
export function judgeFor(subject: Subject, early: Subject, span: Span, terms: JudgingTerms): readonly FrontierRow[] {
  return stagesOf(subject, span, terms).flatMap(({ stage, depth, paths }) => {
    const known = stage.depth.subarray(0, early.times.length);
    const before = rulesOf(early, known, depthOverCap(terms.assumptions));
    refuseLeaks({ subject, paths }, { subject: early, paths: before }, span.from);
    return rowsOf(stage, depth, paths);
  });
}

/** Of the cap, what sells at once where depth is as usual: a pool whose half-life of refill is half an hour, when full. */
export function depthOverCap({ hoursToSell }: Pick<Assumptions, "hoursToSell">): number {
  return 1 / hoursToSell / (1 - 2 ** -2);
}

type Paths = Readonly<Record<FrontierRule, RulePath>>;

/** Where rules are compared, and what each says there. */
function stagesOf(subject: Subject, span: Span, { assumptions, families }: JudgingTerms) {
  return families.flatMap((family) => {
    const stage = stageOf(subject, family, span, assumptions);
    if (stage === null) return [];
    return [{ stage, depth: family.name, paths: rulesOf(subject, stage.depth, depthOverCap(assumptions)) }];
  });
}

type Point = {
  readonly rule: FrontierRule;
  readonly targetLtv: number;
  readonly scale: number;
  readonly judged: Judged;
  readonly movement: Movement;
};

/** At the mean LTV that a lender really had, these are compared. */
const AS_DEPLOYED: readonly FrontierRule[] = [
  "deployed",
  "static",
  "ewmaNormal",
  "onChain",
  "limitLowers",
  "foresight",
];

function rowsOf(stage: Stage, depth: string, paths: Paths): readonly FrontierRow[] {
  const { asset, world } = stage.subject;
  const { liquidationBonus: bonus, minimumGap: gap } = world.model;
  const counts = onStage(stage);
  const lent = meanWhere(offered(paths.deployed, 1, gap, bonus).ltv, counts);
  const points = [...LTV_TARGETS[asset.class], lent].flatMap((targetLtv) =>
    RULE_NAMES.flatMap((rule): Point[] => {
      const path: RulePath = paths[rule];
      if (targetLtv === lent ? !AS_DEPLOYED.includes(rule) : path.deployed) return [];
      const scale = path.deployed ? 1 : scaleForLtv(path, targetLtv, gap, bonus, counts);
      if (scale === null) return [];
      const offer = offered(path, scale, gap, bonus);
      return [{ rule, targetLtv, scale, judged: judge(stage, offer), movement: movementOf(stage, offer) }];
    }),
  );
  return points.map((point) => {
    const head = { asset: asset.name, class: asset.class, span: stage.span.name, depth };
    return { ...head, ...rowOf(point, points) };
  });
}

/** Rules that differ in a constant limit alone. */
const FIXED: readonly FrontierRule[] = ["static", "staticHalf", "staticTenth"];

function rowOf({ rule, targetLtv, scale, judged, movement }: Point, points: readonly Point[]) {
  const { outcome, monthly, regimes } = judged;
  const fixed = points.find((one) => one.rule === "static" && one.targetLtv === targetLtv)?.judged;
  const own = points.filter((one) => one.rule === rule).map((one) => one.judged.outcome);
  const held = points.filter((one) => FIXED.includes(one.rule) && one.targetLtv === targetLtv);
  const hours = regimes.reduce((sum, one) => sum + one.hours, 0);
  const debt = Math.max(1, outcome.meanDebtUsd);
  const bps = (usd: number) => (usd / debt / outcome.years) * 10_000;
  const regime = (name: FrontierRegime): RegimeRow => {
    const sums = regimes[REGIMES.indexOf(name)] as (typeof regimes)[0];
    return {
      ...{ share: sums.hours / hours, badDebtBps: bps(sums.badDebtUsd), liquidatedBps: bps(sums.liquidatedUsd) },
      ...{ causedBps: bps(sums.causedUsd), meanLtv: sums.hours === 0 ? 0 : sums.ltvHours / sums.hours },
    };
  };
  return {
    ...{ rule, targetLtv, scale, ...movement },
    ...{ meanThreshold: outcome.meanThreshold, meanDebtUsd: outcome.meanDebtUsd, badDebtBps: outcome.badDebtBps },
    year99Bps: (badYear(monthly) / debt) * 10_000,
    worst30DaysBps: (Math.max(...monthly) / debt) * 10_000,
    againstStatic: fixed === undefined || rule === "static" ? null : difference(judged, fixed),
    badDebtAtEqualDebtBps: fixed === undefined ? null : atDebt(own, fixed.outcome.meanDebtUsd),
    fixedLimitBps: atDebt(
      held.map((one) => one.judged.outcome),
      outcome.meanDebtUsd,
    ),
    ...{ caused: outcome.caused, liquidatedUsd: outcome.liquidatedUsd, meanUnsoldUsd: outcome.meanUnsoldUsd },
    regimes: { crash: regime("crash"), recovery: regime("recovery"), calm: regime("calm") },
  };
}

/** Months of a block: crashes come in clusters. */
const BLOCK = 3;
/** With fewer months blocks repeat each other, and an interval says nothing. */
const LEAST_MONTHS = 12;

function difference(one: Judged, other: Judged): Interval | null {
  if (one.monthly.length < LEAST_MONTHS) return null;
  const bps = ({ monthly, outcome }: Judged) =>
    monthly.map((usd) => (usd * 10_000 * monthly.length) / Math.max(1, outcome.meanDebtUsd) / outcome.years);
  const [a, b] = [bps(one), bps(other)];
  return blockBootstrap(
    a.map((value, i) => value - (b[i] ?? 0)),
    BLOCK,
    1,
  );
}

/** The 99 % quantile of twelve months' bad debt, USD, made of blocks drawn around the circle. */
function badYear(monthly: readonly number[]): number {
  const uniform = uniforms(1);
  const draws = Float64Array.from({ length: 2_000 }, () => {
    let sum = 0;
    for (let block = 0; block < 12 / BLOCK; block += 1) {
      const start = Math.floor(uniform() * monthly.length);
      for (let i = 0; i < BLOCK; i += 1) sum += monthly[(start + i) % monthly.length] as number;
    }
    return sum;
  }).sort();
  return draws[Math.floor(0.99 * draws.length)] as number;
}

/** Bad debt on the straight line between the two points beside a mean debt. */
function atDebt(points: readonly Judged["outcome"][], debt: number): number | null {
  const sorted = points.toSorted((a, b) => a.meanDebtUsd - b.meanDebtUsd);
  const above = sorted.findIndex((one) => one.meanDebtUsd >= debt);
  const [low, high] = [sorted[above - 1], sorted[above]];
  if (high === undefined) return null;
  if (high.meanDebtUsd === debt || low === undefined) return high.meanDebtUsd === debt ? high.badDebtBps : null;
  const share = (debt - low.meanDebtUsd) / (high.meanDebtUsd - low.meanDebtUsd);
  return low.badDebtBps + share * (high.badDebtBps - low.badDebtBps);
}

type Said = { readonly subject: Subject; readonly paths: Paths };

/** What rules said before the cut must not depend on what came after; depth is the same for both. */
function refuseLeaks({ subject: whole, paths: a }: Said, { subject: early, paths: b }: Said, cut: number): void {
  if (early.times.length === 0) return;
  const same = (one: Float64Array | null, other: Float64Array | null, i: number) => Object.is(one?.[i], other?.[i]);
  const changed = RULE_NAMES.filter((rule) => {
    const [all, part] = [a[rule], b[rule]];
    return early.times.some((time, i) => {
      const isSame = (["maintenance", "initial", "limit"] as const).every((name) => same(all[name], part[name], i));
      return time < cut && whole.times[i] === time && !isSame;
    });
  });
  const leaks = changed.filter((rule) => HONEST_RULES.includes(rule));
  const when = new Date(cut * 1_000).toISOString().slice(0, 10);
  const refuse = (what: string, given: string, expected: string): never => {
    throw new TonsorError("BAD_FILE", what, { field: "rule", given, expected });
  };
  if (leaks.length > 0) refuse("a rule looks ahead", leaks.join(", "), `the same up to ${when}, whatever came after`);
  if (!changed.includes("foresight") && (early.times.at(-1) ?? 0) > cut - 7 * 86_400) {
    if ((whole.times.at(-1) ?? 0) <= cut + 7 * 86_400) return;
    refuse("the search for leaks finds nothing", "foresight", `the rule that looks ahead to be caught at ${when}`);
  }
}
