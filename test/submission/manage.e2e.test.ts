import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { moveOpen } from "../../keeper/submission/manage.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { type StuckNode, stuckKeeper, stuckNode } from "./stuckWorld.ts";
import { LOOSENING, limited, submissionFor } from "./submissionWorld.ts";

for (const name of ["hardhat", "anvil"] as const) {
  describe(`what a person does about a transaction that waits, on ${name}`, () => {
    let node: StuckNode;
    before(async () => {
      node = await stuckNode(name);
      await node.block(20);
    });
    after(() => node?.close());

    /** A loosening that waits, and a wait during which a block is made at the second note. */
    async function world(waits: boolean) {
      const keeper = await stuckKeeper(node);
      const first = await submitBatch(
        submissionFor(keeper.journal, node.contract, 1, undefined, LOOSENING),
        keeper.context,
      );
      const notes: string[] = [];
      const onNote = (text: string) => {
        notes.push(text);
        if (notes.length === 2 && !waits) void node.block(20);
      };
      const seconds = waits ? 0.03 : 20;
      const context = limited(keeper.context, { receiptTimeoutSeconds: seconds, pollMilliseconds: 10 });
      return { ...keeper, context, first, notes, onNote };
    }

    it("cancel frees the nonce, and nothing of the batch takes effect", async () => {
      const w = await world(false);
      const moved = await moveOpen("cancel", w.context, w.onNote);
      assert.deepEqual([moved.status, moved.nonce, moved.rivals], ["CONFIRMED", 0, [w.first.transactionHash]]);
      assert.deepEqual(await node.effects(w.from), []);
      assert.equal(w.journal.intent(w.first.id).status, "SUPERSEDED");
      assert.match(w.notes.join("\n"), /cancel of nonce 0: 0x[0-9a-f]{64} handed over\nwaiting for a block, 0 s/);
    });

    it("bump offers the same batch at an eighth more, and it lands once", async () => {
      const w = await world(false);
      const moved = await moveOpen("bump", w.context, w.onNote);
      assert.deepEqual([moved.status, moved.nonce], ["CONFIRMED", 0]);
      assert.ok(moved.maxFeePerGasGwei >= (Number(w.first.maxFeePerGas) / 1e9) * 1.125);
      assert.deepEqual(await node.effects(w.from), [1]);
    });

    it("what is not mined in time stays open, and is reported as such", async () => {
      const w = await world(true);
      const moved = await moveOpen("bump", w.context, w.onNote);
      assert.equal(moved.status, "SENT");
      assert.equal(w.journal.openIntents().length, 2);
      await node.block(20);
    });

    it("while a kill switch is set a cancellation is taken and a bump is not", async () => {
      const w = await world(false);
      const paused = { ...w.context, maySend: () => false };
      await assert.rejects(moveOpen("bump", paused, w.onNote), { code: "BAD_ARGUMENT", message: /kill switch/ });
      assert.equal((await moveOpen("cancel", paused, w.onNote)).status, "CONFIRMED");
    });

    it("with nothing open there is nothing to move, and nothing is signed", async () => {
      const keeper = await stuckKeeper(node);
      await assert.rejects(
        moveOpen("cancel", keeper.context, () => undefined),
        { code: "BAD_ARGUMENT" },
      );
      assert.deepEqual([keeper.sent, keeper.journal.recentIntents(1)], [[], []]);
    });
  });
}
