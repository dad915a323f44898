import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type KeeperParts, openKeeper } from "../../keeper/main/keeper.ts";
import { watchKeeper } from "../../keeper/main/operations.ts";
import { configFileSchema } from "../../keeper/runtime/configFile.ts";
import { createLogger } from "../../keeper/runtime/logger.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

/** A keeper's watch before anything was asked of a node. */
function watched(t: TestContext) {
  const deployment = {
    contract: { address: "0x5FbDB2315678afecb367f032d93F642f64180aa3" },
    markets: [],
  } as unknown as KeeperParts["deployment"];
  const keeper = openKeeper({
    rpcUrl: "http://127.0.0.1:9",
    chainId: 31_337,
    deployment,
    stateFolder: temporaryFolder(),
    privateKey: null,
    now: () => 1_000,
  });
  const { schedule } = configFileSchema.parse({});
  const settings = { tickSeconds: 60, schedule, clock: "wall", rpcQuorum: 1, alertWebhookUrl: null, deadmanUrl: null };
  const log = createLogger({ level: "silent", secrets: [] });
  const watch = watchKeeper(keeper, settings as Parameters<typeof watchKeeper>[1], log, () => 0);
  t.after(() => {
    watch.close();
    keeper.close();
  });
  const figure = async (name: string) =>
    new RegExp(`^${name} (.+)$`, "m").exec((await watch.operations.metrics()).body)?.[1];
  const alerts = () => watch.operations.status().alerts.map(({ name }) => name);
  return { watch, figure, alerts };
}

test("an expected tick that Redis did not bring is an alarm until the queue ticks again", async (t) => {
  const { watch, figure, alerts } = watched(t);
  assert.equal(await figure("tonsor_queue_silent"), "0");
  watch.onEvent({ kind: "queueSilent", sinceMs: 75_000 });
  assert.equal(await figure("tonsor_queue_silent"), "1");
  assert.deepEqual(alerts(), ["TonsorQueueSilent"]);
  watch.onEvent({ kind: "queueBack", silentMs: 90_000 });
  assert.equal(await figure("tonsor_queue_silent"), "0");
  assert.deepEqual(alerts(), []);
});

test("a clock behind the chain's is as much an alarm as a head that stands still", async (t) => {
  const { watch, figure, alerts } = watched(t);
  const cycle = { now: 1_000, blockNumber: 7n, blockTime: 1_600, tick: 1, entries: [], failures: [], batch: null };
  watch.cycleDone({ ...cycle, heldBy: null }, []);
  assert.equal(await figure("tonsor_head_age_seconds"), "-600");
  assert.ok(alerts().includes("TonsorHeadOld"));
  watch.cycleDone({ ...cycle, blockTime: 990, heldBy: null }, []);
  assert.ok(!alerts().includes("TonsorHeadOld"));
});
