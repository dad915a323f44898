import { DAY_SECONDS } from "../domain/calendar.ts";
import { type Fault, type FaultCode, fault } from "../domain/fault.ts";
import { countWhile, lowerMedian } from "../domain/numbers.ts";
import type { Candle, PriceHistory } from "../domain/observation.ts";
import type { PricePoint } from "./agreement.ts";

/** A close that is further from the one before, a fraction, and that many times the typical hour, needs a second word. */
const LEAST_JUMP = 0.02;
const JUMP_OF_TYPICAL = 5;
/** Bars over which the typical hour fades, two days of them. */
const TYPICAL_BARS = 48;
/** What takes back two thirds of a move within this many bars reverts it; what stays has happened. */
const REVERTS_WITHIN = 2;
const STAYING_SHARE = 1 / 3;
/** What the candles of two other venues or more contradict, and none shows, is set aside for so many bars. */
const MOST_CONTRADICTED = 24;
/** While a bar that was set aside is younger than this nothing loosens, and maintenance rests. */
const DOUBT_SECONDS = DAY_SECONDS;

/** A history without the bars that stand on one venue's word alone. */
type JudgedCandles = {
  /** The same object where no bar was changed. */
  readonly history: PriceHistory;
  readonly faults: readonly Fault[];
};

/** Bars `from` up to before `to`, set aside together, and what takes their place. */
type Run = {
  readonly from: number;
  readonly to: number;
  readonly code: FaultCode;
  readonly lastGood: Candle;
  readonly instead: readonly Candle[];
};

/**
 * Holds every bar of a history against its neighbours and against what others said at that time. A close that has jumped
 * is set aside, with the bars that stay there,
 * - when two thirds of the move is taken back within two bars (a day, where two other venues contradict all of it) and no other
 * venue's candles show it: REVERTED;
 * - when it is among the last two, so that this cannot be known yet, and others say the price has not moved: DISAGREES;
 * - when it is the last one and nobody else says anything: JUMP, for one bar.
 * So a crash counts at once where any other source lives, and a bar later where none does. In place of a bar set aside comes that
 * of another venue, scaled to this one's last close; or it ends where the next one opens; or, the newest, where the others say;
 * else it is a hole (`dailyBars`). Faults without a count are of the last day: nothing loosens on them. Nothing later than
 * `now` is read.
 * Source of the form: the outlier rule of Brownlees & Gallo, CSDA 51 (2006), a distance in units of the neighbours' spread.
 * @param others of the same price at other venues  @param prices what board, feed and pools say now
 */
export function judgeCandles(
  history: PriceHistory,
  others: readonly PriceHistory[],
  prices: readonly PricePoint[],
  now: number,
): JudgedCandles {
  const runs = runsAside(history.candles, { step: history.intervalSeconds, others, prices, now });
  if (runs.length === 0) return { history, faults: [] };
  const candles = without(runs, history.candles);
  const last = candles.at(-1);
  const eventTime = last === undefined ? history.eventTime : last[0] + history.intervalSeconds;
  return { history: { ...history, eventTime, candles }, faults: faultsOf(history, runs, now) };
}

const lastWithout = new WeakMap<readonly Candle[], { readonly runs: string; readonly candles: readonly Candle[] }>();

/** Candles with what takes the place of runs; the same array as the last time while the runs are, for it is read again otherwise. */
function without(runs: readonly Run[], all: readonly Candle[]): readonly Candle[] {
  const known = lastWithout.get(all);
  const text = JSON.stringify(runs.map(({ from, to, instead }) => [from, to, instead]));
  if (known?.runs === text) return known.candles;
  const candles: Candle[] = [];
  let next = 0;
  for (const { from, to, instead } of runs) {
    for (; next < from; next++) candles.push(all[next] as Candle);
    candles.push(...instead);
    next = to;
  }
  for (; next < all.length; next++) candles.push(all[next] as Candle);
  lastWithout.set(all, { runs: text, candles });
  return candles;
}

type Beside = {
  readonly step: number;
  readonly others: readonly PriceHistory[];
  readonly prices: readonly PricePoint[];
  readonly now: number;
};

function runsAside(candles: readonly Candle[], beside: Beside): readonly Run[] {
  const { step, now } = beside;
  const runs: Run[] = [];
  let lastGood: Candle | null = null;
  let typical = LEAST_JUMP / JUMP_OF_TYPICAL;
  for (let i = 0; i < candles.length; i++) {
    const candle = candles[i] as Candle;
    // What is no bar at all, `dailyBars` leaves out and counts.
    if (!isBar(candle, lastGood, now - step)) continue;
    if (lastGood !== null) {
      const move = Math.log(candle[4] / lastGood[4]);
      const root = Math.sqrt((candle[0] - lastGood[0]) / step);
      if (Math.abs(move) > Math.max(LEAST_JUMP, JUMP_OF_TYPICAL * typical) * root) {
        const run = runAt(candles, i, lastGood, move, beside);
        if (run !== null) {
          runs.push(run);
          lastGood = run.instead.at(-1) ?? lastGood;
          i = run.to - 1;
          continue;
        }
      }
      typical += (Math.abs(move) / root - typical) / TYPICAL_BARS;
    }
    lastGood = candle;
  }
  return runs;
}

function isBar(candle: Candle, before: Candle | null, latest: number): boolean {
  const close = candle[4];
  return close > 0 && close < Number.MAX_VALUE && candle[0] <= latest && (before === null || candle[0] > before[0]);
}

/** The run that begins with a jump, if it is to be set aside. */
function runAt(candles: readonly Candle[], from: number, lastGood: Candle, jump: number, beside: Beside): Run | null {
  const { step, others, prices, now } = beside;
  const left = (price: number) => Math.log(price / lastGood[4]) / jump;
  const stays = (price: number) => left(price) > STAYING_SHARE;
  const bars: Candle[] = [];
  let to = from;
  let reverts = false;
  for (; to < candles.length; to++) {
    const candle = candles[to] as Candle;
    if (candle[0] > now - step) break;
    const before = bars.at(-1);
    if (!isBar(candle, before ?? lastGood, now - step)) continue;
    // Trading goes on where it stopped: where the close leaves it open, the next open says what the one before should have been.
    const follows = before !== undefined && candle[0] - before[0] === step;
    const opensThere = follows && stays(candle[1]);
    // What opens there and goes further to the other side takes nothing back: it is the one to doubt.
    if (opensThere && left(candle[4]) <= -1) return null;
    reverts = !stays(candle[4]) || (follows && !opensThere && left(candle[4]) < 1 - STAYING_SHARE);
    if (reverts) break;
    bars.push(candle);
    const closes = others.flatMap((other) => scaledBar(other, candle[0], lastGood)?.[4] ?? []);
    const isContradicted = closes.length > 1 && !closes.some((close) => stays(close));
    if (bars.length > (isContradicted ? MOST_CONTRADICTED : REVERTS_WITHIN)) return null;
  }
  const last = bars.at(-1) as Candle;
  const elsewhere = (bar: Candle) =>
    others.map((other) => scaledBar(other, bar[0], lastGood)).find((one) => one !== null);
  const fresh = reverts ? [] : prices.filter(({ time }) => time >= last[0] + step).map(({ price }) => price);
  const told = [...others.map((other) => scaledBar(other, last[0], lastGood)?.[4] ?? Number.NaN), ...fresh].filter(
    (price) => price > 0,
  );
  if (told.some((price) => stays(price))) return null;
  if (!reverts && told.length === 0 && bars.length > 1) return null;
  const code = reverts ? "REVERTED" : told.length > 0 ? "DISAGREES" : "JUMP";
  const instead: Candle[] = [];
  for (const bar of bars) {
    const open = (bar === last ? (reverts ? candles[to] : undefined) : last)?.[1] ?? Number.NaN;
    const other = elsewhere(bar);
    if (other !== undefined) instead.push(other);
    else if (open > 0 && !stays(open)) instead.push(endingAt(bar, lastGood[4], open));
    else if (bar === last && !reverts) instead.push(endingAt(bar, lastGood[4], lowerMedian(told) ?? lastGood[4]));
  }
  return { from, to, code, lastGood, instead };
}

/** A bar with nothing of its own in it but time and volume. */
function endingAt([time, , , , , volume]: Candle, open: number, close: number): Candle {
  return [time, open, Math.max(open, close), Math.min(open, close), close, volume];
}

/** Another venue's bar of a time, with prices as far from `since` as they are from its own bar of then; null without both. */
export function scaledBar(other: PriceHistory, time: number, since: Candle): Candle | null {
  const [base, bar] = [barOf(other, since[0]), barOf(other, time)];
  if (base === null || bar === null) return null;
  const scale = since[4] / base[4];
  return [time, bar[1] * scale, bar[2] * scale, bar[3] * scale, bar[4] * scale, bar[5]];
}

/** The bar that opens at a time, null where there is none in which the price has moved. */
function barOf({ candles }: PriceHistory, time: number): Candle | null {
  const found = candles[countWhile(candles, (candle) => candle[0] < time)];
  return found !== undefined && found[0] === time && found[2] > found[3] && found[3] > 0 ? found : null;
}

const WORDS: Partial<Record<FaultCode, string>> = {
  REVERTED: "taken back soon, and no other source saw it",
  DISAGREES: "the other sources say otherwise",
  JUMP: "no other source says so yet",
};

/** One fault for each way of being wrong, about the newest of its bars. */
function faultsOf({ source, candles, intervalSeconds }: PriceHistory, runs: readonly Run[], now: number): Fault[] {
  return [...Map.groupBy(runs, ({ code }) => code)].map(([code, all]) => {
    const count = all.reduce((sum, { from, to }) => sum + to - from, 0);
    const { from, to, lastGood } = all.at(-1) as Run;
    const closed = ((candles[to - 1] as Candle)[0] + intervalSeconds) as number;
    const at = `last at ${new Date(closed * 1000).toISOString().slice(0, 16)}Z`;
    const seen = `${(candles[from] as Candle)[4].toPrecision(6)} after ${lastGood[4].toPrecision(6)} USD`;
    const detail = `${count} bar${count === 1 ? "" : "s"} set aside, ${at}: ${seen}, ${WORDS[code]}`;
    return now - closed < DOUBT_SECONDS ? fault(code, source, detail) : fault(code, source, detail, count);
  });
}
