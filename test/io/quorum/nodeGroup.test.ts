import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeGroup } from "../../../keeper/io/quorum/nodeGroup.ts";

/** The record of one node that is never asked. */
function nodeHealth(readmitAfter: number, restMs: number, nowMs: () => number) {
  const settings = { urls: ["http://127.0.0.1:1"], quorum: 1, chainId: 1, timeoutMs: 1_000 };
  const [member] = nodeGroup({ ...settings, readmitAfter, restMs, nowMs }).members;
  return member?.health ?? assert.fail("a group of one has one member");
}

test("a node set aside rests first, and then must be right so many times in a row", () => {
  let ms = 0;
  const health = nodeHealth(2, 1_000, () => ms);
  health.quarantine("LAGS", "9 blocks behind");
  for (const _ of [1, 2, 3]) health.right();
  assert.equal(health.votes(), false, "not before the rest is over, however right");
  ms = 1_000;
  health.wrong();
  health.right();
  assert.equal(health.votes(), false);
  health.right();
  assert.equal(health.votes(), true);
});

test("each disagreement doubles how often a node must be right", () => {
  const health = nodeHealth(1, 0, () => 0);
  const rightsUntilBack = () => {
    health.quarantine("DISAGREES", "");
    let rights = 0;
    for (; !health.votes(); rights += 1) health.right();
    return rights;
  };
  assert.deepEqual([rightsUntilBack(), rightsUntilBack(), rightsUntilBack()], [1, 2, 4]);
});

test("silence is counted and reported, and is no quarantine", () => {
  const health = nodeHealth(1, 0, () => 0);
  health.unheard("refused");
  health.unheard("refused");
  assert.deepEqual(health.status("a"), { name: "a", quarantine: null, detail: "refused", head: null, silent: 2 });
  health.heard(7);
  assert.deepEqual(health.status("a"), { name: "a", quarantine: null, detail: "", head: 7, silent: 0 });
});
