import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ableToSend, type Condition, conditionAlerts, readyChecks } from "../../keeper/operations/readiness.ts";
import { aCondition } from "../support/condition.ts";

const failing = (change: Partial<Condition>) =>
  readyChecks(aCondition(change))
    .filter(({ ok }) => !ok)
    .map(({ name, found }) => `${name}: ${found}`);
const alerts = (change: Partial<Condition>) =>
  conditionAlerts(aCondition(change)).map(({ name, about, severity }) => `${severity} ${name} ${about}`.trim());

describe("readiness", () => {
  it("holds for a keeper that is well, and nothing is told", () => {
    assert.deepEqual(failing({}), []);
    assert.deepEqual(alerts({}), []);
  });

  it("falls by each thing alone, with what was found", () => {
    const signer = aCondition().signer;
    const [weth, wbtc] = aCondition().markets as [Condition["markets"][number], Condition["markets"][number]];
    const falls: readonly (readonly [Partial<Condition>, string])[] = [
      [{ live: { ok: false, reason: "no tick" } }, "progress: no tick"],
      [{ headAge: 121 }, "chain: the head is 121 s old, limit 120 s"],
      [{ headAge: -121 }, "chain: the keeper's clock is 121 s behind the head, limit 120 s"],
      [{ headAge: null }, "chain: no block read yet"],
      [{ lastError: "the node is gone" }, "chain: the node is gone"],
      [{ nodes: { up: 1, all: 3, quorum: 2 } }, "nodes: 1 of 3 nodes answer and agree, 2 must"],
      [{ markets: [] }, "data: no market has been assessed yet"],
      [{ markets: [weth, { ...wbtc, stale: true }] }, "data: stale or not listed on chain: WBTC"],
      [{ markets: [{ ...weth, listed: false }, wbtc] }, "data: stale or not listed on chain: WETH"],
      [{ signer: null }, "signer: no key: nothing can be sent"],
      [{ allowed: null }, `signer: ${signer}, power not read yet`],
      [{ allowed: false, powers: "is not admitted as a hot key" }, `signer: ${signer} is not admitted as a hot key`],
      [{ balanceEth: 0.0199 }, "balance: 0.0199 ETH, at least 0.02 wanted"],
      [{ balanceEth: null }, "balance: balance not read yet"],
      [{ nonceUnclear: "1000000 now, 3 in block 88" }, "nonce: 1000000 now, 3 in block 88"],
    ];
    for (const [change, found] of falls) assert.deepEqual(failing(change), [found]);
  });

  it("stands while enough nodes agree, and while it is paused: a pause is meant", () => {
    assert.deepEqual(failing({ nodes: { up: 2, all: 3, quorum: 2 } }), []);
    assert.deepEqual(failing({ switches: [{ name: "sentinel", reason: "upgrade" }] }), []);
  });
});

describe("what a person is told", () => {
  it("is each thing under the name of its alert", () => {
    const told: readonly (readonly [Partial<Condition>, readonly string[]])[] = [
      [{ live: { ok: false, reason: "no tick" } }, ["critical TonsorNotLive"]],
      [{ headAge: 121 }, ["warning TonsorHeadOld"]],
      [{ headAge: -121 }, ["warning TonsorHeadOld"]],
      [{ headAge: -120 }, []],
      [{ nodes: { up: 1, all: 3, quorum: 2 } }, ["critical TonsorRpcQuorumLost"]],
      [{ allowed: false }, ["critical TonsorSignerMissing"]],
      [{ signer: null, allowed: null }, ["critical TonsorSignerMissing"]],
      [{ balanceEth: 0.001 }, ["warning TonsorBalanceLow"]],
      [{ balanceEth: 0.02 }, []],
      [{ balanceEth: null }, []],
      [{ headAge: null, live: { ok: false, reason: "no tick" } }, ["critical TonsorNotLive"]],
      [{ failedInARow: 3, lastError: "x" }, ["warning TonsorTicksFailing"]],
      [{ failedInARow: 2, lastError: "x" }, []],
      [{ oldestTransactionAge: 301 }, ["warning TonsorTransactionWaiting"]],
      [{ oldestTransactionAge: 300 }, []],
      [{ held: [{ market: "WETH", reason: "too much" }] }, ["critical TonsorImpactHeld WETH"]],
      [{ unsent: { seconds: 901, reason: "SPEND_BUDGET" } }, ["critical TonsorBatchNotSent"]],
      [{ unsent: { seconds: 900, reason: "SPEND_BUDGET" } }, []],
      [{ queueSilent: true }, ["warning TonsorQueueSilent"]],
      [{ nonceUnclear: "1000000 now, 3 in block 88" }, ["critical TonsorNonceUnclear"]],
      [{ evidenceMissing: 1 }, ["warning TonsorEvidenceMissing"]],
    ];
    for (const [change, names] of told) assert.deepEqual(alerts(change), names, JSON.stringify(change));
  });

  it("calls a keeper able to send while nothing but stale data or what is closed on chain is wrong", () => {
    const [weth] = aCondition().markets as [Condition["markets"][number]];
    const able: readonly Partial<Condition>[] = [
      {},
      { markets: [{ ...weth, stale: true }] },
      { switches: [{ name: "onChain", reason: "on chain: WETH FROZEN" }] },
    ];
    for (const change of able) assert.ok(ableToSend(aCondition(change)), JSON.stringify(change));
    const unable: readonly Partial<Condition>[] = [
      { switches: [{ name: "sentinel", reason: "file PAUSED" }] },
      { nonceUnclear: "1000000 now, 3 in block 88" },
      { balanceEth: 0 },
      { allowed: false },
      { signer: null },
      { headAge: 999 },
      { lastError: "no answer" },
      { nodes: { up: 1, all: 3, quorum: 2 } },
    ];
    for (const change of unable) assert.ok(!ableToSend(aCondition(change)), JSON.stringify(change));
  });

  it("names a market whose data is of no use", () => {
    const [weth, wbtc] = aCondition().markets as [Condition["markets"][number], Condition["markets"][number]];
    assert.deepEqual(alerts({ markets: [weth, { ...wbtc, halted: true }] }), ["critical TonsorMarketHalted WBTC"]);
  });

  it("tells a submission halt from a switch that somebody set", () => {
    const switches = [
      { name: "environment", reason: "TONSOR_PAUSED is set" },
      { name: "submissionHalt", reason: "reverts" },
    ];
    assert.deepEqual(alerts({ switches }), [
      "warning TonsorKillSwitchSet environment",
      "critical TonsorSubmissionHalted submissionHalt",
    ]);
  });

  it("is nothing of what could not be read yet: a keeper that has just started raises no alarm", () => {
    assert.deepEqual(alerts({ headAge: null, markets: [], allowed: null, balanceEth: null }), []);
  });
});
