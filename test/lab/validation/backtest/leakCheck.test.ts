import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CANARIES, leaking } from "../../../../scripts/lab/validation/backtest/canary.ts";
import { leakCheck } from "../../../../scripts/lab/validation/backtest/leakCheck.ts";
import { walkForward } from "../../../../scripts/lab/validation/backtest/walkForward.ts";
import { HOUR, START } from "../../../support/candles.ts";
import { restless, worldOf } from "./support.ts";

const candles = restless(24 * 130);
const world = worldOf(candles, {
  transfer: {
    series: worldOf(restless(24 * 130, 2)).series,
    index: { times: new Float64Array(), values: new Float64Array() },
  },
});
const cuts = [START + 24 * 110 * HOUR, START + (24 * 120 + 7) * HOUR];

describe("the leak check", () => {
  it("finds nothing in the walk that the report uses", () => {
    assert.deepEqual(leakCheck(world, walkForward, cuts, 1), []);
  });

  for (const canary of CANARIES) {
    it(`catches an estimator that ${canary.sin}`, () => {
      const leaks = leakCheck(world, leaking(canary), cuts, 1);
      assert.ok(leaks.length > 0, "the canary was not caught");
      assert.ok(
        leaks.some(({ column }) => column === "used"),
        JSON.stringify(leaks),
      );
      for (const { time, cut } of leaks) assert.ok(time <= cut);
    });
  }

  it("names the first moment that knew too much: one hour before the cut for one hour of look-ahead", () => {
    const peek = CANARIES.find(({ name }) => name === "next hour");
    assert.ok(peek !== undefined);
    assert.equal(leakCheck(world, leaking(peek), [cuts[0] ?? 0], 1)[0]?.time, cuts[0]);
  });
});
