import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Stopped } from "../../../keeper/domain/errors.ts";
import { redisUrlOf } from "../../../scripts/lab/sweep/redisUrl.ts";
import { secondsLeft } from "../../../scripts/lab/sweep/timeLeft.ts";
import { sweepVersion } from "../../../scripts/lab/sweep/version.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { options, recordings, squares, swept } from "./support.ts";

const lines = (path: string) => readFileSync(path, "utf8").trimEnd().split("\n");

describe("a sweep on threads", () => {
  it("gives outputs in the order asked, and one digest for any number of threads and any order", async () => {
    const alone = await swept(options(), squares(12));
    assert.deepEqual(
      alone.outputs.map((one) => one.square),
      Array.from({ length: 12 }, (_, n) => n * n),
    );
    const pooled = await swept(options({ workers: 2 }), squares(12, (n) => ({ n })).toReversed());
    assert.deepEqual(pooled.outputs.toReversed(), alone.outputs);
    assert.equal(pooled.digest, alone.digest);
    const other = await swept(options(), squares(11));
    assert.notEqual(other.digest, alone.digest);
  });

  it("that was stopped half-way goes on where it was, and forgets what it kept when it is over", async () => {
    const log = join(temporaryFolder(), "log");
    const stop = new AbortController();
    const tasks = squares(10, () => ({ log, waitMs: 20 }));
    const first = options({ workers: 1, signal: stop.signal });
    const half = { ...first, progress: (done: number) => void (done === 4 && stop.abort(new Error("stopped here"))) };
    await assert.rejects(swept(half, tasks), /stopped here/);
    const second = options({ kept: first.kept, data: first.data, workers: 1 });
    const { outputs } = await swept(second, tasks);
    assert.deepEqual(
      outputs.map(({ n }) => n),
      tasks.map(({ input }) => input.n),
    );
    assert.deepEqual(second.seen.progress[0], [4, 10], "four were kept");
    // The one under way when it was stopped may have begun twice.
    assert.ok(lines(log).length <= 11, `${lines(log).length}`);
    assert.ok(!existsSync(first.kept));
  });

  it("says where the finished part is when a person stops it", async () => {
    const stop = new AbortController();
    const first = options({ workers: 1, signal: stop.signal });
    const half = { ...first, progress: (done: number) => void (done === 2 && stop.abort(new Stopped("SIGINT"))) };
    const said = `stopped by SIGINT; what was finished is kept in ${first.kept}: the same command goes on from there`;
    await assert.rejects(swept(half, squares(6)), { by: "SIGINT", message: said });
    assert.equal(readdirSync(first.kept).length, 1);
  });

  it("keeps nothing for other recordings, and takes a torn file for none", async () => {
    const stop = new AbortController();
    const tasks = squares(6);
    const first = options({ signal: stop.signal });
    const half = { ...first, progress: (done: number) => void (done === 5 && stop.abort(new Error("stopped"))) };
    await assert.rejects(swept(half, tasks), /stopped/);
    const [version] = readdirSync(first.kept);
    const files = readdirSync(join(first.kept, version as string));
    writeFileSync(join(first.kept, version as string, files[0] as string), '{"key":"square 0","te');
    const again = options({ kept: first.kept, data: first.data, signal: stop.signal });
    await assert.rejects(swept(again, tasks));
    assert.deepEqual(again.seen.progress[0], [files.length - 1, 6]);
    const other = options({ kept: first.kept, data: recordings("t,close\n0,2\n") });
    await swept(other, tasks);
    assert.deepEqual(other.seen.progress[0]?.[0], 0);
  });

  it("ends the others when a task throws, ends its thread or gives no plain data, and names the first", async () => {
    for (const [fault, message] of [
      ["throws", /task square 3 failed: cannot square 3 \(7 done are kept: run it again to continue\)/],
      ["notPlain", /task square 3 failed: a task's output is no plain data; field square; given NaN/],
      ["endsThread", /task square 3 failed: 3 took its thread with it \(7 done are kept/],
    ] as const) {
      const given = options({ workers: 2 });
      await assert.rejects(
        swept(
          given,
          squares(8, (n) => (n === 3 ? { fault } : {})),
        ),
        message,
      );
      const [version] = readdirSync(given.kept);
      assert.equal(readdirSync(join(given.kept, version as string)).length, 7, fault);
    }
  });

  it("refuses two tasks of one name, and a kind that is not known", async () => {
    await assert.rejects(swept(options(), [...squares(2), ...squares(1)]), /two tasks of a sweep are called square 0/);
    await assert.rejects(swept(options({ kind: "cube" }), squares(1)), /no kind of task "cube"/);
  });

  it("says how long it will take from the median of what is done", async () => {
    assert.equal(secondsLeft([1_000, 1_000, 9_000], 4, 5_500), 2);
    assert.equal(secondsLeft([2_000], 3, 2_500), 6, "never more at once than one, where there are pauses");
    assert.equal(secondsLeft([], 3, 100), null);
    const given = options({ expected: 4 });
    await swept(
      given,
      squares(4, () => ({ waitMs: 10 })),
    );
    assert.deepEqual(given.seen.progress[0], [0, 4]);
    assert.deepEqual(given.seen.progress.at(-1), [4, 4, 0]);
    assert.ok((given.seen.progress[1]?.[2] ?? -1) > 0);
  });
});

describe("the version of a sweep", () => {
  it("is that of the contents: another folder with the same files has it, a byte more has not", () => {
    const [one, same, other] = [recordings(), recordings(), recordings("t,close\n0,1\n\n")].map(sweepVersion);
    assert.deepEqual(one, same);
    assert.equal(one?.code, other?.code);
    assert.notEqual(one?.data, other?.data);
  });
});

describe("REDIS_URL", () => {
  it("is refused in one line, without what may be a password", () => {
    const wrong = "rediss//:secret@host";
    assert.throws(() => redisUrlOf({ REDIS_URL: wrong }), {
      code: "BAD_CONFIG",
      message: /field REDIS_URL; .*expected empty, or redis\(s\):\/\/\[user:password@\]host/,
    });
    assert.throws(
      () => redisUrlOf({ REDIS_URL: wrong }),
      (error: Error) => !error.message.includes("secret"),
    );
    assert.equal(redisUrlOf({}), null);
    assert.equal(redisUrlOf({ REDIS_URL: "redis://127.0.0.1:6379" }), "redis://127.0.0.1:6379");
  });
});
