import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Hex } from "viem";
import { reconcile } from "../../keeper/submission/reconcile.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { type StuckNode, stuckKeeper, stuckNode } from "./stuckWorld.ts";
import { LOOSENING, limited, submissionFor, TIGHTENING, TIGHTER } from "./submissionWorld.ts";

for (const name of ["hardhat", "anvil"] as const) {
  describe(`a batch that a private relay is given first, on ${name}`, () => {
    let node: StuckNode;
    before(async () => {
      node = await stuckNode(name);
      await node.block(20);
    });
    after(() => node?.close());

    /** A keeper with a relay that keeps what it is given, until the test has it mined. */
    async function world() {
      const keeper = await stuckKeeper(node);
      const given: Hex[] = [];
      const relay = { down: false };
      const broadcaster = {
        ...keeper.context.broadcaster,
        sendPrivately: async (raw: Hex) => {
          given.push(raw);
          if (relay.down) throw new Error("502 Bad Gateway");
        },
      };
      const context = limited({ ...keeper.context, broadcaster }, { relayFallbackBlocks: 3, confirmations: 12 });
      const send = (n: number, values = TIGHTENING, deadline?: number) =>
        submitBatch(submissionFor(keeper.journal, node.contract, n, deadline, values), context);
      /** The relay's builder has a block with what it was given. */
      const build = async () => {
        for (const raw of given) await node.ask("eth_sendRawTransaction", [raw]);
        await node.block(20);
      };
      const settle = () => reconcile(context);
      return { ...keeper, context, given, relay, send, build, settle };
    }

    it("goes to nobody else, waits as SENT, and is confirmed when the relay has it mined", async () => {
      const w = await world();
      const sent = await w.send(1);
      assert.deepEqual([sent.status, sent.route, w.sent, w.given], ["SENT", "private", [], [sent.rawTransaction]]);
      await w.settle();
      assert.deepEqual(w.sent, []);
      await w.build();
      await w.settle();
      assert.equal(w.journal.intent(sent.id).status, "CONFIRMED");
      assert.deepEqual(await node.effects(w.from), [1]);
    });

    it("as a tightening goes to everyone after three blocks, the identical bytes, with one effect", async () => {
      const w = await world();
      w.relay.down = true;
      const sent = await w.send(2);
      assert.equal(sent.status, "UNKNOWN");
      for (let blocks = 1; blocks < 3; blocks += 1) {
        await node.block(20);
        await w.settle();
        assert.deepEqual(w.sent, [], `not after ${blocks} blocks`);
      }
      await node.block(20);
      await w.settle();
      assert.deepEqual(w.sent, [sent.rawTransaction]);
      assert.equal(w.journal.intent(sent.id).route, "public");
      await node.block(20);
      await w.settle();
      assert.deepEqual(await node.effects(w.from), [2]);
    });

    it("as a loosening never goes to anybody else: its deadline passes, and its nonce is used by the next", async () => {
      const w = await world();
      const { time } = await w.context.broadcaster.latestBlock();
      const sent = await w.send(3, LOOSENING, time + 60);
      for (let blocks = 0; blocks < 6; blocks += 1) {
        await node.block(20);
        await w.settle();
      }
      assert.deepEqual(w.sent, []);
      await node.later(120);
      await node.ask("evm_setAutomine", [false]);
      await node.block(20);
      await w.settle();
      assert.equal(w.journal.intent(sent.id).status, "DROPPED");
      assert.equal((await w.send(4)).nonce, sent.nonce);
    });

    it("is replaced at the same nonce although no node's pool knows of it: a loosening by a tightening", async () => {
      const w = await world();
      const loosening = await w.send(5, LOOSENING);
      const tightening = await w.send(6, TIGHTER);
      assert.deepEqual([tightening.nonce, tightening.replaces], [loosening.nonce, loosening.id]);
      await node.ask("eth_sendRawTransaction", [tightening.rawTransaction]);
      await node.block(20);
      await w.settle();
      assert.deepEqual(await node.effects(w.from), [6]);
      assert.equal(w.journal.intent(loosening.id).status, "SUPERSEDED");
    });

    it("keeps the nonce floor of what it saw mined, whatever a lagging node says", async () => {
      const w = await world();
      await w.send(7);
      await w.build();
      await w.settle();
      const lagging = { ...w.context, broadcaster: { ...w.context.broadcaster, nonce: async () => 0 } };
      const again = submitBatch(submissionFor(w.journal, node.contract, 8), lagging);
      await assert.rejects(again, { code: "NONCE_UNCLEAR", message: /lags behind.*next nonce 0.*>= 1/ });
      assert.equal(w.journal.recentIntents(9).length, 1);
    });

    it("is given to the relay again every minute, and to nobody when the relay is not configured any more", async () => {
      const w = await world();
      await w.send(9, LOOSENING);
      await w.settle();
      assert.equal(w.given.length, 1);
      w.clock.ms += 60_000;
      await w.settle();
      assert.equal(w.given.length, 2);
      const { sendPrivately: _, ...broadcaster } = w.context.broadcaster;
      w.clock.ms += 60_000;
      await reconcile({ ...w.context, broadcaster });
      assert.deepEqual(w.sent, []);
      assert.equal(w.journal.openIntents()[0]?.status, "UNKNOWN");
    });
  });
}
