import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Target } from "../../keeper/domain/decision.ts";
import { DEFAULT_POLICY } from "../../keeper/markets/defaults.ts";
import { RISK_CLASSES } from "../../keeper/markets/limits.ts";
import { target } from "../../keeper/model/target.ts";
import { ChainPath } from "../../scripts/lab/validation/backtest/chainPath.ts";
import { calmEth } from "../support/modelRisk.ts";
import { WETH } from "../support/shipped.ts";

const HOUR = 3_600;
const START = 1_770_000_000;
const CALM = target(calmEth(), WETH.model);
const ATOP = { ...calmEth().depth, robustUsd: 0.02 * calmEth().depth.robustUsd };

/** A calm month, one hour of alarm, and what initial reads so many days later, above its calm value. */
function after(alarm: Target, days: number): { readonly rise: number; readonly left: number } {
  const path = new ChainPath(DEFAULT_POLICY, RISK_CLASSES.major.limits);
  let now = START;
  const hours = (count: number, shown: Target) => {
    let read = Number.NaN;
    for (let i = 0; i < count; i++) {
      read = path.step(now, shown).initial;
      now += HOUR;
    }
    return read;
  };
  const calm = hours(30 * 24, CALM);
  const rise = hours(1, alarm) - calm;
  return { rise, left: hours(days * 24, CALM) - calm };
}

describe("a false alarm of one hour", () => {
  it("of depth, at 2 % of what is usual, moves no haircut", () => {
    assert.deepEqual(after(target(calmEth({ depth: ATOP }), WETH.model), 1), { rise: 0, left: 0 });
  });

  it("of volatility is over in five days, but for less than two points, where it stayed below the daily-rise limit", () => {
    const { rise, left } = after(target(calmEth({ used: 1.7 }), WETH.model), 5);
    assert.ok(rise > 0.03 && rise < 0.05, `${rise}`);
    assert.ok(left >= 0 && left < 0.02, `${left}`);
  });

  it("beyond that limit rests for three days, and is within two points after seven", () => {
    const alarm = target(calmEth({ used: 2.4 }), WETH.model);
    const { rise, left } = after(alarm, 2.5);
    assert.ok(rise > 0.06, `${rise}`);
    assert.equal(left, rise, "nothing loosens while it rests");
    assert.ok(after(alarm, 7).left < 0.02, `${after(alarm, 7).left}`);
  });
});
