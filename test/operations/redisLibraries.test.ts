import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { redisChecks } from "../../keeper/operations/operationsChecks.ts";
import { runTicks } from "../../keeper/operations/ticks.ts";
import { INSTALL_REDIS } from "../../keeper/runtime/redis/libraries.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const URL_OF_REDIS = "redis://:a-secret@127.0.0.1:9";

/** Node looks for both in an empty folder, and says itself that they are not there. */
describe("a keeper with REDIS_URL and without its libraries", () => {
  let hooks: ReturnType<typeof registerHooks>;
  before(() => {
    const empty = pathToFileURL(`${temporaryFolder()}/none.js`).href;
    hooks = registerHooks({
      resolve: (name, context, next) =>
        ["bullmq", "ioredis"].includes(name) ? next(name, { ...context, parentURL: empty }) : next(name, context),
    });
  });
  after(() => hooks.deregister());

  it("does not start, and says what installs them", async () => {
    const config = {
      tickSeconds: 60,
      schedule: { softTimeoutSeconds: 1, hardTimeoutSeconds: 2, headStallSeconds: 60, stageSeconds: 1 },
      redisUrl: URL_OF_REDIS,
    };
    const options = { config, queueName: "q", signal: AbortSignal.abort(), onEvent: () => undefined, log: {} as never };
    await assert.rejects(
      runTicks(async () => undefined, options),
      ({ code, facts, message }) => {
        assert.deepEqual([code, facts.field], ["BAD_CONFIG", "REDIS_URL"]);
        assert.ok(facts.expected.includes(INSTALL_REDIS));
        assert.doesNotMatch(`${message} ${JSON.stringify(facts)}`, /a-secret/);
        return true;
      },
    );
  });

  it("fails in doctor, with the command; without REDIS_URL there is nothing to say", async () => {
    const [check] = await redisChecks(URL_OF_REDIS);
    assert.equal(check?.state, "fail");
    assert.ok(check.cure?.includes(INSTALL_REDIS));
    assert.deepEqual(await redisChecks(null), []);
  });
});

it("names the versions that are tested here", () => {
  const { dependencies } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const { bullmq, ioredis } = dependencies;
  assert.equal(INSTALL_REDIS, `npm install bullmq@${bullmq} ioredis@${ioredis}`);
});
