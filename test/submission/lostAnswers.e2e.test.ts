import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { reconcile } from "../../keeper/submission/reconcile.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { type Fault, type FaultProxy, faultProxy } from "./faultProxy.ts";
import {
  contextFor,
  effects,
  fundedKey,
  journalFor,
  limited,
  type SubmissionWorld,
  submissionFor,
  submissionWorld,
} from "./submissionWorld.ts";

let world: SubmissionWorld;
let proxy: FaultProxy;
before(async () => {
  world = await submissionWorld();
  proxy = await faultProxy(world.anvil.url);
});
after(async () => {
  await proxy.close();
  await world.anvil.close();
});

/** A hundred, on two nodes, are row 1 of the faults on purpose. */
const ROUNDS = 5;
const FAULTS: readonly (readonly [string, Fault])[] = [
  ["the answer is lost after the node took it", "loseAnswer"],
  ["a 502 comes in place of the answer", "badGateway"],
  ["the request is lost before the node has it", "loseRequest"],
];

for (const [index, [words, fault]] of FAULTS.entries()) {
  test(`when ${words}, ${ROUNDS} times in a row, each intent has one effect and no nonce is skipped`, async () => {
    const { key } = await fundedKey(world);
    const journal = journalFor(world.effect);
    const context = contextFor(journal, proxy.url, key);
    const base = 1_000 * (index + 1);
    for (let n = 0; n < ROUNDS; n++) {
      proxy.inject("eth_sendRawTransaction", fault);
      const intent = await submitBatch(submissionFor(journal, world.effect, base + n), context);
      assert.deepEqual([intent.status, intent.nonce], ["CONFIRMED", n], intent.detail ?? "");
    }
    const seen = (await effects(world.node, world.effect)).filter((effect) => effect >= base && effect < base + 1_000);
    assert.deepEqual(
      seen,
      Array.from({ length: ROUNDS }, (_, n) => base + n),
    );
    assert.deepEqual(journal.openIntents(), []);
  });
}

test("a request that hangs is given up, and the intent settles by hash with one effect", async () => {
  const { key } = await fundedKey(world);
  const journal = journalFor(world.effect);
  proxy.inject("eth_sendRawTransaction", "hang");
  const context = contextFor(journal, proxy.url, key, 500);
  const intent = await submitBatch(submissionFor(journal, world.effect, 9_001), context);
  assert.equal(intent.status, "CONFIRMED");
  assert.equal((await effects(world.node, world.effect)).filter((effect) => effect === 9_001).length, 1);
});

test("when every later answer fails too, the intent stays UNKNOWN and the next tick settles it", async () => {
  const { key } = await fundedKey(world);
  const journal = journalFor(world.effect);
  const context = contextFor(journal, proxy.url, key);
  proxy.inject("eth_sendRawTransaction", "loseAnswer");
  const many = Array.from({ length: 200 }, (): Fault => "badGateway");
  proxy.inject("eth_getTransactionReceipt", ...many);
  const unknown = await submitBatch(
    submissionFor(journal, world.effect, 9_002),
    limited(context, { receiptTimeoutSeconds: 0.1 }),
  );
  assert.equal(unknown.status, "UNKNOWN");
  const direct = { ...context, broadcaster: contextFor(journal, world.anvil.url, key).broadcaster };
  assert.deepEqual(await reconcile(direct), []);
  assert.equal(journal.intent(unknown.id).status, "CONFIRMED");
  assert.equal((await effects(world.node, world.effect)).filter((effect) => effect === 9_002).length, 1);
});
