import assert from "node:assert/strict";
import { test } from "node:test";
import { problemLog } from "../../../keeper/runtime/redis/redisSchedule.ts";

function world() {
  const lines: Parameters<Parameters<typeof problemLog>[0]["write"]>[0][] = [];
  const time = { now: 0 };
  const told = problemLog({ everyMs: 60_000, now: () => time.now, write: (line) => void lines.push(line) });
  return { lines, time, told };
}

test("thirty thousand complaints of one kind are two lines a minute, and the second counts the rest", () => {
  const { lines, time, told } = world();
  for (let n = 0; n < 30_000; n++) told(new Error(`OOM command not allowed, script: ${n}`));
  time.now = 60_000;
  told(new Error("OOM command not allowed, script: 7"));
  assert.deepEqual(
    lines.map((line) => line.times),
    [1, 30_000],
  );
});

test("another kind is told at once", () => {
  const { lines, told } = world();
  told(new Error("OOM"));
  told(Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:6379"), { code: "ECONNREFUSED" }));
  assert.equal(lines.length, 2);
});

test("a complaint that never reads the same twice cannot fill the log", () => {
  const { lines, told } = world();
  for (let n = 0; n < 1_000; n++) told(new Error(`job ${String.fromCharCode(97 + (n % 26))}${"x".repeat(n % 40)}`));
  assert.ok(lines.length <= 17, `${lines.length} lines`);
});
