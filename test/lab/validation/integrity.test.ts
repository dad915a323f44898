import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { estimatesOf } from "../../../scripts/lab/validation/backtest/estimates.ts";
import { type Integrity, integrity, isSound } from "../../../scripts/lab/validation/integrity.ts";
import { restless, worldOf } from "./backtest/support.ts";

const world = worldOf(restless(24 * 125), { index: null });
const estimates = estimatesOf(world.series, 0.99);

describe("the harness's own checks", () => {
  it("pass on the harness as it is, with every canary caught", () => {
    const found = integrity([{ world, estimates }], 5, 1);
    assert.deepEqual([found.recomputed, found.cuts, found.leaks], [5, 2, []]);
    assert.ok(found.largestDifference < 1e-10);
    assert.ok(found.canaries.length === 3 && found.canaries.every(({ caught }) => caught));
    assert.ok(isSound(found));
  });

  it("fail when the fast pass and the live functions part", () => {
    const off = { ...estimates, ewma: estimates.ewma.map((value) => value * 1.0001) };
    const found = integrity([{ world, estimates: off }], 5, 1);
    assert.ok(found.largestDifference > 5e-5 && !isSound(found));
    const silent = { ...estimates, longRun: estimates.longRun.map(() => Number.NaN) };
    assert.equal(
      isSound(integrity([{ world, estimates: silent }], 20, 1)),
      false,
      "nothing where the live function speaks",
    );
  });

  it("fail on one leak, and on one canary that got away", () => {
    const sound: Integrity = {
      recomputed: 1,
      largestDifference: 0,
      cuts: 1,
      leaks: [],
      canaries: [{ name: "a", sin: "b", caught: true }],
    };
    assert.ok(isSound(sound));
    assert.equal(isSound({ ...sound, leaks: ["ETH: used"] }), false);
    assert.equal(isSound({ ...sound, canaries: [{ name: "a", sin: "b", caught: false }] }), false);
  });
});
