import assert from "node:assert/strict";
import { test } from "node:test";
import { MARKETS } from "../../keeper/markets/registry.ts";
import { limitsSchema } from "../../keeper/protocols/deployment.ts";
import { MARKET_STARTS, type MarketStart, USD } from "../../scripts/marketLimits.ts";

const starts: [string, MarketStart][] = Object.entries(MARKET_STARTS);

test("Every market of the keeper has start values and limits, and no other.", () => {
  assert.deepEqual(Object.keys(MARKET_STARTS).sort(), Object.keys(MARKETS).sort());
});

test("USD is address(840).", () => {
  assert.equal(BigInt(USD), 840n);
});

for (const [name, { initialBps, maintenanceBps, limits }] of starts) {
  test(`${name}: limits have the form of the record and do not contradict each other.`, () => {
    limitsSchema.parse(limits);
    assert.ok(limits.minInitialBps <= limits.maxInitialBps);
    assert.ok(limits.minMaintenanceBps <= limits.maxMaintenanceBps);
    assert.ok(limits.maxInitialBps >= limits.maxMaintenanceBps + limits.minGapBps);
    assert.ok(limits.staleInitialCapBps >= limits.maxInitialBps);
    assert.ok(limits.ttlSeconds >= limits.maxAgeSeconds);
    assert.ok((1 - limits.minMaintenanceBps / 1e4) * (1 + limits.liquidationBonusBps / 1e4) < 1, "toxic at the floor");
  });

  test(`${name}: it starts inside its bounds, with the gap.`, () => {
    assert.ok(initialBps >= limits.minInitialBps && initialBps <= limits.maxInitialBps);
    assert.ok(maintenanceBps >= limits.minMaintenanceBps && maintenanceBps <= limits.maxMaintenanceBps);
    assert.ok(initialBps - maintenanceBps >= limits.minGapBps);
  });

  test(`${name}: the keeper's own policy never asks for more loosening than a day's budget.`, () => {
    const { policy } = MARKETS[name as keyof typeof MARKETS];
    assert.ok(policy.maxLooseningBpsPerDay <= limits.looseningBudgetBpsPerDay);
    assert.ok(policy.heartbeatSeconds < limits.ttlSeconds);
  });

  test(`${name}: at full speed, maintenance cannot use up the 200 bp that borrowers at the limit have in a day.`, () => {
    assert.ok(limits.tightenSpeedBpsPerDay < 200);
    assert.ok(limits.loosenSpeedBpsPerDay < limits.tightenSpeedBpsPerDay);
  });
}
