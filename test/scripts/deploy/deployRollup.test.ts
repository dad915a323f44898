import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { encodeFunctionData, parseAbi } from "viem";
import type { Hex } from "../../../keeper/domain/contract.ts";
import type { Deployment } from "../../../keeper/protocols/deployment.ts";
import { checkDeployment } from "../../../scripts/deploy/check.ts";
import { deploy } from "../../../scripts/deploy/deploy.ts";
import { developmentPlan } from "../../../scripts/deploy/plan.ts";
import { parsePlan } from "../../../scripts/deploy/planSchema.ts";
import { mined, replicaClient, send } from "../../../scripts/lab/replica/node.ts";
import { type Replica, startReplica } from "../../../scripts/lab/replica/startReplica.ts";
import { deployLinked } from "../../support/linkedContract.ts";
import { runScript } from "../../support/runScript.ts";

/** Optimism's id: a rollup. */
const CHAIN = 10;
const GRACE = 3_600;
const FEED = parseAbi(["function set(bool up)"]);

let replica: Replica;
let folder: string;
let feed: Hex;
let deployment: Deployment;

before(async () => {
  replica = await startReplica({ seedFrom: null, chainId: CHAIN });
  folder = mkdtempSync(join(tmpdir(), "tonsor-rollup-"));
  const client = replicaClient(replica.url, CHAIN);
  feed = await deployLinked(client, replica.accounts.deployer.address, "test/mocks/MockSequencerFeed", []);
  deployment = await deploy({
    rpcUrl: replica.url,
    chainId: CHAIN,
    deployerKey: replica.accounts.deployer.privateKey,
    plan: parsePlan({ ...developmentPlan(), sequencer: { feed, graceSeconds: GRACE } }),
    deploymentsFolder: folder,
    confirmations: 1,
  });
});
after(async () => {
  rmSync(folder, { recursive: true });
  await replica.close();
});

const sequencerChecks = async (record: Deployment) =>
  (await checkDeployment(replica.url, record)).filter(({ what }) => what.startsWith("sequencer"));

test("The record of a rollup names the feed and the grace, and the chain agrees.", async () => {
  assert.deepEqual(deployment.sequencer, { feed, graceSeconds: GRACE });
  // Governance has not completed it: what only it can do differs yet.
  const ours = /^(sequencer|events rebuild|contract (code|constructor|creation)|profile|class)/;
  const checks = (await checkDeployment(replica.url, deployment)).filter(({ what }) => ours.test(what));
  assert.ok(checks.filter(({ what }) => what.startsWith("events rebuild")).length >= 4);
  assert.deepEqual(
    checks.filter(({ agrees, warning }) => !agrees || warning),
    [],
  );
});

test("Another grace or no feed in the file is found, and that a rollup needs one is said.", async () => {
  const [, grace] = await sequencerChecks({ ...deployment, sequencer: { feed, graceSeconds: 600 } });
  assert.deepEqual([grace?.agrees, grace?.expected, grace?.found], [false, "600", "3600"]);
  const [none] = await sequencerChecks({ ...deployment, sequencer: null });
  assert.equal(none?.agrees, false);
  assert.equal(none?.warning, "a rollup without a feed of its sequencer");
});

test("While the sequencer is down the check says that maintenance does not move, and a proposal that it will not.", async () => {
  const client = replicaClient(replica.url, CHAIN);
  const data = encodeFunctionData({ abi: FEED, functionName: "set", args: [false] });
  await mined(client, [await send(client, { from: replica.accounts.deployer.address, to: feed, data })]);
  const last = (await sequencerChecks(deployment)).at(-1);
  assert.deepEqual([last?.agrees, last?.found, last?.warning], [true, "down", "maintenance of no market moves"]);
  const words = ["--rpc-url", replica.url, "--chain-id", String(CHAIN), "--deployments", folder];
  const action = { action: "setClass", group: 0, class: 4 };
  const file = join(folder, "proposal.json");
  writeFileSync(file, JSON.stringify({ title: "Move", description: "", actions: [action] }));
  const { out } = await runScript("governance/proposeLimits.ts", [...words, "--file", file]);
  assert.ok(
    out.includes(`maintenance does not move while the feed ${feed} reports the sequencer down, and 3600 s after`),
    out,
  );
});

test("Another sequencer is another plan: the second run is refused.", async () => {
  const plan = developmentPlan();
  assert.equal(plan.sequencer, null);
  const options = { rpcUrl: replica.url, chainId: CHAIN, deployerKey: replica.accounts.deployer.privateKey, plan };
  await assert.rejects(deploy({ ...options, deploymentsFolder: folder }), { code: "BAD_CONFIG" });
});

test("A grace that the contract would refuse is refused in the plan.", () => {
  const plan = { ...developmentPlan(), sequencer: { feed, graceSeconds: 60 } };
  assert.throws(() => parsePlan(plan), { code: "BAD_CONFIG", message: /sequencer\.graceSeconds/ });
});
