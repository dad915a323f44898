import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import type { Candle, PriceHistory } from "../../../keeper/domain/observation.ts";
import { type DailyBar, dailyBars, usableCandles } from "../../../keeper/model/history/dailyBars.ts";
import { historyOf } from "../../support/candles.ts";

/** Daily bars as their description says them, one day after the other, with lists instead of running sums. */
function slowDailyBars(history: PriceHistory, now: number): readonly (DailyBar | null)[] {
  const step = history.intervalSeconds;
  const used: Candle[] = [];
  for (const candle of history.candles) {
    const [time, open, high, low, close, volume] = candle;
    const prices = [open, high, low, close];
    const sound = prices.every((price) => price > 0 && price < Number.MAX_VALUE) && volume >= 0 && volume !== Infinity;
    const contained = low <= Math.min(open, close) && high >= Math.max(open, close);
    const later = used.every((earlier) => earlier[0] < time);
    if (sound && contained && later && time + step <= now) used.push(candle);
  }
  const [oldest, newest] = [used[0], used.at(-1)];
  if (oldest === undefined || newest === undefined) return [];
  const returns = used.map(([time, open, , , close], i) => {
    const before = used[i - 1];
    const bridged = before !== undefined && time - (before[0] + step) <= 2 * DAY_SECONDS;
    const [from, price] = bridged ? [before[0] + step, before[4]] : [time, open];
    return { from, to: time + step, price, squared: Math.log(close / price) ** 2 };
  });
  const count = Math.ceil((newest[0] + step - oldest[0]) / DAY_SECONDS);
  return Array.from({ length: count }, (_, day) => {
    const end = newest[0] + step - (count - 1 - day) * DAY_SECONDS;
    const begin = end - DAY_SECONDS;
    const inside = used.filter(([time]) => time >= begin && time < end);
    const parts = returns.filter(({ from, to }) => from < end && to > begin);
    const first = parts[0];
    if (first === undefined) return null;
    // A day that a return reaches before any candle of its own opens at the price the return started from.
    const own = used[returns.indexOf(first)];
    const open = own !== undefined && own === inside[0] ? own[1] : first.price;
    const seconds = parts.map(({ from, to }) => Math.min(to, end) - Math.max(from, begin));
    return {
      end,
      open,
      high: Math.max(open, ...inside.map(([, , high]) => high)),
      low: Math.min(open, ...inside.map(([, , , low]) => low)),
      close: inside.at(-1)?.[4] ?? open,
      volumeUsd: inside.reduce((sum, [, o, h, l, c, volume]) => sum + volume * ((o + h + l + c) / 4), 0),
      squaredReturns: parts.reduce((sum, { from, to, squared }, i) => {
        const part = seconds[i] ?? 0;
        return sum + (part === to - from ? squared : squared * (part / (to - from)));
      }, 0),
      coveredSeconds: seconds.reduce((sum, value) => sum + value, 0),
    };
  });
}

const price = fc.double({ min: 0.5, max: 5_000, noNaN: true });
/** Mostly the next candle; sometimes a hole of hours or days, just a day in each step, or one that is out of order. */
const gap = fc.oneof(
  { arbitrary: fc.constant(1), weight: 20 },
  { arbitrary: fc.integer({ min: 2, max: 80 }), weight: 2 },
  { arbitrary: fc.constantFrom(7, 25, 97), weight: 1 },
  { arbitrary: fc.integer({ min: -3, max: 0 }), weight: 1 },
);
const candle = fc.record({
  gap,
  open: price,
  close: price,
  up: fc.double({ min: 0, max: 0.1, noNaN: true }),
  down: fc.double({ min: 0, max: 0.1, noNaN: true }),
  volume: fc.double({ min: 0, max: 1e6, noNaN: true }),
  broken: fc.integer({ min: 0, max: 30 }),
});
const STEPS = [900, 3_600, 14_400] as const;

const histories = fc
  .record({
    step: fc.constantFrom(...STEPS),
    drawn: fc.array(candle, { maxLength: 200, size: "max" }),
    cut: fc.nat({ max: 40 }),
  })
  .map(({ step, drawn, cut }) => {
    let time = 1_767_225_600;
    const candles = drawn.map((one): Candle => {
      time += one.gap * step;
      const [high, low] = [
        Math.max(one.open, one.close) * (1 + one.up),
        Math.min(one.open, one.close) * (1 - one.down),
      ];
      return [time, one.open, one.broken === 0 ? low / 2 : high, low, one.close, one.broken === 1 ? -1 : one.volume];
    });
    return { history: { ...historyOf(candles), intervalSeconds: step }, now: time + step - cut * step };
  });

test("daily bars are, to the bit, what their description says of any candles", () => {
  fc.assert(
    fc.property(histories, ({ history, now }) => {
      assert.deepEqual(dailyBars(usableCandles(history, now)).days, slowDailyBars(history, now));
    }),
    { numRuns: 300 },
  );
});
