import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { limitOf } from "../../keeper/domain/contract.ts";
import type { OnChainMarket } from "../../keeper/domain/decision.ts";
import { LENDER_STATES, type LenderReading, type LenderState } from "../../keeper/domain/lender.ts";
import { assessLender } from "../../keeper/submission/lenderStates.ts";

const HOUR = 3_600;
const NOW = 1_790_000_000;
const ASSET = `0x${"aa".repeat(20)}` as const;
const AGENT = `0x${"bb".repeat(20)}` as const;

/** Initial 26 %, maintenance 19 %, 12 000 tokens. */
const CONTRACT = {
  ...{ initialBps: 2_600, storedInitialBps: 2_600, maintenanceBps: 1_900, maintenanceTargetBps: 1_900 },
  ...{ limit: limitOf(12_000), mode: "NORMAL" },
} as OnChainMarket;

const HAS = { ltvBps: 7_400, thresholdBps: 8_100, supplyCap: 12_000, bonusBps: 10_500, frozen: false };

/** A lender that has what its agent would set, but for what is given. */
const reading = (change: Partial<LenderReading> = {}): LenderReading => ({
  ...{ lender: "Aave", market: "WETH", agent: AGENT, asset: ASSET, has: HAS },
  collateral: { ltvBps: 7_400, thresholdBps: 8_100, changes: false },
  cap: { supplyCap: 12_000, changes: false },
  due: [],
  ...{ stepFrom: 0, stepSeconds: 4 * HOUR, stepBps: 25, fault: null },
  ...change,
});
const toLtv = (ltvBps: number) => ({ collateral: { ltvBps, thresholdBps: 8_100, changes: true } });
const toCap = (supplyCap: number) => ({ cap: { supplyCap, changes: true } });

const assess = (
  given: Partial<LenderReading> = {},
  earlier?: Partial<LenderState>,
  { now = NOW, patienceSeconds = 0, onChain = CONTRACT } = {},
) => {
  const known = earlier === undefined ? undefined : ({ since: null, tried: null, ...earlier } as LenderState);
  return assessLender(reading(given), onChain, known, { now, blockTime: now, patienceSeconds });
};
const { numbers } = assess();
const tried = (change: Partial<NonNullable<LenderState["tried"]>> = {}) => {
  return { tried: { at: NOW - 60, numbers, ltvBps: 7_400, refused: null, ...change } };
};
const callsOf = (...args: Parameters<typeof assess>) =>
  assess(...args).calls.map(({ functionName, tightens }) => `${functionName} ${tightens ? "tightens" : "loosens"}`);

describe("how a lender stands", () => {
  it("agrees while its agent would change nothing, and says both sets of numbers", () => {
    const { state, calls, agent, ltvBps } = assess();
    assert.deepEqual([state.state, state.since, state.nextAt, state.detail, calls], ["AGREES", null, null, null, []]);
    assert.deepEqual(state.has, { ltvBps: 7_400, thresholdBps: 8_100, supplyCap: 12_000 });
    assert.deepEqual(state.says, { ltvBps: 7_400, thresholdBps: 8_100, supplyCap: 12_000 });
    assert.deepEqual([agent, ltvBps], [AGENT, 7_400]);
  });

  it("steps while its threshold is on its way and may not move yet, and no longer than that", () => {
    const onChain = { ...CONTRACT, maintenanceBps: 2_000 };
    const { state } = assess({ stepFrom: NOW + 1 }, undefined, { onChain });
    assert.deepEqual([state.state, state.nextAt, state.since], ["STEPPING", NOW + 1, null]);
    assert.equal(assess({ stepFrom: NOW }, undefined, { onChain }).state.state, "AGREES");
    assert.equal(assess({ stepFrom: NOW + 1 }).state.state, "AGREES", "there is nowhere to step to");
  });

  it("does not walk beyond where threshold and bonus make 100 %", () => {
    const onChain = { ...CONTRACT, maintenanceBps: 300 };
    const at = (thresholdBps: number) =>
      assess({ has: { ...HAS, thresholdBps }, stepFrom: NOW + 1 }, undefined, { onChain }).state.state;
    assert.deepEqual([at(9_523), at(9_522)], ["AGREES", "STEPPING"], "10 000 / 1.05");
  });

  it("is frozen only where nothing is due", () => {
    const has = { ...HAS, frozen: true };
    assert.deepEqual([assess({ has }).state.state, assess({ has, ...toLtv(7_000) }).state.state], ["FROZEN", "DUE"]);
  });

  it("names a fault before all else, and still does what can be done", () => {
    const fault = { state: "CLOSED_BY_OTHERS", detail: "preview: no" } as const;
    const { state, calls } = assess({ fault, collateral: null, ...toCap(9_000) });
    assert.deepEqual([state.state, state.detail, state.nextAt], ["CLOSED_BY_OTHERS", "preview: no", null]);
    assert.deepEqual(calls, [{ functionName: "syncSupplyCap", asset: ASSET, tightens: true }]);
    assert.deepEqual(callsOf({ has: null, ...toLtv(7_000), ...toCap(9_000) }), [], "what cannot be read is not set");
  });

  it("differs since it first did, until it does no more", () => {
    assert.equal(assess(toLtv(7_000)).state.since, NOW);
    assert.equal(assess(toLtv(7_000), { since: NOW - 500 }).state.since, NOW - 500);
    assert.equal(assess({}, { since: NOW - 500 }).state.since, null);
    const differing = Object.entries(LENDER_STATES).filter(([, { differs }]) => !differs);
    assert.deepEqual(
      differing.map(([name]) => name),
      ["AGREES", "STEPPING"],
    );
  });
});

describe("what is due at a lender", () => {
  it("is what its agent says, tightening first", () => {
    assert.deepEqual(callsOf({ ...toLtv(7_500), ...toCap(11_000) }), ["syncSupplyCap tightens", "sync loosens"]);
    assert.deepEqual(callsOf({ ...toLtv(7_300), ...toCap(13_000) }), ["sync tightens", "syncSupplyCap loosens"]);
    assert.deepEqual(callsOf(toLtv(7_400)), ["sync loosens"], "a step of the threshold");
    const capless = { has: { ...HAS, supplyCap: null }, ...toCap(13_000) };
    assert.deepEqual(callsOf(capless), ["syncSupplyCap tightens"], "no cap is the highest");
  });

  it("is left to instances of lower rank for as long as it is told", () => {
    const since = { since: NOW - 120 };
    assert.equal(callsOf(toLtv(7_000), since, { patienceSeconds: 120 }).length, 1);
    assert.deepEqual(callsOf(toLtv(7_000), since, { patienceSeconds: 121 }), []);
    assert.deepEqual(callsOf(toLtv(7_000), undefined, { patienceSeconds: 1 }), []);
  });

  it("rests for an hour at unmoved numbers, or for a step where that is shorter", () => {
    const { state, calls } = assess(toLtv(7_399), tried());
    assert.deepEqual([state.state, state.nextAt, calls], ["WAITS", NOW - 60 + HOUR, []]);
    assert.deepEqual(callsOf(toLtv(7_399), tried({ at: NOW - HOUR })), ["sync tightens"]);
    assert.deepEqual(callsOf(toLtv(7_399), tried({ at: NOW - HOUR + 1 })), []);
    const quick = { ...toLtv(7_399), stepSeconds: 60 };
    assert.deepEqual([callsOf(quick, tried()).length, callsOf(quick, tried({ at: NOW - 59 })).length], [1, 0]);
  });

  it("waits for nothing once any number of the contract moved", () => {
    for (const change of [
      { storedInitialBps: 2_601 },
      { maintenanceTargetBps: 1_901 },
      { limit: limitOf(11_000) },
      { mode: "NO_NEW_RISK" },
    ] as const) {
      const onChain = { ...CONTRACT, ...change } as OnChainMarket;
      assert.equal(callsOf(toLtv(7_399), tried(), { onChain }).length, 1, JSON.stringify(change));
    }
    const aged = { ...CONTRACT, initialBps: 2_601 };
    assert.deepEqual(callsOf(toLtv(7_399), tried(), { onChain: aged }), [], "that data age is no new number");
  });

  it("does not wait once the LTV is to be half a percent lower than it was set", () => {
    assert.deepEqual(callsOf(toLtv(7_351), tried()), []);
    assert.deepEqual(callsOf(toLtv(7_350), tried()), ["sync tightens"]);
    const unknown = tried({ ltvBps: null });
    assert.deepEqual([callsOf(toLtv(7_351), unknown).length, callsOf(toLtv(7_350), unknown).length], [0, 1]);
  });

  it("is not paid for in every cycle where somebody undoes it each time", () => {
    const undone = { has: { ...HAS, ltvBps: 7_900 }, ...toLtv(7_400) };
    const { state, calls } = assess(undone, tried());
    assert.deepEqual([state.state, calls], ["WAITS", []]);
    assert.equal(callsOf(undone, tried({ at: NOW - HOUR })).length, 1);
  });

  it("rests for the whole hour where it was refused, however much is due and however short a step is", () => {
    const refused = tried({ refused: "sync: no role" });
    const { state, calls } = assess({ ...toLtv(6_000), stepSeconds: 1 }, refused);
    assert.deepEqual([state.state, state.detail, state.nextAt], ["REFUSED", "sync: no role", NOW - 60 + HOUR]);
    assert.deepEqual([calls, state.tried], [[], refused.tried]);
    const onChain = { ...CONTRACT, storedInitialBps: 3_000 };
    assert.equal(assess(toLtv(6_000), refused, { onChain }).state.state, "DUE");
  });
});
