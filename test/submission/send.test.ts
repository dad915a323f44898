import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hex } from "../../keeper/domain/contract.ts";
import { sendTimes } from "../../keeper/submission/send.ts";

test("the first and the last sending are told apart", () => {
  let now = 100;
  const sends = sendTimes(() => now);
  sends.note("0xaa", "first");
  now = 160;
  sends.note("0xaa", "again");
  now = 200;
  assert.deepEqual([sends.sinceFirstMs("0xaa"), sends.sinceLastMs("0xaa")], [100, 40]);
});

test("what another process sent was sent long ago", () => {
  const sends = sendTimes(() => 5);
  assert.deepEqual([sends.sinceFirstMs("0xbb"), sends.sinceLastMs("0xbb")], [Number.POSITIVE_INFINITY, Infinity]);
});

test("what another process sent stays sent long ago when this one sends it again", () => {
  const sends = sendTimes(() => 5);
  sends.note("0xbb", "again");
  assert.deepEqual([sends.sinceFirstMs("0xbb"), sends.sinceLastMs("0xbb")], [Number.POSITIVE_INFINITY, 0]);
});

test("what a reorganisation dropped begins to wait anew, and may be sent again at once", () => {
  let now = 100;
  const sends = sendTimes(() => now);
  sends.note("0xaa", "first");
  now = 900;
  sends.restart("0xaa");
  assert.deepEqual([sends.sinceFirstMs("0xaa"), sends.sinceLastMs("0xaa")], [0, Number.POSITIVE_INFINITY]);
  now = 950;
  sends.note("0xaa", "again");
  assert.deepEqual([sends.sinceFirstMs("0xaa"), sends.sinceLastMs("0xaa")], [50, 0]);
});

test("the oldest are forgotten, so that years of sending take no more memory than a day", () => {
  const sends = sendTimes(() => 0);
  const hash = (n: number): Hex => `0x${n.toString(16)}`;
  for (let n = 0; n < 10_000; n++) sends.note(hash(n), "first");
  assert.equal(sends.sinceFirstMs(hash(9_999)), 0);
  assert.equal(sends.sinceFirstMs(hash(9_999 - 255)), 0);
  assert.equal(sends.sinceFirstMs(hash(9_999 - 256)), Number.POSITIVE_INFINITY);
});
