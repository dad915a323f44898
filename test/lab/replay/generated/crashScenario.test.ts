import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CRASH_END,
  CRASH_START,
  crashState,
  TURNING_TIMES,
} from "../../../../scripts/lab/replay/generated/crashScenario.ts";
import { pricePath } from "../../../../scripts/lab/replay/generated/pricePath.ts";

const HOUR = 3600;
const DAY = 86_400;
const ETH = { currency: "ETH", price: 3000, scale: 1, hourlyVolume: 1000 };

test("the crash takes 40 % off in 8.9 days and gives a sixth of it back", () => {
  assert.equal(crashState(CRASH_START).price, 1);
  assert.equal(crashState(CRASH_START + 8.9 * DAY).price, 0.6);
  assert.equal(crashState(CRASH_END).price, 0.7);
});

test("outside the crash its first and last states hold", () => {
  assert.deepEqual(crashState(0), crashState(CRASH_START));
  assert.deepEqual(crashState(CRASH_END + 100 * DAY), crashState(CRASH_END));
});

test("between turning points prices move in logarithms, volatilities in a line", () => {
  const middle = crashState(CRASH_START + 0.5 * DAY);
  assert.ok(Math.abs(middle.price - Math.sqrt(0.985)) < 1e-12);
  assert.ok(Math.abs(middle.shortVol - 0.49) < 1e-12);
});

test("the state is continuous: no minute jumps by more than a thousandth", () => {
  for (let time = CRASH_START; time < CRASH_END; time += 600) {
    const [now, next] = [crashState(time), crashState(time + 60)];
    assert.ok(Math.abs(next.price / now.price - 1) < 1e-3 && Math.abs(next.shortVol - now.shortVol) < 1e-3);
  }
});

test("the noise leaves every turning point where the scenario has it, for any seed", () => {
  for (const seed of [1, 2, 3, 99]) {
    const path = pricePath(seed, ETH);
    for (const time of TURNING_TIMES) {
      const hour = Math.round(time / HOUR) * HOUR;
      const expected = 3000 * crashState(hour).price;
      assert.ok(
        Math.abs(path.priceAt(hour) / expected - 1) < 1e-9,
        `seed ${seed}, ${new Date(time * 1000).toISOString()}`,
      );
    }
  }
});

test("each candle opens where the one before closed, and the price at its end is its close", () => {
  const { candles, priceAt } = pricePath(4, ETH);
  for (let at = 1; at < candles.length; at += 1) assert.equal(candles[at]?.[1], candles[at - 1]?.[4]);
  for (const [time, , , , close] of candles.slice(-50)) assert.ok(Math.abs(priceAt(time + HOUR) - close) < 0.0051);
});

test("the two currencies move together, the calmer one less", () => {
  const eth = pricePath(5, ETH);
  const btc = pricePath(5, { currency: "BTC", price: 89_000, scale: 0.78, hourlyVolume: 10 });
  const returnsOf = (path: typeof eth) => path.candles.map(([, open, , , close]) => Math.log(close / open));
  const [a, b] = [returnsOf(eth), returnsOf(btc)];
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, at) => sum + value * (y[at] ?? 0), 0);
  const correlation = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  assert.ok(correlation > 0.5 && correlation < 0.9, `${correlation}`);
  assert.ok(dot(b, b) < dot(a, a));
});
