import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type ErrorCode, TonsorError } from "../../keeper/domain/errors.ts";
import { INTENT_STATUSES } from "../../keeper/domain/intent.ts";
import { manageOpen } from "../../keeper/submission/manage.ts";
import { reconcile } from "../../keeper/submission/reconcile.ts";
import { sendTimes } from "../../keeper/submission/send.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { GWEI, type StuckNode, stuckKeeper, stuckNode } from "./stuckWorld.ts";
import { LOOSENING, submissionFor, TIGHTENING, TIGHTER } from "./submissionWorld.ts";

const coded =
  (code: ErrorCode, pattern = /./) =>
  (error: unknown) =>
    error instanceof TonsorError && error.code === code && pattern.test(error.message);

for (const name of ["hardhat", "anvil"] as const) {
  describe(`a transaction that waits for a block, on ${name}`, () => {
    let node: StuckNode;
    before(async () => {
      node = await stuckNode(name);
    });
    after(() => node.close());

    /** A keeper at 20 gwei with what the scenarios do to it; `n` of each batch is its effect. */
    async function world(capGwei?: number) {
      await node.block(20);
      const keeper = await stuckKeeper(node, capGwei);
      const { journal, context, clock, from } = keeper;
      const endless = 2 ** 39;
      const send = (n: number, values = TIGHTENING, deadline = endless, change = {}) =>
        submitBatch(submissionFor(journal, node.contract, n, deadline, values), { ...context, ...change });
      const status = (id: number) => journal.intent(id).status;
      /** Each nonce has one transaction in a block, each of them one effect, and nothing is open. */
      async function settled(effects: readonly number[]) {
        assert.deepEqual(await reconcile(context), []);
        assert.deepEqual(await node.effects(from), effects);
        const mined = journal.recentIntents(99).filter((one) => one.status === "CONFIRMED" && one.kind === "BATCH");
        assert.deepEqual(
          mined.map((one) => Number(one.batch.sequence)).reverse(),
          effects,
          "the journal says what the chain says",
        );
        assert.equal(new Set(mined.map((one) => one.nonce)).size, mined.length);
        journal.integrity();
      }
      return { ...keeper, send, status, settled, wait: (seconds: number) => (clock.ms += seconds * 1_000) };
    }

    it("a tightening that a base fee of 20 -> 400 gwei left behind is replaced below the cap, and lands", async () => {
      const w = await world();
      const first = await w.send(1);
      assert.deepEqual([first.status, first.maxFeePerGas], ["SENT", 41n * GWEI]);
      await node.block(400);
      w.wait(60);
      const second = await w.send(2, TIGHTER);
      assert.deepEqual([second.status, second.nonce, second.replaces], ["SENT", 0, first.id]);
      assert.deepEqual([second.maxFeePerGas, second.maxPriorityFeePerGas], [500n * GWEI, 1_125_000_000n]);
      assert.ok(INTENT_STATUSES[w.status(first.id)].open, "either may be mined: nothing is concluded from sending");
      await node.block(400);
      await w.settled([2]);
      assert.deepEqual([w.status(first.id), w.status(second.id)], ["SUPERSEDED", "CONFIRMED"]);
      assert.match(w.journal.intent(first.id).detail ?? "", new RegExp(second.transactionHash));
    });

    it("an overdue tightening with nothing fresh beyond it is offered again itself, and lands", async () => {
      const w = await world();
      const first = await w.send(3);
      await node.block(400);
      w.wait(29);
      const current = submissionFor(w.journal, node.contract, 3).current;
      assert.equal(await manageOpen(current, w.context), null);
      w.wait(1);
      assert.match((await manageOpen(current, w.context)) ?? "", /is overdue and offered again/);
      await node.block(400);
      await w.settled([3]);
      assert.equal(w.status(first.id), "SUPERSEDED");
    });

    it("a batch that only loosens never takes the place of a pending tightening, which is offered again", async () => {
      const w = await world();
      await w.send(4, TIGHTER);
      await assert.rejects(w.send(5, TIGHTENING), coded("TRANSACTION_UNKNOWN", /still in flight/));
      w.wait(60);
      await node.block(400);
      await assert.rejects(w.send(6, TIGHTENING), coded("TRANSACTION_UNKNOWN", /offered again at higher fees/));
      await node.block(400);
      await w.settled([4]);
    });

    it("an overdue tightening gives way to the same values on fresher evidence", async () => {
      const w = await world();
      await w.send(30);
      await assert.rejects(w.send(31), coded("TRANSACTION_UNKNOWN", /still in flight/));
      await node.block(400);
      w.wait(30);
      assert.equal((await w.send(32)).status, "SENT");
      await node.block(400);
      await w.settled([32]);
    });

    it("a tightening takes the place of a stuck loosening at once", async () => {
      const w = await world();
      const loosening = await w.send(7, LOOSENING);
      const tightening = await w.send(8);
      assert.equal(tightening.replaces, loosening.id);
      await node.block(20);
      await w.settled([8]);
    });

    // Anvil takes any raise; Hardhat asks for a tenth more of both fields, as nodes of the mainnet do.
    const itIfPicky = name === "hardhat" ? it : () => undefined;
    itIfPicky("a replacement that the node finds underpriced is offered higher at once, and lands", async () => {
      const w = await world();
      const loosening = await w.send(70, LOOSENING);
      const meagre = { limits: { ...w.context.limits, feeBumpPercent: 3 } };
      const taken = await w.send(71, TIGHTENING, undefined, meagre);
      assert.equal(taken.status, "SENT");
      const tries = w.journal.recentIntents(9).toReversed().slice(1);
      assert.deepEqual(
        tries.map(({ status, maxPriorityFeePerGas }) => [status, maxPriorityFeePerGas]),
        [
          ["DROPPED", 1_030_000_000n],
          ["DROPPED", 1_060_000_000n],
          ["SENT", 1_120_000_000n],
        ],
      );
      assert.match(tries[0]?.detail ?? "", /^UNDERPRICED: /);
      await node.block(20);
      await w.settled([71]);
      assert.equal(w.status(loosening.id), "SUPERSEDED");
    });

    it("a replacement that the node refuses at any price stays out of its pool, and what it was to replace stays", async () => {
      const w = await world();
      const loosening = await w.send(73, LOOSENING);
      const send: typeof w.context.broadcaster.send = async () => {
        throw new Error("replacement transaction underpriced");
      };
      const refused = await w.send(74, TIGHTENING, undefined, { broadcaster: { ...w.context.broadcaster, send } });
      assert.equal(refused.status, "DROPPED");
      assert.equal(w.journal.recentIntents(9).length, 5, "four raises and no more");
      assert.deepEqual(
        (await reconcile(w.context)).map(({ id, status }) => [id, status]),
        [[loosening.id, "SENT"]],
      );
      assert.equal((await w.send(75)).status, "SENT");
      await node.block(20);
      await w.settled([75]);
    });

    it("a keeper started afresh on every tick raises what the pool forgets, and never takes it for newly sent", async () => {
      const w = await world();
      const first = await w.send(76, TIGHTER);
      await node.drop(first.transactionHash);
      await node.block(20);
      const afresh = { ...w.context, sends: sendTimes(() => w.clock.ms) };
      await reconcile(afresh);
      assert.deepEqual(w.sent, [first.rawTransaction, first.rawTransaction], "the identical bytes are sent again");
      const current = submissionFor(w.journal, node.contract, 76).current;
      assert.match((await manageOpen(current, afresh)) ?? "", /is overdue and offered again/);
      await node.block(20);
      await w.settled([76]);
    });

    it("a loosening that is not overdue waits, and one that is gives way to a fresh one", async () => {
      const w = await world();
      await w.send(9, LOOSENING);
      await assert.rejects(w.send(10, LOOSENING), coded("TRANSACTION_UNKNOWN", /still in flight/));
      w.wait(30);
      assert.equal((await w.send(11, LOOSENING)).status, "SENT");
      await node.block(20);
      await w.settled([11]);
    });

    it("at the cap the same bytes are sent again, not more often than every minute, and what to do is said", async () => {
      const w = await world(45);
      const first = await w.send(12);
      await node.block(400);
      w.wait(59);
      const refused = coded("TRANSACTION_UNKNOWN", /waits for a block.*sent again.*or raise fees\.maxFeePerGasGwei/);
      await assert.rejects(w.send(13, TIGHTER), refused);
      // Hardhat's pool keeps what is below the base fee; anvil's forgets it, and is offered it on each cycle.
      if (name === "hardhat") assert.deepEqual(w.sent, [first.rawTransaction]);
      w.wait(1);
      await assert.rejects(w.send(14, TIGHTER), refused);
      if (name === "hardhat") assert.deepEqual(w.sent, [first.rawTransaction, first.rawTransaction]);
      assert.deepEqual(new Set(w.sent), new Set([first.rawTransaction]));
      await node.block(20);
      await reconcile(w.context);
      await node.block(20);
      await w.settled([12]);
    });

    it("a dropped tightening comes back, and is replaced where the node refuses the old bytes", async () => {
      const w = await world();
      const first = await w.send(15);
      await node.drop(first.transactionHash);
      await node.block(400);
      assert.equal(await w.context.broadcaster.knows(first.transactionHash), false);
      w.wait(60);
      const second = await w.send(16, TIGHTER);
      assert.equal(second.replaces, first.id);
      await node.block(400);
      await w.settled([16]);
    });

    it("when the original is mined while its replacement is being signed, it counts, and the next goes on", async () => {
      const w = await world();
      const loosening = await w.send(17, LOOSENING);
      const signTransaction: typeof w.account.signTransaction = async (transaction, options) => {
        await node.block(20);
        return w.account.signTransaction(transaction, options);
      };
      const late = await w.send(18, TIGHTENING, undefined, { account: { ...w.account, signTransaction } });
      assert.deepEqual(await reconcile(w.context), []);
      assert.deepEqual([w.status(loosening.id), w.status(late.id)], ["CONFIRMED", "SUPERSEDED"]);
      const next = await w.send(19);
      assert.deepEqual([next.nonce, next.replaces], [1, null]);
      await node.block(20);
      await w.settled([17, 19]);
    });

    it("a batch decided before the original was mined is not sent at the next nonce", async () => {
      const w = await world();
      await w.send(20, LOOSENING);
      await node.block(20);
      await assert.rejects(w.send(21), coded("TRANSACTION_UNKNOWN", /chain moved on/));
      await w.settled([20]);
    });

    it("past its deadline a tightening gives way to any batch", async () => {
      const w = await world();
      const { time } = await w.context.broadcaster.latestBlock();
      await w.send(22, TIGHTER, time + 60);
      await node.later(120);
      await node.ask("evm_setAutomine", [false]);
      await node.block(400);
      const fresh = await w.send(23, TIGHTENING);
      assert.equal(fresh.status, "SENT");
      await node.block(400);
      await w.settled([23]);
    });

    it("past its deadline with nothing to send it is cancelled, the nonce is free, and the next batch lands", async () => {
      const w = await world();
      const { time } = await w.context.broadcaster.latestBlock();
      const expired = await w.send(24, TIGHTENING, time + 60);
      await node.later(700);
      await node.block(400);
      assert.match((await manageOpen([], w.context)) ?? "", /^nonce 0 is freed by 0x/);
      const [cancel] = w.journal.openIntents().slice(-1);
      assert.deepEqual([cancel?.kind, cancel?.to, cancel?.replaces], ["CANCEL", w.from, expired.id]);
      assert.equal(await manageOpen([], w.context), null, "a fresh cancellation is left alone");
      await node.block(400);
      await w.settled([]);
      const next = await w.send(25);
      assert.equal(next.nonce, 1);
      await node.block(400);
      await w.settled([25]);
    });

    it("transactions of the key that the journal does not know hold the nonce beside an open one, too", async () => {
      const w = await world();
      await w.send(26, LOOSENING);
      const foreign = { type: "eip1559", chainId: 31337, nonce: 1, to: w.from, gas: 21_000n } as const;
      await w.context.broadcaster.send(
        await w.account.signTransaction({ ...foreign, maxFeePerGas: 99n * GWEI, maxPriorityFeePerGas: GWEI }),
      );
      await assert.rejects(w.send(27), coded("TRANSACTION_UNKNOWN", /from nonce 1 on.*one keeper per key/));
      await node.block(20);
      await w.settled([26]);
    });
  });
}
