import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { IntentStatus } from "../../keeper/domain/intent.ts";
import { remoteSigner } from "../../keeper/runtime/remoteSigner.ts";
import { manageOpen, moveOpen } from "../../keeper/submission/manage.ts";
import { reconcile } from "../../keeper/submission/reconcile.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { web3signer } from "../support/web3signer.ts";
import { type StuckNode, stuckKeeper, stuckNode } from "./stuckWorld.ts";
import { LIMITS, submissionFor, TIGHTER } from "./submissionWorld.ts";

/** A transaction of the old key is brought to a status; then another key signs, with the same journal. */
const STATUSES: readonly IntentStatus[] = [
  "PLANNED",
  "SENT",
  "UNKNOWN",
  "CONFIRMED",
  "REVERTED",
  "DROPPED",
  "SUPERSEDED",
];

describe("the key is rotated while the journal has a transaction of the old one", () => {
  let node: StuckNode;
  before(async () => {
    node = await stuckNode("anvil");
  });
  after(() => node.close());

  for (const [index, status] of STATUSES.entries()) {
    it(`that is ${status}: the new key's batch lands, and both rows end as the chain says`, async () => {
      await node.block(20);
      const old = await stuckKeeper(node);
      const fresh = await stuckKeeper(node);
      const { journal } = old;
      const n = 10 * (index + 1);
      const first = await submitBatch(submissionFor(journal, node.contract, n), old.context);
      const minesOld = status === "CONFIRMED" || status === "REVERTED" || status === "SUPERSEDED";
      if (minesOld) {
        await node.block(20);
        await reconcile({ ...old.context, limits: { ...LIMITS, confirmations: 12 } });
      }
      // The end that a node's answers would have brought, where this chain has no way to it.
      if (!["SENT", "CONFIRMED"].includes(status)) {
        journal.resolveIntent(first.id, { status, at: 1, detail: "as told", final: false });
      }

      const context = { ...fresh.context, journal };
      const { current } = submissionFor(journal, node.contract, n + 1);
      await manageOpen(current, context);
      const second = await submitBatch(submissionFor(journal, node.contract, n + 1, 2 ** 39, TIGHTER), context);
      assert.deepEqual([second.from, second.nonce, second.status], [fresh.from, 0, "SENT"]);
      await node.block(20);
      await reconcile(context);
      assert.equal(journal.intent(second.id).status, "CONFIRMED");
      assert.deepEqual(await node.effects(fresh.from), [n + 1]);
      // Refused is what a person was told by then; everything else follows the chain.
      assert.equal(journal.intent(first.id).status, status === "DROPPED" ? "DROPPED" : "CONFIRMED");
      assert.deepEqual([journal.openIntents(), await node.effects(old.from)], [[], [n]]);
      journal.integrity();
    });
  }

  it("by one at a remote signer: nothing is journalled while it signs otherwise, then its batch lands", async () => {
    await node.block(20);
    const [old, fresh] = [await stuckKeeper(node), await stuckKeeper(node)];
    const { journal } = old;
    const first = await submitBatch(submissionFor(journal, node.contract, 90), old.context);
    const lying = await web3signer([fresh.account], { alter: (asked) => ({ ...asked, to: old.from }) });
    const honest = await web3signer([fresh.account]);
    const by = (url: string) => ({ ...fresh.context, journal, account: remoteSigner({ url, address: fresh.from }) });
    const next = submissionFor(journal, node.contract, 91, 2 ** 39, TIGHTER);
    await assert.rejects(submitBatch(next, by(lying.url)), {
      code: "SIGNER_FAILED",
      message: /^SIGNER_ALTERS: .* in to$/,
    });
    assert.deepEqual(
      journal.recentIntents(9).map(({ id }) => id),
      [first.id],
    );
    const second = await submitBatch(next, by(honest.url));
    assert.deepEqual([second.from, second.nonce, second.status], [fresh.from, 0, "SENT"]);
    await node.block(20);
    await reconcile(by(honest.url));
    assert.deepEqual([await node.effects(old.from), await node.effects(fresh.from)], [[90], [91]]);
    assert.equal(journal.intent(first.id).status, "CONFIRMED");
    await Promise.all([lying.close(), honest.close()]);
  });

  it("that never lands: the new key cannot cancel it and says whose it is; long past its deadline it is given up", async () => {
    await node.block(20);
    const old = await stuckKeeper(node);
    const fresh = await stuckKeeper(node);
    const { journal } = old;
    const time = Number(
      ((await node.ask("eth_getBlockByNumber", ["latest", false])) as { timestamp: string }).timestamp,
    );
    const first = await submitBatch(submissionFor(journal, node.contract, 99, time + 60), old.context);
    const context = { ...fresh.context, journal };
    await assert.rejects(
      moveOpen("cancel", context, () => undefined),
      {
        code: "BAD_ARGUMENT",
        message: new RegExp(`nothing waits for a block by ${fresh.from}; what waits is ${old.from}'s`),
      },
    );
    await node.ask("evm_setAutomine", [false]);
    const raised = 10_000;
    await node.later(raised);
    await node.drop(first.transactionHash);
    await node.block(20);
    await manageOpen([], context);
    const { status, detail } = journal.intent(first.id);
    assert.equal(status, "DROPPED");
    assert.match(detail ?? "", /given up: 0x\w{40} signs no more/);
  });
});
