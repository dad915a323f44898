import assert from "node:assert/strict";
import { test } from "node:test";
import { openJournal } from "../../keeper/journal/journal.ts";
import { calibrationBook } from "../../keeper/operations/calibrations.ts";
import { WETH } from "../support/shipped.ts";
import { IDENTITY, sampleAssessment } from "./sample.ts";

const MIDNIGHT = 1_769_558_400; // 2026-01-28T00:00:00Z
const DAY = 86_400;
const assessment = sampleAssessment();

/** A journal that saw these prices at these times. */
function seen(prices: readonly (readonly [time: number, priceUsd: number | null])[]) {
  const store = openJournal(":memory:", IDENTITY);
  for (const [now, priceUsd] of prices) {
    const one = { ...assessment, readings: { ...assessment.readings, priceUsd } };
    store.recordTick({ now, blockNumber: 1n, markets: [{ marketId: 1, market: "WETH", assessment: one }] });
  }
  return store;
}

test("the journal keeps the last promise of each hour, the hour's end included, and none without a price", () => {
  const store = seen([
    [MIDNIGHT - 60, 3_000],
    [MIDNIGHT, 2_990],
    [MIDNIGHT + 60, 2_950],
    [MIDNIGHT + 120, null],
  ]);
  const kept = store.promises(1);
  assert.deepEqual(
    kept.map(({ time, priceUsd }) => [time, priceUsd]),
    [
      [MIDNIGHT, 2_990],
      [MIDNIGHT + 60, 2_950],
    ],
  );
  const { initialTerms, maintenanceTerms } = assessment.target;
  assert.equal(kept[0]?.initialVolatility, initialTerms.volatility);
  assert.equal(kept[0]?.maintenanceVolatility, maintenanceTerms.volatility);
  assert.equal(kept[0]?.horizonHours, maintenanceTerms.horizonHours);
  assert.deepEqual(store.promises(2), []);
});

test("promises outlive the ticks they are from, for as long as transactions are kept", () => {
  const store = seen([90, 50, 10].map((days) => [MIDNIGHT - days * DAY, 3_000]));
  store.prune(MIDNIGHT, 60);
  assert.equal(store.promises(1).length, 2);
});

test("exceedances are counted from the journal, for both haircuts of a market, and again when an hour has passed", () => {
  const store = seen([
    [MIDNIGHT - DAY, 3_000],
    [MIDNIGHT, 1_500],
  ]);
  const calibrationOf = calibrationBook(store);
  const at = (now: number) => calibrationOf({ now, market: WETH, onChain: { marketId: 1 } });
  const kept = at(MIDNIGHT + 60).map(({ haircut, windows, exceeded }) => [haircut, windows, exceeded]);
  assert.deepEqual(kept, [
    ["initial", 1, 1],
    ["maintenance", 1, 1],
  ]);
  const one = { ...assessment, readings: { ...assessment.readings, priceUsd: 1_500 } };
  store.recordTick({
    now: MIDNIGHT + DAY,
    blockNumber: 2n,
    markets: [{ marketId: 1, market: "WETH", assessment: one }],
  });
  assert.equal(at(MIDNIGHT + DAY)[0]?.windows, 2);
});
