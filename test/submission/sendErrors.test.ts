import assert from "node:assert/strict";
import { test } from "node:test";
import { classifySendError, errorText } from "../../keeper/submission/broadcaster.ts";

const CASES: readonly (readonly [ReturnType<typeof classifySendError>, string])[] = [
  ["ALREADY_KNOWN", "already known"],
  ["ALREADY_KNOWN", "transaction already imported"],
  ["ALREADY_KNOWN", "AlreadyKnown"],
  ["ALREADY_KNOWN", "Known transaction"],
  ["NONCE_USED", "nonce too low: next nonce 5, tx nonce 4"],
  ["NONCE_USED", "Nonce too low. Expected nonce to be 2 but got 1."],
  ["NONCE_USED", "OldNonce"],
  ["UNDERPRICED", "replacement transaction underpriced"],
  ["UNDERPRICED", "transaction underpriced: tip needed 1, tip permitted 0"],
  ["UNDERPRICED", "max fee per gas less than block base fee: address 0x0, maxFeePerGas: 1, baseFee: 875000000"],
  ["INSUFFICIENT_FUNDS", "insufficient funds for gas * price + value: balance 0"],
  ["INSUFFICIENT_FUNDS", "Sender doesn't have enough funds to send tx."],
  ["REVERTED", "execution reverted: WrongSequence"],
  ["REVERTED", "VM Exception while processing transaction: reverted with custom error"],
  ["INVALID", "intrinsic gas too low"],
  ["INVALID", "exceeds block gas limit"],
  ["INVALID", "Nonce too high. Expected nonce to be 3 but got 1000000."],
  ["FULL", "txpool is full"],
  ["FULL", "account limit exceeded: pooled 64 txs"],
  ["FULL", "rejected due to 0x00 being identified as a spammer"],
  ["UNCLEAR", "fetch failed"],
  ["UNCLEAR", "HTTP request failed. Status: 502"],
  ["UNCLEAR", "The request took too long to respond."],
  ["UNCLEAR", "something nobody has seen"],
];

for (const [verdict, words] of CASES) {
  test(`"${words}" is ${verdict}`, () => {
    assert.equal(classifySendError(new Error(words)), verdict);
  });
}

test("the words count wherever in the cause chain they stand, and whatever class wraps them", () => {
  const inner = Object.assign(new Error("RPC Request failed."), { details: "transaction already imported" });
  const outer = new Error("Nonce provided for the transaction is lower", { cause: new Error("x", { cause: inner }) });
  assert.equal(classifySendError(outer), "ALREADY_KNOWN");
});

test("a cause chain that is a circle ends, and things that are no errors are unclear", () => {
  const circle = new Error("a");
  circle.cause = circle;
  assert.equal(errorText(circle), "a");
  for (const thing of [null, undefined, 5, {}, "gone"]) assert.equal(classifySendError(thing), "UNCLEAR");
});
