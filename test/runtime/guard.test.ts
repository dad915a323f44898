import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Hex, NEVER_LAPSES, type Writer } from "../../keeper/domain/contract.ts";
import type { BatchEntry } from "../../keeper/domain/cycle.ts";
import type { OnChainMarket } from "../../keeper/domain/decision.ts";
import type { IntentKind, IntentStatus } from "../../keeper/domain/intent.ts";
import { type Journal, KILL_SWITCHES, type KillSwitchName } from "../../keeper/domain/journal.ts";
import type { PriceRise } from "../../keeper/domain/risk.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { gaugeCondition } from "../../keeper/operations/gauges.ts";
import { pauseKeeper, resumeKeeper } from "../../keeper/operations/pausing.ts";
import { parseConfigFile } from "../../keeper/runtime/configFile.ts";
import { type Guard, openGuard } from "../../keeper/runtime/guard.ts";
import { createMetrics } from "../../keeper/runtime/metrics.ts";
import { IDENTITY, NOW, samplePlan } from "../journal/sample.ts";
import { aCondition } from "../support/condition.ts";
import { CALM_WRITER, calmMarket } from "../support/onChain.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

/** A guard over a journal on disk, with the limits of the defaults. */
function world() {
  const state = temporaryFolder();
  const store = openJournal(join(state, "journal.sqlite"), IDENTITY);
  const { submissionHalt } = parseConfigFile("", {}).settings;
  const config = { paused: { kind: "none" } as const, state, submissionHalt };
  return { state, store, config, guard: openGuard(config, store) };
}

/** One decision of a market that stands at 2500 bp initial and 1500 bp maintenance target. */
const due = (initialBps: number, maintenanceTargetBps = 1_500, rise?: PriceRise) =>
  [
    {
      input: { onChain: { storedInitialBps: 2_500, maintenanceTargetBps: 1_500 } },
      assessment: { market: "WETH", target: { rise }, decision: { initialBps, maintenanceTargetBps } },
    },
  ] as unknown as readonly BatchEntry[];

let nonce = 0;
/** A transaction that ended so. */
function ended(store: Journal, status: IntentStatus, at = NOW, kind: IntentKind = "BATCH"): void {
  nonce += 1;
  const tick = store.recordTick({ now: at, blockNumber: 1n, markets: [] });
  store.finishTick(tick, at, status);
  const transactionHash: Hex = `0x${nonce.toString(16).padStart(64, "0")}`;
  const intent = store.planIntent({ ...samplePlan(tick), kind, nonce, transactionHash });
  store.resolveIntent(intent.id, { status, at });
}

describe("the submission halt", () => {
  it("lets a step of the limit pass, and trips on one basis point more, up or down, on either side", () => {
    assert.equal(world().guard.stopped(NOW, due(6_500, 5_500)), null);
    for (const [step, words] of [
      [due(6_501), /step: WETH initial from 2500 to 6501 bp, limit 4000 bp in one step/],
      [due(2_500, 5_501), /step: WETH maintenance from 1500 to 5501 bp/],
    ] as const) {
      assert.match(world().guard.stopped(NOW, step) ?? "nothing", words);
    }
  });

  it("lets initial rise as far as a pump asks for, and nothing else of that decision", () => {
    const rise = { priceUsd: 24_000, believedUsd: 1_250 };
    assert.equal(world().guard.stopped(NOW, due(9_600, 1_500, rise)), null);
    assert.match(world().guard.stopped(NOW, due(9_600, 5_501, rise)) ?? "nothing", /step: WETH maintenance/);
  });

  it("once tripped stops every other decision too, and a keeper started anew, until a person resumes", () => {
    const { guard, config, store } = world();
    guard.stopped(NOW, due(9_999));
    assert.match(guard.stopped(NOW + 86_400, due(2_500)) ?? "", /^submission halt: step/);
    assert.match(openGuard(config, store).stopped(NOW + 86_400, []) ?? "", /^submission halt: step/);
    const { removed, still } = resumeKeeper(config, NOW);
    assert.equal(removed.length, 1);
    assert.equal(still, null);
    assert.equal(guard.stopped(NOW, due(2_500)), null);
  });

  it("halts on reverts in a row, not on as many with a success between them", () => {
    const broken = world();
    for (const status of ["REVERTED", "CONFIRMED", "REVERTED", "REVERTED"] as const) ended(broken.store, status);
    broken.guard.settle(NOW);
    assert.equal(broken.guard.stopped(NOW, []), null);
    ended(broken.store, "DROPPED");
    ended(broken.store, "REVERTED");
    broken.guard.settle(NOW);
    assert.match(broken.guard.stopped(NOW, []) ?? "", /reverts: 3 batches in a row were mined and refused, limit 3/);
  });

  it("is no matter of what brings lenders up: its reverts count for nothing, and interrupt no row of them", () => {
    const { store, guard } = world();
    for (let count = 0; count < 5; count += 1) ended(store, "REVERTED", NOW, "SYNC");
    guard.settle(NOW);
    assert.equal(guard.stopped(NOW, []), null);
    for (const kind of ["BATCH", "SYNC", "BATCH"] as const) ended(store, "REVERTED", NOW, kind);
    ended(store, "CONFIRMED", NOW, "SYNC");
    ended(store, "REVERTED");
    guard.settle(NOW);
    assert.match(guard.stopped(NOW, []) ?? "", /3 batches in a row/);
  });

  it("stays cleared: reverts are counted anew from then on", () => {
    const trip = (store: Journal, at: number) => {
      for (let count = 0; count < 3; count += 1) ended(store, "REVERTED", at);
    };
    for (const lookedAtFirst of ["settle", "stopped"] as const) {
      const { guard, config, store } = world();
      trip(store, NOW);
      guard.settle(NOW);
      assert.match(guard.stopped(NOW, []) ?? "", /^submission halt/);
      resumeKeeper(config, NOW + 60);
      if (lookedAtFirst === "settle") guard.settle(NOW + 60);
      else assert.equal(guard.stopped(NOW + 60, []), null);
      guard.settle(NOW + 61);
      assert.equal(openGuard(config, store).stopped(NOW + 61, []), null, "also for a keeper that is started anew");
      trip(store, NOW + 62);
      guard.settle(NOW + 63);
      assert.match(guard.stopped(NOW + 63, []) ?? "", /^submission halt/, "what happens after it counts");
    }
  });

  it("leaves its reason where a person looks for it", () => {
    const { guard, state } = world();
    assert.equal(existsSync(join(state, "HALTED")), false);
    guard.stopped(NOW, due(9_999));
    assert.match(readFileSync(join(state, "HALTED"), "utf8"), /^step: WETH .*; since \d{4}-/);
  });
});

describe("the switch for errors", () => {
  const tick = (store: Journal, outcome: string) =>
    store.finishTick(store.recordTick({ now: NOW, blockNumber: null, markets: [] }), NOW, outcome);

  it("is set while more than half of the last twenty ticks failed, and goes by itself", () => {
    const { guard, store } = world();
    for (let count = 0; count < 10; count += 1) tick(store, "held");
    for (let count = 0; count < 10; count += 1) tick(store, "failed");
    assert.equal(guard.stopped(NOW, []), null);
    tick(store, "failed");
    assert.deepEqual(guard.switches(NOW).switches, [{ name: "errors", reason: "11 of the last 20 ticks failed" }]);
    for (let count = 0; count < 10; count += 1) tick(store, "held");
    assert.equal(guard.stopped(NOW, []), null);
  });

  it("is not set by the few ticks of a keeper that has just begun", () => {
    const { guard, store } = world();
    for (let count = 0; count < 19; count += 1) tick(store, "failed");
    assert.equal(guard.stopped(NOW, []), null);
  });
});

describe("each of the five kill switches", () => {
  const open = calmMarket(NOW);
  const seen = (onChain: OnChainMarket, change: Partial<Writer> = {}) => ({
    markets: new Map([["WETH", onChain]]),
    writer: { ...CALM_WRITER, ...change },
    blockTime: NOW,
  });
  const failed = (store: Journal) => {
    for (let count = 0; count < 20; count += 1) {
      store.finishTick(store.recordTick({ now: NOW, blockNumber: null, markets: [] }), NOW, "failed");
    }
  };
  type World = ReturnType<typeof world>;
  const EACH: readonly (readonly [KillSwitchName, string, (one: World) => Guard])[] = [
    [
      "environment",
      "TONSOR_PAUSED is set",
      ({ config, store }) => openGuard({ ...config, paused: { kind: "always" } }, store),
    ],
    [
      "environment",
      "TONSOR_PAUSED until 2026-01-28T05:00:47.000Z",
      ({ config, store }) => openGuard({ ...config, paused: { kind: "until", time: NOW + 3_600 } }, store),
    ],
    [
      "sentinel",
      "file PAUSED: by hand",
      ({ state, guard }) => {
        writeFileSync(join(state, "PAUSED"), "by hand\n");
        return guard;
      },
    ],
    [
      "submissionHalt",
      "submission halt: step: WETH initial from 2500 to 9999 bp, limit 4000 bp in one step; since 2026-01-28T04:00:47.000Z",
      ({ guard }) => {
        guard.stopped(NOW, due(9_999));
        return guard;
      },
    ],
    [
      "errors",
      "20 of the last 20 ticks failed",
      ({ guard, store }) => {
        failed(store);
        return guard;
      },
    ],
    [
      "onChain",
      "on chain: WETH FROZEN until 2026-01-28T05:00Z",
      ({ guard }) => {
        guard.seen(seen({ ...open, mode: "FROZEN", modeUntil: NOW + 3_600 }));
        return guard;
      },
    ],
    [
      "onChain",
      "on chain: WETH NO_NEW_RISK, the writer has tripped and only tightens",
      ({ guard }) => {
        guard.seen(seen({ ...open, mode: "NO_NEW_RISK", modeUntil: NEVER_LAPSES }, { tightenOnly: true }));
        return guard;
      },
    ],
    [
      "onChain",
      "on chain: WETH only tightens until 2026-01-28T05:00Z, the key that sends is halted until 2026-01-28T04:30Z",
      ({ guard }) => {
        guard.seen(seen({ ...open, classHeldUntil: NOW + 3_600 }, { haltedUntil: NOW + 1_800 }));
        return guard;
      },
    ],
    [
      "onChain",
      "on chain: WETH delisted",
      ({ guard }) => {
        guard.seen(seen({ ...open, mode: "NO_NEW_RISK", generation: 0 }, { haltedUntil: NOW }));
        return guard;
      },
    ],
  ];

  it("has its reason, its metric and its row in the journal", async () => {
    assert.deepEqual([...new Set(EACH.map(([name]) => name))].sort(), Object.keys(KILL_SWITCHES).sort());
    for (const [name, reason, set] of EACH) {
      const one = world();
      const guard = set(one);
      assert.deepEqual(guard.all(NOW), [{ name, reason }]);
      assert.deepEqual(guard.settle(NOW), [{ at: NOW, name, reason }]);
      assert.deepEqual(one.store.recentSwitches(1), [{ at: NOW, name, reason }]);
      const metrics = createMetrics();
      gaugeCondition(metrics, aCondition({ switches: guard.all(NOW) }), 0);
      const text = await metrics.text();
      for (const other of Object.keys(KILL_SWITCHES)) {
        assert.ok(
          text.includes(`tonsor_kill_switch{name="${other}"} ${Number(other === name)}\n`),
          `${name}: ${other}`,
        );
      }
      assert.equal(guard.stopped(NOW, []), name === "onChain" ? null : reason, "on chain only loosening stops");
    }
  });

  it("on chain is journaled once while it lasts, again when it changes, and when it is taken back", () => {
    const { guard, store } = world();
    const frozen = { ...open, mode: "FROZEN" as const, modeUntil: NOW + 3_600 };
    guard.seen(seen(frozen));
    assert.equal(guard.settle(NOW).length, 1);
    assert.equal(guard.settle(NOW + 60).length, 0);
    guard.seen(seen({ ...frozen, modeUntil: NOW + 7_200 }));
    assert.match(guard.settle(NOW + 120)[0]?.reason ?? "", /until 2026-01-28T06:00Z$/);
    guard.seen(seen(open));
    assert.deepEqual(guard.settle(NOW + 180), [{ at: NOW + 180, name: "onChain", reason: null }]);
    assert.equal(store.recentSwitches(10).length, 3);
  });

  it("on chain stays set for a keeper that is started anew and cannot read the chain yet", () => {
    const { guard, config, store } = world();
    guard.seen(seen({ ...open, mode: "FROZEN", modeUntil: NOW + 3_600 }));
    guard.settle(NOW);
    const again = openGuard(config, store);
    assert.deepEqual(again.settle(NOW + 60), []);
    assert.deepEqual(
      again.all(NOW + 60).map(({ name }) => name),
      ["onChain"],
    );
  });
});

describe("settling", () => {
  it("journals every switch that was set or taken back, once", () => {
    const { guard, config } = world();
    pauseKeeper(config, { reason: "upgrade", until: null }, NOW);
    assert.deepEqual(guard.settle(NOW), [{ at: NOW, name: "sentinel", reason: "file PAUSED: upgrade" }]);
    assert.deepEqual(guard.settle(NOW + 60), []);
    resumeKeeper(config, NOW + 120);
    assert.deepEqual(guard.settle(NOW + 120), [{ at: NOW + 120, name: "sentinel", reason: null }]);
  });
});

describe("pausing", () => {
  it("takes an ISO time with a zone, and no other", () => {
    const { config } = world();
    const pause = (until: string) => pauseKeeper(config, { reason: "x", until }, NOW);
    assert.match(pause(new Date((NOW + 60) * 1000).toISOString()).reason, /^file PAUSED: until 20.* x$/);
    for (const wrong of ["tomorrow", "2030-01-01", "2030-01-01T12:00:00"]) {
      assert.throws(() => pause(wrong), { code: "BAD_ARGUMENT", message: /ISO time with a zone/ });
    }
  });

  it("names a pause that was over already when its file is taken away", () => {
    const { config } = world();
    pauseKeeper(config, { reason: "upgrade", until: new Date((NOW + 60) * 1000).toISOString() }, NOW);
    const { removed, still } = resumeKeeper(config, NOW + 3_600);
    assert.match(removed.join(), /^file PAUSED: until .* upgrade$/);
    assert.equal(still, null);
  });

  it("resumed while another switch is set says which", () => {
    const { config } = world();
    const { removed, still } = resumeKeeper({ ...config, paused: { kind: "always" } as const }, NOW);
    assert.deepEqual([removed, still], [[], "TONSOR_PAUSED is set"]);
  });
});
