import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Candle, PriceHistory } from "../../keeper/domain/observation.ts";
import { judgeCandles } from "../../keeper/quality/candles.ts";
import { qualify } from "../../keeper/quality/qualify.ts";
import { loadSeries } from "../../scripts/lab/validation/backtest/loadSeries.ts";
import { HOUR } from "../support/candles.ts";
import { dataFolder } from "../support/data.ts";
import { calmFeed, calmPool, seen } from "../support/observations.ts";
import { WETH } from "../support/shipped.ts";

const FOLDER = dataFolder();
const SKIP = FOLDER === null && "no recorded data";
const SPOT = "ohlcv/binance_spot_ETHUSDT_1h.csv.gz";
const PERPETUAL = "ohlcv/binance_usdm_perp_ETHUSDT_1h.csv.gz";
const load = (file: string) => loadSeries(FOLDER ?? "", "ETH", file, HOUR).candles;
const at = (day: string) => Date.parse(`${day}:00Z`) / 1000;

function historyOf(candles: readonly Candle[], source = "deribit:ETH-PERPETUAL:history"): PriceHistory {
  const eventTime = (candles.at(-1)?.[0] ?? 0) + HOUR;
  return { kind: "priceHistory", source, instrument: "ETH", intervalSeconds: HOUR, eventTime, candles };
}

describe("recorded bars", { skip: SKIP }, () => {
  /** Three days around each crash, every hour judged as it closed, with a month before it. */
  const CRASHES = ["2020-03-12T12", "2021-05-19T12", "2022-06-13T12", "2024-08-05T00", "2026-02-05T18"].map(at);

  it("of crashes count in the hour that they close when the perpetual has them too, and one later when nobody speaks", () => {
    const whole = [load(SPOT), load(PERPETUAL)];
    let falls = 0;
    for (const crash of CRASHES) {
      const [spot = [], perpetual = []] = whole.map((all) =>
        all.filter(([time]) => Math.abs(time - crash) < 800 * HOUR),
      );
      for (let end = crash - 36 * HOUR; end <= crash + 36 * HOUR; end += HOUR) {
        const until = (candles: readonly Candle[], last: number) =>
          candles.filter(([time]) => time > end - 720 * HOUR && time < last);
        const own = until(spot, end);
        const last = own.at(-1) as Candle;
        const seenBoth = judgeCandles(historyOf(own), [historyOf(until(perpetual, end))], [], end + 60);
        assert.equal(seenBoth.history.candles.at(-1), last, `${end}`);
        const later = judgeCandles(historyOf(until(spot, end + HOUR)), [], [], end + HOUR + 60);
        const counted = later.history.candles.includes(last);
        assert.ok(counted || later.faults.some(({ code }) => code === "REVERTED"), `${end}`);
        if (last[4] / last[1] < 0.95) falls++;
      }
    }
    assert.ok(falls >= 15, `${falls} hours of more than 5 %`);
  });

  it("of six years of spot and perpetual stay whole when the two are held against each other", () => {
    const [spot, perpetual] = [load(SPOT).filter(([time]) => time >= at("2020-01-01T00")), load(PERPETUAL)];
    const now = at("2026-05-01T00");
    assert.deepEqual(judgeCandles(historyOf(spot), [historyOf(perpetual)], [], now).faults, []);
    assert.deepEqual(judgeCandles(historyOf(perpetual), [historyOf(spot)], [], now).faults, []);
    // Alone, an hour that really came back is not told from a wrong one: one in a thousand.
    const [alone] = judgeCandles(historyOf(spot), [], [], now).faults;
    assert.ok((alone?.count ?? 0) > 20 && (alone?.count ?? 0) < 80, alone?.detail);
  });

  it("that a halt of the venue left out are the other venue's", () => {
    const [spot, perpetual] = [load(SPOT), load(PERPETUAL)];
    const [from, to] = [at("2020-02-18T00"), at("2020-02-21T00")];
    const [own, other] = [spot, perpetual].map((all) => all.filter(([time]) => time >= from && time < to));
    const both = [historyOf(own ?? []), historyOf(other ?? [], "okx:ETH-USDT:history")];
    const market = { ...WETH, sources: { ...WETH.sources, otherHistories: ["okx:ETH-USDT"] } };
    const { history } = qualify([...both.map(seen), seen(calmFeed(to, 260))], market, to + 60);
    assert.deepEqual([own?.length, history?.candles.length], [67, 72]);
  });

  it("of a stablecoin at 0.9365 for an hour on one exchange, at 1 elsewhere, do not enter", () => {
    const minutes = loadSeries(FOLDER ?? "", "USDE", "depeg/binance_spot_USDEUSDT_1m.csv.gz", 60).candles;
    const hours = Map.groupBy(
      minutes.filter(([time]) => time >= at("2025-11-01T00")),
      ([time]) => Math.floor(time / HOUR) * HOUR,
    );
    const bars = [...hours].map(([time, all]): Candle => {
      const close = all.at(-1)?.[4] ?? 1;
      return [
        time,
        all[0]?.[1] ?? 1,
        Math.max(...all.map((one) => one[2])),
        Math.min(...all.map((one) => one[3])),
        close,
        1e6,
      ];
    });
    const wrong = bars.findIndex(([time]) => time === at("2025-12-10T21"));
    const crash = bars.map((bar, i): Candle => {
      const [time, open, high, , close, volume] = bar;
      if (i === wrong) return [time, open, high, 0.65, 0.9365, volume];
      return i === wrong + 1 ? [time, 0.9365, high, 0.9365, close, volume] : bar;
    });
    for (const since of [0, 1, 2, 24, 143]) {
      const known = crash.slice(0, wrong + since + 1);
      const now = (known.at(-1)?.[0] ?? 0) + HOUR + 60;
      const observed = [historyOf(known), calmPool(now - 2, 1), calmFeed(now - 60, 1)].map(seen);
      const { history, faults } = qualify(observed, WETH, now);
      assert.ok(
        history?.candles.every((candle) => Math.abs(candle[4] - 1) < 0.005),
        `${since} h later`,
      );
      assert.ok(faults.some(({ code }) => code === (since === 0 ? "DISAGREES" : "REVERTED")));
    }
  });
});
