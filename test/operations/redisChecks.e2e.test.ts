import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { redisChecks } from "../../keeper/operations/operationsChecks.ts";
import { type RedisServer, startRedis, withoutRedis } from "../support/redisServer.ts";

/** What `doctor` says of a real redis-server. */
describe("the check of Redis", { skip: withoutRedis() }, () => {
  let redis: RedisServer;
  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.close());
  const told = async (url: string | null = redis.url) =>
    (await redisChecks(url)).map(({ state, found }) => `${state} ${found}`);

  it("says nothing without REDIS_URL", async () => {
    assert.deepEqual(await told(null), []);
  });

  it("holds for one that keeps everything and throws nothing away", async () => {
    await redis.command("CONFIG SET appendonly yes");
    assert.deepEqual(await told(), ["ok answers, noeviction, appendonly yes"]);
    await redis.command("CONFIG SET appendonly no");
  });

  it("warns of each setting by which jobs are lost, with the line that mends it", async () => {
    await redis.command("CONFIG SET maxmemory-policy allkeys-lru");
    assert.deepEqual(await told(), [
      "warn maxmemory-policy allkeys-lru: it may throw jobs away to make room",
      "warn appendonly no: a restart forgets the schedule, until the keeper writes it again 2 s later",
    ]);
    for (const { cure } of await redisChecks(redis.url)) assert.match(cure ?? "", /^Set `.+` in redis\.conf\.$/);
  });

  it("warns of one that hangs, in a few seconds, and of one that is gone", async () => {
    redis.signal("SIGSTOP");
    try {
      assert.match((await told())[0] ?? "", /^warn does not answer: /);
    } finally {
      redis.signal("SIGCONT");
    }
    await redis.kill();
    assert.match((await told())[0] ?? "", /^warn does not answer: .*ECONNREFUSED/);
  });
});
