import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { limitOf } from "../keeper/domain/contract.ts";
import type { AssessInput } from "../keeper/domain/decision.ts";
import { fault } from "../keeper/domain/fault.ts";
import { haircutToBpsUp } from "../keeper/domain/numbers.ts";
import { assess, MODEL_VERSION } from "../keeper/pipeline.ts";
import { calmMarkets } from "./support/markets.ts";
import { calmMarket } from "./support/onChain.ts";

const NOW = 1_770_000_000;
const [weth] = calmMarkets(NOW);
assert.ok(weth !== undefined);
const { market: WETH, observed, history: WATCHED } = weth;
const world = (change: Partial<AssessInput> = {}): AssessInput => ({
  ...{ now: NOW, market: WETH, observed, history: WATCHED, onChain: calmMarket(NOW) },
  ...change,
});

describe("the reasons of an assessment", () => {
  it("names what holds a loosening back from a distance of the dead band on, on either side", () => {
    const { target } = assess(world());
    const [initial, maintenance] = [haircutToBpsUp(target.initial), haircutToBpsUp(target.maintenance)];
    const resting = { ...WATCHED, lastLoosening: NOW - 60 };
    const reasons = (initialAbove: number, maintenanceAbove: number) => {
      const [storedInitialBps, maintenanceTargetBps] = [initial + initialAbove, maintenance + maintenanceAbove];
      const stored = { storedInitialBps, initialBps: storedInitialBps, maintenanceTargetBps };
      const onChain = calmMarket(NOW, { ...stored, maintenanceBps: maintenanceTargetBps, limit: limitOf(36_000) });
      return assess(world({ onChain, history: resting })).decision.reasons;
    };
    const dead = WETH.policy.deadBandBps;
    assert.deepEqual(reasons(0, 0), ["DEAD_BAND"]);
    assert.deepEqual(reasons(dead - 1, 0), ["DEAD_BAND"]);
    assert.deepEqual(reasons(dead, 0), ["COOL_DOWN"]);
    assert.deepEqual(reasons(dead, dead), ["COOL_DOWN"]);
    assert.deepEqual(reasons(2 * dead, dead - 1), ["COOL_DOWN"]);
    // Maintenance alone above its target.
    assert.deepEqual(reasons(dead - 1, dead - 1), ["DEAD_BAND"]);
    assert.deepEqual(reasons(dead - 1, dead), ["COOL_DOWN"]);
  });

  it("writes the version of its reasoning, which rises with every change of it", () => {
    assert.equal(MODEL_VERSION, 4);
  });

  it("tells a fault that cost some records from one that cost a source: only that one stands in the way", () => {
    const above = { storedInitialBps: 5_000, initialBps: 5_000, maintenanceTargetBps: 4_000, maintenanceBps: 4_000 };
    const reasons = (count?: number) => {
      const wide = fault("WIDE", "deribit:ETH:options", "spread above its limit", count);
      const seen = observed.map((one) => (one.source === wide.source ? { ...one, faults: [wide] } : one));
      return assess(world({ onChain: calmMarket(NOW, above), observed: seen })).decision.reasons;
    };
    assert.ok(!reasons(14).includes("NO_AGREEMENT") && reasons(14).includes("LOOSEN"));
    assert.ok(reasons().includes("NO_AGREEMENT") && !reasons().includes("LOOSEN"));
  });

  it("moves maintenance only on a history that nothing doubts", () => {
    const low = { storedInitialBps: 1_500, initialBps: 1_500, maintenanceTargetBps: 1_000, maintenanceBps: 1_000 };
    const maintenance = (source: string) => {
      const doubt = fault("STALE", source, "doubted");
      const seen = observed.map((one) => (one.source === source ? { ...one, faults: [doubt] } : one));
      return assess(world({ onChain: calmMarket(NOW, low), observed: seen })).decision.maintenanceTargetBps;
    };
    const [free, held] = [maintenance("priceFeed:WETH"), maintenance("deribit:ETH-PERPETUAL:history")];
    assert.ok(free > 1_000, "another source's doubt starts the ramp all the same");
    assert.equal(held, 1_000);
  });
});
