import { DAY_SECONDS, isoTime } from "../domain/calendar.ts";
import { type Fault, fault } from "../domain/fault.ts";
import { percent } from "../domain/format.ts";
import { median } from "../domain/numbers.ts";
import type { Candle, PriceHistory, PricePast } from "../domain/observation.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import type { Estimates } from "../model/estimates.ts";
import { pastAfter } from "../model/history/pricePast.ts";
import { type Asked, implausibility } from "./acceptance.ts";
import { CLOSE_TOLERANCE, type PricePoint } from "./agreement.ts";
import { judgeCandles, scaledBar } from "./candles.ts";

/** How long a late history is still used, seconds: venues have stopped for 33 hours. */
const LATE_HISTORY_SECONDS = 2 * DAY_SECONDS;
/** Bars of a day, by the middle of whose closes two histories are of one price or not. */
const DAY_BARS = 24;

type Judged = { readonly history: PriceHistory | null; readonly faults: readonly Fault[] };

/**
 * The history that is used of those of one price, without the bars that stand on one venue's word alone: the first that is
 * fresh, else the first that is late; bars that it lacks are another's. One further off over the last day than a last close may
 * be is of another asset or unit (DISAGREES) and not asked.
 * @param prices what others say now  @param estimates at `now`, where markets that ask the same find the same object
 * @returns null, and no fault, without any
 */
export function judgedHistory(
  asked: readonly Asked<PriceHistory>[],
  prices: readonly PricePoint[],
  { quality }: MarketParameters,
  estimates: Estimates,
): Judged {
  const { now } = estimates;
  const fresh = asked.flatMap(({ accepted }) => accepted ?? []);
  const late = asked.flatMap((one) => lateHistory(one, now - quality.maxAgeSeconds.history) ?? []);
  const [history, ...others] = [...fresh, ...late];
  if (history === undefined) return { history: null, faults: [] };
  const limit = CLOSE_TOLERANCE * quality.maxPriceDisagreement;
  const key = JSON.stringify([limit, prices.map(({ time, price }) => [time, price])]);
  // Whichever venue's candles count: the years before them are those of the first that knows them.
  const knowing = asked.flatMap(({ seen }) => (seen?.before === undefined ? [] : seen)).slice(0, 1);
  return estimates.shared([history, ...others, ...knowing], key, () => {
    const { history: settled, faults } = judged(history, others, prices, { limit, now });
    const [before] = knowing.flatMap((one) => one.before ?? []);
    return { history: before === undefined || settled.before === before ? settled : { ...settled, before }, faults };
  });
}

/** The first of these histories, judged as `judgedHistory` does where nothing is known beside candles of so long ago. */
function settledHistory(
  [history, ...others]: readonly [PriceHistory, ...PriceHistory[]],
  now: number,
  { maxPriceDisagreement }: MarketParameters["quality"],
): Judged & { readonly history: PriceHistory } {
  return judged(history, others, [], { limit: CLOSE_TOLERANCE * maxPriceDisagreement, now });
}

function judged(
  history: PriceHistory,
  others: readonly PriceHistory[],
  prices: readonly PricePoint[],
  { limit, now }: { readonly limit: number; readonly now: number },
): Judged & { readonly history: PriceHistory } {
  const strangers = others.flatMap((other) => strangerFault(other, history, limit) ?? []);
  const near = others.filter(({ source }) => !strangers.some((found) => found.source === source));
  const beside = near.map((one) => judgeCandles(one, [history, ...near.filter((other) => other !== one)], prices, now));
  const theirs = beside.map((one) => one.history);
  const own = judgeCandles(withoutHoles(history, theirs), theirs, prices, now);
  return { history: own.history, faults: [...own.faults, ...beside.flatMap(({ faults }) => faults), ...strangers] };
}

/**
 * A history whose newest candle is late, while it is less than two days late: the fault stays, nothing loosens on it, but a
 * long-run volatility of months does not become unknown because a server was down for an hour.
 */
function lateHistory({ seen }: Asked<PriceHistory>, oldest: number): PriceHistory | null {
  if (seen === null || implausibility(seen) !== null) return null;
  const late = oldest - seen.eventTime;
  return late > 0 && late <= LATE_HISTORY_SECONDS ? seen : null;
}

function strangerFault(other: PriceHistory, history: PriceHistory, limit: number): Fault | null {
  const [theirs = Number.NaN, own = Number.NaN] = [other, history].map(({ candles }) =>
    median(candles.slice(-DAY_BARS).map((candle) => candle[4])),
  );
  if (Math.abs(theirs / own - 1) <= limit) return null;
  const seen = `closes of ${theirs.toPrecision(6)} USD against ${own.toPrecision(6)} of ${history.source}`;
  return fault("DISAGREES", other.source, `${seen}, limit ${percent(limit, 0)}`);
}

type Filled = { readonly by: readonly PriceHistory["candles"][]; readonly candles: PriceHistory["candles"] };
const lastFilled = new WeakMap<PriceHistory["candles"], Filled>();

/** The history with bars of others where it has none; the same candles as long as all of theirs are, and its own where nothing is filled. */
function withoutHoles(history: PriceHistory, others: readonly PriceHistory[]): PriceHistory {
  const by = others.map(({ candles }) => candles);
  const known = lastFilled.get(history.candles);
  const isSame = known?.by.length === by.length && known.by.every((candles, n) => candles === by[n]);
  const filled = isSame ? known : { by, candles: fill(history, others) };
  lastFilled.set(history.candles, filled);
  return filled.candles === history.candles ? history : { ...history, candles: filled.candles };
}

function fill(history: PriceHistory, others: readonly PriceHistory[]): readonly Candle[] {
  const { candles, intervalSeconds: step } = history;
  if (others.length === 0) return candles;
  const end = Math.max(...others.map((other) => other.candles.at(-1)?.[0] ?? 0));
  let whole: Candle[] | null = null;
  for (let i = 1; i < candles.length; i++) {
    const before = candles[i - 1] as Candle;
    const candle = candles[i] as Candle;
    const having =
      candle[0] - before[0] > step ? others.filter((one) => scaledBar(one, before[0], before) !== null) : [];
    for (let time = before[0] + step; having.length > 0 && time < candle[0] && time <= end; time += step) {
      const bar = having.map((other) => scaledBar(other, time, before)).find((one) => one !== null);
      if (bar === undefined) continue;
      whole ??= candles.slice(0, i);
      whole.push(bar);
    }
    whole?.push(candle);
  }
  return whole ?? candles;
}

/** Another venue whose days are so many times as wild, by variance, is believed against the first. */
const WILDER = 1.5;

/**
 * The past of a price until a midnight, from that until one before it and what venues say of the hours between: the first one's
 * candles without those that stand on its word alone. Where another's days are half as wild again, they count (DISAGREES): about
 * years ago, the one that loosens is not believed.
 * @param histories of one price, the preferred first, from four days before to two days after (`pastAfter`); none: nothing is added
 * @returns faults with a count: what is long ago is in nobody's way today
 */
export function pastOfVenues(
  before: PricePast,
  histories: readonly PriceHistory[],
  until: number,
  quality: MarketParameters["quality"],
): { readonly past: PricePast; readonly faults: readonly Fault[] } {
  const settled = histories.map((own) =>
    settledHistory([own, ...histories.filter((other) => other !== own)], own.eventTime, quality),
  );
  const said = settled[0]?.faults ?? [];
  // Of another asset or unit, or in doubt to its end.
  const strangers = said.filter(({ code, count }) => code === "DISAGREES" && count === undefined);
  const trusted = settled.filter(
    ({ history }, i) => i === 0 || !strangers.some((one) => one.source === history.source),
  );
  let past: PricePast = { ...before, until };
  let most = 0;
  const faults: Fault[] = said.map((one) => ({ ...one, count: one.count ?? 1 }));
  for (const { history } of trusted) {
    const found = pastAfter(before, history, until);
    const wild = addedVariance(before, found);
    if (wild <= WILDER * most) continue;
    if (most > 0) {
      const seen = `${(wild / most).toPrecision(3)} times the variance that ${histories[0]?.source} shows`;
      const span = `from ${isoTime(before.until)} to ${isoTime(until)}`;
      faults.push(fault("DISAGREES", history.source, `${seen} ${span}, and counts`, 1));
    }
    [past, most] = [found, wild];
  }
  return { past, faults };
}

/** Mean variance of the days added, not annualised; 0 where none was. */
function addedVariance(before: PricePast, after: PricePast): number {
  const total = ({ days }: PricePast, column: 0 | 1) => days.reduce((sum, day) => sum + day[column], 0);
  const known = total(after, 0) - total(before, 0);
  return known > 0 ? (total(after, 1) - total(before, 1)) / known : 0;
}
