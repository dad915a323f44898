import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { credibleVolatility } from "../../../keeper/model/history/varianceForecasts.ts";
import { near } from "../../support/near.ts";

describe("the long run with a typical year in it", () => {
  it("of a year at 50 % and one at 80 % is the root of the mean variance, 66.71 % (its example)", () => {
    near(credibleVolatility({ volatility: 0.5, days: 365 }, 0.8), Math.sqrt((0.25 + 0.64) / 2), 1e-15);
    near(credibleVolatility({ volatility: 0.5, days: 365 }, 0.8), 0.667083, 5e-7);
  });

  it("is what is stated without history, lies between the two, and comes to the asset's own as days go by", () => {
    const volatility = fc.double({ min: 0.01, max: 5, noNaN: true });
    fc.assert(
      fc.property(volatility, volatility, fc.integer({ min: 0, max: 4_000 }), (own, stated, days) => {
        const [now, later] = [days, days + 30].map((n) => credibleVolatility({ volatility: own, days: n }, stated));
        assert.ok(now !== undefined && later !== undefined);
        const [low, high] = [Math.min(own, stated) * (1 - 1e-12), Math.max(own, stated) * (1 + 1e-12)];
        assert.ok(now >= low && now <= high, `${now}`);
        assert.ok(Math.abs(later - own) <= Math.abs(now - own) + 1e-12);
        near(credibleVolatility({ volatility: own, days: 0 }, stated), stated, 1e-12);
      }),
    );
  });
});
