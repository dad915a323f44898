import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { Asset } from "../validation/backtest/assets.ts";
import type { World } from "../validation/backtest/world.ts";
import { blockBootstrap } from "../validation/statistics/blockBootstrap.ts";
import type { DepthFamily } from "./depthFamilies.ts";
import { type Assumptions, type Judged, judge, type Span } from "./evaluate.ts";
import { type FrontierRule, HONEST_RULES, RULE_NAMES, scaleForLtv } from "./rules.ts";
import { type Subject, subjectOf, worldUntil } from "./subject.ts";

/** Mean LTVs at which rules are compared, by class; the middle one is the one that is written about. */
export const LTV_TARGETS = { major: [0.68, 0.72, 0.76, 0.8], "long tail": [0.45, 0.5, 0.55, 0.6] } as const;
/** Place of the middle one. */
export const MIDDLE = 2;

/** One rule at one mean LTV, over one span and family of depth paths. Money in USD, shares as fractions. */
export type FrontierRow = {
  readonly asset: string;
  readonly span: string;
  readonly depth: string;
  readonly rule: FrontierRule;
  readonly targetLtv: number;
  /** What the rule's haircuts were multiplied with. */
  readonly scale: number;
  readonly meanThreshold: number;
  readonly meanDebtUsd: number;
  readonly badDebtBps: number;
  /** 95 % interval of its bad debt less that of static, bp a year of the mean debt; null for static. */
  readonly againstStatic: { readonly low: number; readonly high: number } | null;
  /** Bad debt at the mean debt that static has, bp a year, between this rule's own points; null outside them. */
  readonly badDebtAtEqualDebtBps: number | null;
  readonly caused: number;
  readonly liquidatedUsd: number;
  readonly meanUnsoldUsd: number;
  readonly initialRise: readonly number[];
  readonly maintenanceRise: readonly number[];
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

/** Chooses on what was known at the end of a span, of rules that cannot look ahead. */
export function chooseFor(asset: Asset, world: World, span: Span, terms: JudgingTerms): readonly Choice[] {
  const early = subjectOf(asset, worldUntil(world, span.to));
  return terms.families.flatMap((family) => {
    const rows = rowsOf(asset, early, family, span, terms.assumptions).filter((row) => {
      return row.targetLtv === LTV_TARGETS[asset.class][MIDDLE] && HONEST_RULES.includes(row.rule);
    });
    const [best] = rows.toSorted((a, b) => a.badDebtBps - b.badDebtBps);
    if (best === undefined) return [];
    const { rule, targetLtv, scale, badDebtBps } = best;
    return [{ asset: asset.name, depth: family.name, rule, targetLtv, scale, badDebtBps }];
  });
}

/**
 * Judges every rule on every family of depth over the spans.
 * @throws TonsorError BAD_FILE when a rule says something else of the time before `cut` once it is shown
 * what came after, or when the rule that does look ahead is not caught by that
 */
export function judgeFor(asset: Asset, world: World, spans: readonly Span[], terms: JudgingTerms, cut: number) {
  const subject = subjectOf(asset, world);
  refuseLeaks(subject, subjectOf(asset, worldUntil(world, cut)), cut);
  return spans.flatMap((span) =>
    terms.families.flatMap((family) => rowsOf(asset, subject, family, span, terms.assumptions)),
  );
}

function rowsOf(asset: Asset, subject: Subject, family: DepthFamily, span: Span, assumptions: Assumptions) {
  const counts = (origin: number) => {
    const time = subject.times[origin] as number;
    return time >= span.from && time < span.to;
  };
  const points = RULE_NAMES.flatMap((rule) =>
    LTV_TARGETS[asset.class].flatMap((targetLtv) => {
      const scale = scaleForLtv(subject.paths[rule], targetLtv, subject.gap, subject.bonus, counts);
      const judged = scale === null ? null : judge(subject, subject.paths[rule], scale, family, span, assumptions);
      return scale === null || judged === null ? [] : [{ rule, targetLtv, scale, judged }];
    }),
  );
  return points.map(({ rule, targetLtv, scale, judged }): FrontierRow => {
    const { outcome } = judged;
    const fixed = points.find((one) => one.rule === "static" && one.targetLtv === targetLtv)?.judged;
    const own = points.filter((one) => one.rule === rule).map((one) => one.judged.outcome);
    return {
      ...{ asset: asset.name, span: span.name, depth: family.name, rule, targetLtv, scale },
      ...{ meanThreshold: outcome.meanThreshold, meanDebtUsd: outcome.meanDebtUsd, badDebtBps: outcome.badDebtBps },
      againstStatic: fixed === undefined || rule === "static" ? null : difference(judged, fixed),
      badDebtAtEqualDebtBps: fixed === undefined ? null : atDebt(own, fixed.outcome.meanDebtUsd),
      ...{ caused: outcome.caused, liquidatedUsd: outcome.liquidatedUsd, meanUnsoldUsd: outcome.meanUnsoldUsd },
      ...{ initialRise: judged.initialRise, maintenanceRise: judged.maintenanceRise },
    };
  });
}

/** Blocks of three months, drawn with replacement: crashes come in clusters. */
function difference(one: Judged, other: Judged) {
  const bps = ({ monthly, outcome }: Judged) =>
    monthly.map((usd) => (usd * 10_000 * monthly.length) / Math.max(1, outcome.meanDebtUsd) / outcome.years);
  const [a, b] = [bps(one), bps(other)];
  return blockBootstrap(
    a.map((value, i) => value - (b[i] ?? 0)),
    3,
    1,
  );
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

function refuseLeaks(whole: Subject, early: Subject, cut: number): void {
  const changed = RULE_NAMES.filter((rule) => {
    const [a, b] = [whole.paths[rule], early.paths[rule]];
    return early.times.some((time, i) => {
      const same = Object.is(a.maintenance[i], b.maintenance[i]) && Object.is(a.initial[i], b.initial[i]);
      return time < cut && whole.times[i] === time && !same;
    });
  });
  const leaks = changed.filter((rule) => HONEST_RULES.includes(rule));
  const when = new Date(cut * 1_000).toISOString().slice(0, 10);
  if (leaks.length > 0) {
    const expected = `the same haircuts up to ${when}, whatever came after`;
    throw new TonsorError("BAD_FILE", "a rule looks ahead", { field: "rule", given: leaks.join(", "), expected });
  }
  const last = early.times.at(-1) ?? 0;
  if (!changed.includes("foresight") && last > cut - 7 * 86_400 && (whole.times.at(-1) ?? 0) > cut + 7 * 86_400) {
    const expected = `the rule that looks ahead to be caught at ${when}`;
    throw new TonsorError("BAD_FILE", "the search for leaks finds nothing", {
      field: "rule",
      given: "foresight",
      expected,
    });
  }
}
