import assert from "node:assert/strict";
import { test } from "node:test";
import { tonsor } from "./harness.ts";
import { aMove, aService, HASH } from "./outcomes.ts";

test("tx list asks for twenty unless told otherwise, and shows each transaction in a line", async () => {
  const { services, calls } = aService();
  const { code, out } = await tonsor("tx list", services);
  assert.equal(code, 0);
  assert.deepEqual(calls, [["transactions", { limit: 20, openOnly: false }]]);
  const [head, first, second, why] = out.split("\n");
  assert.match(head ?? "", /^planned +nonce +status +gwei a gas +hash +what$/);
  assert.match(first ?? "", /7 +SENT +41\.000 +0x5c5c.* tightens WETH, WBTC \(private\)$/);
  assert.match(second ?? "", /6 +CONFIRMED, shallow +41\.000 .*cancellation$/);
  assert.equal(why, "    asked for");
  await tonsor("tx list --open --limit 3", services);
  assert.deepEqual(calls[1], ["transactions", { limit: 3, openOnly: true }]);
});

test("tx list refuses a limit that is none, and says so of an empty journal", async () => {
  assert.equal((await tonsor("tx list --limit 0")).code, 1);
  assert.equal((await tonsor("tx list", aService({ transactions: async () => [] }).services)).out, "no transaction\n");
});

for (const action of ["cancel", "bump"] as const) {
  test(`tx ${action} ends with 0 when the nonce is used, with 75 while it waits, and shows progress`, async () => {
    const { services, calls } = aService();
    const done = await tonsor(`tx ${action}`, services);
    assert.deepEqual([done.code, calls], [0, [["moveTransaction", action]]]);
    assert.match(
      done.out,
      /waiting for a block, 0 s\nnonce 7: (cancelled|landed) by 0x5c.* at 46\.125 gwei a gas\.\n$/,
    );
    const moveTransaction = async () => aMove(action, "SENT");
    const waits = await tonsor(`tx ${action} --json`, aService({ moveTransaction }).services);
    assert.equal(waits.code, 75);
    const { hash, used, status } = JSON.parse(waits.out);
    assert.deepEqual([hash, used, status], [HASH, false, "SENT"]);
  });
}

test("a rival that was mined instead is told, and is no failure", async () => {
  const moveTransaction = async () => aMove("cancel", "SUPERSEDED");
  const { code, out } = await tonsor("tx cancel", aService({ moveTransaction }).services);
  assert.equal(code, 0);
  assert.match(out, /nonce 7 is used, not by 0x5c/);
});
