import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Candle } from "../keeper/domain/observation.ts";
import { assess } from "../keeper/pipeline.ts";
import { calmBoard, calmFeed, calmHistory, calmIndex, calmPool, seen } from "./support/observations.ts";
import { calmMarket, NO_HISTORY } from "./support/onChain.ts";
import { WETH } from "./support/shipped.ts";

/** One venue closes wrong by 5 to 50 % and is back within two hours, while board, feed and pool say nothing of it. */
const HOUR = 3_600;
const NOW = 1_770_000_000;
const HISTORY = calmHistory("ETH-PERPETUAL", NOW, 3_000, 0.5);
const LAST = HISTORY.candles.length - 1;

/** What is decided with the closes of `bars` bars, the first of them `since` bars ago, multiplied. */
function decided(by: number, bars: number, since: number, stored = 2_250) {
  const candles = HISTORY.candles.map((candle, i): Candle => {
    const [time, open, high, low, close, volume] = candle;
    const wrong = i >= LAST - since && i < LAST - since + bars ? close * by : close;
    return [time, open, Math.max(high, wrong), Math.min(low, wrong), wrong, volume];
  });
  const own = { storedInitialBps: stored, initialBps: stored, maintenanceTargetBps: 1_800 };
  const observed = [
    ...[calmBoard("ETH", NOW - 4, 3_000, 0.5), calmIndex("ETH", NOW, 0.5), { ...HISTORY, candles }].map(seen),
    ...[calmPool(NOW - 2, 3_000), calmFeed(NOW - 60, 3_000)].map(seen),
  ];
  const history = {
    ...NO_HISTORY,
    depth: Array.from({ length: 48 }, (_, i) => [NOW - (48 - i) * HOUR, 60e6] as const),
    lastImplied: { time: NOW - HOUR, vol: 0.5 },
    lastDepth: { time: NOW - 60, usd: 60e6 },
  };
  return assess({ now: NOW, market: WETH, observed, history, onChain: calmMarket(NOW, own) });
}

const CALM = decided(1, 0, 0);
const named = ({ readings }: typeof CALM) =>
  readings.faults.some(
    ({ code, source }) => source === HISTORY.source && (code === "REVERTED" || code === "DISAGREES"),
  );

describe("a close that one venue alone had", () => {
  it("moves the target of maintenance by 25 bp at most and of initial by 100, names itself, and moves no position", () => {
    assert.ok(!named(CALM));
    const size = fc.double({ min: 0.05, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(
        fc.boolean(),
        size,
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 0, max: 23 }),
        (up, by, bars, since) => {
          const wrong = decided(up ? 1 + by : 1 - by, bars, since);
          assert.ok(Math.abs(wrong.target.maintenance - CALM.target.maintenance) <= 25e-4);
          assert.ok(Math.abs(wrong.target.initial - CALM.target.initial) <= 100e-4);
          assert.ok(named(wrong));
          assert.equal(wrong.decision.maintenanceTargetBps, 1_800);
        },
      ),
      { numRuns: 60, seed: 5 },
    );
  });

  it("lets nothing loosen for a day", () => {
    assert.ok(decided(1, 0, 0, 9_000).decision.initialBps < 9_000);
    assert.equal(decided(0.8, 1, 3, 9_000).decision.initialBps, 9_000);
    assert.ok(decided(0.8, 1, 30, 9_000).decision.initialBps < 9_000);
  });
});
