import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_MODEL } from "../../../../keeper/markets/defaults.ts";
import { studentTQuantile } from "../../../../keeper/model/numerics/distributions.ts";
import { watchPower } from "../../../../scripts/lab/validation/backtest/watchPower.ts";
import { modelLaw } from "../../../../scripts/lab/validation/backtest/windows.ts";

const LAW = Array.from({ length: 1_024 }, (_, n) => studentTQuantile((n + 0.5) / 1_024, 4) * Math.sqrt(0.5));
const law = modelLaw(DEFAULT_MODEL);

/** Hourly windows of a day over `days`, losses drawn from the law at a true volatility of so many times the promised. */
function windows(days: number, times: number) {
  const [size, deviation] = [days * 24, 0.6 * Math.sqrt(24 / 8_760)];
  let state = 5;
  const draw = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return LAW[state >>> 22] ?? 0;
  };
  return {
    time: Float64Array.from({ length: size }, (_, n) => 3_600 * n),
    loss: Float64Array.from({ length: size }, () => times * deviation * draw()),
    valueAtRisk: new Float64Array(size).fill(law.quantile * deviation),
    shortfall: new Float64Array(size),
  };
}

test("where the promise is kept exactly it alarms less than once a year, and finds 0.7 of the volatility within ten weeks in the median", () => {
  const { alarmsPerYear, mostPerYear, medianDays, slowDays } = watchPower(windows(1_500, 1), 24, law, DEFAULT_MODEL);
  assert.ok(alarmsPerYear > 0.3 && alarmsPerYear <= 1 && mostPerYear >= alarmsPerYear, `${alarmsPerYear}`);
  assert.ok(
    medianDays > 40 && medianDays < 80 && slowDays > medianDays && slowDays < 180,
    `${medianDays}, ${slowDays}`,
  );
});

test("where losses are half of what was promised it never alarms, and 0.7 of the volatility breaks no promise", () => {
  assert.deepEqual(watchPower(windows(1_500, 0.5), 24, law, DEFAULT_MODEL), {
    ...{ alarmsPerYear: 0, mostPerYear: 0 },
    ...{ medianDays: Number.POSITIVE_INFINITY, slowDays: Number.POSITIVE_INFINITY },
  });
});
