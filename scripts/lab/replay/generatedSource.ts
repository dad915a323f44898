import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import type { Candle } from "../../../keeper/domain/observation.ts";
import { CRASH_END, CRASH_START, crashState } from "./generated/crashScenario.ts";
import { generatedBoard } from "./generated/generatedBoard.ts";
import { type Asset, PATH_START, type PricePath, pricePath } from "./generated/pricePath.ts";
import { indexLevel, type SurfaceState } from "./generated/surface.ts";
import { type Board, closedBars, closedCandles, type IndexBar, lowerBound, type ReplaySource } from "./replaySource.ts";

/** Minutes after midnight of the four boards of a day, about when the recorded ones were taken. */
const BOARD_MINUTES = [270, 570, 945, 1290];
/** Rough sizes of the two markets at the start of 2026. */
const ASSETS: readonly (Asset & { readonly strikeStep: number; readonly openInterest: number })[] = [
  { currency: "BTC", price: 89_000, scale: 0.78, hourlyVolume: 7_000, strikeStep: 500, openInterest: 400 },
  { currency: "ETH", price: 3_000, scale: 1, hourlyVolume: 180_000, strikeStep: 25, openInterest: 4_000 },
];

/**
 * A sample that needs no data: two boards of eight expiries, hourly candles over 600 days before, and a daily volatility
 * index, through a crash of 40 % on the recorded calendar (four boards a day, 2026-01-28 to 2026-02-15). The path is in
 * `crashScenario`, the surface in `surface`, the noise from `seed`: one seed, one sample, bit for bit on one machine.
 * @param every seconds from one board to the next, for a venue that never grows old; null: the recorded calendar
 * @example generatedSource(1).instants(0, 2e9).length // 76
 */
export function generatedSource(seed: number, every: number | null = null): ReplaySource {
  const paths = new Map(ASSETS.map((asset) => [asset.currency, pricePath(seed, asset)]));
  const indices = new Map(ASSETS.map((asset) => [asset.currency, indexBars(asset, paths.get(asset.currency))]));
  const times = boardTimes(every);
  const latest = new Map<string, Board>();

  return {
    name: "generated",
    currencies: ASSETS.map((asset) => asset.currency),
    instruments: ASSETS.flatMap((asset) => [`${asset.currency}-PERPETUAL`, `${asset.currency}_USDC`]),
    instants: (from, to) => times.filter((time) => time >= from && time <= to),
    board(currency, asOf) {
      const time = times[lowerBound(times, (t) => t, asOf + 1) - 1];
      const asset = ASSETS.find((one) => one.currency === currency);
      const path = paths.get(currency);
      if (time === undefined || asset === undefined || path === undefined) return null;
      const known = latest.get(currency);
      if (known?.time === time) return known;
      const board = generatedBoard({ ...asset, ...surfaceAt(asset, time), seed, time, spot: path.priceAt(time) });
      latest.set(currency, board);
      return board;
    },
    candles(instrument, from, to, asOf) {
      const candles: readonly Candle[] = paths.get(instrument.split(/[-_]/)[0] ?? "")?.candles ?? [];
      return closedCandles(candles, [from, to], asOf);
    },
    indexBars(currency, from, to, asOf) {
      return closedBars(indices.get(currency) ?? [], [from, to], asOf);
    },
  };
}

function boardTimes(every: number | null): readonly number[] {
  const span = CRASH_END - CRASH_START;
  if (every !== null)
    return Array.from({ length: Math.floor(span / every) }, (_, board) => CRASH_START + board * every);
  const days = Array.from({ length: span / DAY_SECONDS }, (_, day) => CRASH_START + day * DAY_SECONDS);
  return days.flatMap((day) => BOARD_MINUTES.map((minute) => day + minute * 60));
}

function surfaceAt(asset: Asset, time: number): { readonly surface: SurfaceState; readonly basis: number } {
  const { shortVol, longVol, rho, basis } = crashState(time);
  return { surface: { shortVol: shortVol * asset.scale, longVol: longVol * asset.scale, rho }, basis };
}

/** Daily closes: before the crash off the volatility in force, in it off the surface. */
function indexBars(asset: Asset, path: PricePath | undefined): readonly IndexBar[] {
  const calm = crashState(CRASH_START);
  const days = Array.from(
    { length: (CRASH_END - PATH_START) / DAY_SECONDS },
    (_, day) => PATH_START + day * DAY_SECONDS,
  );
  let open = indexLevel(surfaceAt(asset, CRASH_START).surface);
  return days.map((time, day) => {
    const end = time + DAY_SECONDS;
    const state =
      end > CRASH_START
        ? surfaceAt(asset, end).surface
        : { shortVol: path?.vols[day * 24 + 23] ?? calm.shortVol, longVol: calm.longVol * asset.scale, rho: calm.rho };
    const close = Number(indexLevel(state).toFixed(2));
    const bar = { time, length: DAY_SECONDS, open, high: Math.max(open, close), low: Math.min(open, close), close };
    open = close;
    return bar;
  });
}
