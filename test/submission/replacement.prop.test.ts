import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Batch, Hex } from "../../keeper/domain/contract.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { Intent, IntentPlan } from "../../keeper/domain/intent.ts";
import type { SendContext } from "../../keeper/submission/context.ts";
import { isOnItsWay, manageOpen } from "../../keeper/submission/manage.ts";
import { reconcile } from "../../keeper/submission/reconcile.ts";
import { sendTimes } from "../../keeper/submission/send.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { keepsRaises, raises } from "../../keeper/submission/tightening.ts";
import { CALM_LIMIT, entriesOf } from "../support/entries.ts";
import { FakeChain, unsigned } from "./fakeChain.ts";
import { contextFor, journalFor, LIMITS } from "./submissionWorld.ts";

const CAP = 500n;
const KEY = `0x${"11".repeat(32)}` as const;
const ENDED = new Error("killed");

/** What may happen between two cycles, and in the middle of one. */
type Happening =
  | { readonly kind: "cycle"; readonly initialBps: number | null; readonly limit: number; readonly dieAt: number }
  | { readonly kind: "mine"; readonly choice: number }
  | { readonly kind: "baseFee"; readonly gwei: number }
  | { readonly kind: "forget" }
  | { readonly kind: "loseAnswer" }
  | { readonly kind: "restart" }
  | { readonly kind: "wait"; readonly seconds: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("cycle" as const),
      initialBps: fc.option(fc.integer({ min: 1_900, max: 2_600 })),
      limit: fc.integer({ min: CALM_LIMIT - 200, max: CALM_LIMIT + 36 }),
      dieAt: fc.oneof({ weight: 3, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.nat(14) }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("mine" as const), choice: fc.nat(5) }) },
  fc.record({ kind: fc.constant("baseFee" as const), gwei: fc.constantFrom(20, 60, 200, 400, 499, 700) }),
  fc.constantFrom({ kind: "forget" } as const, { kind: "loseAnswer" } as const, { kind: "restart" } as const),
  fc.record({ kind: fc.constant("wait" as const), seconds: fc.constantFrom(1, 30, 61, 400) }),
);

/** A keeper against the unkind chain, which checks each plan as it is written down. */
class Keeper {
  readonly chain = new FakeChain();
  readonly journal = journalFor("0x5FbDB2315678afecb367f032d93F642f64180aa3");
  readonly base = contextFor(this.journal, "http://127.0.0.1:1", KEY);
  clockMs = 0;
  cycles = 0;
  sends = sendTimes(() => this.clockMs);
  /** Questions and rows until the process is killed; negative: it is not. */
  lives = -1;

  async cycle(initialBps: number | null, limit: number): Promise<void> {
    this.clockMs += 60_000;
    const context = this.#context();
    const { chain, journal } = this;
    await reconcile(context);
    const { sequence, current } = chain;
    const counted = isOnItsWay(journal.openIntents(), { blockTime: chain.time, blockNumber: chain.height }, context);
    const pending = counted ? journal.pending().get(1) : null;
    const from = pending ?? current;
    if (initialBps === null || (initialBps === from.initialBps && limit === from.limit))
      return void (await manageOpen([current], context));
    this.cycles += 1;
    const tick = journal.recordTick({ now: 1_000 + this.cycles, blockNumber: null, markets: [] });
    const data: Hex = `0x${this.cycles.toString(16).padStart(64, "0")}`;
    const values = { initialBps, maintenanceTargetBps: current.maintenanceTargetBps, limit };
    const entries = entriesOf([{ marketId: 1, ...values, asOf: chain.time }]);
    const batch: Batch = {
      sequence: sequence + 1n,
      deadline: chain.time + 300,
      modelVersion: 1,
      evidence: data,
      entries,
    };
    chain.batches.set(data, batch);
    await submitBatch(
      { tick, batch, to: "0x5FbDB2315678afecb367f032d93F642f64180aa3", data, gasLimit: 60_000n, current: [current] },
      context,
    );
  }

  #context(): SendContext {
    const live =
      <A extends unknown[], R>(work: (...args: A) => R): ((...args: A) => R) =>
      (...args) => {
        if (this.lives === 0) throw ENDED;
        this.lives -= 1;
        return work(...args);
      };
    const { broadcaster } = this.chain;
    const { journal } = this;
    return {
      ...this.base,
      account: unsigned,
      journal: {
        ...journal,
        planIntent: live((plan) => this.#plan(plan)),
        markSent: live(journal.markSent),
        markUnknown: live(journal.markUnknown),
        resolveIntent: live(journal.resolveIntent),
      },
      broadcaster: {
        ...broadcaster,
        send: live(broadcaster.send),
        receipt: live(broadcaster.receipt),
        knows: live(broadcaster.knows),
      },
      now: () => this.chain.time,
      sends: this.sends,
      fees: { maxFeePerGas: CAP, maxPriorityFeePerGas: 1n },
      limits: { ...LIMITS, receiptTimeoutSeconds: 0 },
    };
  }

  #plan(plan: IntentPlan): Intent {
    const { chain, journal } = this;
    assert.ok(plan.maxFeePerGas <= CAP && plan.maxPriorityFeePerGas <= plan.maxFeePerGas, "never above the cap");
    assert.equal(plan.nonce, chain.mined.length, "no nonce is skipped");
    const open = journal.openIntents();
    for (const rival of open) {
      for (const field of ["maxFeePerGas", "maxPriorityFeePerGas"] as const) {
        assert.ok(
          plan[field] * 1_000n >= rival[field] * 1_125n,
          "a replacement offers an eighth more than every rival",
        );
      }
    }
    const pending = open.at(-1)?.batch;
    if (pending !== undefined && chain.time <= pending.deadline && raises(pending.entries, [chain.current])) {
      const kept = keepsRaises(plan.batch.entries, pending.entries, [chain.current]);
      assert.ok(kept, "a pending tightening gives way only to one");
    }
    return journal.planIntent(plan);
  }

  async happen(what: Happening): Promise<void> {
    if (what.kind === "mine") this.chain.mine(what.choice);
    else if (what.kind === "baseFee") this.chain.baseFee = BigInt(what.gwei);
    else if (what.kind === "forget") this.chain.pool.clear();
    else if (what.kind === "loseAnswer") this.chain.loseNextAnswer = true;
    else if (what.kind === "restart") this.sends = sendTimes(() => this.clockMs);
    else if (what.kind === "wait") {
      this.clockMs += what.seconds * 1_000;
      this.chain.time += what.seconds;
    } else {
      this.lives = what.dieAt;
      try {
        await this.cycle(what.initialBps, what.limit);
      } catch (error) {
        if (error === ENDED || (error instanceof TonsorError && error.cause === ENDED))
          this.sends = sendTimes(() => this.clockMs);
        else if (!(error instanceof TonsorError)) throw error;
      }
      this.lives = -1;
    }
  }
}

test("whatever happens between and within cycles, each nonce has one transaction, the journal knows it, and the last tightening lands", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async (happenings) => {
      const keeper = new Keeper();
      const { chain, journal } = keeper;
      for (const what of happenings) await keeper.happen(what);

      // The network calms down below the cap and mines the best offer; a tightening becomes due, and stays due.
      chain.baseFee = 20n;
      const wanted = 3_000;
      for (let n = 0; n < 12 && chain.current.initialBps !== wanted; n++) {
        await keeper.happen({ kind: "cycle", initialBps: wanted, limit: CALM_LIMIT - 300, dieAt: -1 });
        const best = chain.everTaken.filter((one) => one.nonce === chain.mined.length);
        chain.mine(best.findIndex((one) => one.hash === chain.pool.get(one.nonce)?.hash));
      }
      assert.deepEqual(
        [chain.current.initialBps, chain.current.limit],
        [wanted, CALM_LIMIT - 300],
        "the tightening is on chain",
      );
      await keeper.happen({ kind: "cycle", initialBps: null, limit: CALM_LIMIT, dieAt: -1 });
      assert.deepEqual(journal.openIntents(), []);

      const intents = journal.recentIntents(1_000);
      const confirmed = intents.filter((one) => one.status === "CONFIRMED").map((one) => one.transactionHash);
      const effects = chain.mined.filter((one) => one.success).map((one) => one.hash);
      assert.deepEqual(
        confirmed.reverse(),
        effects,
        "what the journal calls confirmed is what the chain did, in order",
      );
      const hashes = new Set(intents.map((one) => one.transactionHash));
      assert.ok(
        chain.mined.every((one) => hashes.has(one.hash)),
        "nothing was sent that is not in the journal",
      );
      journal.integrity();
      journal.close();
    }),
    { numRuns: 100 },
  );
});
