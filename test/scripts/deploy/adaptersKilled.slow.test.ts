import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { readDeployment } from "../../../keeper/protocols/readDeployment.ts";
import { developmentPlan } from "../../../scripts/deploy/plan.ts";
import { replicaClient } from "../../../scripts/lab/replica/node.ts";
import { startReplica } from "../../../scripts/lab/replica/startReplica.ts";
import { SHIPPED } from "../../support/shipped.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

test("A deployment killed as each adapter is mined is completed by the next run, and nothing is created twice.", async () => {
  const replica = await startReplica({ seedFrom: null });
  try {
    const folder = temporaryFolder();
    const plan = join(folder, "plan.json");
    const feed = { contract: "HaircutFactorFeed", market: "WETH" };
    const adapters = [
      { contract: "CurrentParameters", name: "stable" },
      { contract: "RiskOraclePublisher", name: "oracle" },
      { ...feed, name: "initial", side: "INITIAL" },
      { ...feed, name: "maintenance", side: "MAINTENANCE" },
    ];
    writeFileSync(plan, JSON.stringify({ ...developmentPlan(SHIPPED), adapters }));
    const client = replicaClient(replica.url, replica.chainId);
    const sent = () => client.getTransactionCount({ address: replica.accounts.deployer.address });
    const start = () => {
      const words = ["scripts/govern.ts", "deploy", "--plan", plan, "--rpc-url", replica.url, "--deployments", folder];
      return spawn(process.execPath, words, { stdio: ["ignore", "ignore", "inherit"] });
    };
    const before = await sent();
    // Five for the contract and its gateways, then one for each adapter.
    for (const reached of [6, 7, 8]) {
      const child = start();
      const ended = once(child, "exit");
      while ((await sent()) - before < reached && child.exitCode === null) await setTimeout(5);
      child.kill("SIGKILL");
      await ended;
    }
    const [code] = await once(start(), "exit");
    assert.equal(code, 0);
    assert.equal((await sent()) - before, 5 + adapters.length);
    const record = readDeployment(join(folder, "31337.json"));
    assert.deepEqual(
      record.adapters?.map(({ name }) => name),
      adapters.map(({ name }) => name),
    );
  } finally {
    await replica.close();
  }
});
