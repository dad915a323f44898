import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { encryptKeystoreJsonSync } from "ethers";
import { readDeployment } from "../../../keeper/protocols/readDeployment.ts";
import { developmentPlan, readPlan } from "../../../scripts/deploy/plan.ts";
import { replicaClient } from "../../../scripts/lab/replica/node.ts";
import { type Replica, startReplica } from "../../../scripts/lab/replica/startReplica.ts";
import { runScript, type ScriptResult } from "../../support/runScript.ts";
import { SHIPPED } from "../../support/shipped.ts";

/** A chain that is not the development chain: nothing is assumed there, and nothing may be forgotten. */
const CHAIN = 7_777;

let replica: Replica;
let folder: string;
let empty: `0x${string}`;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tonsor-elsewhere-"));
  replica = await startReplica({ seedFrom: null, chainId: CHAIN });
  empty = await replica.snapshot();
  const { markets: _, ...plan } = developmentPlan(SHIPPED);
  writeFileSync(file("plan.json"), JSON.stringify(plan));
  // Cheap to derive: a test of the script, not of the cipher.
  const { address, privateKey } = replica.accounts.deployer;
  const keystore = encryptKeystoreJsonSync({ address, privateKey }, "correct horse", { scrypt: { N: 2, r: 1, p: 1 } });
  writeFileSync(file("key.json"), keystore);
  writeFileSync(file("password"), "correct horse\n");
});
after(async () => {
  rmSync(folder, { recursive: true });
  await replica.close();
});

const file = (name: string) => join(folder, name);

const run = (...more: string[]): Promise<ScriptResult> =>
  runScript("deploy", ["--rpc-url", replica.url, "--deployments", folder, "--chain-id", String(CHAIN), ...more]);

test("Without a plan, or without an encrypted key, nothing is deployed and the missing option is named.", async () => {
  const noPlan = await run();
  assert.equal(noPlan.code, 1);
  assert.match(noPlan.err, /^BAD_ARGUMENT: chain 7777 needs --plan.*\nNext: /);
  const noKey = await run("--plan", file("plan.json"));
  assert.equal(noKey.code, 1);
  assert.match(noKey.err, /^BAD_ARGUMENT: .*encrypted key.*--keystore/);
});

test("Without a chain at the URL it ends as what may be tried again does.", async () => {
  const { code, err } = await runScript("deploy", ["--rpc-url", "http://127.0.0.1:9", "--deployments", folder]);
  assert.equal(code, 75, err);
  assert.match(err, /^RPC_FAILED: .*\nNext: Retry later/m);
});

test("A wrong password opens nothing, and appears nowhere.", async () => {
  writeFileSync(file("wrong"), "battery staple");
  const { code, out, err } = await run(
    "--plan",
    file("plan.json"),
    "--keystore",
    file("key.json"),
    "--password-file",
    file("wrong"),
  );
  assert.equal(code, 1);
  assert.match(err, /^BAD_FILE: the keystore .* cannot be opened/);
  assert.ok(!`${out}${err}`.includes("battery staple"));
});

test("An unknown option is answered with what is expected.", async () => {
  const { code, err } = await run("--network", "mainnet");
  assert.equal(code, 1);
  assert.match(err, /BAD_ARGUMENT: Unknown option '--network'.*--help/s);
});

test("A plan without markets takes those of the files; a damaged plan is refused with every path.", () => {
  assert.deepEqual(readPlan(file("plan.json"), SHIPPED), developmentPlan(SHIPPED));
  writeFileSync(file("bad.json"), JSON.stringify({ keeper: "0x1", sources: developmentPlan(SHIPPED).sources }));
  assert.throws(() => readPlan(file("bad.json"), SHIPPED), {
    code: "BAD_CONFIG",
    message: /keeper: .*guardian: .*timelock: /s,
  });
  const missing = /none\.json cannot be read; field file; given "no such file"; expected a deployment plan in JSON/;
  assert.throws(() => readPlan(file("none.json"), SHIPPED), { code: "BAD_FILE", message: missing });
  const noJson = /half\.json is not JSON; field file; given .*keeper.*; expected a deployment plan in JSON/;
  writeFileSync(file("half.json"), '{ "keeper":');
  assert.throws(() => readPlan(file("half.json"), SHIPPED), { code: "BAD_FILE", message: noJson });
});

test("With plan and key it deploys; when the chain then lacks the contract, it stops instead of deploying again.", async () => {
  const words = ["--plan", file("plan.json"), "--keystore", file("key.json"), "--password-file", file("password")];
  const { code, out, err } = await run(...words, "--confirmations", "1", "--json");
  assert.equal(code, 0, err);
  assert.deepEqual(JSON.parse(out), readDeployment(file("7777.json")));
  assert.ok(!`${out}${err}`.includes(replica.accounts.deployer.privateKey.slice(2)), "the key is printed nowhere");

  await replica.revert(empty);
  const client = replicaClient(replica.url, CHAIN);
  const { address } = replica.accounts.deployer;
  const before = await client.getTransactionCount({ address });
  const again = await run(...words, "--confirmations", "1");
  assert.equal(again.code, 78);
  assert.match(again.err, /^NOT_DEPLOYED: the chain does not have the recorded contract/m);
  rmSync(file("7777.json"));
  const fromJournal = await run(...words, "--confirmations", "1");
  assert.match(fromJournal.err, /^NOT_DEPLOYED: the chain does not have the recorded contract/m);
  assert.equal(await client.getTransactionCount({ address }), before, "nothing was sent");
});
