import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { limitOf } from "../../keeper/domain/contract.ts";
import type { OnChainMarket } from "../../keeper/domain/decision.ts";
import { proposeLimit } from "../../keeper/policy/propose.ts";
import { CALM_LIMIT } from "../support/entries.ts";
import { CALM_LIMITS, calmMarket } from "../support/onChain.ts";

type Context = Parameters<typeof proposeLimit>[1];
const NOW = 1_770_000_000;
const PRICE = 2_500;

/** 12 000 tokens stored, governance's bounds 1 200 and 36 000; what may be raised in a window is 72 notches. */
function proposed(tokens: number, market: Partial<OnChainMarket> = {}, change: Partial<Context> = {}) {
  const calm = { onChain: calmMarket(NOW, market), blockers: [], priceUsd: PRICE };
  return proposeLimit(tokens * PRICE, { ...calm, ...change });
}
const limit = (...given: Parameters<typeof proposed>) => proposed(...given).limit;
/** A pending batch with this exposure limit. */
const sent = (pending: number) => ({
  pending: { initialBps: 2_200, maintenanceTargetBps: 1_900, limit: pending, asOf: NOW - 60 },
});

describe("the exposure limit that is proposed", () => {
  it("is what the model says in whole tokens, rounded down, where that is lower by the dead band of 5 % or more", () => {
    assert.deepEqual(proposed(9_000.7), { limit: limitOf(9_000), limitRule: "the model" });
    // Of 8192 to 16 384 tokens every eighth can be written: 11 400 is the first that is 5 % away.
    assert.deepEqual([limit(11_408), limit(11_407)], [CALM_LIMIT, limitOf(11_400)]);
    assert.equal(proposed(11_408).limitRule, "dead band");
  });

  it("is moved by 5 % of few tokens too, each of which is a notch", () => {
    const few = { limit: 200, lowestLimit: 20, highestLimit: 600 };
    assert.deepEqual(
      [191, 190, 20, 209, 210].map((tokens) => limit(tokens, few)),
      [200, 190, 20, 200, 208],
    );
    const from = (stored: number, raised = 0) => limit(600, { ...few, limit: stored, raised, lowestLimit: 0 });
    // 72 parts in 1024 of 200 tokens are 14.1: fifteen in a window, eight at once, of what the window began with.
    assert.deepEqual([from(200), from(208, 8), from(215, 15)], [208, 215, 215]);
    // Of 20 tokens two in a window; of 14 and fewer one; nothing of nothing.
    assert.deepEqual([from(20), from(14), from(1), from(0)], [21, 15, 2, 0]);
  });

  it("falls at once, whatever blocks a loosening", () => {
    assert.equal(limit(3_000, {}, { blockers: ["LOW_CONFIDENCE", "OVERRIDDEN", "NO_NEWER_DATA"] }), limitOf(3_000));
    assert.equal(limit(3_000, { raised: 72 }), limitOf(3_000), "a fall costs no budget");
  });

  it("rises by half of what may be raised in a window, or by less where the model, a step or the rest of the window ends it", () => {
    assert.deepEqual(proposed(30_000), { limit: CALM_LIMIT + 36, limitRule: "loosening pace" });
    const odd = { ...CALM_LIMITS, hotRaiseBudget: 145 };
    assert.equal(limit(30_000, { limits: { ...odd, hotRaiseStep: 72 } }), CALM_LIMIT + 72);
    assert.equal(limit(30_000, { limits: { ...odd, hotRaiseStep: 71 } }), CALM_LIMIT + 71);
    const wide = { ...CALM_LIMITS, hotRaiseStep: 1_024, hotRaiseBudget: 2_048 };
    assert.deepEqual(proposed(15_000, { limits: wide }), { limit: limitOf(15_000), limitRule: "the model" });
    assert.deepEqual(
      [35, 36, 37, 71, 72, 200].map((raised) => limit(30_000, { raised }) - CALM_LIMIT),
      [36, 36, 35, 1, 0, 0],
    );
  });

  it("does not rise within the dead band, nor while anything blocks a loosening, and says what", () => {
    assert.deepEqual(proposed(12_599), { limit: CALM_LIMIT, limitRule: "dead band" });
    assert.equal(limit(12_600), CALM_LIMIT + 36);
    const held = proposed(30_000, {}, { blockers: ["COOL_DOWN", "NO_AGREEMENT"] });
    assert.deepEqual(held, { limit: CALM_LIMIT, limitRule: "loosening held: COOL_DOWN, NO_AGREEMENT" });
  });

  it("stays within governance's bounds, and names the one that ends it", () => {
    const low = limitOf(1_200);
    assert.deepEqual(proposed(0), { limit: low, limitRule: "governance minimum" });
    assert.equal(limit(0.4), low, "less than one token");
    const wide = { limits: { ...CALM_LIMITS, hotRaiseStep: 4_095, hotRaiseBudget: 4_095 } };
    const high = { highestLimit: CALM_LIMIT + 1_000 };
    assert.deepEqual(proposed(1e15, { ...wide, ...high }), {
      limit: CALM_LIMIT + 1_000,
      limitRule: "governance maximum",
    });
  });

  it("stands at a bound because of it, not of the dead band, and so within a dead band of it", () => {
    const highest = { limit: CALM_LIMIT, limitRule: "governance maximum" };
    assert.deepEqual(proposed(100_000, { highestLimit: CALM_LIMIT }), highest);
    assert.deepEqual(proposed(100_000, { highestLimit: CALM_LIMIT + 1 }), highest);
    assert.deepEqual(proposed(1, { lowestLimit: CALM_LIMIT }), { limit: CALM_LIMIT, limitRule: "governance minimum" });
    assert.equal(
      proposed(12_000, { highestLimit: CALM_LIMIT }).limitRule,
      "dead band",
      "the model asks for what stands",
    );
  });

  it("follows a bound that governance has lowered at once, by a single notch and whatever is known", () => {
    const lowered = { highestLimit: CALM_LIMIT - 1 };
    for (const tokens of [30_000, 12_000, 11_999]) assert.equal(limit(tokens, lowered), CALM_LIMIT - 1);
    assert.equal(limit(30_000, lowered, { priceUsd: null }), CALM_LIMIT - 1);
    assert.equal(limit(30_000, lowered, { blockers: ["OVERRIDDEN"] }), CALM_LIMIT - 1);
    assert.equal(limit(3_000, lowered), limitOf(3_000));
  });

  it("comes up to a bound that governance has raised at the pace of any loosening, and never falls below it", () => {
    const raised = { lowestLimit: CALM_LIMIT + 500 };
    assert.equal(limit(100, raised), CALM_LIMIT + 36);
    assert.equal(limit(100, raised, { blockers: ["COOL_DOWN"] }), CALM_LIMIT);
  });

  it("stays without a price", () => {
    const rule = "held: no market data";
    for (const priceUsd of [null, 0, Number.NaN]) {
      assert.deepEqual(proposed(3_000, {}, { priceUsd }), { limit: CALM_LIMIT, limitRule: rule });
    }
  });

  it("starts from what is on its way, whose raise has its part of the window", () => {
    assert.equal(limit(8_500, sent(limitOf(9_000))), limitOf(8_500));
    assert.equal(limit(9_300, sent(limitOf(9_000))), limitOf(9_000), "the dead band is around it");
    assert.equal(limit(30_000, sent(limitOf(9_000))), limitOf(9_000) + 36);
    assert.deepEqual(
      [0, 1, 36].map((raised) => limit(30_000, { ...sent(CALM_LIMIT + 36), raised }) - CALM_LIMIT),
      [72, 71, 36],
    );
  });

  it("is finite whatever the model says", () => {
    assert.equal(limit(1e300, { highestLimit: 0xffff }), CALM_LIMIT + 36);
    assert.equal(limit(Number.POSITIVE_INFINITY, { highestLimit: 0xffff }), CALM_LIMIT + 36);
  });
});
