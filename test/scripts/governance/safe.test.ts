import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Hex } from "../../../keeper/domain/contract.ts";
import { checkDeployment } from "../../../scripts/deploy/check.ts";
import type { Proposal } from "../../../scripts/governance/proposal.ts";
import { main as proposeLimits } from "../../../scripts/governance/proposeLimits.ts";
import { createSafe } from "../../../scripts/lab/lenders/safe.ts";
import { replicaClient } from "../../../scripts/lab/replica/node.ts";
import { type GovernedWorld, governedWorld, limitsOf, pass } from "./governedWorld.ts";

let world: GovernedWorld;
/** Two of three owners sign for the timelock's proposer and executor. */
let safe: Awaited<ReturnType<typeof createSafe>>;

before(async () => {
  world = await governedWorld(async ({ url, chainId, accounts }) => {
    const { deployer, guardian, trader } = accounts;
    safe = await createSafe(replicaClient(url, chainId), trader.address, [deployer, guardian, trader]);
    return { proposers: [safe.address], executors: [safe.address] };
  });
});
after(async () => await world.close());

/** What Safe's app does with an imported file: each transaction as it is written, signed by two owners. */
type SafeBatch = Proposal["safe"]["schedule"];

async function importBatch(batch: SafeBatch): Promise<void> {
  assert.equal(batch.version, "1.0");
  assert.equal(batch.chainId, String(world.replica.chainId));
  for (const { to, value, data } of batch.transactions)
    await safe.execute({ to: to as Hex, value: BigInt(value), data: data as Hex });
}

/** Writes a proposal's files, imports the first, waits out the delay, imports the second. */
async function carry(...words: string[]): Promise<void> {
  const folder = join(world.folder, "safe");
  const { code, err, out } = await world.run(proposeLimits, ...words, "--safe", folder);
  assert.equal(code, 0, err);
  assert.match(out, /1-schedule\.json\n.*2-execute\.json/);
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8")) as SafeBatch;
  await importBatch(read("1-schedule.json"));
  await assert.rejects(importBatch(read("2-execute.json")), "before the delay has passed");
  await pass(world.client, world.deployment.timelock.delaySeconds);
  await importBatch(read("2-execute.json"));
}

test("Two files imported into a real Safe complete the deployment, which then agrees with its record.", async () => {
  await carry("--setup");
  const checks = await checkDeployment(world.replica.url, world.deployment);
  assert.deepEqual(
    checks.filter(({ agrees }) => !agrees),
    [],
  );
});

test("Two files change the limits of a class, and only those.", async () => {
  const before = await limitsOf(world, 1);
  await carry("--class", "1", "--set", "hotBudgetBps=40");
  assert.deepEqual(await limitsOf(world, 1), { ...before, hotBudgetBps: 40 });
});

test("A file says in words what it does, for the owners who sign it.", async () => {
  const folder = join(world.folder, "safe");
  await world.run(proposeLimits, "--class", "0", "--set", "maxInitialBps=4900", "--safe", folder);
  const { meta, transactions } = JSON.parse(readFileSync(join(folder, "1-schedule.json"), "utf8")) as SafeBatch;
  assert.equal(meta.name, "Class 0: maxInitialBps=4900: schedule");
  assert.match(meta.description, /highest initial haircut \(maxInitialBps\): 5000 -> 4900 bp, looser/);
  assert.deepEqual(
    transactions.map(({ to, value }) => [to, value]),
    [[world.deployment.timelock.address, "0"]],
  );
});
