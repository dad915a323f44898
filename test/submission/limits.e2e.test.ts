import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { reconcile } from "../../keeper/submission/reconcile.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { GWEI, type StuckNode, stuckKeeper, stuckNode } from "./stuckWorld.ts";
import { LOOSENING, submissionFor, TIGHTENING } from "./submissionWorld.ts";

for (const name of ["hardhat", "anvil"] as const) {
  describe(`what a keeper may spend, on ${name}`, () => {
    let node: StuckNode;
    before(async () => {
      node = await stuckNode(name);
      await node.block(20);
    });
    after(() => node?.close());

    /** Base fee 20, tip 1: each batch of 60 000 gas may cost 41 x 60 000 gwei at most. */
    const MOST = 41n * 60_000n * GWEI;
    async function world(batches: number, window: "hour" | "day" = "hour") {
      const keeper = await stuckKeeper(node);
      const time = { now: Math.floor(Date.now() / 1000) };
      const [limit, none] = [MOST * BigInt(batches), MOST * 1_000n];
      const budget = window === "hour" ? { perHour: limit, perDay: none } : { perHour: none, perDay: limit };
      const fees = { ...keeper.context.fees, budget };
      const context = { ...keeper.context, fees, now: () => time.now };
      const send = (n: number, values = TIGHTENING) =>
        submitBatch(submissionFor(keeper.journal, node.contract, n, undefined, values), context);
      const land = async () => {
        await node.block(20);
        await reconcile(context);
      };
      return { ...keeper, context, time, send, land };
    }

    for (const [window, seconds] of [
      ["hour", 3_600],
      ["day", 86_400],
    ] as const) {
      it(`signs nothing above the ${window}'s budget, and goes on when the ${window} has passed`, async () => {
        const w = await world(2, window);
        const counts = () => w.journal.recentIntents(99).length;
        let sent = 0;
        for (; sent < 50; sent += 1) {
          const refused = await w.send(100 + sent).then(
            () => null,
            (error: { code: string }) => error.code,
          );
          if (refused !== null) {
            assert.equal(refused, "SPEND_BUDGET");
            break;
          }
          await w.land();
        }
        assert.ok(sent >= 2 && sent < 50, `${sent} batches`);
        assert.equal(counts(), sent, "what is refused is not in the journal");
        assert.ok(w.journal.spentSince(w.from, 0, "others") <= MOST * 2n, "the budget holds");
        w.time.now += seconds + 1;
        await w.send(200);
        await w.land();
        assert.equal(counts(), sent + 1);
      });
    }

    it("keeps half of the budget for tightenings", async () => {
      const w = await world(1);
      await assert.rejects(w.send(1, LOOSENING), { code: "SPEND_BUDGET", message: /half of it/ });
      assert.equal((await w.send(2, TIGHTENING)).status, "SENT");
    });

    it("counts a replacement once, at its own most", async () => {
      const w = await world(2);
      await w.send(3, LOOSENING);
      const tightening = await w.send(4);
      assert.equal(tightening.replaces !== null, true);
      await w.land();
      assert.deepEqual(await node.effects(w.from), [4]);
    });

    it("sends the identical bytes again after a minute in which nothing was mined, though a pool still has them", async () => {
      const w = await world(9);
      const sent = await w.send(5, LOOSENING);
      w.clock.ms += 59_000;
      await reconcile(w.context);
      assert.equal(w.sent.length, 1);
      w.clock.ms += 1_000;
      await reconcile(w.context);
      assert.deepEqual(w.sent, [sent.rawTransaction, sent.rawTransaction]);
      await w.land();
      assert.deepEqual(await node.effects(w.from), [5]);
    });
  });
}
