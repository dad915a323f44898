import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInstrument } from "../../../keeper/venues/parse.ts";
import { blackPrice } from "../../../scripts/lab/blackPrice.ts";
import { CRASH_START, crashState } from "../../../scripts/lab/replay/generated/crashScenario.ts";
import { expiriesAfter, strikesAround } from "../../../scripts/lab/replay/generated/listing.ts";
import { randomStream } from "../../../scripts/lab/replay/generated/random.ts";
import { atmTotalVariance, impliedVolatility } from "../../../scripts/lab/replay/generated/surface.ts";
import { generatedSource } from "../../../scripts/lab/replay/generatedSource.ts";

const HOUR = 3600;
const DAY = 86_400;
const YEAR = 31_536_000;
const at = (text: string) => Date.parse(text) / 1000;
const source = generatedSource(20_260_128);
const all = source.instants(0, 2e9);
const bottom = at("2026-02-05T21:30:00Z");
const candles = source.candles("ETH-PERPETUAL", 0, 2e9, 2e9);

/** At-the-money volatility of the expiry closest to `days`. */
function atm(currency: string, time: number, days: number): number {
  const rows = source.board(currency, time)?.rows ?? [];
  const distance = (row: (typeof rows)[number]) => {
    const option = parseInstrument(row.instrument);
    const off = Math.abs(((option?.expiry ?? 0) - time) / DAY - days);
    return off * 100 + Math.abs(Math.log((option?.strike ?? 1) / row.forward));
  };
  return rows.toSorted((a, b) => distance(a) - distance(b))[0]?.iv ?? 0;
}

test("four boards a day on the recorded calendar", () => {
  assert.equal(all.length, 76);
  assert.equal(new Date((all[0] ?? 0) * 1000).toISOString(), "2026-01-28T04:30:00.000Z");
  assert.equal(new Date((all.at(-1) ?? 0) * 1000).toISOString(), "2026-02-15T21:30:00.000Z");
});

test("asked for a board every 10 s, the newest is never older, and the calendar's boards are the same", () => {
  const steady = generatedSource(20_260_128, 10);
  const calendar = all[3] ?? 0;
  assert.deepEqual(steady.board("ETH", calendar), source.board("ETH", calendar));
  for (const time of [CRASH_START, CRASH_START + 9, calendar + 61, bottom + 3_605])
    assert.equal(steady.board("BTC", time)?.time, time - (time % 10));
});

test("the same seed gives the same sample, another seed another path to the same turning points", () => {
  const again = generatedSource(20_260_128);
  const other = generatedSource(2);
  assert.deepEqual(again.board("ETH", bottom), source.board("ETH", bottom));
  assert.deepEqual(again.candles("BTC-PERPETUAL", 0, 2e9, 2e9), source.candles("BTC-PERPETUAL", 0, 2e9, 2e9));
  assert.notDeepEqual(other.candles("ETH-PERPETUAL", 0, 2e9, 2e9), candles);
  assert.equal(other.candles("ETH-PERPETUAL", CRASH_START, CRASH_START, 2e9)[0]?.[1], 3000);
});

test("calm at first: spot 3000 and volatility near 50 %", () => {
  assert.equal(source.candles("ETH-PERPETUAL", CRASH_START, CRASH_START, 2e9)[0]?.[1], 3000);
  const calm = atm("ETH", at("2026-01-28T04:30:00Z"), 7);
  assert.ok(calm > 0.47 && calm < 0.53, `${calm}`);
});

test("at the bottom spot has lost 40 % and the term structure is inverted: 120 % at 7 days above 93 % at 30", () => {
  const index = source.board("ETH", bottom)?.rows[0]?.index ?? 0;
  assert.ok(index > 1780 && index < 1840, `${index}`);
  const week = atm("ETH", bottom, 7);
  const month = atm("ETH", bottom, 30);
  assert.ok(week > 1.12 && week < 1.25, `${week}`);
  assert.ok(month > 0.9 && month < 1.05, `${month}`);
  assert.ok(atm("ETH", bottom, 1) > week && month > atm("ETH", bottom, 230), "inverted over all expiries");
});

test("recovery is slow: after ten more days neither price nor volatility is back", () => {
  const end = at("2026-02-15T21:30:00Z");
  const index = source.board("ETH", end)?.rows[0]?.index ?? 0;
  assert.ok(index > 2000 && index < 2200, `${index}`);
  assert.ok(atm("ETH", end, 7) > 0.6);
});

test("every board lists eight expiries with at least eight strikes for both currencies", () => {
  for (const time of all) {
    for (const currency of source.currencies) {
      const strikes = new Map<number, Set<number>>();
      for (const row of source.board(currency, time)?.rows ?? []) {
        const option = parseInstrument(row.instrument);
        assert.ok(option !== null && option.currency === currency, row.instrument);
        strikes.set(option.expiry, (strikes.get(option.expiry) ?? new Set()).add(option.strike));
      }
      assert.equal(strikes.size, 8);
      for (const [expiry, own] of strikes) {
        assert.ok(expiry > time);
        assert.ok(own.size >= 8, `${own.size} strikes ${(expiry - time) / DAY} days out`);
      }
    }
  }
});

test("marks are Black-76 of the row's own volatility, inside bid and ask", () => {
  for (const row of source.board("ETH", bottom)?.rows ?? []) {
    const option = parseInstrument(row.instrument);
    if (option === null) throw new Error(row.instrument);
    const years = (option.expiry - bottom) / YEAR;
    const { strike, kind } = option;
    const mark = blackPrice({ kind, forward: row.forward, strike, years, volatility: row.iv }) / row.forward;
    assert.ok(Math.abs(mark - row.mark) < 3e-5, `${row.instrument}: ${mark} against ${row.mark}`);
    assert.ok((row.bid ?? 0) < row.mark && row.mark < (row.ask ?? 0), row.instrument);
  }
});

test("the surface is free of butterfly and calendar arbitrage at every board", () => {
  const years = [0.5, 1, 2, 7, 14, 30, 60, 150, 330].map((days) => days / 365);
  for (const time of all) {
    const state = crashState(time);
    for (let at = 0; at < years.length; at += 1) {
      const T = years[at] ?? 0;
      const scale = Math.sqrt(atmTotalVariance(state, T));
      for (let x = -12; x <= 12; x += 0.5) {
        const w = (k: number, maturity = T) => impliedVolatility(state, k, maturity) ** 2 * maturity;
        const k = x * scale;
        const h = 1e-3 * scale;
        const first = (w(k + h) - w(k - h)) / (2 * h);
        const second = (w(k + h) - 2 * w(k) + w(k - h)) / h ** 2;
        const g = (1 - (k * first) / (2 * w(k))) ** 2 - (first ** 2 / 4) * (1 / w(k) + 1 / 4) + second / 2;
        assert.ok(g > 0, `butterfly at k ${k}, T ${T}`);
        const next = years[at + 1];
        if (next !== undefined) assert.ok(w(k, next) >= w(k), `calendar at k ${k}, T ${T}`);
      }
    }
  }
});

test("600 days of hourly candles come before, without a hole", () => {
  assert.ok((CRASH_START - (candles[0]?.[0] ?? 0)) / DAY >= 600);
  for (let i = 1; i < candles.length; i += 1) assert.equal((candles[i]?.[0] ?? 0) - (candles[i - 1]?.[0] ?? 0), HOUR);
  for (const [, open, high, low, close, volume] of candles) {
    assert.ok(low <= Math.min(open, close) && high >= Math.max(open, close) && low > 0 && volume > 0);
  }
});

test("volatility clusters and returns have fat tails, as in hourly crypto prices", () => {
  const prior = candles.filter(([time]) => time < CRASH_START);
  const returns = prior.map(([, open, , , close]) => Math.log(close / open));
  const size = returns.map(Math.abs);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = mean(size);
  const lagged = mean(size.slice(24).map((value, i) => (value - middle) * ((size[i] ?? 0) - middle)));
  const correlation = lagged / mean(size.map((value) => (value - middle) ** 2));
  assert.ok(correlation > 0.05, `autocorrelation of |r| after a day: ${correlation}`);
  const variance = mean(returns.map((value) => value ** 2));
  const kurtosis = mean(returns.map((value) => value ** 4)) / variance ** 2;
  assert.ok(kurtosis > 3.8 && kurtosis < 15, `kurtosis ${kurtosis}`);
  const annual = Math.sqrt(variance * 8760);
  assert.ok(annual > 0.4 && annual < 0.7, `annualised ${annual}`);
});

test("the index is daily, in percent, and peaks in the crash", () => {
  const bars = source.indexBars("ETH", 0, 2e9, 2e9);
  assert.ok(bars.length >= 400 && bars.every((bar) => bar.length === DAY));
  assert.ok(bars.every((bar) => bar.low <= bar.close && bar.close <= bar.high && bar.close > 20 && bar.close < 200));
  const peak = bars.toSorted((a, b) => b.close - a.close)[0];
  assert.equal(new Date((peak?.time ?? 0) * 1000).toISOString().slice(0, 10), "2026-02-05");
});

test("the term structure of the worst moment has the documented level", () => {
  const variance = atmTotalVariance({ shortVol: 1.35, longVol: 0.62, rho: -0.5 }, 7 / 365);
  assert.ok(Math.abs(Math.sqrt((variance * 365) / 7) - 1.2004) < 5e-5);
});

test("expiries follow the venue's calendar", () => {
  const names = expiriesAfter(at("2026-02-05T21:30:00Z")).map((time) => new Date(time * 1000).toISOString());
  assert.deepEqual(names, [
    "2026-02-06T08:00:00.000Z",
    "2026-02-07T08:00:00.000Z",
    "2026-02-13T08:00:00.000Z",
    "2026-02-20T08:00:00.000Z",
    "2026-02-27T08:00:00.000Z",
    "2026-03-27T08:00:00.000Z",
    "2026-06-26T08:00:00.000Z",
    "2026-09-25T08:00:00.000Z",
  ]);
  assert.equal(expiriesAfter(at("2026-02-06T08:00:00Z"))[0], at("2026-02-07T08:00:00Z"), "an expiry now is over");
});

test("strikes are round, ascending and about twenty", () => {
  assert.deepEqual(strikesAround(1800, 0.1, 25).slice(0, 3), [1650, 1675, 1700]);
  assert.ok(strikesAround(88_000, 0.8, 500).length <= 24);
});

test("a random stream repeats for its seed and label and differs for others", () => {
  const draw = (seed: number, label: string) => Array.from({ length: 5 }, randomStream(seed, label).uniform);
  assert.deepEqual(draw(1, "ETH"), draw(1, "ETH"));
  assert.notDeepEqual(draw(1, "ETH"), draw(2, "ETH"));
  assert.notDeepEqual(draw(1, "ETH"), draw(1, "BTC"));
  assert.equal(randomStream(1, "ETH").uniform().toFixed(8), "0.01594773");
});

test("normal and Student draws have mean 0 and variance 1", () => {
  for (const kind of ["normal", "student"] as const) {
    const stream = randomStream(5, kind);
    const draws = Array.from({ length: 40_000 }, () => stream[kind]());
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    const variance = draws.reduce((sum, value) => sum + value ** 2, 0) / draws.length;
    assert.ok(Math.abs(mean) < 0.02 && Math.abs(variance - 1) < 0.04, `${kind}: ${mean}, ${variance}`);
  }
});
