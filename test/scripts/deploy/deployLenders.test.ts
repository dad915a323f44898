import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Hex } from "viem";
import type { Deployment } from "../../../keeper/protocols/deployment.ts";
import { readDeployment } from "../../../keeper/protocols/readDeployment.ts";
import { checkDeployment } from "../../../scripts/deploy/check.ts";
import { deploy } from "../../../scripts/deploy/deploy.ts";
import { parsePlan } from "../../../scripts/deploy/planSchema.ts";
import { aaveAbi } from "../../../scripts/lab/lenders/aave.ts";
import { MAINNET_ADDRESSES as AT } from "../../../scripts/lab/replica/addresses.ts";
import { ownArtifact } from "../../../scripts/lab/replica/artifacts.ts";
import { write } from "../../../scripts/lab/replica/node.ts";
import { type AaveWorld, aaveWorld } from "../../support/lenderWorld.ts";

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
    message: /the record has another Aave/,
  });
  const nowhere = { ...first, name: "nowhere", provider: deployment.contract.address };
  const lost = parsePlan({ ...plan, lenders: [nowhere] });
  await assert.rejects(deploy({ ...options, plan: lost }), { code: "BAD_CONFIG", message: /nowhere.*does not answer/ });
  assert.equal((await sent()) - count, 1);
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
