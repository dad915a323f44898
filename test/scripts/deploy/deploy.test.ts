import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { tokensOf } from "../../../keeper/domain/contract.ts";
import { COLLATERAL_PARAMETERS_ABI } from "../../../keeper/protocols/abi.ts";
import { readDeployment } from "../../../keeper/protocols/readDeployment.ts";
import { deploy } from "../../../scripts/deploy/deploy.ts";
import { developmentPlan } from "../../../scripts/deploy/plan.ts";
import { type DeploymentPlan, parsePlan } from "../../../scripts/deploy/planSchema.ts";
import { replicaClient } from "../../../scripts/lab/replica/node.ts";
import { type Replica, startReplica } from "../../../scripts/lab/replica/startReplica.ts";
import { setBackEach } from "../../support/setBackEach.ts";
import { SHIPPED } from "../../support/shipped.ts";

let replica: Replica;
let folder: string;

before(async () => {
  replica = await startReplica({ seedFrom: null });
});
after(async () => await replica.close());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tonsor-deploy-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
setBackEach(() => replica);

type DeployOptions = Parameters<typeof deploy>[0];

const options = (change: Partial<DeployOptions> = {}): DeployOptions => ({
  rpcUrl: replica.url,
  chainId: 31337,
  deployerKey: replica.accounts.deployer.privateKey,
  plan: developmentPlan(SHIPPED),
  deploymentsFolder: folder,
  ...change,
});
const file = () => join(folder, "31337.json");
const sent = () =>
  replicaClient(replica.url, 31337).getTransactionCount({ address: replica.accounts.deployer.address });

test("A deployment is five transactions and two by governance, and its record passes the schema it is read with.", async () => {
  const before = await sent();
  const governance = { address: replica.accounts.governance.address };
  const client = replicaClient(replica.url, 31337);
  const proposed = await client.getTransactionCount(governance);
  const deployment = await deploy(options());
  assert.equal((await sent()) - before, 5);
  assert.equal((await client.getTransactionCount(governance)) - proposed, 2);
  assert.deepEqual(readDeployment(file()), deployment);
  assert.deepEqual(
    deployment.accounts.map(({ power, aggregateBps, tripBps }) => [power, aggregateBps, tripBps]),
    [
      ["HOT", 100, 200],
      ["GUARDIAN", 0, 0],
      ["QUORUM", 200, 400],
      ["CHALLENGER", 0, 0],
      ["LISTER", 0, 0],
    ],
  );
  assert.deepEqual(
    deployment.markets.map(({ id, classId, name, initialBps, limit }) => [
      id,
      classId,
      name,
      initialBps,
      tokensOf(limit),
    ]),
    [
      [1, 0, "WETH", 2200, 12_000n],
      [2, 1, "WBTC", 2700, 200n],
    ],
  );
  assert.deepEqual(deployment.sources.pools, replica.addresses.pools);
});

test("A second run sends nothing and leaves the file as it is, byte for byte.", async () => {
  const first = await deploy(options());
  const [bytes, before] = [readFileSync(file(), "utf8"), await sent()];
  assert.deepEqual(await deploy(options()), first);
  assert.equal(await sent(), before);
  assert.equal(readFileSync(file(), "utf8"), bytes);
});

test("A lost record is written again from Ignition's journal, without a transaction.", async () => {
  await deploy(options());
  const [bytes, before] = [readFileSync(file(), "utf8"), await sent()];
  rmSync(file());
  await deploy(options());
  assert.equal(await sent(), before);
  assert.equal(readFileSync(file(), "utf8"), bytes);
});

test("A lost journal does not matter while the record stands.", async () => {
  await deploy(options());
  const before = await sent();
  rmSync(join(folder, "ignition"), { recursive: true });
  await deploy(options());
  assert.equal(await sent(), before);
});

test("Another plan for a contract that stands is refused, and nothing is sent.", async () => {
  await deploy(options());
  const before = await sent();
  const own = developmentPlan(SHIPPED);
  const others: readonly DeploymentPlan[] = [
    { ...own, keeper: replica.accounts.trader.address },
    { ...own, timelock: { ...own.timelock, delaySeconds: own.timelock.delaySeconds / 2 } },
  ];
  for (const plan of others)
    await assert.rejects(deploy(options({ plan })), { code: "BAD_CONFIG", message: /another plan is deployed/ });
  assert.equal(await sent(), before);
});

test("An endpoint of another chain is refused before anything is sent.", async () => {
  const before = await sent();
  await assert.rejects(deploy(options({ chainId: 1 })), {
    code: "WRONG_CHAIN",
    message: /given 31337; expected 1/,
  });
  assert.equal(await sent(), before);
});

test("A development chain that started anew gets a new deployment, whatever record and journal remember.", async () => {
  const fresh = await replica.snapshot();
  const first = await deploy(options());
  await replica.revert(fresh);
  const again = await replica.snapshot();
  const before = await sent();
  const second = await deploy(options());
  assert.equal((await sent()) - before, 5);
  assert.equal(second.contract.address, first.contract.address);
  await replica.revert(again);
  const plan: DeploymentPlan = { ...developmentPlan(SHIPPED), keeper: replica.accounts.trader.address };
  const [hot] = (await deploy(options({ plan }))).accounts;
  assert.deepEqual([hot?.account, hot?.power], [replica.accounts.trader.address, "HOT"]);
});

test("A listing the contract refuses stops with Ignition's reason and leaves no record.", async () => {
  const good = developmentPlan(SHIPPED);
  const [weth] = good.markets;
  assert.ok(weth);
  const plan = { ...good, markets: [{ ...weth, initialBps: weth.maintenanceBps }] };
  await assert.rejects(deploy(options({ plan })), { code: "RPC_FAILED", message: /Ignition stopped.*BadValues/s });
  assert.throws(() => readDeployment(file()), { code: "NOT_DEPLOYED" });
});

test("A plan is refused with every problem and its path; one key for two powers is refused.", () => {
  const plan = developmentPlan(SHIPPED);
  const below = plan.markets.map((market) => ({ ...market, limit: market.lowestLimit - 1, classId: 0 }));
  assert.throws(() => parsePlan({ ...plan, markets: below }), {
    code: "BAD_CONFIG",
    message:
      /WETH: listing\.limitTokens is 1199, expected tokens from the lowest, 1200, to .*; WBTC: listing\.limitTokens/,
  });
  assert.throws(() => parsePlan({ ...plan, classes: plan.classes.slice(1) }), {
    code: "BAD_CONFIG",
    message: /WETH: listing\.classId is 0, expected the id of a class of the plan/,
  });
  assert.throws(() => parsePlan({ ...plan, keeper: "0x12", markets: [] }), {
    code: "BAD_CONFIG",
    message: /keeper:.*markets:/s,
  });
  assert.throws(() => parsePlan({ ...plan, guardian: plan.keeper }), { message: /must be different/ });
});

test("A plan without a signer quorum deploys none, and no account has its power.", async () => {
  const { accounts, gateways } = await deploy(options({ plan: { ...developmentPlan(SHIPPED), quorum: null } }));
  assert.equal(gateways.quorum, null);
  assert.ok(accounts.every(({ power }) => power !== "QUORUM"));
});

test("Beside the record stands what an explorer and an integrator need: inputs, arguments, and the one ABI.", async () => {
  const { contract, gateways } = await deploy(options());
  const read = (name: string) => JSON.parse(readFileSync(join(folder, "31337.verification", name), "utf8"));
  type Described = { name: string; address: string; source: string; compiler: string; input: string };
  const contracts = read("contracts.json") as (Described & { constructorArguments: string })[];
  assert.deepEqual(
    contracts.map(({ name, address }) => [name, address]),
    [
      ["quorum", gateways.quorum?.address],
      ["contract", contract.address],
      ["challenge", gateways.challenge.address],
      ["listing", gateways.listing.address],
    ],
  );
  const [, ours] = contracts;
  assert.equal(ours?.constructorArguments, contract.constructorArguments);
  assert.match(ours?.compiler ?? "", /^v0\.8\.\d+\+commit\.[0-9a-f]{8}$/);
  const { language, settings, sources } = read(ours?.input ?? "");
  assert.deepEqual([language, settings.viaIR, settings.optimizer.runs], ["Solidity", true, 10_000]);
  const [file] = (ours?.source ?? "").split(":");
  assert.match(sources[file ?? ""].content, /contract Parameters is/);
  const hand = COLLATERAL_PARAMETERS_ABI.map((item) => `${item.type} ${"name" in item ? item.name : ""}`);
  const written = (read("abi.json") as { type: string; name?: string }[]).map(
    ({ type, name }) => `${type} ${name ?? ""}`,
  );
  assert.deepEqual(written.toSorted(), hand.toSorted(), "what the keeper speaks is the whole of it");
});
