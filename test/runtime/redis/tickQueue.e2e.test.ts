import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openTickQueue, type TickQueue } from "../../../keeper/runtime/redis/tickQueue.ts";
import { type RedisServer, startRedis, withoutRedis } from "../../support/redisServer.ts";

const CLOSED_QUEUE = fileURLToPath(new URL("closedQueue.ts", import.meta.url));

/** The queue over a real redis-server. */
describe("the tick queue", { skip: withoutRedis() }, () => {
  let redis: RedisServer;
  const opened: TickQueue[] = [];
  before(async () => {
    redis = await startRedis();
  });
  after(async () => {
    await Promise.all(opened.map((queue) => queue.close()));
    await redis.close();
  });
  const open = (name: string, onTick: () => Promise<void>, onProblem: (problem: Error) => void = () => {}) => {
    const queue = openTickQueue({ url: redis.url, name, everyMs: 500, onTick, onProblem });
    opened.push(queue);
    return queue;
  };
  const until = async (done: () => boolean, what: string) => {
    for (let tries = 0; tries < 400; tries++) {
      if (done()) return;
      await setTimeout(25);
    }
    assert.fail(`${what}: not seen`);
  };

  it("delivers jobs for ever, and keeps a bounded number of those done", async () => {
    let jobs = 0;
    const queue = open("steady", async () => void jobs++);
    await queue.renew();
    await until(() => jobs >= 4, "four jobs");
    const stored = await redis.command("ZCARD tonsor:steady:completed");
    assert.ok(Number(stored.slice(1)) <= 20);
  });

  it("brings scheduler and concurrency back after FLUSHALL with the next renewal", async () => {
    let jobs = 0;
    const queue = open("flushed", async () => void jobs++);
    await queue.renew();
    await until(() => jobs >= 4, "four jobs");
    const before = await queue.renew();
    await redis.command("FLUSHALL");
    const after = await queue.renew();
    assert.ok(after.count < before.count, `a new scheduler counts from the start, not ${after.count}`);
    assert.match(await redis.command("HGET tonsor:flushed:meta concurrency"), /1/);
    const seen = jobs;
    await until(() => jobs >= seen + 2, "jobs after FLUSHALL");
  });

  it("two processes of one key never tick at the same time", async () => {
    let at = 0;
    let most = 0;
    const tick = async () => {
      at += 1;
      most = Math.max(most, at);
      await setTimeout(400);
      at -= 1;
    };
    const both = [open("shared", tick), open("shared", tick)];
    for (const queue of both) await queue.renew();
    await setTimeout(3_000);
    assert.equal(most, 1);
  });

  it("out of memory it waits instead of asking thousands of times a second, and goes on by itself", async () => {
    let jobs = 0;
    let problems = 0;
    const queue = open(
      "starved",
      async () => void jobs++,
      () => void problems++,
    );
    await queue.renew();
    await until(() => jobs >= 1, "a job");
    await redis.command("CONFIG SET maxmemory 1");
    for (let n = 0; n < 4; n++) {
      await queue.renew().catch(() => undefined);
      await setTimeout(500);
    }
    await redis.command("CONFIG SET maxmemory 0");
    assert.ok(problems < 400, `${problems} complaints in two seconds`);
    const before = jobs;
    await queue.renew();
    await until(() => jobs > before, "a job after it");
  });

  for (const [how, strike] of [
    ["was killed a moment ago", () => redis.kill()],
    ["hangs", async () => redis.signal("SIGSTOP")],
  ] as const) {
    it(`closes although Redis ${how}, and leaves nothing behind that keeps the process`, async () => {
      const child = spawn(process.execPath, [CLOSED_QUEUE, redis.url], { stdio: ["pipe", "pipe", "inherit"] });
      try {
        const ended = once(child, "close", { signal: AbortSignal.timeout(60_000) });
        let said = "";
        child.stdout.on("data", (chunk: Buffer) => {
          said += chunk.toString("utf8");
        });
        await until(() => said.includes("open"), "the queue is open");
        await strike();
        child.stdin.end();
        assert.deepEqual(await ended, [0, null]);
        assert.match(said, /closed/);
      } finally {
        child.kill("SIGKILL");
        redis.signal("SIGCONT");
        await redis.restart();
      }
    });
  }
});
