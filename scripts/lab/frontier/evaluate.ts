import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { USD_UNITS } from "../market/accountBook.ts";
import { PLAY_DEFAULTS, playSettings } from "../market/play.ts";
import { type Outcome, runMarket } from "../market/run.ts";
import { mergeOutcomes } from "../market/segments.ts";
import type { Assumptions } from "./assumptions.ts";
import type { DepthFamily } from "./depthFamilies.ts";
import { meanWhere, type OfferedPath } from "./offered.ts";
import { REGIMES } from "./regimes.ts";
import { depthOf, type Stretch, type Subject } from "./subject.ts";

/** A span of time, Unix seconds, [from, to). */
export type Span = { readonly name: string; readonly from: number; readonly to: number };

/** What every rule of one comparison is played over: hours of a subject in a span, with depth. */
export type Stage = {
  readonly subject: Subject;
  readonly span: Span;
  /** Depth at each hour of the subject over its mean in the span; NaN where it is not known. */
  readonly depth: Float64Array;
  readonly stretches: readonly Stretch[];
  readonly assumptions: Assumptions;
  /** Tokens that borrowers bring. */
  readonly cap: number;
};

/** What happened in the hours of one regime; bad debt and liquidations in USD, debt the mean over all hours. */
type RegimeSums = {
  hours: number;
  badDebtUsd: number;
  liquidatedUsd: number;
  causedUsd: number;
  ltvHours: number;
};

/** One rule at one scale, judged on a stage. */
export type Judged = {
  readonly outcome: Outcome;
  /** Bad debt of each 30 days, USD, for intervals. */
  readonly monthly: readonly number[];
  /** In the order of `REGIMES`. */
  readonly regimes: readonly RegimeSums[];
};

const MONTH_STEPS = 30 * 24;

/** Sets a stage; null when less than a month of it is known. */
export function stageOf(subject: Subject, family: DepthFamily, span: Span, assumptions: Assumptions): Stage | null {
  const depth = depthOf(subject, family, span.from, span.to);
  if (depth === null) return null;
  const known = (time: number, origin: number) =>
    time >= span.from && time < span.to && !Number.isNaN(depth[origin] as number);
  const stretches = subject.stretches.map((one) => within(one, known)).filter((one) => one.times.length >= MONTH_STEPS);
  if (stretches.length === 0) return null;
  const price = meanWhere(subject.closes, (i) => known(subject.times[i] as number, i));
  return { subject, span, depth, stretches, assumptions, cap: assumptions.capUsd / price };
}

/** Whether an hour of the subject is on a stage. */
export function onStage({ subject, span, depth }: Stage): (origin: number) => boolean {
  return (origin) => {
    const time = subject.times[origin] as number;
    return time >= span.from && time < span.to && !Number.isNaN(depth[origin] as number);
  };
}

/** Plays what a rule offers over a stage. */
export function judge(stage: Stage, offer: OfferedPath): Judged {
  const monthly: number[] = [];
  const regimes = REGIMES.map(() => ({ hours: 0, badDebtUsd: 0, liquidatedUsd: 0, causedUsd: 0, ltvHours: 0 }));
  const outcomes = stage.stretches.map((stretch) => play(stage, stretch, offer, monthly, regimes));
  return { outcome: mergeOutcomes(outcomes), monthly, regimes };
}

function play(
  { subject, depth, assumptions, cap }: Stage,
  { times, prices: values, origin }: Stretch,
  offer: OfferedPath,
  monthly: number[],
  regimes: RegimeSums[],
): Outcome {
  const { name } = subject.asset;
  const at = (path: Float64Array, step: number) => path[origin[step] as number] as number;
  const rule = {
    name,
    target: ({ step }: { step: number }) => ({
      threshold: at(offer.threshold, step),
      ltv: at(offer.ltv, step),
      limit: offer.limit === null ? Number.POSITIVE_INFINITY : cap * at(offer.limit, step),
    }),
  };
  // Where the limit may stand above the cap, borrowers bring as much.
  const appetite = cap * (offer.limit?.reduce((most, one) => Math.max(most, one), 1) ?? 1);
  const bonus = subject.world.model.liquidationBonus;
  const prices = { times, values, stepSeconds: HOUR_SECONDS };
  const base = { ...PLAY_DEFAULTS, ...assumptions, ...{ name, bonus, cap, prices, depth: null, pool: null } };
  const settings = playSettings(base, rule);
  const played = {
    ...settings,
    collaterals: settings.collaterals.map((one) => ({ ...one, borrowers: { ...one.borrowers, appetite } })),
    pools: settings.pools.map((pool) => ({ ...pool, scale: Float64Array.from(times, (_, step) => at(depth, step)) })),
  };
  let [badDebt, liquidated, caused, month] = [0, 0, 0, 0];
  const [outcome] = runMarket(played, (lender) => {
    const { ledger, terms } = lender.markets[0] as (typeof lender.markets)[0];
    const sums = regimes[subject.regimes[origin[lender.step - 1] as number] as number] as RegimeSums;
    sums.hours += 1;
    sums.ltvHours += terms.ltv;
    sums.badDebtUsd += (ledger.badDebt - badDebt) / USD_UNITS;
    sums.liquidatedUsd += (ledger.liquidated - liquidated) / USD_UNITS;
    sums.causedUsd += (ledger.caused - caused) / USD_UNITS;
    [badDebt, liquidated, caused] = [ledger.badDebt, ledger.liquidated, ledger.caused];
    if (lender.step % MONTH_STEPS !== 0 && lender.step !== times.length) return;
    monthly.push((ledger.badDebt - month) / USD_UNITS);
    month = ledger.badDebt;
  });
  // What accounts owe beyond their collateral at the end belongs to the last month and hour.
  const owed = (outcome as Outcome).badDebtUsd - badDebt / USD_UNITS;
  monthly.push((monthly.pop() as number) + owed);
  (regimes[subject.regimes[origin.at(-1) as number] as number] as RegimeSums).badDebtUsd += owed;
  return outcome as Outcome;
}

/** The hours of a stretch from the first to the last that is known. */
function within({ times, prices, origin }: Stretch, known: (time: number, origin: number) => boolean): Stretch {
  const here = (time: number, i: number) => known(time, origin[i] as number);
  const [first, last] = [times.findIndex(here), times.findLastIndex(here)];
  const [low, high] = first < 0 ? [0, 0] : [first, last + 1];
  return {
    ...{ times: times.subarray(low, high), prices: prices.subarray(low, high) },
    origin: origin.subarray(low, high),
  };
}

/** Unix seconds of a UTC day. @example utc(2023, 1, 1) // 1_672_531_200 */
export function utc(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) / 1_000;
}
