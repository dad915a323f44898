import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { openGate } from "../../keeper/io/gate.ts";

/** A response as the gate sees one. */
function response() {
  const events = Object.assign(new EventEmitter(), { closed: false });
  const destroy = () => {
    events.closed = true;
    events.emit("close");
  };
  return Object.assign(events, { destroy }) as unknown as ServerResponse;
}

test("an answer that nobody reads is cut off after a minute, and makes room for another", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const gate = openGate();
  const unread = Array.from({ length: 16 }, response);
  for (const one of unread) void gate(one, async () => "made");
  assert.equal(await gate(response(), async () => "made"), null, "there is no room");
  t.mock.timers.tick(59_999);
  assert.ok(unread.every(({ closed }) => !closed));
  t.mock.timers.tick(1);
  assert.ok(unread.every(({ closed }) => closed));
  const next = gate(response(), async () => "made");
  for (let turn = 0; turn < 40; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    t.mock.timers.tick(1_000);
  }
  assert.equal(await next, "made");
});

test("an answer whose reader has gone before its turn is not made", async () => {
  const gate = openGate();
  const first = Promise.withResolvers<string>();
  const gone = response();
  let made = 0;
  const answers = [
    gate(response(), async () => first.promise),
    gate(gone, async () => {
      made += 1;
      return "made";
    }),
  ];
  gone.destroy();
  first.resolve("first");
  assert.deepEqual([await Promise.all(answers), made], [["first", null], 0]);
});
