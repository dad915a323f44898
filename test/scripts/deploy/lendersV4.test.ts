import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Hex } from "viem";
import type { Deployment } from "../../../keeper/protocols/deployment.ts";
import { readDeployment } from "../../../keeper/protocols/readDeployment.ts";
import { checkDeployment } from "../../../scripts/deploy/check.ts";
import { deploy } from "../../../scripts/deploy/deploy.ts";
import { main as nextPlan } from "../../../scripts/deploy/nextPlan.ts";
import { developmentPlan } from "../../../scripts/deploy/plan.ts";
import { parsePlan } from "../../../scripts/deploy/planSchema.ts";
import { main as proposeLender } from "../../../scripts/governance/lenders/proposeLender.ts";
import { MAINNET_ADDRESSES as AT } from "../../../scripts/lab/replica/addresses.ts";
import { ownArtifact } from "../../../scripts/lab/replica/artifacts.ts";
import { replicaClient, transact, write } from "../../../scripts/lab/replica/node.ts";
import { startReplica } from "../../../scripts/lab/replica/startReplica.ts";
import { deployAaveV4, ROLES } from "../../support/aaveV4World.ts";
import { runHere } from "../../support/runScript.ts";
import { SHIPPED } from "../../support/shipped.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const AGENT = { maxStepBps: 25, stepSeconds: 14_400, leastRiseBps: 20, maxAgeSeconds: 21_600 };

/** A replica with the model of an Aave v4 spoke that lends 81 % against WETH, under governance's access manager, and a deployment with an agent for it. */
async function world() {
  const replica = await startReplica({ seedFrom: null });
  const { deployer, governance } = replica.accounts;
  const client = replicaClient(replica.url, replica.chainId);
  const listed = { asset: AT.tokens.WETH, decimals: 18, factorBps: 8_100 };
  const aave = await deployAaveV4(client, deployer.address, governance.address, listed);
  const { spoke, hub, spokeConfigurator, hubConfigurator } = aave;
  const places = { spoke, hub, spokeConfigurator, hubConfigurator };
  const lender = { kind: "aave-v4", name: "Core spoke", fromBlock: 0, ...places, markets: ["WETH"], agent: AGENT };
  const options = {
    rpcUrl: replica.url,
    chainId: replica.chainId,
    deployerKey: deployer.privateKey,
    plan: parsePlan({ ...developmentPlan(SHIPPED), lenders: [lender] }),
    deploymentsFolder: temporaryFolder(),
  };
  const deployment = await deploy(options);
  return { replica, client, aave, lender, options, deployment };
}

let w: Awaited<ReturnType<typeof world>>;
before(async () => {
  w = await world();
});
after(() => w.replica.close());

const agentOf = ({ lenders: [lender] = [] }: Deployment) => {
  assert.ok(lender?.kind === "aave-v4");
  return lender.agent;
};
const found = async (record: Deployment = w.deployment) => {
  const checks = await checkDeployment(w.replica.url, record);
  return {
    differ: checks.flatMap(({ what, expected, found: is, agrees }) =>
      agrees ? [] : [`${what}: ${expected} -> ${is}`],
    ),
    warned: new Map(checks.flatMap(({ what, warning }) => (warning ? [[what, warning]] : []))),
  };
};
const propose = (...more: string[]) => {
  const place = ["--rpc-url", w.replica.url, "--deployments", w.options.deploymentsFolder];
  return runHere(proposeLender, [...place, "--lender", "Core spoke", ...more]);
};

test("The plan's agent is deployed and recorded once, and the next plan asks for the same.", async () => {
  const { deployment, options, aave } = w;
  const record = readDeployment(join(options.deploymentsFolder, "31337.json"));
  assert.deepEqual(record, deployment);
  const agent = agentOf(record);
  const { spoke, hub } = aave;
  const entry = { ...record.lenders?.[0], agent: null };
  assert.deepEqual(entry, { agent: null, kind: "aave-v4", name: "Core spoke", fromBlock: 0, spoke, hub, markets: [1] });
  const { abi } = ownArtifact("contracts/adapters/AaveV4Agent");
  const ask = (functionName: string) => w.client.readContract({ address: agent.address, abi, functionName });
  assert.deepEqual([await ask("maxStepBps"), await ask("hubConfigurator")], [25n, aave.hubConfigurator]);
  const count = () => w.client.getTransactionCount({ address: w.replica.accounts.deployer.address });
  const sent = await count();
  assert.deepEqual(await deploy(options), deployment);
  assert.equal(await count(), sent);
  const { out, err } = await runHere(nextPlan, [
    "--rpc-url",
    w.replica.url,
    "--deployments",
    options.deploymentsFolder,
  ]);
  assert.deepEqual(JSON.parse(out || err).lenders, [w.lender]);
});

test("What does not answer as an Aave v4 is refused before anything is paid for.", async () => {
  const refused = async (change: object, message: RegExp) => {
    const lenders = [{ ...w.lender, name: "other", ...change }];
    const plan = parsePlan({ ...developmentPlan(SHIPPED), lenders });
    const deploymentsFolder = join(tmpdir(), "tonsor-nowhere");
    await assert.rejects(deploy({ ...w.options, plan, deploymentsFolder }), { code: "BAD_CONFIG", message });
    rmSync(deploymentsFolder, { recursive: true, force: true });
  };
  await refused({ markets: ["WBTC"] }, /field WBTC; given "0x\w+"; expected a reserve that the spoke has of the hub/);
  await refused({ hub: w.aave.spoke }, /field WETH; .* expected a reserve that the spoke has of the hub/);
  await refused({ hubConfigurator: AT.tokens.WETH }, /field hubConfigurator; .* expected a configurator of Aave v4/);
});

test("An agent's settings must fit the class: steps that keep up with maintenance, and data no older than they live.", () => {
  const problem = (change: object) => {
    const lenders = [{ ...w.lender, agent: { ...AGENT, ...change } }];
    assert.throws(() => parsePlan({ ...developmentPlan(SHIPPED), lenders }), { code: "BAD_CONFIG" });
    try {
      parsePlan({ ...developmentPlan(SHIPPED), lenders });
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };
  assert.match(problem({ maxAgeSeconds: 10_000_000 }), /agent.maxAgeSeconds is 10000000, expected at most/);
  assert.match(
    problem({ maxStepBps: 1, stepSeconds: 2_000_000 }),
    /agent.stepSeconds is 2000000, expected at most .* a step of 1 bp/,
  );
});

test("check-deployment looks whether the agent may act at once, and what the spoke has beside the contract; the proposal gives it that.", async () => {
  const before = await found();
  const roles = [
    `Core spoke addCollateralFactor by the agent, role ${ROLES.spokes}`,
    `Core spoke updateCollateralFactor by the agent, role ${ROLES.spokes}`,
    `Core spoke updateSpokeAddCap by the agent, role ${ROLES.hubs}`,
  ];
  assert.deepEqual(
    before.differ,
    roles.map((what) => `${what}: at once -> not allowed`),
  );
  assert.match(
    before.warned.get("Core spoke WETH newest factor, bp") ?? "",
    /the contract says 7800: a synchronisation/,
  );
  assert.match(
    before.warned.get("Core spoke WETH add cap, tokens") ?? "",
    /the contract says 12000: a synchronisation/,
  );

  // A delay is as good as no role: the agent cannot schedule. A grant without one would begin after the old one only.
  const agent = agentOf(w.deployment).address;
  await w.aave.manage("grantRole", ROLES.spokes, agent, 3_600);
  const late = "at once -> 3600 s after it is scheduled, which the agent cannot do: its role has an execution delay";
  assert.deepEqual((await found()).differ, [
    ...roles.slice(0, 2).map((what) => `${what}: ${late}`),
    `${roles[2]}: at once -> not allowed`,
  ]);

  const into = temporaryFolder();
  const { code, out, err } = await propose("--into", into);
  assert.equal(code, 0, err);
  assert.match(out, /revokeRole\(400, 0x\w+\): it has the role with a delay of 3600 s.*\n.*grantRole\(400, 0x\w+, 0\)/);
  assert.match(out, /\| WETH \| 81.00 %, 78.00 % \| none, 12000 \|/);
  assert.match(out, /Not played here: the health of any borrower/);
  const send = async (file: string) => {
    const { transactions } = JSON.parse(readFileSync(join(into, file), "utf8")) as {
      transactions: { to: Hex; data: Hex }[];
    };
    for (const { to, data } of transactions) {
      await transact(w.client, { from: w.replica.accounts.governance.address, to, data });
    }
    return transactions.length;
  };
  assert.equal(await send("safe-1-execute.json"), 3);
  const { abi } = ownArtifact("contracts/adapters/AaveV4Agent");
  const anyone = w.replica.accounts.trader.address;
  for (const name of ["sync", "syncSupplyCap"]) await write(w.client, anyone, agent, abi, name, [AT.tokens.WETH]);
  const after = await found();
  assert.deepEqual(after.differ, []);
  assert.deepEqual(
    [...after.warned.keys()].filter((what) => what.startsWith("Core spoke")),
    ["Core spoke roles of the agent by others since block 0"],
  );
  assert.match((await propose()).out, /nothing to do: the agent has its roles/);

  assert.equal(await send("undo-safe-1-execute.json"), 2);
  assert.deepEqual((await found()).differ, before.differ);
});

test("A proposal says what is refused, who may give the roles, and what the record has otherwise.", async () => {
  const { aave, client } = w;
  const { governance, trader } = w.replica.accounts;
  const stranger = await propose("--admin", trader.address);
  assert.equal(stranger.code, 1);
  assert.match(stranger.err, new RegExp(`--admin; .* as ${governance.address}`));
  const record = structuredClone(w.deployment);
  const [first] = record.lenders ?? [];
  assert.ok(first?.kind === "aave-v4");
  first.hub = aave.spoke;
  assert.ok((await found(record)).differ.some((line) => line.startsWith("agent of Core spoke is for the hub")));

  await aave.manage("setTargetFunctionRole", aave.hubConfigurator, ["0xffffffff"], ROLES.hubs);
  assert.match((await propose()).out, /Role 200 opens updateSpokeAddCap, and 1 other functions/);
  // Another factor, so that there is something to set.
  const { spoke, spokeConfigurator, abi } = aave;
  await write(client, governance.address, spokeConfigurator, abi, "addCollateralFactor", [spoke, 7n, 8_100]);
  await aave.manage("setTargetClosed", spokeConfigurator, true);
  const closed = await propose();
  assert.equal(closed.code, 1);
  assert.match(closed.out, /The agent's first calls are refused:\*\* AccessManagedUnauthorized\(0x/);
});

test("A role that begins some time after its grant is proposed from then on, and played then.", async () => {
  const { aave, client, replica } = w;
  const { governance } = replica.accounts;
  await aave.manage("setTargetClosed", aave.spokeConfigurator, false);
  await aave.manage("setGrantDelay", ROLES.spokes, 86_400);
  await client.increaseTime({ seconds: 6 * 86_400 });
  await client.mine({ blocks: 1 });
  const { code, out } = await propose();
  assert.match(out, /grantRole\(400, 0x\w+, 0\): .* without a delay, from 86400 s after this on/);
  assert.match(out, /grantRole\(200, 0x\w+, 0\): .* without a delay\n/);
  assert.match(out, /The agent's first calls pass/);
  assert.equal(code, 0);
  // Who gives roles with a delay has to schedule that.
  await aave.manage("grantRole", 0n, governance.address, 3_600);
  const delayed = await propose();
  assert.match(delayed.out, /Aave's calls are refused:\*\* AccessManagerNotScheduled\(0x/);
  assert.equal(delayed.code, 1);
});
