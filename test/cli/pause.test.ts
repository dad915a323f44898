import assert from "node:assert/strict";
import { test } from "node:test";
import { tonsor } from "./harness.ts";
import { aService } from "./outcomes.ts";

test("pause hands on its reason and its end, and says how to take it back", async () => {
  const { services, calls } = aService();
  const { code, out } = await tonsor("pause --until 2026-02-06T12:00:00Z --reason upgrade", services);
  assert.equal(code, 0);
  assert.deepEqual(calls, [["pause", { reason: "upgrade", until: "2026-02-06T12:00:00Z" }]]);
  assert.match(out, /^Nothing is sent from now on: file PAUSED: upgrade\. `tonsor resume` ends it\.\n$/);
  await tonsor("pause", services);
  assert.deepEqual(calls[1], ["pause", { reason: "paused by hand", until: null }]);
});

test("resume says what it cleared, and fails when something else still stops sending", async () => {
  const done = await tonsor("resume");
  assert.equal(done.code, 0);
  assert.match(done.out, /^Cleared: file PAUSED: node upgrade\. Nothing keeps the keeper from sending\.\n$/);
  const resume = async () => ({ removed: [], still: "TONSOR_PAUSED is set" });
  const still = await tonsor("resume", aService({ resume }).services);
  assert.equal(still.code, 1);
  assert.match(still.out, /^Nothing was paused here\. It still does not send: TONSOR_PAUSED is set\.\n$/);
});
