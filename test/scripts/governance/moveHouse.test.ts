import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Abi, decodeErrorResult } from "viem";
import type { Hex } from "../../../keeper/domain/contract.ts";
import type { Deployment } from "../../../keeper/protocols/deployment.ts";
import { checkDeployment } from "../../../scripts/deploy/check.ts";
import { deploy } from "../../../scripts/deploy/deploy.ts";
import { main as nextPlan } from "../../../scripts/deploy/nextPlan.ts";
import { parsePlan } from "../../../scripts/deploy/planSchema.ts";
import type { Proposal } from "../../../scripts/governance/proposal.ts";
import { main as proposeLimits } from "../../../scripts/governance/proposeLimits.ts";
import { ownArtifact } from "../../../scripts/lab/replica/artifacts.ts";
import { createOwn, creator } from "../../support/parameters.ts";
import { contractAbi, type GovernedWorld, governedWorld, marketOf, pass, sendAs, update } from "./governedWorld.ts";

/** From one deployment to the next as deployments/README.md says: what consumers read goes on, at the same address. */
let world: GovernedWorld;
let next: Deployment;
/** What consumers hold. */
let current: Hex;
/** What was said of the next plan while a market was stale. */
let whileStale = "";
const currentAbi = ownArtifact("contracts/adapters/CurrentParameters").abi as Abi;

type Haircuts = { readonly initialBps: number; readonly maintenanceBps: number };

const read = async (address: Hex, marketId: number): Promise<Haircuts> => {
  const call = { address, abi: currentAbi, functionName: "haircuts", args: [marketId] };
  const { initialBps, maintenanceBps } = (await world.client.readContract(call)) as Haircuts;
  return { initialBps, maintenanceBps };
};

const move = async (): Promise<Proposal & { readonly simulation: { readonly together: string | null } }> => {
  const action = { action: "call", to: current, function: "move(address next)", args: [next.contract.address] };
  const file = join(world.folder, "move.json");
  writeFileSync(file, JSON.stringify({ title: "Move house", actions: [action] }));
  const { out, err } = await world.run(proposeLimits, "--file", file, "--json");
  assert.ok(out.length > 0, err);
  return JSON.parse(out);
};

before(async () => {
  world = await governedWorld(async () => ({}));
  const { client, replica, deployment } = world;
  const create = creator(client, replica.accounts.deployer.address);
  const args = [deployment.contract.address, deployment.timelock.address];
  current = await createOwn(create, "contracts/adapters/CurrentParameters", args);
  await update(world, 1, { initialBps: 2_350, maintenanceTargetBps: 2_000, limit: 1_500 });
  await update(world, 2, { initialBps: 2_800 });
  await pass(client, 37 * 3_600); // amid a basis point of the ramp (3.6 h each), so that none passes while the test reads
  await update(world, 1, { initialBps: 2_360 });
  whileStale = (await world.run(nextPlan)).err;
  await update(world, 2, {});
});
after(async () => await world.close());

test("The next plan is the present: accounts and classes as they are, markets in their order at what they read.", async () => {
  const { out, code, err } = await world.run(nextPlan);
  assert.equal(code, 0, err);
  const plan = parsePlan(JSON.parse(out));
  assert.match(
    whileStale,
    /^WBTC \(2\) reads initial 6\d\d\d, stale or closed, and would start at 2800, the value stored\n$/,
  );
  assert.equal(err, "");
  const wide = { initialBps: 2_360, maintenanceBps: (await read(current, 1)).maintenanceBps, limit: 1_500 };
  assert.ok(wide.maintenanceBps > 1_900, "on its way");
  const [weth, wbtc] = plan.markets;
  assert.deepEqual({ initialBps: weth?.initialBps, maintenanceBps: weth?.maintenanceBps, limit: weth?.limit }, wide);
  assert.deepEqual([wbtc?.name, wbtc?.initialBps, wbtc?.classId], ["WBTC", 2_800, 1]);
  assert.deepEqual(plan.budgets, {
    hot: { aggregateBps: 100, tripBps: 200 },
    quorum: { aggregateBps: 200, tripBps: 400 },
  });

  const folder = join(world.folder, "next");
  mkdirSync(folder);
  const { url, chainId, accounts } = world.replica;
  next = await deploy({
    ...{ rpcUrl: url, chainId, plan, deployerKey: accounts.deployer.privateKey, deploymentsFolder: folder },
  });
  const checks = await checkDeployment(url, next);
  assert.deepEqual(
    checks.filter(({ agrees }) => !agrees),
    [],
  );
  for (const id of [1, 2]) assert.deepEqual(await read(next.contract.address, id), await read(current, id));
});

test("The move is refused while it would raise maintenance for anybody, and says for which market.", async () => {
  const { client, deployment } = world;
  const snapshot = await world.replica.snapshot();
  const moved = { ...world, deployment: next, ask: askOf(next) };
  await pass(client, 120);
  await update(moved, 1, { maintenanceTargetBps: 2_000 });
  await update(world, 1, { maintenanceTargetBps: 1_900, initialBps: 2_310 });
  await pass(client, 10 * 3_600);
  const { simulation } = await move();
  const [data] = /0x[0-9a-f]+/.exec(simulation.together ?? "") ?? ["0x"];
  const { errorName, args } = decodeErrorResult({ abi: currentAbi, data: data as Hex });
  assert.deepEqual([errorName, args?.[0]], ["MaintenanceRises", 1]);
  assert.equal(deployment.contract.address, await currentOf());
  await world.replica.revert(snapshot);
});

test("One proposal of the timelock moves every consumer, and whoever writes goes on at the new address.", async () => {
  const { client, deployment } = world;
  const before = await read(current, 1);
  const { timelock, says, simulation } = await move();
  assert.equal(simulation.together, null);
  assert.match(says[0] ?? "", /^calls move\(address next\) of 0x\w+ with 0x\w+: what it does is in its source$/);
  const [proposer] = deployment.timelock.proposers;
  assert.ok(proposer);
  await sendAs(client, proposer, timelock.address as Hex, timelock.schedule.data as Hex);
  await pass(client, timelock.delaySeconds);
  await sendAs(client, proposer, timelock.address as Hex, timelock.execute.data as Hex);
  assert.equal(await currentOf(), next.contract.address);
  assert.equal((await read(current, 1)).maintenanceBps, before.maintenanceBps, "nobody's position moves");

  const moved = { ...world, deployment: next, ask: askOf(next) };
  await update(moved, 1, { initialBps: 2_500, maintenanceTargetBps: 2_000 });
  assert.equal((await read(current, 1)).initialBps, 2_500);
  await update(world, 1, { initialBps: 3_000 });
  assert.equal((await read(current, 1)).initialBps, 2_500, "the old one says nothing any more");
  assert.equal((await marketOf(moved, 1)).maintenanceTargetBps, 2_000);
});

test("A call that does not fit its declaration is refused before anything is printed to be signed.", async () => {
  const file = join(world.folder, "wrong.json");
  const action = { action: "call", to: current, function: "move(address next)", args: ["nobody"] };
  writeFileSync(file, JSON.stringify({ title: "Wrong", actions: [action] }));
  const { err } = await world.run(proposeLimits, "--file", file);
  assert.match(err, /BAD_ARGUMENT: a call cannot be written.*move\(address next\)/s);
});

const currentOf = async (): Promise<unknown> =>
  await world.client.readContract({ address: current, abi: currentAbi, functionName: "current" });

function askOf({ contract }: Deployment): GovernedWorld["ask"] {
  return async <Answer>(functionName: string, ...args: unknown[]): Promise<Answer> => {
    const call = { address: contract.address, abi: contractAbi, functionName, args };
    return (await world.client.readContract(call)) as Answer;
  };
}
