import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readDeployment } from "../../../keeper/protocols/readDeployment.ts";
import { deploy } from "../../../scripts/deploy/deploy.ts";
import { parsePlan } from "../../../scripts/deploy/planSchema.ts";
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
