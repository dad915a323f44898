import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OBSTACLE_CAUSES } from "../../keeper/domain/cycle.ts";
import {
  ableToSend,
  type Condition,
  conditionAlerts,
  headline,
  publicHeadline,
  readiness,
  readyChecks,
} from "../../keeper/operations/readiness.ts";
import { aCondition } from "../support/condition.ts";

const failing = (change: Partial<Condition>) =>
  readyChecks(aCondition(change))
    .filter(({ ok }) => !ok)
    .map(({ name, found }) => `${name}: ${found}`);
const alerts = (change: Partial<Condition>) =>
  conditionAlerts(aCondition(change)).map(({ name, about, severity }) =>
    [severity, name, ...Object.values(about)].join(" "),
  );
const [WETH, WBTC] = aCondition().markets as [Condition["markets"][number], Condition["markets"][number]];
const NO_NONCE = { cause: "nonce", detail: "1000000 now, 3 in block 88" } as const;
const SLOW = { cause: "signer", detail: "SIGNER_SILENT: no complete answer within 5000 ms" } as const;

describe("readiness", () => {
  it("holds for a keeper that is well, and nothing is told", () => {
    assert.deepEqual(failing({}), []);
    assert.deepEqual(alerts({}), []);
    const message = "the next tightening could be sent, and every value on chain is fresh";
    assert.deepEqual(headline(aCondition()), { state: "running", severity: "good", message });
    assert.deepEqual(readiness(aCondition()), { ok: true, reason: message });
  });

  it("tells strangers of chain and data what it tells the operator, and of its own affairs only which they are", () => {
    const told = (change: Partial<Condition>) => publicHeadline(aCondition(change));
    assert.deepEqual(told({}), headline(aCondition()));
    const open: readonly Partial<Condition>[] = [
      { markets: [{ ...WETH, stale: true }] },
      { markets: [{ ...WETH, dataState: "STALE" }] },
      { switches: [{ name: "onChain", reason: "on chain: WETH NO_NEW_RISK until 2026-02-06T12:00Z" }] },
    ];
    for (const change of open) assert.deepEqual(told(change), headline(aCondition(change)));
    const own: readonly (readonly [Partial<Condition>, RegExp])[] = [
      [{ live: { ok: false, reason: "SECRET" } }, /no progress/],
      [{ lastError: "SECRET", failedInARow: 3, obstacles: null }, /last cycle failed/],
      [{ nodes: { up: 1, all: 3, quorum: 2 } }, /^too few of its nodes agree$/],
      [{ powers: "SECRET", allowed: false }, /cannot sign/],
      [{ balanceEth: 0.0123 }, /^it runs low on ether$/],
      [{ switches: [{ name: "sentinel", reason: "SECRET" }] }, /^nothing is sent: a person/],
      [{ obstacles: [{ cause: "signer", detail: "SECRET" }] }, /not certain that the next tightening/],
      [{ held: [{ market: "WETH", reason: "SECRET" }] }, /told of something else/],
      [{ unsent: { seconds: 5_000, reason: "SECRET" } }, /told of something else/],
    ];
    for (const [change, words] of own) {
      const { state, severity } = headline(aCondition(change));
      const said = told(change);
      assert.deepEqual([said.state, said.severity], [state, severity]);
      assert.match(said.message, words);
      assert.doesNotMatch(said.message, /SECRET|0x|0\.0123/);
    }
  });

  it("falls by each thing alone, with what was found", () => {
    const { signer } = aCondition();
    const falls: readonly (readonly [Partial<Condition>, string])[] = [
      [{ live: { ok: false, reason: "no tick" } }, "progress: no tick"],
      [{ headAge: 121 }, "chain: the head is 121 s old, limit 120 s"],
      [{ headAge: -121 }, "chain: the keeper's clock is 121 s behind the head, limit 120 s"],
      [{ headAge: null }, "tightening: waiting for the first cycle"],
      [
        { lastError: "the node is gone", failedInARow: 1, obstacles: null },
        "chain: the last cycle failed: the node is gone",
      ],
      [{ nodes: { up: 1, all: 3, quorum: 2 } }, "nodes: 1 of 3 nodes answer and agree, 2 must"],
      [{ markets: [] }, "data: no market has been assessed yet"],
      [{ markets: [WETH, { ...WBTC, stale: true }] }, "data: stale or not listed on chain: WBTC"],
      [{ markets: [{ ...WETH, listed: false }, WBTC] }, "data: stale or not listed on chain: WETH"],
      [{ signer: null }, "signer: no key: nothing can be sent"],
      [{ allowed: null }, `signer: ${signer}, power not read yet`],
      [{ allowed: false, powers: "is not admitted as a hot key" }, `signer: ${signer} is not admitted as a hot key`],
      [{ balanceEth: 0.0199 }, "balance: the key has 0.0199 ETH, at least 0.02 wanted"],
      [{ switches: [{ name: "sentinel", reason: "upgrade" }] }, "pause: nothing is sent: upgrade"],
      [{ obstacles: null }, "tightening: whether the next tightening could be sent was not rehearsed"],
      [{ obstacles: [SLOW] }, `tightening: the next tightening could not be sent, signer: ${SLOW.detail}`],
    ];
    for (const [change, found] of falls) {
      assert.deepEqual(failing(change), [found]);
      assert.deepEqual(readiness(aCondition(change)), { ok: false, reason: found.slice(found.indexOf(": ") + 2) });
    }
  });

  it("stands while enough nodes agree, and while what is closed on chain takes tightenings", () => {
    assert.deepEqual(failing({ nodes: { up: 2, all: 3, quorum: 2 } }), []);
    assert.deepEqual(failing({ switches: [{ name: "onChain", reason: "on chain: WETH FROZEN" }] }), []);
  });
});

/** Every way in which each part of a condition may be, the first of each as it is in a keeper that is well. */
const WAYS: { readonly [part in keyof Condition]?: readonly Partial<Condition>[] } = {
  live: [{}, { live: { ok: false, reason: "no tick for 300 s" } }],
  lastError: [
    {},
    { lastError: "RPC_FAILED: gone", failedInARow: 3, obstacles: null },
    { headAge: null, obstacles: null },
  ],
  signer: [{}, { signer: null }, { allowed: false, powers: "is not admitted" }],
  markets: [
    {},
    { markets: [WETH, { ...WBTC, stale: true }] },
    { markets: [WETH, { ...WBTC, dataState: "STALE" }] },
    { markets: [WETH, { ...WBTC, dataState: "HALTED" }] },
    { markets: [] },
  ],
  switches: [
    {},
    { switches: [{ name: "environment", reason: "TONSOR_PAUSED until 2026-02-06T12:00:00.000Z" }] },
    { switches: [{ name: "submissionHalt", reason: "submission halt: reverts" }] },
    { switches: [{ name: "onChain", reason: "on chain: WETH NO_NEW_RISK until 2026-02-06T12:00Z" }] },
    { switches: [{ name: "onChain", reason: "on chain: the writer has tripped and only tightens" }] },
  ],
  obstacles: [{}, ...OBSTACLE_CAUSES.map((cause) => ({ obstacles: [{ cause, detail: "a detail" }] }))],
  nodes: [{}, { nodes: { up: 1, all: 3, quorum: 2 } }],
  unsent: [{}, { unsent: { seconds: 901, reason: "SPEND_BUDGET" }, oldestTransactionAge: 301 }],
};

function* product(): Generator<{ readonly condition: Condition; readonly wrong: readonly Partial<Condition>[] }> {
  let rows: (readonly Partial<Condition>[])[] = [[]];
  for (const ways of Object.values(WAYS)) rows = rows.flatMap((row) => ways.map((way) => [...row, way]));
  for (const row of rows) {
    const wrong = row.filter((way) => Object.keys(way).length > 0);
    yield { condition: aCondition(Object.assign({}, ...row)), wrong };
  }
}

describe("the headline, over every combination of what may be wrong", () => {
  it("is green only where nothing is; page, /ready and alerts say the same words", () => {
    let count = 0;
    for (const { condition, wrong } of product()) {
      count += 1;
      const { state, severity, message } = headline(condition);
      const where = JSON.stringify(wrong);
      assert.equal(severity === "good", wrong.length === 0, where);
      const { ok, reason } = readiness(condition);
      assert.equal(reason, message, where);
      assert.ok(!ok || severity !== "critical" || !condition.live.ok || ableToSend(condition), where);
      const told = conditionAlerts(condition);
      if (told.some((one) => one.severity === "critical")) assert.equal(severity, "critical", where);
      const [first] = told;
      if (message.split("; ").length === 1 && first !== undefined) assert.equal(message, first.reason, where);
      const sends = condition.switches.every(({ name }) => name === "onChain");
      if (!sends || condition.obstacles?.length !== 0) assert.ok(!ok && !ableToSend(condition), where);
      if (condition.live.ok && condition.lastError === null && condition.headAge !== null) {
        assert.equal(state, sends ? "running" : "paused", where);
      }
    }
    assert.equal(count, 2 * 3 * 3 * 5 * 5 * 8 * 2 * 2);
  });

  it("says the reason and until when, whatever single thing is wrong", () => {
    for (const { condition, wrong } of product()) {
      if (wrong.length !== 1) continue;
      const { message } = headline(condition);
      for (const { reason } of condition.switches) assert.ok(message.includes(reason), message);
      for (const { cause, detail } of condition.obstacles ?? [])
        assert.ok(message.includes(`${cause}: ${detail}`), message);
    }
  });

  it("says the worst first, three things at most, and how many more there are", () => {
    const { message } = headline(
      aCondition({
        balanceEth: 0.01,
        queueSilent: true,
        evidenceMissing: 2,
        obstacles: [SLOW],
        markets: [WETH, { ...WBTC, stale: true }],
        held: [{ market: "WETH", reason: "IMPACT_OVER_BUDGET" }],
      }),
    );
    assert.equal(
      message,
      `the next tightening could not be sent, signer: ${SLOW.detail}; stale or not listed on chain: WBTC; the key has 0.0100 ETH, at least 0.02 wanted; and 3 more`,
    );
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
      [{ signer: null, allowed: null, obstacles: [{ cause: "signer", detail: "" }] }, ["critical TonsorSignerMissing"]],
      [{ balanceEth: 0.001 }, ["warning TonsorBalanceLow"]],
      [{ balanceEth: 0.02 }, []],
      [{ balanceEth: null }, []],
      [{ headAge: null, live: { ok: false, reason: "no tick" } }, ["critical TonsorNotLive"]],
      [{ failedInARow: 3, lastError: "x", obstacles: null }, ["warning TonsorTicksFailing"]],
      [{ failedInARow: 2, lastError: "x", obstacles: null }, []],
      [{ oldestTransactionAge: 301 }, ["warning TonsorTransactionWaiting"]],
      [{ oldestTransactionAge: 300 }, []],
      [{ held: [{ market: "WETH", reason: "too much" }] }, ["critical TonsorImpactHeld WETH"]],
      [{ unsent: { seconds: 901, reason: "SPEND_BUDGET" } }, ["critical TonsorBatchNotSent"]],
      [{ unsent: { seconds: 900, reason: "SPEND_BUDGET" } }, []],
      [{ queueSilent: true }, ["warning TonsorQueueSilent"]],
      [{ obstacles: [NO_NONCE] }, ["critical TonsorNonceUnclear"]],
      [{ obstacles: [SLOW] }, ["critical TonsorCannotTighten signer"]],
      [{ obstacles: null }, []],
      [{ evidenceMissing: 1 }, ["warning TonsorEvidenceMissing"]],
      [{ mirror: { behind: 2, problem: "no folder" } }, ["warning TonsorEvidenceNotMirrored"]],
      [{ mirror: { behind: 2, problem: null } }, []],
      [{ markets: [WETH, { ...WBTC, dataState: "HALTED" }] }, ["critical TonsorMarketHalted WBTC"]],
      [{ markets: [WETH, { ...WBTC, dataState: "STALE" }] }, []],
    ];
    for (const [change, names] of told) assert.deepEqual(alerts(change), names, JSON.stringify(change));
  });

  it("calls a keeper able to send while nothing but stale data, a low balance or what is closed on chain is wrong", () => {
    const able: readonly Partial<Condition>[] = [
      {},
      { markets: [{ ...WETH, stale: true }] },
      { balanceEth: 0.01 },
      { switches: [{ name: "onChain", reason: "on chain: WETH FROZEN" }] },
    ];
    for (const change of able) assert.ok(ableToSend(aCondition(change)), JSON.stringify(change));
    const unable: readonly Partial<Condition>[] = [
      { switches: [{ name: "sentinel", reason: "file PAUSED" }] },
      { obstacles: [NO_NONCE] },
      { obstacles: [SLOW] },
      { obstacles: null },
      { allowed: false },
      { signer: null },
      { headAge: 999 },
      { lastError: "no answer" },
      { nodes: { up: 1, all: 3, quorum: 2 } },
    ];
    for (const change of unable) assert.ok(!ableToSend(aCondition(change)), JSON.stringify(change));
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
    assert.deepEqual(alerts({ headAge: null, markets: [], allowed: null, balanceEth: null, obstacles: null }), []);
  });
});
