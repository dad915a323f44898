import assert from "node:assert/strict";
import test from "node:test";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { asRpcError, isRevert, reasonOf } from "../../keeper/io/rpcError.ts";

test("the innermost reason is said, without the address", () => {
  const inner = new Error("fetch failed for https://node.example/v2/canary?key=canary today");
  const error = asRpcError("node.example", new Error("request failed", { cause: inner }));
  assert.equal(error.code, "RPC_FAILED");
  assert.equal(error.message, "node.example: fetch failed for (address) today");
  assert.ok(!String((error.cause as Error).stack).includes("canary"));
});

test("an error of ours passes through as it is", () => {
  const wrong = new TonsorError("WRONG_CHAIN", "chain 1");
  assert.equal(asRpcError("node", wrong), wrong);
});

test("a long reason is cut, no reason is said to be none, a circle of causes ends", () => {
  assert.equal(reasonOf(new Error("x".repeat(5000))).length, 200);
  assert.equal(reasonOf(undefined), "no answer");
  const circle = new Error("round");
  circle.cause = circle;
  assert.equal(reasonOf(circle), "round");
});

test("code 3 or the clients' words make a revert, and a missing block does not", () => {
  assert.ok(isRevert(Object.assign(new Error("x"), { code: 3 })));
  assert.ok(isRevert(new Error("outer", { cause: new Error("execution reverted: LOK") })));
  assert.ok(!isRevert(new Error("header not found")));
  assert.ok(!isRevert(Object.assign(new Error("x"), { code: -32000 })));
  assert.ok(!isRevert(null));
});
