import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { generatedSource } from "../../../scripts/lab/replay/generatedSource.ts";
import { recordedSource } from "../../../scripts/lab/replay/recordedSource.ts";
import { REPLAY_METHODS } from "../../../scripts/lab/replay/replayMethods.ts";
import type { ReplaySource } from "../../../scripts/lab/replay/replaySource.ts";
import { dataFolder } from "../../support/data.ts";

const HOUR = 3600;
const DAY = 86_400;
const at = (text: string) => Date.parse(text) / 1000;

function ask(data: ReplaySource, method: string, query: Record<string, string | number>, asOf: number): unknown {
  const parameters = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, `${value}`]),
  );
  const outcome = REPLAY_METHODS[method]?.(data, parameters, asOf);
  return outcome !== undefined && "result" in outcome ? outcome.result : null;
}

/** Every time that any answer at `asOf` shows, each as the moment at which the datum was complete. */
function timesShown(data: ReplaySource, asOf: number, from: number, to: number): readonly number[] {
  const shown: number[] = [];
  const span = { start_timestamp: from * 1000, end_timestamp: to * 1000 };
  for (const currency of data.currencies) {
    const board = ask(data, "get_book_summary_by_currency", { currency, kind: "option" }, asOf);
    for (const one of (board ?? []) as { creation_timestamp: number }[]) shown.push(one.creation_timestamp / 1000);
    for (const [resolution, length] of [
      ["3600", HOUR],
      ["1D", DAY],
    ] as const) {
      const index = ask(data, "get_volatility_index_data", { currency, resolution, ...span }, asOf);
      for (const row of (index as { data: number[][] }).data) shown.push((row[0] ?? 0) / 1000 + length);
    }
  }
  for (const instrument_name of data.instruments) {
    const chart = ask(data, "get_tradingview_chart_data", { instrument_name, resolution: 60, ...span }, asOf);
    for (const tick of (chart as { ticks: number[] }).ticks) shown.push(tick / 1000 + HOUR);
  }
  return shown;
}

function nothingLater(data: ReplaySource, first: number, last: number, runs: number): void {
  const instant = fc.integer({ min: first, max: last });
  const reach = fc.integer({ min: 0, max: 20 * DAY });
  const property = fc.property(instant, reach, reach, (now, back, ahead) => {
    for (const time of timesShown(data, now, now - back, now + ahead)) {
      assert.ok(
        time <= now,
        `${new Date(time * 1000).toISOString()} was shown at ${new Date(now * 1000).toISOString()}`,
      );
    }
  });
  fc.assert(property, { numRuns: runs });
}

test("generated: nothing later than the clock can be read, at any instant and for any span asked", () => {
  nothingLater(generatedSource(3), at("2024-12-01"), at("2026-03-01"), 400);
});

test("generated: what is shown at an instant does not depend on what comes after", () => {
  const data = generatedSource(3);
  const property = fc.property(fc.integer({ min: at("2026-01-28"), max: at("2026-02-15") }), (now) => {
    const early = data.candles("ETH-PERPETUAL", now - 5 * DAY, now + DAY, now);
    const late = data.candles("ETH-PERPETUAL", now - 5 * DAY, now, now + 5 * DAY);
    assert.deepEqual(early, late.slice(0, early.length));
    assert.ok(late.length - early.length <= 1, "only the candle then open may be missing");
  });
  fc.assert(property, { numRuns: 100 });
});

test("recorded: nothing later than the clock can be read, at any instant and for any span asked", (t) => {
  const folder = dataFolder();
  if (folder === null) return t.skip("shared data not present: options, ohlcv, dvol");
  const data = recordedSource(folder);
  nothingLater(data, at("2025-12-30"), at("2026-04-20"), 250);
  nothingLater(data, at("2021-03-01"), at("2026-04-20"), 150);
});

test("recorded: nothing lies inside a withheld span, and no board is carried across one", (t) => {
  const folder = dataFolder();
  if (folder === null) return t.skip("shared data not present: options, ohlcv, dvol");
  const data = recordedSource(folder);
  const spans = [
    [at("2022-11-01"), at("2022-12-01")],
    [at("2025-10-01"), at("2025-11-01")],
    [at("2026-04-16"), at("2026-06-01")],
  ] as const;
  for (const [from, to] of spans) {
    for (const currency of data.currencies) {
      assert.deepEqual(data.indexBars(currency, from, to - 1, to + DAY), []);
      assert.equal(data.board(currency, from + DAY), null);
    }
    for (const instrument of data.instruments) assert.deepEqual(data.candles(instrument, from, to - 1, to + DAY), []);
    const price = ask(data, "get_index_price", { index_name: "eth_usd" }, from + DAY);
    assert.equal(price, null);
  }
});
