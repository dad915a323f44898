import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openRedisRunner } from "../../../scripts/lab/sweep/redis/redisRunner.ts";
import { sweepVersion } from "../../../scripts/lab/sweep/version.ts";
import { type Child, startLab, startProgram } from "../../support/child.ts";
import { type RedisServer, startRedis, withoutRedis } from "../../support/redisServer.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { KINDS, options, recordings, squares, swept } from "./support.ts";

describe("a sweep over Redis", { skip: withoutRedis() }, () => {
  let redis: RedisServer;
  const data = recordings();
  const children: Child[] = [];
  before(async () => {
    redis = await startRedis();
  });
  after(async () => {
    for (const child of children) child.kill("SIGKILL");
    await redis.close();
  });
  const startWorker = async (folder = data, code: readonly string[] = []) => {
    const child = startProgram(
      "test/lab/sweep/worker.ts",
      [redis.url, folder, ...code],
      { PATH: process.env["PATH"] },
      temporaryFolder(),
    );
    children.push(child);
    await child.until(({ out }) => out.includes("ready"), "a worker that is ready");
    return child;
  };
  const over = (changes: Parameters<typeof options>[0] = {}) => options({ data, redisUrl: redis.url, ...changes });
  const done = (child: Child) =>
    child
      .said()
      .out.split("\n")
      .filter((line) => line.startsWith("done")).length;
  const end = async (...workers: Child[]) => {
    for (const worker of workers) worker.kill("SIGTERM");
    await Promise.all(workers.map((worker) => worker.ended));
  };

  it("loses and doubles nothing when one of two workers is killed -9, and has the digest of one process", async () => {
    const log = join(temporaryFolder(), "log");
    const tasks = squares(24, () => ({ waitMs: 60, log }));
    const workers = [await startWorker(), await startWorker()] as const;
    const given = over();
    const running = swept(given, tasks);
    await workers[0].until(() => done(workers[0]) >= 4, "four tasks of the first worker");
    workers[0].kill("SIGKILL");
    const shared = await running;
    assert.ok(done(workers[1]) > 4, "the other took over");
    const times = new Map<string, number>();
    for (const line of readFileSync(log, "utf8").trimEnd().split("\n")) {
      const n = line.split(" ")[1] as string;
      times.set(n, (times.get(n) ?? 0) + 1);
    }
    assert.equal(times.size, 24);
    const twice = [...times.values()].filter((count) => count > 1);
    assert.ok(twice.length <= 1 && twice.every((count) => count === 2), "only what the killed one held is done again");
    assert.deepEqual(
      shared.outputs.map(({ n, square }) => [n, square]),
      Array.from({ length: 24 }, (_, n) => [n, n * n]),
    );
    assert.equal(shared.digest, (await swept(options({ data }), tasks)).digest);
    await end(workers[1]);
  });

  it("that was stopped goes on with what was kept, though Redis has forgotten everything", async () => {
    const stop = new AbortController();
    const tasks = squares(10, () => ({ waitMs: 20 }));
    const first = over({ workers: 1, signal: stop.signal });
    const half = { ...first, progress: (count: number) => void (count >= 5 && stop.abort(new Error("stopped here"))) };
    await assert.rejects(swept(half, tasks), /stopped here/);
    await redis.command("FLUSHALL");
    const second = over({ workers: 1, kept: first.kept });
    const { digest } = await swept(second, tasks);
    assert.ok((second.seen.progress[0]?.[0] ?? 0) >= 5);
    assert.equal(digest, (await swept(options({ data }), tasks)).digest);
  });

  it("outlives a Redis that dies with all it held", async () => {
    const tasks = squares(12, () => ({ waitMs: 100 }));
    const given = over({ workers: 1 });
    const killings: Promise<void>[] = [];
    const progress = (count: number) => {
      if (count === 3 && killings.length === 0) killings.push(redis.kill().then(() => redis.restart()));
    };
    const { digest } = await swept({ ...given, progress }, tasks);
    assert.equal(killings.length, 1);
    assert.equal(digest, (await swept(options({ data }), tasks)).digest);
  });

  it("gives up on a Redis that stays away, and says so", async () => {
    const lone = await startRedis();
    const notes: string[] = [];
    const common = { kind: "square", kinds: KINDS, data, workers: 1, version: sweepVersion(data) };
    const signal = new AbortController().signal;
    const runner = await openRedisRunner(lone.url, { ...common, signal, note: (text) => void notes.push(text) }, 1_000);
    const tasks = new Map(squares(4, () => ({ waitMs: 200 })).map((task) => [task.key, task]));
    const running = runner.run(tasks, () => void lone.kill());
    await assert
      .rejects(running, { code: "REDIS_FAILED", message: /Redis went away and did not come back/ })
      .finally(() => runner.close());
    assert.ok(notes.some((note) => note.includes("the sweep waits for it")));
    await assert.rejects(swept(over({ redisUrl: lone.url }), squares(1)), {
      code: "REDIS_FAILED",
      message: /Redis cannot be reached \(.*\); field REDIS_URL; given "127\.0\.0\.1:\d+"/,
    });
  });

  it("does the others when a task throws or kills every worker that takes it, and names it", async () => {
    const thrown = over({ workers: 1 });
    await assert.rejects(
      swept(
        thrown,
        squares(4, (n) => (n === 2 ? { fault: "throws" } : {})),
      ),
      /task square 2 failed: cannot square 2 \(3 done are kept/,
    );
    const workers = [await startWorker(), await startWorker(), await startWorker()];
    const poisoned = squares(5, (n) => (n === 1 ? { fault: "killsProcess" } : { waitMs: 10 }));
    const running = swept(over(), poisoned);
    const fourth = workers[0]?.ended.then(() => startWorker());
    await assert.rejects(running, /task square 1 failed: every worker that took it was lost \(.*stalled.*\(4 done/);
    await end((await fourth) as Child, ...workers);
  });

  it("is refused by a worker of other code and by one with other recordings, which say why", async () => {
    const other = await startWorker(data, ["0123456789abcdef"]);
    const elsewhere = await startWorker(recordings("t,close\n0,9\n"));
    const given = over();
    const running = swept(given, squares(3));
    await other.until(({ out }) => /refused its code \(or Node\) is 0123456789abcdef, the sweep's is/.test(out), "no");
    await elsewhere.until(({ out }) => /refused its recordings are \w+, the sweep's are \w+/.test(out), "a refusal");
    const right = await startWorker();
    assert.equal((await running).outputs.length, 3);
    assert.deepEqual([done(other), done(elsewhere), done(right)], [0, 0, 3]);
    assert.ok(
      given.seen.notes.some((note) => /worker .*:\d+ refuses this sweep: its code/.test(note)),
      "noted here too",
    );
    await end(other, elsewhere, right);
  });

  it("is worked on by `lab sweep-worker`, which refuses to start without an address or a server", async () => {
    const run = async (variables: NodeJS.ProcessEnv) => {
      const child = startLab(["sweep-worker", "--data", data], { PATH: process.env["PATH"], ...variables });
      children.push(child);
      return child.ended;
    };
    const [without, wrong, nobody] = await Promise.all([
      run({}),
      run({ REDIS_URL: "localhost" }),
      run({ REDIS_URL: "redis://127.0.0.1:1" }),
    ]);
    assert.deepEqual([without.code, wrong.code, nobody.code], [78, 78, 75]);
    assert.match(without.err, /error BAD_CONFIG: a sweep worker needs Redis\n {2}field REDIS_URL/);
    assert.match(wrong.err, /error BAD_CONFIG: the address of Redis cannot be used\n {2}field REDIS_URL/);
    assert.match(nobody.err, /error REDIS_FAILED: Redis cannot be reached/);
  });
});
