import assert from "node:assert/strict";
import { test } from "node:test";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { Intent } from "../../keeper/domain/intent.ts";
import type { Broadcaster } from "../../keeper/submission/broadcaster.ts";
import { assertReplaceable, freeNonce } from "../../keeper/submission/nonces.ts";
import { samplePlan } from "../journal/sample.ts";

const OPEN = [1, 2].map((n) => ({ ...samplePlan(1, n), id: n, status: "SENT" }) as Intent);
const unknown = (pattern: RegExp) => (error: unknown) =>
  error instanceof TonsorError && error.code === "TRANSACTION_UNKNOWN" && pattern.test(error.message);

/** A node with so many transactions in blocks and in all, that knows the given rival only. */
const node = (latest: number, pending: number, knows = 1) =>
  ({
    nonce: async (_: string, tag: string) => (tag === "latest" ? latest : pending),
    knows: async (hash: string) => BigInt(hash) === BigInt(knows),
  }) as unknown as Broadcaster;

const KNOWN = { floor: 3, confirmations: 12 };

test("with an empty pool the next nonce is free", async () => {
  assert.equal(await freeNonce("0xaa", node(3, 3), KNOWN), 3);
});

test("a node whose pool lags behind its blocks is not taken for one with a negative pool", async () => {
  assert.equal(await freeNonce("0xaa", node(3, 2), KNOWN), 3);
});

test("a transaction of the key that is not ours holds the broadcaster, and says from which nonce on and what to do", async () => {
  await assert.rejects(freeNonce("0xaa", node(3, 5), KNOWN), unknown(/from nonce 3 on.*stop the other one.*given 2/));
});

test("rivals may be replaced when the pool has one of them, or has forgotten all", async () => {
  await assertReplaceable(OPEN, node(3, 4));
  await assertReplaceable(OPEN, node(3, 4, 2));
  await assertReplaceable(OPEN, node(3, 3, 0));
  await assertReplaceable([], node(9, 9));
});

for (const [what, broadcaster, words] of [
  ["the nonce was used meanwhile", node(4, 4), /nonce 3 was used while/],
  ["the chain went back behind it", node(2, 2), /went back.*given 2; expected next nonce 3/],
  ["a stranger follows it", node(3, 5), /from nonce 4 on.*given 1/],
  ["a stranger stands in its place", node(3, 4, 0), /from nonce 3 on.*given 1/],
] as const) {
  test(`rivals are not replaced when ${what}`, async () => {
    await assert.rejects(assertReplaceable(OPEN, broadcaster), unknown(words));
  });
}
