import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { USD_UNITS } from "../market/accountBook.ts";
import { PLAY_DEFAULTS, playSettings } from "../market/play.ts";
import { type Outcome, runMarket } from "../market/run.ts";
import { mergeOutcomes } from "../market/segments.ts";
import type { DepthFamily } from "./depthFamilies.ts";
import { type OfferedPath, offered, type RulePath } from "./rules.ts";
import type { Stretch, Subject } from "./subject.ts";

/** What is the same for all rules. */
export type Assumptions = {
  readonly [Name in Exclude<keyof typeof PLAY_DEFAULTS, "ltv" | "threshold" | "bonus">]: number;
};

/** A span of time, Unix seconds, [from, to). */
export type Span = { readonly name: string; readonly from: number; readonly to: number };

/** One rule at one scale, judged over a span. */
export type Judged = {
  readonly outcome: Outcome;
  /** Bad debt of each 30 days, USD, for intervals. */
  readonly monthly: readonly number[];
  /** Largest rise of the maintenance and of the initial haircut within 1, 5 and 30 days, fractions. */
  readonly maintenanceRise: readonly number[];
  readonly initialRise: readonly number[];
};

const RISE_HOURS = [24, 5 * 24, 30 * 24];
const MONTH_STEPS = 30 * 24;

/** Plays a rule over what of the subject lies in the span; null when that is less than a month. */
export function judge(
  subject: Subject,
  path: RulePath,
  scale: number,
  family: DepthFamily,
  span: Span,
  assumptions: Assumptions,
): Judged | null {
  const offer = offered(path, scale, subject.gap, subject.bonus);
  const stretches = subject.stretches.map((one) => within(one, span)).filter((one) => one.times.length >= MONTH_STEPS);
  if (stretches.length === 0) return null;
  const monthly: number[] = [];
  const outcomes = stretches.map((stretch) => play(subject, stretch, offer, family, assumptions, monthly));
  const rises = (values: Float64Array) =>
    RISE_HOURS.map((hours) => Math.max(...stretches.map(({ origin }) => largestFall(values, origin, hours))));
  return {
    ...{ outcome: mergeOutcomes(outcomes), monthly },
    ...{ maintenanceRise: rises(offer.threshold), initialRise: rises(offer.ltv) },
  };
}

function play(
  subject: Subject,
  stretch: Stretch,
  offer: OfferedPath,
  family: DepthFamily,
  assumptions: Assumptions,
  monthly: number[],
): Outcome {
  const { times, prices: values, origin } = stretch;
  const rule = {
    name: subject.name,
    target: ({ step }: { step: number }) => ({
      threshold: offer.threshold[origin[step] as number] as number,
      ltv: offer.ltv[origin[step] as number] as number,
      limit: Number.POSITIVE_INFINITY,
    }),
  };
  const prices = { times, values, stepSeconds: HOUR_SECONDS };
  const base = {
    ...PLAY_DEFAULTS,
    ...assumptions,
    name: subject.name,
    bonus: subject.bonus,
    prices,
    depth: null,
    pool: null,
  };
  const settings = playSettings(base, rule);
  const scale = family.scale(stretch);
  let before = 0;
  const [outcome] = runMarket({ ...settings, pools: settings.pools.map((pool) => ({ ...pool, scale })) }, (lender) => {
    const { ledger } = lender.markets[0] as (typeof lender.markets)[0];
    if (lender.step % MONTH_STEPS !== 0 && lender.step !== times.length) return;
    monthly.push((ledger.badDebt - before) / USD_UNITS);
    before = ledger.badDebt;
  });
  return outcome as Outcome;
}

function within({ times, prices, volumes, origin }: Stretch, { from, to }: Span): Stretch {
  const first = times.findIndex((time) => time >= from && time < to);
  const last = times.findLastIndex((time) => time >= from && time < to);
  const [low, high] = first < 0 ? [0, 0] : [first, last + 1];
  return {
    ...{ times: times.subarray(low, high), prices: prices.subarray(low, high) },
    ...{ volumes: volumes.subarray(low, high), origin: origin.subarray(low, high) },
  };
}

/** Largest fall of what is offered within so many hours: the rise of its haircut. */
function largestFall(offer: Float64Array, origin: Int32Array, hours: number): number {
  // Highest offer of the last `hours`, by a queue of candidates that only falls.
  const queue: number[] = [];
  let [head, most] = [0, 0];
  for (let i = 0; i < origin.length; i += 1) {
    const here = offer[origin[i] as number] as number;
    while (queue.length > head && (offer[origin[queue.at(-1) as number] as number] as number) <= here) queue.pop();
    queue.push(i);
    while ((queue[head] as number) < i - hours) head += 1;
    most = Math.max(most, (offer[origin[queue[head] as number] as number] as number) - here);
  }
  return most;
}

/** Unix seconds of a UTC day. @example utc(2023, 1, 1) // 1_672_531_200 */
export function utc(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) / 1_000;
}
