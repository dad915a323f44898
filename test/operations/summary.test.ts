import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BatchEntry, BatchResult, CycleReport } from "../../keeper/domain/cycle.ts";
import { cycleFacts, cycleSummary, explanationOf, transactionStatus } from "../../keeper/operations/summary.ts";
import { assess } from "../../keeper/pipeline.ts";
import { samplePlan } from "../journal/sample.ts";
import { calmObserved } from "../support/observations.ts";
import { calmMarket, NO_HISTORY } from "../support/onChain.ts";
import { WETH } from "../support/shipped.ts";

const NOW = 1_770_000_000;
const HASH = `0x${"5c".repeat(32)}`;

const input = {
  now: NOW,
  market: WETH,
  observed: calmObserved(NOW),
  history: NO_HISTORY,
  onChain: calmMarket(NOW),
};
const entry: BatchEntry = { input, assessment: assess(input) };

const sent = (change: Partial<BatchResult> = {}): BatchResult => ({
  status: "CONFIRMED",
  hash: HASH,
  intent: 4,
  evidence: "0xee",
  sequence: 7n,
  applied: ["WETH"],
  skipped: [],
  detail: "",
  ...change,
});

const report = (change: Partial<CycleReport> = {}): CycleReport => ({
  now: NOW,
  blockNumber: 9n,
  blockTime: NOW,
  baseFee: 1n,
  tick: 1,
  entries: [entry],
  failures: [],
  batch: sent(),
  heldBy: null,
  ...change,
});

const carried = async (change: Partial<CycleReport>) => (await cycleSummary(report(change))).entries[0]?.transaction;
const failures = async (change: Partial<CycleReport>) => (await cycleSummary(report(change))).failures;

describe("cycleSummary", () => {
  it("gives a market the transaction that carried it, with its status", async () => {
    assert.equal((await cycleSummary(report())).time, NOW);
    assert.deepEqual(await carried({}), { hash: HASH, status: "CONFIRMED" });
    assert.deepEqual(await carried({ batch: sent({ status: "UNKNOWN" }) }), { hash: HASH, status: "UNKNOWN" });
    assert.deepEqual(await failures({}), []);
  });

  it("lets whatever waits have its turn after each market", async () => {
    const turns: number[] = [];
    const summary = await cycleSummary(report({ entries: [entry, entry] }), async () => void turns.push(1));
    assert.deepEqual([turns.length, summary.entries.length], [2, 2]);
  });

  it("gives it none when nothing was sent, or when it was not carried", async () => {
    assert.equal(await carried({ batch: null }), null);
    assert.equal(await carried({ batch: sent({ hash: null, detail: "x" }) }), null);
    assert.equal(await carried({ batch: sent({ applied: ["WBTC"] }) }), null);
    assert.equal(await carried({ batch: sent({ status: "REFUSED" }) }), null);
    assert.equal(await carried({ batch: sent({ status: "NOT_SENT" }) }), null);
  });

  it("lists what failed, was skipped, not sent or held, in this order and in words", async () => {
    assert.deepEqual(
      await failures({
        failures: [{ market: "WBTC", error: "not listed on chain" }],
        batch: sent({
          status: "NOT_SENT",
          hash: null,
          detail: "no ether",
          skipped: [{ market: "WETH", reason: "GAP_TOO_SMALL: given 1, allowed 2" }],
        }),
        heldBy: "file PAUSED",
      }),
      [
        { market: "WBTC", message: "not listed on chain" },
        { market: "WETH", message: "skipped: GAP_TOO_SMALL: given 1, allowed 2" },
        { market: "batch", message: "no ether" },
        { market: "batch", message: "nothing is sent: file PAUSED" },
      ],
    );
  });

  it("counts a cycle as delivered when its batch is confirmed, or when there was none", async () => {
    const delivered = async (batch: BatchResult | null) => (await cycleSummary(report({ batch }))).delivered;
    assert.deepEqual([await delivered(null), await delivered(sent())], [true, true]);
    for (const status of ["SENT", "UNKNOWN", "REVERTED", "REFUSED", "NOT_SENT"] as const) {
      assert.equal(await delivered(sent({ status })), false, status);
    }
  });

  it("says what was done about an earlier transaction, which is not delivered", async () => {
    assert.equal(
      (await cycleSummary(report({ batch: null, openTransaction: "raised the fee of nonce 3" }))).delivered,
      false,
    );
    assert.deepEqual(await failures({ openTransaction: "raised the fee of nonce 3" }), [
      { market: "batch", message: "raised the fee of nonce 3" },
    ]);
  });

  it("says nothing of a batch that was never made", async () => {
    assert.deepEqual(await failures({ batch: null }), []);
  });
});

describe("cycleFacts", () => {
  const factsOf = async (of: CycleReport, tick: number) => cycleFacts(of, await cycleSummary(of), tick);

  it("has the tick's number, the journal's, the transaction's, and each market's decision and state of data", async () => {
    const { tick, journalTick, intent, batch, hash, decisions, states } = await factsOf(report(), 12);
    assert.deepEqual([tick, journalTick, intent, batch, hash], [12, 1, 4, "CONFIRMED", HASH]);
    assert.deepEqual(decisions, [`WETH ${entry.assessment.decision.action}`]);
    assert.deepEqual(states, { WETH: "NORMAL" });
    const dark = { ...input, observed: [] };
    const blind = report({ entries: [{ input: dark, assessment: assess(dark) }] });
    assert.deepEqual((await factsOf(blind, 13)).states, { WETH: "HALTED" });
  });

  it("says why a batch that was due was not sent, as the runbook of TonsorBatchNotSent promises", async () => {
    const batch = sent({ status: "NOT_SENT", hash: null, intent: null, applied: [], detail: "the nonce is not clear" });
    assert.deepEqual((await factsOf(report({ batch }), 15)).failures, [
      { market: "batch", message: "the nonce is not clear" },
    ]);
    const dropped = sent({ status: "DROPPED", applied: [], detail: "UNDERPRICED" });
    assert.deepEqual(await failures({ batch: dropped }), [{ market: "batch", message: "UNDERPRICED" }]);
  });

  it("says of every number that is not at rest what binds it, where it goes and by when", async () => {
    const onChain = { ...input.onChain, initialBps: 4_400, storedInitialBps: 4_400 };
    const high = { ...input, onChain };
    const { underWay } = await factsOf(report({ entries: [{ input: high, assessment: assess(high) }] }), 14);
    const said = underWay.find((words) => words.startsWith("WETH initial"));
    const days = "[1-9][0-9]? (January|February) 2026";
    assert.match(said ?? "", new RegExp(`^WETH initial 44.00 %, because .+; .+ % by ${days} at the present speed$`));
  });
});

describe("explanationOf", () => {
  it("adds both waterfalls, whose steps sum to what they total and to the target in basis points", () => {
    const { assessment, waterfalls, onChain } = explanationOf(entry);
    assert.equal(assessment, entry.assessment);
    assert.equal(onChain, input.onChain);
    for (const side of ["initial", "maintenance"] as const) {
      const { steps, totalBps } = waterfalls[side];
      assert.ok(steps.length >= 5, side);
      assert.equal(
        steps.reduce((sum, { bps }) => sum + bps, 0),
        totalBps,
      );
      assert.equal(totalBps, Math.ceil(assessment.target[side] * 10_000 - 1e-9), side);
      for (const { label, origin } of steps) assert.ok(label.length > 3 && origin.length > 3);
    }
    assert.ok(waterfalls.initial.totalBps > waterfalls.maintenance.totalBps);
  });
});

describe("transactionStatus", () => {
  it("is what the status page lists: when, which markets by name, hash, state and evidence", () => {
    const deployment = { markets: [{ id: 1, name: "WETH" }] };
    const plan = samplePlan(3);
    const made = { tightens: true, route: "public", plannedBlock: null, final: false } as const;
    const none = { blockNumber: null, blockHash: null, feeWei: null, detail: null } as const;
    const intent = { ...plan, ...made, ...none, id: 4, status: "SENT", updatedAt: NOW } as const;
    assert.deepEqual(transactionStatus(intent, deployment as never), {
      time: plan.plannedAt,
      sequence: 7,
      markets: ["WETH", "market 2"],
      hash: plan.transactionHash,
      status: "SENT",
      evidenceHash: plan.batch.evidence,
    });
  });
});
