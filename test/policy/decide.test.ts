import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MarketHistory, OnChainMarket, Proposed } from "../../keeper/domain/decision.ts";
import { DEFAULT_POLICY } from "../../keeper/markets/defaults.ts";
import { looseningBlockers, looseningStepBps } from "../../keeper/policy/loosening.ts";
import { decide } from "../../keeper/policy/propose.ts";
import { CALM_LIMIT } from "../support/entries.ts";
import { CALM_WRITER, calmMarket, NO_HISTORY } from "../support/onChain.ts";

type DecideContext = Parameters<typeof decide>[1];
const NOW = 1_770_000_000;
const LIMIT = { limit: CALM_LIMIT };

function world(change: Partial<DecideContext> = {}): DecideContext {
  return {
    now: NOW,
    asOf: NOW - 5,
    confidence: 0.93,
    sources: 55,
    onChain: calmMarket(NOW),
    history: NO_HISTORY,
    blockers: [],
    usable: true,
    wouldLoosen: false,
    ...change,
  };
}

const to = (initialBps: number, maintenanceTargetBps: number, limit = CALM_LIMIT): Proposed => ({
  ...{ initialBps, maintenanceTargetBps, limit, limitRule: "the model" },
  adjustments: [],
});

describe("decide", () => {
  it("submits a tightening of the dead band at once", () => {
    const decision = decide(to(2_250, 1_900), world(), DEFAULT_POLICY);
    assert.deepEqual([decision.action, decision.reasons, decision.breaker], ["submit", ["TIGHTEN"], false]);
  });

  it("holds a tightening smaller than the dead band until the heartbeat carries it", () => {
    assert.deepEqual(decide(to(2_249, 1_900), world(), DEFAULT_POLICY).reasons, ["DEAD_BAND"]);
    const due = world({ onChain: calmMarket(NOW, { asOf: NOW - 6 * 3_600 }) });
    const decision = decide(to(2_249, 1_900), due, DEFAULT_POLICY);
    assert.deepEqual([decision.action, decision.reasons, decision.initialBps], ["submit", ["HEARTBEAT"], 2_249]);
  });

  it("names the heartbeat only where nothing else is sent", () => {
    const due = world({ onChain: calmMarket(NOW, { asOf: NOW - 6 * 3_600 }) });
    assert.deepEqual(decide(to(2_250, 1_900), due, DEFAULT_POLICY).reasons, ["TIGHTEN"]);
    assert.deepEqual(decide(to(2_187, 1_900), due, DEFAULT_POLICY).reasons, ["LOOSEN"]);
  });

  it("tightens on a rise of maintenance alone", () => {
    assert.deepEqual(decide(to(2_200, 1_950), world(), DEFAULT_POLICY).reasons, ["TIGHTEN"]);
  });

  it("submits any loosening that was let through", () => {
    assert.deepEqual(decide(to(2_187, 1_900), world({ wouldLoosen: true }), DEFAULT_POLICY).reasons, ["LOOSEN"]);
  });

  it("tells a ramp that stops from a loosening", () => {
    const onChain = calmMarket(NOW, { maintenanceTargetBps: 3_500, maintenanceBps: 2_400 });
    assert.deepEqual(decide(to(2_200, 2_400), world({ onChain }), DEFAULT_POLICY).reasons, ["STOP_RAMP"]);
    assert.deepEqual(decide(to(2_200, 2_399), world({ onChain }), DEFAULT_POLICY).reasons, ["LOOSEN"]);
  });

  it("names what holds a loosening back", () => {
    const blocked = world({ wouldLoosen: true, blockers: ["LOW_CONFIDENCE", "COOL_DOWN"] });
    const decision = decide(to(2_200, 1_900), blocked, DEFAULT_POLICY);
    assert.deepEqual([decision.action, decision.reasons], ["hold", ["LOW_CONFIDENCE", "COOL_DOWN"]]);
  });

  it("makes one catch-up after silence longer than the time to live", () => {
    const silent = world({ onChain: calmMarket(NOW, { asOf: NOW - 30 * 86_400 }) });
    assert.deepEqual(decide(to(2_200, 1_900), silent, DEFAULT_POLICY).reasons, ["CATCH_UP"]);
    const after = world({ onChain: calmMarket(NOW, { asOf: NOW - 60 }) });
    assert.equal(decide(to(2_200, 1_900), after, DEFAULT_POLICY).action, "hold");
  });

  it("trips the breaker on a rise of more than five points within a day, and still sends it", () => {
    const decision = decide(to(2_701, 1_900), world(), DEFAULT_POLICY);
    assert.deepEqual([decision.action, decision.reasons, decision.breaker], ["submit", ["TIGHTEN", "BREAKER"], true]);
    assert.equal(decide(to(2_700, 1_900), world(), DEFAULT_POLICY).breaker, false);
  });

  it("adds up a day's smaller rises for the breaker and forgets older ones", () => {
    const onChain = calmMarket(NOW, { storedInitialBps: 2_600 });
    const yesterday = world({ onChain, history: { ...NO_HISTORY, initials: [[NOW - 86_000, 2_200]] } });
    assert.equal(decide(to(2_750, 1_900), yesterday, DEFAULT_POLICY).breaker, true);
    const earlier = world({ onChain, history: { ...NO_HISTORY, initials: [[NOW - 87_000, 2_200]] } });
    assert.equal(decide(to(2_750, 1_900), earlier, DEFAULT_POLICY).breaker, false);
  });

  it("writes nothing without price or depth, even when the numbers would tighten", () => {
    assert.deepEqual(decide(to(6_000, 5_000), world({ usable: false }), DEFAULT_POLICY).reasons, ["NO_DATA"]);
  });

  it("sends older data only where it tightens: nothing else waits for its time", () => {
    const onChain = calmMarket(NOW, { asOf: NOW + 55 });
    const of = (proposed: Proposed) => decide(proposed, world({ onChain, now: NOW + 60 }), DEFAULT_POLICY);
    for (const proposed of [to(2_250, 1_900), to(2_200, 1_950), to(2_250, 1_800), to(2_190, 1_950)]) {
      assert.deepEqual([of(proposed).action, of(proposed).reasons[0]], ["submit", "TIGHTEN"]);
    }
    for (const proposed of [to(2_249, 1_900), to(2_150, 1_900), to(2_200, 1_850)]) {
      assert.deepEqual([of(proposed).action, of(proposed).reasons], ["hold", ["NO_NEWER_DATA"]]);
    }
  });

  it("sends nothing again that is on its way, but what is tighter still", () => {
    const onChain = calmMarket(NOW, {
      pending: { initialBps: 3_000, maintenanceTargetBps: 2_500, ...LIMIT, asOf: NOW - 5 },
    });
    const of = (proposed: Proposed) => decide(proposed, world({ onChain }), DEFAULT_POLICY).reasons;
    assert.deepEqual([of(to(3_000, 2_500)), of(to(3_049, 2_500))], [["IN_FLIGHT"], ["IN_FLIGHT"]]);
    assert.equal(of(to(3_050, 2_500))[0], "TIGHTEN");
  });

  it("sends with data of the minute on chain only a tightening", () => {
    const minute = Math.floor((NOW - 5) / 60) * 60;
    const same = (initialBps: number, asOf = minute) =>
      decide(to(initialBps, 1_900), world({ onChain: calmMarket(NOW, { asOf }) }), DEFAULT_POLICY).reasons;
    assert.deepEqual([same(2_250), same(2_249), same(2_150)], [["TIGHTEN"], ["NO_NEWER_DATA"], ["NO_NEWER_DATA"]]);
    assert.deepEqual(same(2_150, minute - 60), ["LOOSEN"]);
  });

  it("while governance holds the values by hand sends only a tightening", () => {
    const held = (initialBps: number, heldUntil = NOW + 1) =>
      decide(to(initialBps, 1_900), world({ onChain: calmMarket(NOW, { heldUntil }) }), DEFAULT_POLICY).reasons;
    assert.deepEqual([held(2_250), held(2_249), held(2_150)], [["TIGHTEN"], ["OVERRIDDEN"], ["OVERRIDDEN"]]);
    assert.deepEqual(held(2_150, NOW), ["LOOSEN"]);
  });

  it("does not renew by heartbeat or catch up what governance holds", () => {
    for (const silence of [6 * 3_600, 30 * 86_400]) {
      const onChain = calmMarket(NOW, { asOf: NOW - silence, heldUntil: NOW + 3_600 });
      assert.deepEqual(decide(to(2_200, 1_900), world({ onChain }), DEFAULT_POLICY).reasons, ["OVERRIDDEN"]);
    }
  });

  it("writes nothing to a market that governance ended, a tightening neither", () => {
    const onChain = calmMarket(NOW, { generation: 0, mode: "NO_NEW_RISK" });
    const { action, reasons } = decide(to(3_000, 2_500), world({ onChain }), DEFAULT_POLICY);
    assert.deepEqual([action, reasons], ["hold", ["DELISTED"]]);
  });

  it("writes nothing while a guardian halts the key that sends, and goes on when that lapses", () => {
    const halted = (haltedUntil: number) => {
      const onChain = calmMarket(NOW, { writer: { ...CALM_WRITER, haltedUntil } });
      return decide(to(3_000, 1_900), world({ onChain }), DEFAULT_POLICY).reasons[0];
    };
    assert.deepEqual([halted(NOW + 1), halted(NOW), halted(0)], ["HALTED", "TIGHTEN", "TIGHTEN"]);
  });

  it("floors confidence to the contract's thirty-firsts", () => {
    const confidence = (value: number) =>
      decide(to(2_300, 1_900), world({ confidence: value }), DEFAULT_POLICY).confidence;
    assert.deepEqual([confidence(1), confidence(0.99999), confidence(0.5)], [31, 30, 15]);
  });

  it("says hold with the reason alone, and trips no breaker by it", () => {
    const held = [
      decide(to(6_000, 5_000), world({ usable: false }), DEFAULT_POLICY),
      decide(to(2_900, 1_900), world({ onChain: calmMarket(NOW, { generation: 0 }) }), DEFAULT_POLICY),
      decide(to(2_200, 1_900), world(), DEFAULT_POLICY),
    ];
    for (const { action, breaker } of held) assert.deepEqual([action, breaker], ["hold", false]);
    assert.deepEqual(held[2]?.reasons, ["DEAD_BAND"]);
  });

  it("names a single blocker too, and none when nothing would loosen", () => {
    const blocked = world({ wouldLoosen: true, blockers: ["COOL_DOWN"] });
    assert.deepEqual(decide(to(2_200, 1_900), blocked, DEFAULT_POLICY).reasons, ["COOL_DOWN"]);
    const tightening = world({ wouldLoosen: false, blockers: ["COOL_DOWN"] });
    assert.deepEqual(decide(to(2_300, 1_900), tightening, DEFAULT_POLICY).reasons, ["TIGHTEN"]);
    const mixed = world({ wouldLoosen: true, blockers: ["COOL_DOWN"] });
    assert.deepEqual(decide(to(2_300, 1_900), mixed, DEFAULT_POLICY).reasons, ["TIGHTEN", "COOL_DOWN"]);
  });

  it("sees no loosening in a maintenance that follows a target already stored", () => {
    const onChain = calmMarket(NOW, { maintenanceBps: 2_000, maintenanceTargetBps: 1_900 });
    assert.deepEqual(decide(to(2_200, 1_900), world({ onChain }), DEFAULT_POLICY).reasons, ["DEAD_BAND"]);
  });

  it("renews by heartbeat up to the time to live itself, and catches up after it", () => {
    const silent = (seconds: number) =>
      decide(to(2_200, 1_900), world({ onChain: calmMarket(NOW, { asOf: NOW - seconds }) }), DEFAULT_POLICY).reasons;
    assert.deepEqual(silent(6 * 3_600 - 1), ["DEAD_BAND"]);
    assert.deepEqual(silent(86_400), ["HEARTBEAT"]);
    assert.deepEqual(silent(86_401), ["CATCH_UP"]);
  });

  it("counts silence from the end of a hold by governance, through which the values do not age", () => {
    const after = (heldUntil: number) =>
      decide(
        to(2_200, 1_900),
        world({ onChain: calmMarket(NOW, { asOf: NOW - 30 * 86_400, heldUntil }) }),
        DEFAULT_POLICY,
      ).reasons;
    assert.deepEqual([after(NOW - 86_400), after(NOW - 86_401)], [["HEARTBEAT"], ["CATCH_UP"]]);
  });

  describe("what another key has loosened below what this keeper wrote last", () => {
    // Written here: 22 %. On chain: 21.51 %, of data younger than the heartbeat.
    const wrote = (bps: number): MarketHistory => ({
      ...NO_HISTORY,
      initials: [
        [NOW - 7_200, 2_900],
        [NOW - 3_600, bps],
      ],
    });
    const loosened = (change: Partial<OnChainMarket> = {}) => calmMarket(NOW, { storedInitialBps: 2_151, ...change });
    const of = (proposed: Proposed, history = wrote(2_200), onChain = loosened()) =>
      decide(proposed, world({ onChain, history }), DEFAULT_POLICY);

    it("is taken back at once, though it is smaller than the dead band", () => {
      const { action, reasons, initialBps } = of(to(2_200, 1_900));
      assert.deepEqual([action, reasons, initialBps], ["submit", ["TAKE_BACK"], 2_200]);
      assert.deepEqual(of(to(2_152, 1_900)).reasons, ["TAKE_BACK"]);
      assert.deepEqual(of(to(2_201, 1_900)).reasons, ["TIGHTEN"], "the dead band or more needs no other reason");
    });

    it("is taken back with data that is no newer, for it may not be locked out by a key that writes often", () => {
      const onChain = loosened({ asOf: NOW });
      assert.deepEqual(of(to(2_200, 1_900), wrote(2_200), onChain).reasons, ["TAKE_BACK"]);
    });

    it("is let stand where this keeper would now go as low, or lower", () => {
      assert.deepEqual(of(to(2_151, 1_900)).reasons, ["DEAD_BAND"]);
    });

    it("is what this keeper wrote itself, or never wrote: the dead band holds as ever", () => {
      assert.deepEqual(of(to(2_200, 1_900), wrote(2_151)).reasons, ["DEAD_BAND"]);
      assert.deepEqual(of(to(2_200, 1_900), NO_HISTORY).reasons, ["DEAD_BAND"]);
    });

    it("is let stand while governance holds it by hand", () => {
      const onChain = loosened({ heldUntil: NOW + 1 });
      assert.deepEqual(of(to(2_200, 1_900), wrote(2_200), onChain).reasons, ["OVERRIDDEN"]);
    });

    it("is on its way back already", () => {
      const onChain = loosened({
        pending: { initialBps: 2_200, maintenanceTargetBps: 1_900, ...LIMIT, asOf: NOW - 5 },
      });
      assert.deepEqual(of(to(2_230, 1_900), wrote(2_200), onChain).reasons, ["IN_FLIGHT"]);
    });
  });

  describe("an exposure limit that alone moves", () => {
    const of = (by: number, onChain: Partial<OnChainMarket> = {}, change: Partial<DecideContext> = {}) => {
      const proposed = to(2_200, 1_900, CALM_LIMIT + by);
      const { action, reasons, limit } = decide(
        proposed,
        world({ onChain: calmMarket(NOW, onChain), ...change }),
        DEFAULT_POLICY,
      );
      assert.equal(limit, CALM_LIMIT + by);
      return [action, ...reasons];
    };

    it("is a tightening when it falls, by a notch, and trips no breaker", () => {
      assert.deepEqual(of(-1), ["submit", "TIGHTEN"]);
      assert.equal(decide(to(2_200, 1_900, 0), world(), DEFAULT_POLICY).breaker, false);
    });

    it("is a loosening when it rises", () => {
      assert.deepEqual(of(1), ["submit", "LOOSEN"]);
      assert.deepEqual(of(0), ["hold", "DEAD_BAND"]);
    });

    it("is named beside what the haircuts do", () => {
      const both = (initialBps: number, by: number) =>
        decide(to(initialBps, 1_900, CALM_LIMIT + by), world(), DEFAULT_POLICY).reasons;
      assert.deepEqual(both(2_250, 1), ["TIGHTEN", "LOOSEN"]);
      assert.deepEqual(both(2_187, -1), ["TIGHTEN", "LOOSEN"]);
      assert.deepEqual(both(2_210, -1), ["TIGHTEN"]);
    });

    it("is sent with data that is not newer, or against what governance holds, only when it falls", () => {
      for (const [held, reason] of [
        [{ asOf: NOW }, "NO_NEWER_DATA"],
        [{ heldUntil: NOW + 60 }, "OVERRIDDEN"],
      ] as const) {
        assert.deepEqual(of(-1, held), ["submit", "TIGHTEN"]);
        assert.deepEqual(of(1, held), ["hold", reason]);
      }
    });

    it("goes nowhere to a market that is ended, by a key that is halted, or without data", () => {
      assert.deepEqual(of(-1, { generation: 0 }), ["hold", "DELISTED"]);
      assert.deepEqual(of(-1, { writer: { ...CALM_WRITER, haltedUntil: NOW + 1 } }), ["hold", "HALTED"]);
      assert.deepEqual(of(-1, {}, { usable: false }), ["hold", "NO_DATA"]);
    });

    it("is compared with what is on its way", () => {
      const sent = (limit: number) => ({
        pending: { initialBps: 2_200, maintenanceTargetBps: 1_900, limit, asOf: NOW - 5 },
      });
      assert.deepEqual(of(-100, sent(CALM_LIMIT - 100)), ["hold", "IN_FLIGHT"]);
      assert.deepEqual(of(-101, sent(CALM_LIMIT - 100)), ["submit", "TIGHTEN"]);
      assert.deepEqual(of(0, sent(CALM_LIMIT + 36)), ["submit", "TIGHTEN"], "a raise under way is taken back");
    });

    it("rests after it was raised, as after any loosening", () => {
      const facts = { now: NOW, confidence: 1, agreement: true, depthHours: 48, mode: "NORMAL" } as const;
      const blockers = (ago: number) => {
        const history = { ...NO_HISTORY, lastLoosening: NOW - ago };
        const free = { tightenOnly: false, overridden: false, newer: true };
        return looseningBlockers({ ...facts, ...free, history }, DEFAULT_POLICY);
      };
      assert.deepEqual([blockers(6 * 3_600 - 1), blockers(6 * 3_600)], [["COOL_DOWN"], []]);
    });
  });

  it("trips the breaker only by a rise of initial itself, however small", () => {
    const onChain = calmMarket(NOW, { storedInitialBps: 2_800 });
    const risen = world({ onChain, history: { ...NO_HISTORY, initials: [[NOW - 86_400, 2_200]] } });
    assert.equal(decide(to(2_800, 2_000), risen, DEFAULT_POLICY).breaker, false);
    assert.equal(decide(to(2_801, 2_000), risen, DEFAULT_POLICY).breaker, true);
    const dayOld = world({ onChain, history: { ...NO_HISTORY, initials: [[NOW - 86_401, 2_200]] } });
    assert.equal(decide(to(2_801, 2_000), dayOld, DEFAULT_POLICY).breaker, false);
    const due = { ...risen, onChain: { ...onChain, asOf: NOW - 6 * 3_600 } };
    const { reasons, breaker } = decide(to(2_801, 1_900), due, DEFAULT_POLICY);
    assert.deepEqual([reasons, breaker], [["HEARTBEAT"], false], "a rise below the dead band");
  });
});

describe("looseningBlockers", () => {
  const calm = {
    now: NOW,
    confidence: 0.8,
    agreement: true,
    depthHours: 24,
    mode: "NORMAL",
    tightenOnly: false,
    overridden: false,
    newer: true,
    history: NO_HISTORY,
  } as const;

  it("lets a calm, confident market loosen", () => {
    assert.deepEqual(looseningBlockers(calm, DEFAULT_POLICY), []);
  });

  it("blocks on each condition by its own name", () => {
    assert.deepEqual(looseningBlockers({ ...calm, confidence: 0.79 }, DEFAULT_POLICY), ["LOW_CONFIDENCE"]);
    assert.deepEqual(looseningBlockers({ ...calm, confidence: Number.NaN }, DEFAULT_POLICY), ["LOW_CONFIDENCE"]);
    assert.deepEqual(looseningBlockers({ ...calm, agreement: false }, DEFAULT_POLICY), ["NO_AGREEMENT"]);
    assert.deepEqual(looseningBlockers({ ...calm, depthHours: 23.9 }, DEFAULT_POLICY), ["SHORT_HISTORY"]);
    for (const mode of ["FROZEN", "NO_NEW_RISK"] as const)
      assert.deepEqual(looseningBlockers({ ...calm, mode }, DEFAULT_POLICY), ["FROZEN_ON_CHAIN"]);
    assert.deepEqual(looseningBlockers({ ...calm, tightenOnly: true }, DEFAULT_POLICY), ["TIGHTEN_ONLY"]);
    assert.deepEqual(looseningBlockers({ ...calm, overridden: true }, DEFAULT_POLICY), ["OVERRIDDEN"]);
    assert.deepEqual(looseningBlockers({ ...calm, newer: false }, DEFAULT_POLICY), ["NO_NEWER_DATA"]);
    const breaker = { ...NO_HISTORY, lastBreaker: NOW - 72 * 3_600 + 1 };
    assert.deepEqual(looseningBlockers({ ...calm, history: breaker }, DEFAULT_POLICY), ["BREAKER_REST"]);
    const rested = { ...NO_HISTORY, lastBreaker: NOW - 72 * 3_600, lastLoosening: NOW - 6 * 3_600 };
    assert.deepEqual(looseningBlockers({ ...calm, history: rested }, DEFAULT_POLICY), []);
    const recent = { ...NO_HISTORY, lastLoosening: NOW - 60 };
    assert.deepEqual(looseningBlockers({ ...calm, history: recent }, DEFAULT_POLICY), ["COOL_DOWN"]);
  });
});

describe("looseningStepBps", () => {
  it("gives the documented examples", () => {
    const slow = { looseningHalfLifeDays: 10, maxLooseningBpsPerDay: 50 };
    assert.equal(looseningStepBps(3_000, 2_000, 86_400, slow), 50);
    assert.equal(looseningStepBps(2_300, 2_000, 86_400, slow), 20);
  });

  it("never loosens towards a higher target or for a clock that ran backwards", () => {
    assert.equal(looseningStepBps(2_000, 2_300, 86_400, DEFAULT_POLICY), 0);
    assert.equal(looseningStepBps(3_000, 2_000, -5, DEFAULT_POLICY), 0);
  });

  it("is proportional to time within a day, and a day at most", () => {
    const fast = { looseningHalfLifeDays: 1e-6, maxLooseningBpsPerDay: 86_400 };
    const after = (seconds: number) => looseningStepBps(200_000, 0, seconds, fast);
    assert.deepEqual([1, 43_200, 86_399, 86_400, 86_401].map(after), [1, 43_200, 86_399, 86_400, 86_400]);
    assert.deepEqual([0, -5].map(after), [0, 0]);
  });

  it("closes a distance of a single basis point, and none of none", () => {
    const fast = { looseningHalfLifeDays: 0.01, maxLooseningBpsPerDay: 50 };
    assert.equal(looseningStepBps(2_001, 2_000, 86_400, fast), 1);
    assert.equal(looseningStepBps(2_000, 2_000, 86_400, fast), 0);
  });
});
