import assert from "node:assert/strict";
import { test } from "node:test";
import { boundedPool, v3SellCurve } from "../../keeper/model/depth/uniswapV3Curve.ts";
import { estimatesAt } from "../../keeper/model/estimates.ts";
import { historyVolatility } from "../../keeper/model/history/historyVolatility.ts";
import { fitSurface } from "../../keeper/model/options/surface.ts";
import { calmBoard, calmHistory } from "../support/observations.ts";
import { poolOfPositions } from "../support/pools.ts";

const NOW = 1_769_637_600;
const RULES = { maxOptionSpread: 0.3, minStrikes: 5, maxFitErrorVolPoints: 3 };

test("a board is fitted once for all markets of a moment, and anew for other rules", () => {
  const board = calmBoard("ETH", NOW - 4, 3_000, 0.5);
  const estimates = estimatesAt(NOW);
  const first = estimates.surface(board, RULES);
  assert.ok(first.slices.length > 0);
  assert.equal(estimates.surface(board, { ...RULES }), first);
  assert.notEqual(estimates.surface(board, { ...RULES, minStrikes: 6 }), first);
  assert.equal(estimates.surface(board, RULES), first, "one rule does not drive out the other");
  assert.equal(estimates.surface(board, { ...RULES, minStrikes: 100 }).slices.length, 0, "each rule arrives");
  assert.equal(estimates.surface(board, { ...RULES, maxOptionSpread: 0.001 }).slices.length, 0);
  assert.equal(estimates.surface(board, { ...RULES, maxFitErrorVolPoints: -1 }).slices.length, 0);
});

test("they are what the functions themselves say, at the moment they are made for", () => {
  const board = calmBoard("ETH", NOW - 4, 3_000, 0.5);
  const history = calmHistory("ETH-PERPETUAL", NOW, 3_000, 0.5, 60);
  for (const now of [NOW, NOW - 86_400]) {
    assert.deepEqual(estimatesAt(now).surface(board, RULES), fitSurface(structuredClone(board), now, RULES));
    assert.deepEqual(estimatesAt(now).history(history), historyVolatility(structuredClone(history), now));
  }
  const [today, yesterday] = [estimatesAt(NOW), estimatesAt(NOW - 86_400)].map((one) => one.history(history).days);
  assert.equal(today, (yesterday ?? 0) + 1);
});

test("closed candles are read once for all moments, and anew with another candle, past or source", () => {
  const history = calmHistory("ETH-PERPETUAL", NOW, 3_000, 0.5, 60);
  const first = estimatesAt(NOW).history(history);
  assert.equal(estimatesAt(NOW + 1_800).history({ ...history }), first);
  assert.deepEqual(first, historyVolatility(structuredClone(history), NOW + 1_800));
  const before = { until: NOW - 86_400, days: [], shocks: 0, worst: [] };
  const others = [
    { ...history, before },
    { ...history, source: "okx:ETH:history" },
    { ...history, eventTime: history.eventTime + 1 },
    { ...history, intervalSeconds: 1_800 },
    { ...history, candles: history.candles.slice(1) },
  ];
  for (const other of others) {
    const known = estimatesAt(NOW).history(history);
    const read = estimatesAt(NOW).history(other);
    assert.notEqual(read, known);
    assert.deepEqual(read, historyVolatility(structuredClone(other), NOW));
  }
  assert.equal(estimatesAt(NOW - 3_600).history(history).faults[0]?.code, "FUTURE", "what has not closed is not read");
});

test("a pool is bounded and its curve made once for all markets, and anew for another bound or direction", () => {
  const pool = poolOfPositions({ feePips: 500, tickSpacing: 10 }, [
    { lower: -10_000, upper: 10_000, liquidity: 1_000n },
  ]);
  const { bounded, curve } = estimatesAt(NOW);
  const held = bounded(pool, 900n);
  assert.equal(bounded(pool, 900n), held);
  assert.deepEqual(held, boundedPool(pool, 900n));
  assert.notEqual(bounded(pool, 800n), held);
  const sold = curve(held, 0, 1);
  assert.equal(curve(held, 0, 1), sold);
  assert.notEqual(curve(held, 1, 0), sold);
  assert.deepEqual(
    [sold.sell(3), curve(held, 1, 0).sell(3)],
    [true, false].map((is0) => v3SellCurve(held, is0).sell(3)),
  );
});

test("what follows from the same sources and the same key is worked out once, whoever asks", () => {
  const estimates = estimatesAt(NOW);
  const [one, other] = [{}, {}];
  const asked = (sources: readonly object[], key: string) => estimates.shared(sources, key, () => ({}));
  const first = asked([one, other], "a");
  assert.equal(asked([one, other], "a"), first);
  for (const elsewhere of [asked([other, one], "a"), asked([one], "a"), asked([one, other], "b")])
    assert.notEqual(elsewhere, first);
  assert.notEqual(
    estimatesAt(NOW).shared([one, other], "a", () => ({})),
    first,
  );
});
