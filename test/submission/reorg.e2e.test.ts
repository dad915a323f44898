import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { manageOpen } from "../../keeper/submission/manage.ts";
import { reconcile } from "../../keeper/submission/reconcile.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { type StuckNode, stuckKeeper, stuckNode } from "./stuckWorld.ts";
import { limited, submissionFor } from "./submissionWorld.ts";

const CONFIRMATIONS = 3;

for (const name of ["hardhat", "anvil"] as const) {
  describe(`a reorganisation on a ${name} node`, () => {
    let node: StuckNode;
    before(async () => {
      node = await stuckNode(name);
      await node.block(20);
    });
    after(() => node?.close());

    /** A keeper that waits for three blocks; `undo` takes the blocks since `mark` back. */
    async function world() {
      const keeper = await stuckKeeper(node);
      const context = limited(keeper.context, { confirmations: CONFIRMATIONS });
      const send = (n: number, deadline?: number) =>
        submitBatch(submissionFor(keeper.journal, node.contract, n, deadline), context);
      const mark = () => node.ask("evm_snapshot");
      const undo = async (at: unknown) => assert.equal(await node.ask("evm_revert", [at]), true);
      const settle = () => reconcile(context);
      const state = (id: number) => {
        const { status, final, blockNumber } = keeper.journal.intent(id);
        return { status, final, blockNumber };
      };
      /** Hardhat gives what it takes back to its pool, anvil forgets it. */
      const forget = async (hash: `0x${string}`) => {
        await node.drop(hash).catch(() => undefined);
        assert.equal(await keeper.context.broadcaster.knows(hash), false);
      };
      return { ...keeper, context, send, mark, undo, settle, state, forget };
    }

    it("leaves a transaction watched until it is three blocks deep, and then lets it be", async () => {
      const w = await world();
      const { id } = await w.send(1);
      await node.block(20);
      await w.settle();
      assert.deepEqual([w.state(id).status, w.state(id).final], ["CONFIRMED", false]);
      for (let depth = 1; depth < CONFIRMATIONS; depth += 1) {
        await node.block(20);
        await w.settle();
        assert.equal(w.state(id).final, false, `${depth} blocks on top are not enough`);
      }
      await node.block(20);
      await w.settle();
      assert.deepEqual([w.state(id).status, w.state(id).final], ["CONFIRMED", true]);
      assert.ok((w.journal.intent(id).feeWei ?? 0n) > 0n, "what it cost is written down");
      assert.deepEqual(await node.effects(w.from), [1]);
    });

    it("that loses the transaction reopens it, sends the same bytes again, and has one effect", async () => {
      const w = await world();
      const sent = await w.send(2);
      const before = await w.mark();
      await node.block(20);
      await w.settle();
      assert.equal(w.state(sent.id).status, "CONFIRMED");
      await w.undo(before);
      await w.forget(sent.transactionHash);
      await node.block(20);
      w.clock.ms += 60_000;
      assert.equal((await w.settle()).length, 1);
      assert.equal(w.state(sent.id).status, "SENT");
      assert.equal(await manageOpen([], w.context), null, "it is not overdue: it was not outbid, but taken back");
      assert.deepEqual(w.sent, [sent.rawTransaction, sent.rawTransaction], "identical bytes");
      await node.block(20);
      await w.settle();
      assert.equal(w.state(sent.id).status, "CONFIRMED");
      assert.deepEqual(await node.effects(w.from), [2]);
      assert.equal(w.journal.recentIntents(9).length, 1, "and no second transaction was made");
    });

    it("that returns the transaction in another block is followed there, with one effect and nothing sent", async () => {
      const w = await world();
      const sent = await w.send(3);
      const before = await w.mark();
      await node.block(20);
      await w.settle();
      const first = w.journal.intent(sent.id);
      await w.undo(before);
      if (!(await w.context.broadcaster.knows(sent.transactionHash))) {
        await node.ask("eth_sendRawTransaction", [sent.rawTransaction]);
      }
      await node.block(21);
      await w.settle();
      const moved = w.journal.intent(sent.id);
      assert.deepEqual([moved.status, moved.final], ["CONFIRMED", false]);
      assert.notEqual(moved.blockHash, first.blockHash);
      assert.equal(w.sent.length, 1);
      assert.deepEqual(await node.effects(w.from), [3]);
    });

    it("that lets the rival land instead is followed as well", async () => {
      const w = await world();
      const rival = await w.send(4);
      w.clock.ms += 31_000;
      const winner = await w.send(5);
      assert.equal(winner.nonce, rival.nonce);
      const before = await w.mark();
      await node.block(20);
      await w.settle();
      assert.deepEqual([w.state(rival.id).status, w.state(winner.id).status], ["SUPERSEDED", "CONFIRMED"]);
      await w.undo(before);
      await w.forget(winner.transactionHash);
      await node.ask("eth_sendRawTransaction", [rival.rawTransaction]);
      await node.block(20);
      await w.settle();
      assert.deepEqual([w.state(rival.id).status, w.state(winner.id).status], ["CONFIRMED", "SUPERSEDED"]);
      assert.deepEqual(await node.effects(w.from), [4]);
    });

    it("under a later transaction that waits: both land, in order, once each", async () => {
      const w = await world();
      const first = await w.send(6);
      const before = await w.mark();
      await node.block(20);
      await w.settle();
      const second = await w.send(7);
      assert.equal(second.nonce, first.nonce + 1);
      await w.undo(before);
      await w.forget(first.transactionHash);
      await node.block(20);
      const open = await w.settle();
      assert.deepEqual(
        open.map(({ id }) => id),
        [first.id, second.id],
      );
      for (let looks = 0; looks < 4; looks += 1) {
        await node.block(20);
        await w.settle();
      }
      assert.deepEqual(await node.effects(w.from), [6, 7]);
      assert.deepEqual([w.state(first.id).status, w.state(second.id).status], ["CONFIRMED", "CONFIRMED"]);
    });

    it("that leaves a gap below a waiting transaction: a fresh batch fills it, or else a cancellation", async () => {
      for (const fresh of [true, false]) {
        const w = await world();
        const { time } = await w.context.broadcaster.latestBlock();
        const first = await w.send(fresh ? 8 : 11, time + 60);
        const before = await w.mark();
        await node.block(20);
        await w.settle();
        const second = await w.send(fresh ? 9 : 12);
        await w.undo(before);
        await w.forget(first.transactionHash);
        await node.later(120);
        await node.ask("evm_setAutomine", [false]);
        await node.block(20);
        await w.settle();
        assert.deepEqual([w.state(first.id).status, w.state(second.id).status === "CONFIRMED"], ["DROPPED", false]);
        if (fresh) assert.equal((await w.send(10)).nonce, first.nonce);
        else assert.match((await manageOpen([], w.context)) ?? "", new RegExp(`^nonce ${first.nonce} was left open`));
        for (let looks = 0; looks < 4; looks += 1) {
          await node.block(20);
          await w.settle();
        }
        assert.deepEqual(await node.effects(w.from), fresh ? [10, 9] : [12]);
        assert.deepEqual(w.journal.openIntents(), []);
      }
    });
  });
}

it("anvil_reorg, five blocks deep, is seen as soon as it happens", async () => {
  const node = await stuckNode("anvil");
  try {
    await node.block(20);
    const keeper = await stuckKeeper(node);
    const context = limited(keeper.context, { confirmations: 12 });
    const sent = await submitBatch(submissionFor(keeper.journal, node.contract, 1), context);
    for (let blocks = 0; blocks < 5; blocks += 1) await node.block(20);
    await reconcile(context);
    assert.equal(keeper.journal.intent(sent.id).status, "CONFIRMED");
    await node.ask("anvil_reorg", [5, []]);
    await reconcile(context);
    assert.equal(keeper.journal.intent(sent.id).status, "SENT");
    await node.block(20);
    await reconcile(context);
    assert.equal(keeper.journal.intent(sent.id).status, "CONFIRMED");
    assert.deepEqual(await node.effects(keeper.from), [1]);
  } finally {
    await node.close();
  }
});
