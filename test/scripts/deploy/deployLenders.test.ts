import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Hex } from "viem";
import type { Deployment } from "../../../keeper/protocols/deployment.ts";
import { readDeployment } from "../../../keeper/protocols/readDeployment.ts";
import { checkDeployment } from "../../../scripts/deploy/check.ts";
import { deploy } from "../../../scripts/deploy/deploy.ts";
import { main as nextPlan } from "../../../scripts/deploy/nextPlan.ts";
import { parsePlan } from "../../../scripts/deploy/planSchema.ts";
import { aaveAbi } from "../../../scripts/lab/lenders/aave.ts";
import { MAINNET_ADDRESSES as AT } from "../../../scripts/lab/replica/addresses.ts";
import { ownArtifact } from "../../../scripts/lab/replica/artifacts.ts";
import { write } from "../../../scripts/lab/replica/node.ts";
import { type AaveWorld, aaveWorld } from "../../support/lenderWorld.ts";
import { runHere } from "../../support/runScript.ts";

let world: AaveWorld;
before(async () => {
  world = await aaveWorld();
});
after(() => world.close());

const sent = () => world.client.getTransactionCount({ address: world.replica.accounts.deployer.address });
const text = () => readFileSync(join(world.folder, "31337.json"), "utf8");

test("Agent, quoter, publisher, feeds and a stable address are deployed with the rest, recorded, and never twice.", async () => {
  const { deployment, options } = world;
  const [lender] = deployment.lenders ?? [];
  assert.ok(lender?.kind === "aave-v3" && lender.agent !== null);
  assert.deepEqual([lender.pool, lender.markets], [world.aave.pool, [1, 2]]);
  assert.deepEqual(deployment, readDeployment(join(world.folder, "31337.json")));
  const names = ["CurrentParameters", "BidAskQuoter", "RiskOraclePublisher", "HaircutFactorFeed", "HaircutPriceFeed"];
  const adapters = deployment.adapters ?? [];
  assert.deepEqual(
    adapters.map(({ contract }) => contract),
    names,
  );
  const stable = adapters[0]?.address ?? "";
  for (const { constructorArguments } of [...adapters.slice(1), lender.agent]) {
    assert.equal(BigInt(constructorArguments.slice(0, 66)), BigInt(stable), "all read the stable address");
  }

  const [bytes, count] = [text(), await sent()];
  assert.deepEqual(await deploy(options), deployment);
  assert.equal(await sent(), count, "the same plan sends nothing");
  assert.equal(text(), bytes);
  // As a kill just before the record is written leaves it.
  rmSync(join(world.folder, "31337.json"));
  assert.deepEqual(await deploy(options), deployment);
  assert.equal(await sent(), count, "a lost record is written again from the journals");
  assert.equal(text(), bytes);
});

test("A lender is added to what stands already, in one transaction; another one of a recorded name is refused.", async () => {
  const { deployment, options } = world;
  const { plan } = options;
  const [first] = plan.lenders;
  assert.ok(first?.kind === "aave-v3" && first.agent !== null);
  const count = await sent();
  const more = { ...first, name: "second", markets: ["WETH"] };
  const whole = await deploy({ ...options, plan: parsePlan({ ...plan, lenders: [more], adapters: [] }) });
  assert.equal((await sent()) - count, 1);
  assert.deepEqual(
    whole.lenders?.map(({ name }) => name),
    ["Aave", "second"],
  );
  assert.deepEqual(whole.adapters, deployment.adapters);
  const changed = { ...first, agent: { ...first.agent, stepSeconds: 3_600 } };
  const other = parsePlan({ ...plan, lenders: [changed] });
  await assert.rejects(deploy({ ...options, plan: other }), {
    code: "BAD_CONFIG",
    message: /the record has another Aave; field Aave.constructorArguments; given "0x\w+/,
  });
  const later = parsePlan({ ...plan, lenders: [{ ...first, fromBlock: 7 }] });
  await assert.rejects(deploy({ ...options, plan: later }), {
    message: /field Aave.fromBlock; given 7; expected 0, as/,
  });
  const swapped = parsePlan({ ...plan, lenders: [], adapters: [{ contract: "CurrentParameters", name: "quoter" }] });
  await assert.rejects(deploy({ ...options, plan: swapped }), {
    message: /field quoter.contract; given "CurrentParameters"; expected "BidAskQuoter", as/,
  });
  const nowhere = { ...first, name: "nowhere", provider: deployment.contract.address };
  const lost = parsePlan({ ...plan, lenders: [nowhere] });
  await assert.rejects(deploy({ ...options, plan: lost }), { code: "BAD_CONFIG", message: /nowhere.*does not answer/ });
  await assert.rejects(deploy({ ...options, plan: lost, deploymentsFolder: join(world.folder, "anew") }), /nowhere/);
  assert.equal((await sent()) - count, 1, "nor is anything paid for where all of it is new");
  const barren = { ...first, name: "barren", markets: ["dollar"] };
  const dollar = { ...plan.markets[0], name: "dollar", collateral: AT.tokens.USDC };
  const noCollateral = parsePlan({ ...plan, markets: [dollar], lenders: [barren], adapters: [] });
  await assert.rejects(deploy({ ...options, plan: noCollateral, deploymentsFolder: join(world.folder, "anew") }), {
    message: /field dollar; given "0x\w+"; expected a collateral of that pool/,
  });
});

test("Explorers get the adapters' inputs, and one ABI has what every contract can be asked and can refuse.", async () => {
  const read = (name: string) => JSON.parse(readFileSync(join(world.folder, "31337.verification", name), "utf8"));
  const contracts = read("contracts.json") as { name: string; source: string; input: string }[];
  const agent = contracts.find(({ name }) => name === "agent of Aave");
  assert.match(agent?.source ?? "", /contracts\/adapters\/AaveV3Agent\.sol:AaveV3Agent$/);
  assert.equal(read(agent?.input ?? "").language, "Solidity");
  const abi = (read("combined.abi.json") as { type: string; name?: string }[]).map(
    ({ type, name }) => `${type} ${name}`,
  );
  for (const item of ["function haircuts", "function syncSupplyCap", "error ClosedByOthers", "function getQuotes"]) {
    assert.ok(abi.includes(item), item);
  }
});

const found = async (record: Deployment = world.deployment) => {
  const checks = await checkDeployment(world.replica.url, record);
  const differ = checks.flatMap(({ what, expected, found, agrees }) =>
    agrees ? [] : [`${what}: ${expected} -> ${found}`],
  );
  return { differ, warned: new Map(checks.flatMap(({ what, warning }) => (warning ? [[what, warning]] : []))) };
};
const govern = (name: string, account: Hex) =>
  write(world.client, world.replica.accounts.governance.address, world.aave.acl, aaveAbi("ACLManager"), name, [
    account,
  ]);

test("check-deployment covers agents, adapters, the role at the lender and its numbers, and says why they differ.", async () => {
  const [lender] = world.deployment.lenders ?? [];
  assert.ok(lender?.kind === "aave-v3" && lender.agent !== null);
  const agent = lender.agent.address;
  const before = await found();
  assert.deepEqual(before.differ, ["Aave RISK_ADMIN of the agent: held -> not held"]);
  assert.match(before.warned.get("Aave WETH LTV, bp") ?? "", /the contract says 7800: a synchronisation is due/);

  const other = world.replica.accounts.guardian.address;
  for (const account of [agent, other]) await govern("addRiskAdmin", account);
  const { abi } = ownArtifact("contracts/adapters/AaveV3Agent");
  for (const name of ["sync", "syncSupplyCap"]) await write(world.client, other, agent, abi, name, [AT.tokens.WETH]);
  const after = await found();
  assert.deepEqual(after.differ, []);
  assert.equal(after.warned.has("Aave WETH LTV, bp"), false, "as the contract says");
  assert.equal(after.warned.has("Aave WETH supply cap, tokens"), false);
  assert.match(
    after.warned.get("Aave WETH liquidation threshold, bp") ?? "",
    /the contract says 8100: it walks in steps/,
  );
  assert.ok(after.warned.has("Aave RISK_ADMIN of others since block 0"), other);

  const tampered = structuredClone(world.deployment);
  const [first] = tampered.lenders ?? [];
  assert.ok(first?.kind === "aave-v3" && first.agent !== null);
  first.pool = other;
  first.agent.constructorArguments = first.agent.constructorArguments.replace(
    /.{64}$/,
    (0xffff).toString(16).padStart(64, "0"),
  ) as Hex;
  const differ = (await found(tampered)).differ.map((line) => line.replace(/: .*/, ""));
  assert.deepEqual(differ.slice(0, 2), ["agent of Aave constructor arguments", "Aave pool"]);
  assert.ok(differ.includes("agent of Aave maxAgeSeconds"), differ.join());
});

test("The next deployment takes over the stable address and what reads it; what is not there, or built with something else, is refused.", async () => {
  const { options, replica, folder } = world;
  const record = readDeployment(join(folder, "31337.json"));
  const planned = async (from: string) => {
    const { out, err } = await runHere(nextPlan, ["--rpc-url", replica.url, "--deployments", from]);
    return parsePlan(JSON.parse(out || err));
  };
  const plan = await planned(folder);
  // As the first plan asked for them, but for where they are.
  const { lenders, adapters } = options.plan;
  const bare = (each: object) => JSON.parse(JSON.stringify(each, (key, value) => (key === "at" ? undefined : value)));
  assert.deepEqual(bare(plan.lenders.slice(0, 1)), lenders);
  assert.deepEqual(
    bare(plan.adapters),
    adapters.toSorted((a) => (a.contract === "CurrentParameters" ? -1 : 0)),
  );

  const count = await sent();
  const next = { ...options, plan, deploymentsFolder: join(folder, "next") };
  const deployment = await deploy(next);
  assert.equal((await sent()) - count, 5, "contract, timelock and gateways, and no adapter");
  assert.deepEqual([deployment.adapters, deployment.lenders], [record.adapters, record.lenders]);
  assert.deepEqual(await deploy(next), deployment);
  const [stable, ...others] = (await found(deployment)).differ;
  assert.match(stable ?? "", /^stable address current: 0x\w+ -> 0x\w+$/, "until the timelock moves it");
  assert.deepEqual(
    others.map((line) => line.replace(/: .*/, "")),
    ["stable address owner", "second RISK_ADMIN of the agent"],
  );

  const alone = join(folder, "alone");
  mkdirSync(alone);
  const without = { ...record, adapters: (record.adapters ?? []).slice(1) };
  writeFileSync(join(alone, "31337.json"), JSON.stringify(without));
  assert.doesNotMatch(JSON.stringify(await planned(alone)), /"at":/, "what reads the contract is created anew");

  const [first, quoter] = plan.adapters;
  const other = join(folder, "other");
  assert.ok(first?.at && quoter?.at);
  const changed = async (adapter: object) =>
    deploy({
      ...options,
      plan: { ...plan, lenders: [], adapters: [first, adapter] as never },
      deploymentsFolder: other,
    });
  await assert.rejects(changed({ ...quoter, at: { ...quoter.at, address: replica.accounts.trader.address } }), {
    code: "NOT_DEPLOYED",
    message: /is not the contract that the plan takes over; field quoter.at.bytecodeHash/,
  });
  await assert.rejects(changed({ ...quoter, prices: AT.tokens.USDC }), {
    code: "BAD_CONFIG",
    message: /field quoter.at.constructorArguments/,
  });
});
