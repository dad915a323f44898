import { DAY_SECONDS, HOUR_SECONDS } from "../../domain/calendar.ts";
import { type Fault, fault } from "../../domain/fault.ts";
import type { Candle, PriceHistory, VolatilityIndex } from "../../domain/observation.ts";
import { parseCandles } from "./candles.ts";
import type { Ask } from "./connection.ts";
import type { LastingSeries } from "./lastingSeries.ts";
import { firstMissing, holes } from "./series.ts";
import { parseVolatilityIndex } from "./volatilityIndex.ts";

/** Deribit answers at most about 5 000 candles a call. */
const CANDLES_A_PAGE = 5_000;
/** Pages of one read: far above what 400 days need, so that a venue paging in circles cannot hold the keeper. */
const MAX_PAGES = 20;

export type IndexPoint = readonly [time: number, vol: number];
/**
 * A read of one series: what to ask for, where from and what is remembered. Times are Unix seconds. Where the venue does not
 * answer whole, what the process before this one knew fills it up: a restart is no reason to know less.
 */
type SeriesRead<Point extends readonly [time: number, ...rest: number[]]> = {
  readonly ask: Ask;
  readonly source: string;
  readonly now: number;
  readonly days: number;
  readonly known: LastingSeries<Point>;
  readonly signal: AbortSignal | undefined;
};

/**
 * Brings the remembered candles up to `now`, oldest page first, and returns them all as one history with the faults met.
 * What was read before stays usable when a page fails: its age shows in `eventTime`. EMPTY when there is nothing at all;
 * GAP counts the bars missing inside the span.
 */
export async function readCandles(
  read: SeriesRead<Candle>,
  instrument: string,
): Promise<{ readonly observation: PriceHistory | null; readonly faults: readonly Fault[] }> {
  const { ask, source, now, known, signal } = read;
  const end = lastClosedStart(now);
  const from = Math.ceil((now - read.days * DAY_SECONDS) / HOUR_SECONDS) * HOUR_SECONDS;
  known.trim(from);
  const faults: Fault[] = [];
  let start = firstMissing(
    known.points().map((candle) => candle[0]),
    from,
    end,
    HOUR_SECONDS,
  );
  let whole = true;
  for (let page = 0; start <= end && page < MAX_PAGES; page += 1) {
    whole = false;
    const stop = Math.min(end, start + (CANDLES_A_PAGE - 1) * HOUR_SECONDS);
    const parameters = {
      instrument_name: instrument,
      start_timestamp: start * 1000,
      end_timestamp: stop * 1000,
      resolution: HOUR_SECONDS / 60,
    };
    const answer = await ask("get_tradingview_chart_data", parameters, source, signal);
    if ("fault" in answer) {
      faults.push(answer.fault);
      break;
    }
    const parsed = parseCandles(answer.body, source, HOUR_SECONDS, now);
    faults.push(...parsed.faults);
    if (parsed.failed) break;
    faults.push(...restated(known.add(parsed.candles.filter((candle) => candle[0] >= from)), source));
    start = stop + HOUR_SECONDS;
    whole = true;
  }
  if (whole) await known.keep();
  const candles = whole ? known.points() : await known.standing(from, end);
  const last = candles.at(-1);
  if (last === undefined) return { observation: null, faults: [...faults, fault("EMPTY", source, "no closed candle")] };
  const { missing, first } = holes(
    candles.map((candle) => candle[0]),
    HOUR_SECONDS,
  );
  if (missing > 0) faults.push(fault("GAP", source, `hours missing inside the span, first ${iso(first)}`, missing));
  return {
    observation: {
      kind: "priceHistory",
      source,
      instrument,
      intervalSeconds: HOUR_SECONDS,
      eventTime: last[0] + HOUR_SECONDS,
      candles,
    },
    faults,
  };
}

/**
 * Brings the remembered index closes up to `now`. Deribit pages from the newest back: `continuation` is the end of the
 * next page. Holes are no fault here, since only levels at their own times are used, never differences.
 */
export async function readIndex(
  read: SeriesRead<IndexPoint>,
  currency: string,
): Promise<{ readonly observation: VolatilityIndex | null; readonly faults: readonly Fault[] }> {
  const { ask, source, now, known, signal } = read;
  const from = Math.ceil((now - read.days * DAY_SECONDS) / HOUR_SECONDS) * HOUR_SECONDS;
  known.trim(from + HOUR_SECONDS);
  const faults: Fault[] = [];
  const lastStart = lastClosedStart(now);
  // Remembered under their close times, asked for by their start times.
  const starts = known.points().map((point) => point[0] - HOUR_SECONDS);
  const start = firstMissing(starts, from, lastStart, HOUR_SECONDS);
  let end = lastStart * 1000;
  let whole = true;
  for (let page = 0; start * 1000 <= end && page < MAX_PAGES; page += 1) {
    whole = false;
    const parameters = { currency, start_timestamp: start * 1000, end_timestamp: end, resolution: HOUR_SECONDS };
    const answer = await ask("get_volatility_index_data", parameters, source, signal);
    if ("fault" in answer) {
      faults.push(answer.fault);
      break;
    }
    const parsed = parseVolatilityIndex(answer.body, source, HOUR_SECONDS, now);
    faults.push(...parsed.faults);
    if (parsed.failed) break;
    faults.push(...restated(known.add(parsed.closes.filter(([time]) => time > from)), source));
    whole = parsed.continuation === null;
    if (parsed.continuation === null) break;
    if (!(parsed.continuation < end)) {
      faults.push(fault("INCONSISTENT", source, `continuation ${parsed.continuation} does not lead back from ${end}`));
      break;
    }
    end = parsed.continuation;
  }
  if (whole) await known.keep();
  const closes = whole ? known.points() : await known.standing(from + HOUR_SECONDS, lastStart + HOUR_SECONDS);
  const last = closes.at(-1);
  if (last === undefined) return { observation: null, faults: [...faults, fault("EMPTY", source, "no closed bar")] };
  const observation = { kind: "volatilityIndex", source, currency, eventTime: last[0], closes } as const;
  return { observation, faults };
}

/** Start of the last hour that has closed. */
function lastClosedStart(now: number): number {
  return Math.floor(now / HOUR_SECONDS) * HOUR_SECONDS - HOUR_SECONDS;
}

function restated(count: number, source: string): readonly Fault[] {
  return count === 0 ? [] : [fault("INCONSISTENT", source, "closed bars came back with other numbers", count)];
}

function iso(time: number): string {
  return new Date(time * 1000).toISOString();
}
