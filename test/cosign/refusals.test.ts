import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CosignLimits, cosignRefusal, mayFollow } from "../../keeper/cosign/refusals.ts";
import { type Batch, limitOf } from "../../keeper/domain/contract.ts";
import type { Decision, OnChainMarket } from "../../keeper/domain/decision.ts";
import { CALM_LIMIT, entriesOf, type SampleEntry } from "../support/entries.ts";
import { calmMarket } from "../support/onChain.ts";

type OwnView = Parameters<typeof cosignRefusal>[2];

const NOW = 1_770_000_000;
const LIMITS: CosignLimits = { toleranceBps: 25, maxDecisionAgeSeconds: 150, maxDeadlineSeconds: 330 };
const PLACE = {
  chainId: 31_337,
  parameters: "0x00000000000000000000000000000000000000c0",
  gateway: "0x00000000000000000000000000000000000000d0",
} as const;
const ELSEWHERE = "0x00000000000000000000000000000000000000ee";

/** On chain 22 % and 19 %; decided here: 23 % and 20 %. */
const decided: Decision = {
  ...{ action: "submit", reasons: ["TIGHTEN"], initialBps: 2_300, maintenanceTargetBps: 2_000, limit: CALM_LIMIT },
  ...{ asOf: NOW - 20, confidence: 25, sources: 0b110111, breaker: false },
};
const viewOf = (change: Partial<OwnView> = {}, decision: Partial<Decision> = {}, stored: Partial<OnChainMarket> = {}) =>
  ({
    ...{ place: PLACE, now: NOW, blockTime: NOW - 5, decidedAt: NOW - 30, sequence: 41n },
    ...{ modelVersion: 3, stopped: null },
    markets: [{ onChain: calmMarket(NOW, stored), decision: { ...decided, ...decision } }],
    ...change,
  }) satisfies OwnView;
const same: SampleEntry = { marketId: 1, initialBps: 2_300, maintenanceTargetBps: 2_000, asOf: NOW - 20 };
const QUALITY = { confidence: 25, sources: 0b110111 };
const batchOf = (change: Partial<Batch> = {}, ...entries: readonly Partial<SampleEntry>[]): Batch => ({
  ...{ sequence: 42n, deadline: NOW + 300, modelVersion: 3, evidence: `0x${"ee".repeat(32)}` },
  entries: entriesOf((entries.length === 0 ? [{}] : entries).map((entry) => ({ ...same, ...QUALITY, ...entry }))),
  ...change,
});
const codeOf = (batch: Batch, view: OwnView = viewOf(), place: Parameters<typeof cosignRefusal>[0] = PLACE) =>
  cosignRefusal(place, batch, view, LIMITS)?.code ?? null;
/** On chain 22 %; decided here: down to 21 %. */
const loosening = (decision: Partial<Decision> = {}) =>
  viewOf({}, { initialBps: 2_100, maintenanceTargetBps: 1_900, reasons: ["LOOSEN"], ...decision });
const down = (initialBps: number) => batchOf({}, { initialBps, maintenanceTargetBps: 1_900 });

describe("a keeper instance asked to sign another's batch", () => {
  it("signs what it decided itself, and what is within the tolerance of it on either side", () => {
    assert.equal(codeOf(batchOf()), null);
    for (const by of [25, -25]) assert.equal(codeOf(batchOf({}, { initialBps: 2_300 + by })), null);
    for (const by of [25, -25]) assert.equal(codeOf(batchOf({}, { maintenanceTargetBps: 2_000 + by })), null);
  });

  it("refuses one basis point more", () => {
    for (const by of [26, -26]) assert.equal(codeOf(batchOf({}, { initialBps: 2_300 + by })), "OUT_OF_TOLERANCE");
    for (const by of [26, -26])
      assert.equal(codeOf(batchOf({}, { maintenanceTargetBps: 2_000 + by })), "OUT_OF_TOLERANCE");
  });

  it("signs a loosening only when it is no looser than its own", () => {
    assert.equal(codeOf(down(2_100), loosening()), null);
    assert.equal(codeOf(down(2_125), loosening()), null);
    assert.equal(codeOf(down(2_099), loosening()), "LOOSENING");
    assert.equal(codeOf(down(2_126), loosening()), "OUT_OF_TOLERANCE");
  });

  it("signs no loosening that it holds itself, however small", () => {
    assert.equal(codeOf(down(2_199), loosening({ action: "hold", reasons: ["COOL_DOWN"] })), "LOOSENING");
    assert.equal(codeOf(down(2_199), viewOf({}, { initialBps: 2_200, maintenanceTargetBps: 1_900 })), "LOOSENING");
    const held = viewOf({}, { action: "hold", reasons: ["DEAD_BAND"], initialBps: 2_190, maintenanceTargetBps: 1_900 });
    assert.equal(codeOf(down(2_199), held), "LOOSENING");
  });

  it("signs a small tightening that it holds itself", () => {
    const held = viewOf({}, { action: "hold", reasons: ["DEAD_BAND"], initialBps: 2_205, maintenanceTargetBps: 1_900 });
    assert.equal(codeOf(down(2_230), held), null);
    assert.equal(codeOf(down(2_231), held), "OUT_OF_TOLERANCE");
  });

  it("holds a maintenance target against the target on chain, wherever maintenance is on its way to it", () => {
    const held = { action: "hold", reasons: ["COOL_DOWN"], initialBps: 2_300, maintenanceTargetBps: 1_850 } as const;
    const rising = viewOf({}, held, { maintenanceBps: 1_800 });
    assert.equal(codeOf(batchOf({}, { maintenanceTargetBps: 1_890 }), rising), "LOOSENING");
    const falling = viewOf({}, { maintenanceTargetBps: 1_920 }, { maintenanceBps: 2_000 });
    assert.equal(codeOf(batchOf({}, { maintenanceTargetBps: 1_910 }), falling), null);
  });

  it("takes an address in any case for the same", () => {
    const upper = (hex: string) => `0x${hex.slice(2).toUpperCase()}` as const;
    const place = { ...PLACE, parameters: upper(PLACE.parameters), gateway: upper(PLACE.gateway) };
    assert.equal(codeOf(batchOf(), viewOf(), place as typeof PLACE), null);
  });

  it("refuses another chain, contract or gateway", () => {
    for (const place of [
      { ...PLACE, chainId: 1 },
      { ...PLACE, parameters: ELSEWHERE } as const,
      { ...PLACE, gateway: ELSEWHERE } as const,
    ]) {
      assert.equal(codeOf(batchOf(), viewOf(), place as typeof PLACE), "WRONG_PLACE");
    }
  });

  it("refuses while a kill switch is set", () => {
    assert.equal(codeOf(batchOf(), viewOf({ stopped: "paused" })), "STOPPED");
  });

  it("refuses another model, and any sequence but the next of the gateway", () => {
    assert.equal(codeOf(batchOf({ modelVersion: 4 })), "WRONG_MODEL");
    for (const sequence of [41n, 43n]) assert.equal(codeOf(batchOf({ sequence })), "WRONG_SEQUENCE");
  });

  it("refuses a deadline that has passed or is too far away", () => {
    assert.equal(codeOf(batchOf({ deadline: NOW })), null);
    assert.equal(codeOf(batchOf({ deadline: NOW - 1 })), "BAD_DEADLINE");
    assert.equal(codeOf(batchOf({ deadline: NOW + 330 })), null);
    assert.equal(codeOf(batchOf({ deadline: NOW + 331 })), "BAD_DEADLINE");
    // By the chain's time, where that is ahead of the clock.
    const ahead = viewOf({ blockTime: NOW + 40 });
    const of = (deadline: number) => codeOf(batchOf({ deadline }), ahead);
    assert.deepEqual([of(NOW + 39), of(NOW + 40), of(NOW + 370)], ["BAD_DEADLINE", null, null]);
  });

  it("refuses without a decision of its own, or with an old one, one of no data, or none of the market", () => {
    for (const decidedAt of [null, NOW - 151, NOW + 31])
      assert.equal(codeOf(batchOf(), viewOf({ decidedAt })), "UNDECIDED");
    // A clock that was set back a little makes the last decision no less its own.
    for (const decidedAt of [NOW - 150, NOW + 30]) assert.equal(codeOf(batchOf(), viewOf({ decidedAt })), null);
    assert.equal(codeOf(batchOf(), viewOf({}, { action: "hold", reasons: ["NO_DATA"] })), "UNDECIDED");
    assert.equal(codeOf(batchOf({}, {}, { marketId: 2 })), "UNDECIDED");
  });

  it("refuses a market of another generation than it is on chain now: governance has moved it to another class", () => {
    for (const generation of [15, 17]) assert.equal(codeOf(batchOf({}, { generation })), "WRONG_GENERATION");
    assert.equal(codeOf(batchOf({}, { generation: 17 }), viewOf({}, {}, { generation: 17 })), null);
  });

  describe("with another exposure limit than its own", () => {
    const limit = (given: number, view?: OwnView) => codeOf(batchOf({}, { limit: given }), view);
    const own = (wanted: number, change: Partial<Decision> = {}) => viewOf({}, { limit: wanted, ...change });
    const HELD = { action: "hold", reasons: ["DEAD_BAND"] } as const;

    it("signs a tightening within 10 % of it, and no other", () => {
      assert.deepEqual([limit(limitOf(10_800)), limit(limitOf(10_792))], [null, "OUT_OF_TOLERANCE"]);
      const fallen = own(limitOf(6_000));
      const around = [5_396, 5_400, 6_600, 6_604].map((tokens) => limit(limitOf(tokens), fallen));
      assert.deepEqual(around, ["OUT_OF_TOLERANCE", null, null, "OUT_OF_TOLERANCE"]);
      assert.equal(limit(CALM_LIMIT, fallen), "OUT_OF_TOLERANCE", "a fall is not left out");
    });

    it("counts in tokens where a limit has few of them, and lets a single one pass", () => {
      const few = (given: number, wanted: number) => limit(given, viewOf({}, { limit: wanted }, { limit: 200 }));
      assert.deepEqual([few(180, 200), few(179, 200)], [null, "OUT_OF_TOLERANCE"]);
      assert.equal(few(200, 150), "OUT_OF_TOLERANCE", "a fall by a quarter is not left out");
      assert.deepEqual(
        [3, 4, 5, 6, 7].map((given) => few(given, 5) === null),
        [false, true, true, true, false],
      );
    });

    it("signs a loosening only when it is no looser than its own", () => {
      const raised = own(CALM_LIMIT + 36);
      assert.deepEqual(
        [36, 37, 1].map((by) => limit(CALM_LIMIT + by, raised)),
        [null, "LOOSENING", null],
      );
      assert.deepEqual(
        [0, 1].map((by) => limit(CALM_LIMIT + by)),
        [null, "LOOSENING"],
        "it moves its own limit not at all",
      );
      assert.equal(limit(CALM_LIMIT + 1, own(CALM_LIMIT - 100)), "LOOSENING");
    });

    it("signs no loosening that it holds itself, and a small fall that it holds", () => {
      assert.equal(limit(CALM_LIMIT + 1, own(CALM_LIMIT + 36, HELD)), "LOOSENING");
      assert.equal(limit(CALM_LIMIT, own(CALM_LIMIT + 36, HELD)), null);
      assert.equal(limit(CALM_LIMIT - 100, own(CALM_LIMIT, HELD)), null);
    });

    it("follows a bound that governance has lowered below what is stored", () => {
      const lowered = (change: Partial<Decision> = {}) =>
        viewOf({}, { limit: limitOf(9_000), ...change }, { highestLimit: limitOf(9_000) });
      assert.equal(limit(limitOf(9_000), lowered()), null);
      assert.equal(limit(limitOf(9_000) + 1, lowered()), "LOOSENING");
      assert.equal(limit(CALM_LIMIT, lowered({ ...HELD, limit: CALM_LIMIT })), "LOOSENING");
    });
  });

  it("refuses an entry that would be skipped whole where it may not loosen: its tightening would not land", () => {
    const [entry] = batchOf().entries;
    assert.ok(entry?.orTighter);
    assert.equal(codeOf(batchOf({ entries: [{ ...entry, orTighter: false }] })), "WHOLE_ONLY");
  });

  it("refuses an empty batch and a market named twice", () => {
    assert.equal(codeOf(batchOf({ entries: [] })), "BAD_MARKETS");
    assert.equal(codeOf(batchOf({}, {}, {})), "BAD_MARKETS");
  });

  it("refuses data that claims another time than its own", () => {
    for (const asOf of [NOW - 20 - 151, NOW - 20 + 151]) assert.equal(codeOf(batchOf({}, { asOf })), "WRONG_TIME");
    assert.equal(codeOf(batchOf({}, { asOf: NOW - 20 - 150 })), null);
  });

  it("refuses more confidence than its own by over three steps, and a source that it does not have", () => {
    const quality = (confidence: number, sources: number) => codeOf(batchOf({}, { confidence, sources }));
    assert.equal(quality(28, 0b110111), null);
    assert.equal(quality(29, 0b110111), "BETTER_QUALITY");
    assert.equal(quality(25, 0b001000), "BETTER_QUALITY");
  });
});

describe("a second batch of a sequence whose first may still land", () => {
  const of = (marketId: number, initialBps: number, maintenanceTargetBps: number, limit = CALM_LIMIT) => {
    return { marketId, initialBps, maintenanceTargetBps, limit };
  };
  const standing = [of(1, 2_200, 1_900), of(2, 2_200, 1_900)];
  const first = [of(1, 2_300, 2_000)];

  it("may be signed when it is nowhere looser", () => {
    assert.ok(mayFollow([of(1, 2_300, 2_000)], first, standing));
    assert.ok(mayFollow([of(1, 2_400, 2_000), of(2, 2_200, 1_950)], first, standing));
  });

  it("may not when it lowers a haircut of the first, leaves a market out, or lowers another below its value on chain", () => {
    assert.ok(!mayFollow([of(1, 2_299, 2_100)], first, standing));
    assert.ok(!mayFollow([of(1, 2_400, 1_999)], first, standing));
    assert.ok(!mayFollow([of(2, 2_300, 2_000)], first, standing));
    assert.ok(!mayFollow([of(1, 2_300, 2_000), of(2, 2_199, 1_900)], first, standing));
    assert.ok(!mayFollow([of(1, 2_300, 2_000), of(3, 2_300, 1_900)], first, standing));
  });

  it("may not raise the exposure limit above that of the first, or another's above its value on chain", () => {
    const lower = [of(1, 2_300, 2_000, CALM_LIMIT - 50)];
    assert.ok(mayFollow([of(1, 2_300, 2_000, CALM_LIMIT - 50)], lower, standing));
    assert.ok(mayFollow([of(1, 2_300, 2_000, CALM_LIMIT - 51)], lower, standing));
    assert.ok(!mayFollow([of(1, 2_300, 2_000, CALM_LIMIT - 49)], lower, standing));
    assert.ok(!mayFollow([of(1, 2_300, 2_000), of(2, 2_200, 1_900, CALM_LIMIT + 1)], first, standing));
    assert.ok(mayFollow([of(1, 2_300, 2_000), of(2, 2_200, 1_900, CALM_LIMIT - 1)], first, standing));
  });

  it("is not signed after one written down by a version that knew no exposure limit: nothing says how loose it was", () => {
    const { limit: _, ...before } = of(1, 2_300, 2_000);
    const earlier = [before as (typeof first)[number]];
    for (const limit of [CALM_LIMIT + 1, CALM_LIMIT, 0])
      assert.ok(!mayFollow([of(1, 2_400, 2_100, limit)], earlier, standing));
  });
});
