import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { believedPrice } from "../keeper/model/history/believedPrice.ts";
import { assess } from "../keeper/pipeline.ts";
import { calmBoard, calmFeed, calmHistory, calmIndex, calmPool, seen } from "./support/observations.ts";
import { calmMarket, NO_HISTORY } from "./support/onChain.ts";
import { WETH } from "./support/shipped.ts";

/**
 * A price that is pumped, by any part of what shows it: what can be borrowed against one token stays within what the past lets
 * be believed, or at governance's highest initial; maintenance does not move for it, and nothing loosens.
 */
const NOW = 1_770_000_000;
const HONEST = 3_000;
const HISTORY = calmHistory("ETH-PERPETUAL", NOW, HONEST, 0.5);
const BELIEVED = believedPrice(HISTORY, NOW, { atOnce: 0.25, perDay: 0.1 }) ?? Number.NaN;
const BOUNDS = { minInitialBps: 1_000, maxInitialBps: 9_800 };

type Pump = { readonly board: number; readonly pool: number; readonly feed: number };

function pumped({ board, pool, feed }: Pump, stored = 2_250) {
  const market = calmMarket(NOW, { storedInitialBps: stored, initialBps: stored, maintenanceTargetBps: 1_800 });
  const observed = [
    seen(calmBoard("ETH", NOW - 4, HONEST * board, 0.5)),
    seen(calmIndex("ETH", NOW, 0.5)),
    seen(HISTORY),
    seen(calmPool(NOW - 2, HONEST * pool)),
    seen(calmFeed(NOW - 600, HONEST * feed)),
  ];
  const onChain = { ...market, limits: { ...market.limits, ...BOUNDS } };
  const history = {
    ...NO_HISTORY,
    depth: Array.from({ length: 48 }, (_, i) => [NOW - (48 - i) * 3_600, 60e6] as const),
    lastImplied: { time: NOW - 3_600, vol: 0.5 },
    lastDepth: { time: NOW - 60, usd: 60e6 },
  };
  return assess({ now: NOW, market: WETH, observed, history, onChain });
}

const CALM = pumped({ board: 1, pool: 1, feed: 1 });
const factor = fc.double({ min: 1, max: 30, noNaN: true });

describe("a price that is pumped", () => {
  it("is not one while it stays within its limit", () => {
    assert.deepEqual([CALM.risk.priceRise, CALM.target.rise], [undefined, undefined]);
    assert.ok(BELIEVED > 1.2 * HONEST && BELIEVED < 1.3 * HONEST, `${BELIEVED}`);
  });

  it("is lent against as what its past lets be believed, whichever sources show it", () => {
    fc.assert(
      fc.property(factor, fc.boolean(), fc.boolean(), (by, board, pool) => {
        const { decision, target, risk } = pumped({ board: board ? by : 1, pool: pool ? by : 1, feed: by });
        const lendable = HONEST * by * (1 - decision.initialBps / 1e4);
        const allowed = Math.max(BELIEVED * (1 - CALM.target.initial), HONEST * by * (1 - BOUNDS.maxInitialBps / 1e4));
        assert.ok(lendable <= allowed * (1 + 1e-9), `${lendable} at ${by}, allowed ${allowed}`);
        assert.equal(target.rise !== undefined, HONEST * by > BELIEVED);
        assert.equal(
          risk.faults.some(({ code }) => code === "RISEN"),
          target.rise !== undefined,
        );
      }),
      { numRuns: 40 },
    );
  });

  it("raises maintenance by nothing, however far it goes", () => {
    fc.assert(
      fc.property(factor, (by) => {
        const { decision } = pumped({ board: by, pool: by, feed: by });
        assert.ok(decision.maintenanceTargetBps <= 1_800, "what is stored");
      }),
      { numRuns: 10 },
    );
  });

  it("lets nothing loosen while it binds", () => {
    const { decision } = pumped({ board: 1.4, pool: 1.4, feed: 1.4 }, 9_000);
    assert.ok(decision.initialBps >= 9_000, `${decision.initialBps}`);
    assert.ok(pumped({ board: 1, pool: 1, feed: 1 }, 9_000).decision.initialBps < 9_000);
  });
});
