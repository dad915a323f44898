import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { limitOf } from "../keeper/domain/contract.ts";
import type { Candle, PriceHistory } from "../keeper/domain/observation.ts";
import { assess } from "../keeper/pipeline.ts";
import { calmBoard, calmFeed, calmHistory, calmIndex, calmPool, seen } from "./support/observations.ts";
import { calmMarket, NO_HISTORY } from "./support/onChain.ts";
import { WETH } from "./support/shipped.ts";

const HOUR = 3_600;
const NOW = 1_770_000_000;
const H = calmHistory("ETH-PERPETUAL", NOW, 3_000, 0.5);
const LAST = H.candles.length - 1;
/** `bars` bars, the first `since` bars ago, traded at `by` times the price. */
const wrong = (by: number, bars: number, since: number): PriceHistory => ({
  ...H,
  candles: H.candles.map(([t, o, h, l, c, v], i): Candle => {
    const [from, to] = [LAST - since, LAST - since + bars];
    const [open, close] = [i > from && i < to ? o * by : o, i >= from && i < to ? c * by : c];
    return [t, open, Math.max(open, close, h), Math.min(open, close, l), close, v];
  }),
});
const SETTLED = { storedInitialBps: 1_760, initialBps: 1_760, maintenanceTargetBps: 1_460, maintenanceBps: 1_460 };
function decide(
  history: PriceHistory,
  change: { others?: readonly PriceHistory[]; depth?: number; warm?: boolean; own?: object } = {},
) {
  const { others = [], depth = 20, warm = true, own = {} } = change;
  const otherHistories = others.map(({ source }) => source.replace(":history", ""));
  const market = others.length === 0 ? WETH : { ...WETH, sources: { ...WETH.sources, otherHistories } };
  const pool = calmPool(NOW - 2, 3_000, BigInt(Math.round(1e18 * depth)));
  const observed = [
    calmBoard("ETH", NOW - 4, 3_000, 0.5),
    calmIndex("ETH", NOW, 0.5),
    history,
    ...others,
    pool,
    calmFeed(NOW - 60, 3_000),
  ].map(seen);
  const samples = Array.from({ length: 48 }, (_, i) => [NOW - (48 - i) * HOUR, 6e6] as const);
  const memory = {
    ...NO_HISTORY,
    lastImplied: { time: NOW - HOUR, vol: 0.5 },
    ...(warm ? { depth: samples, lastDepth: { time: NOW - 60, usd: 6e6 } } : {}),
  };
  const limits = { limit: limitOf(10_000), lowestLimit: limitOf(1_000), highestLimit: limitOf(10_000) };
  return assess({
    now: NOW,
    market,
    observed,
    history: memory,
    onChain: calmMarket(NOW, { ...SETTLED, ...limits, ...own }),
  });
}

describe("what bad candles and a bad feed may not do", () => {
  it("the exposure limit falls with depth in the day after a bar that was set aside", () => {
    assert.ok(decide(H, { depth: 0.1 }).decision.limit < limitOf(10_000), "without such a bar it does");
    for (const since of [3, 20])
      assert.ok(decide(wrong(0.8, 1, since), { depth: 0.1 }).decision.limit < limitOf(10_000));
  });

  it("three wrong hours of one venue move nothing while two others, board, feed and pool contradict them", () => {
    const others = ["okx:ETH-USDT", "bybit:ETHUSDT"].map((name) => ({
      ...H,
      source: `${name}:history`,
      instrument: name,
    }));
    const calm = decide(H, { others });
    for (const by of [0.1, 1.2, 2, 10]) {
      const got = decide(wrong(by, 3, 40), { others });
      assert.ok(
        Math.abs(got.target.maintenance - calm.target.maintenance) < 25e-4,
        `x${by}: ${got.target.maintenance} against ${calm.target.maintenance}`,
      );
    }
  });

  it("initial does not fall when a feed that is off goes further off", () => {
    const initial = (feed: number) => {
      const observed = [
        calmBoard("ETH", NOW - 4, 3_000, 0.5),
        calmIndex("ETH", NOW, 0.5),
        H,
        calmPool(NOW - 2, 3_000),
        calmFeed(NOW - 60, feed),
      ].map(seen);
      return assess({ now: NOW, market: WETH, observed, history: NO_HISTORY, onChain: calmMarket(NOW, SETTLED) }).target
        .initial;
    };
    for (const [near, far] of [
      [3_140, 3_160],
      [3_140, 3_600],
      [2_860, 2_400],
    ] as const)
      assert.ok(initial(far) >= initial(near), `feed ${near}: ${initial(near)}, ${far}: ${initial(far)}`);
  });
});
