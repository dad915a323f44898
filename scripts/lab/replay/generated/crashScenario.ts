import { DAY_SECONDS } from "../../../../keeper/domain/calendar.ts";

/** The calendar of the crash, the same as the recorded one: [START, END) in Unix seconds. */
export const CRASH_START = Date.UTC(2026, 0, 28) / 1000;
export const CRASH_END = Date.UTC(2026, 1, 16) / 1000;

/** What the market is like at one moment of the crash. */
type CrashState = {
  /** Price relative to the start. */
  readonly price: number;
  /** Instantaneous volatility and the level it reverts to, annualised fractions. */
  readonly shortVol: number;
  readonly longVol: number;
  /** SSVI correlation: the skew. */
  readonly rho: number;
  /** Forward basis a year. */
  readonly basis: number;
};

/**
 * The crash by days since the start, in the shape of the first weeks of February 2026: calm near 50 %, a slide from the
 * third day, the capitulation late on the ninth (price -40 %, 7-day volatility 120 % above 93 % at 30 days), then a
 * slow and partial recovery. [day, price, short vol, long vol, rho, basis].
 */
const PATH: readonly (readonly [number, number, number, number, number, number])[] = [
  [0, 1.0, 0.48, 0.52, -0.15, 0.045],
  [1, 0.985, 0.5, 0.52, -0.17, 0.045],
  [2, 0.95, 0.56, 0.53, -0.2, 0.04],
  [3, 0.86, 0.8, 0.55, -0.3, 0.03],
  [4, 0.82, 0.95, 0.56, -0.35, 0.025],
  [5, 0.835, 0.88, 0.56, -0.33, 0.025],
  [6, 0.8, 0.95, 0.57, -0.36, 0.02],
  [7, 0.745, 1.02, 0.58, -0.4, 0.015],
  [8, 0.69, 1.15, 0.6, -0.44, 0.01],
  [8.9, 0.6, 1.35, 0.62, -0.5, 0],
  [9.2, 0.615, 1.3, 0.62, -0.48, 0],
  [9.7, 0.665, 1.15, 0.61, -0.44, 0.005],
  [11, 0.68, 1.0, 0.6, -0.4, 0.01],
  [13, 0.66, 0.88, 0.59, -0.35, 0.015],
  [16, 0.685, 0.75, 0.585, -0.3, 0.02],
  [19, 0.7, 0.66, 0.58, -0.26, 0.025],
];

/** Days of the turning points: the price passes through them exactly, whatever the noise between. */
export const TURNING_TIMES: readonly number[] = PATH.map(([day]) => CRASH_START + day * DAY_SECONDS);

/**
 * State of the crash at `time` (Unix seconds, held at the ends), linear between the turning points, price in logarithms.
 * @example crashState(CRASH_START + 8.9 * 86400).price // 0.6
 */
export function crashState(time: number): CrashState {
  const day = (time - CRASH_START) / DAY_SECONDS;
  const next = PATH.findIndex(([at]) => at > day);
  const after = PATH[next < 0 ? PATH.length - 1 : next];
  const before = PATH[next < 0 ? PATH.length - 1 : Math.max(0, next - 1)];
  if (after === undefined || before === undefined) throw new RangeError("the crash has no path");
  const weight = after[0] === before[0] ? 0 : Math.max(0, (day - before[0]) / (after[0] - before[0]));
  const mix = (column: 1 | 2 | 3 | 4 | 5) => before[column] + (after[column] - before[column]) * weight;
  return {
    price: before[1] * (after[1] / before[1]) ** weight,
    shortVol: mix(2),
    longVol: mix(3),
    rho: mix(4),
    basis: mix(5),
  };
}
