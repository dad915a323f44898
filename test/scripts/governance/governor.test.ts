import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Abi, encodeDeployData, encodeFunctionData, getAddress, getContractAddress, zeroAddress } from "viem";
import type { Hex } from "../../../keeper/domain/contract.ts";
import { checkDeployment } from "../../../scripts/deploy/check.ts";
import { main as deployMain } from "../../../scripts/deploy/main.ts";
import { developmentPlan } from "../../../scripts/deploy/plan.ts";
import type { Proposal } from "../../../scripts/governance/proposal.ts";
import { main as proposeLimits } from "../../../scripts/governance/proposeLimits.ts";
import { ownArtifact } from "../../../scripts/lab/replica/artifacts.ts";
import { mined, replicaClient, send } from "../../../scripts/lab/replica/node.ts";
import type { Replica } from "../../../scripts/lab/replica/startReplica.ts";
import { SHIPPED } from "../../support/shipped.ts";
import { type GovernedWorld, governedWorld, limitsOf, pass } from "./governedWorld.ts";

/** OpenZeppelin's Governor with a vote token drives the timelock; the deployer's chain has no other proposer. */
let world: GovernedWorld;
let governor: Hex;
const { abi, bytecode } = ownArtifact("test/mocks/MockGovernor");

before(async () => {
  let token: Hex = zeroAddress;
  world = await governedWorld(async (replica) => {
    token = await mintedVotes(replica);
    const from = replica.accounts.trader.address;
    const client = replicaClient(replica.url, replica.chainId);
    const nonce = BigInt(await client.getTransactionCount({ address: from }));
    // It needs the timelock's address and the timelock needs its: it is deployed after, where it is said to be.
    governor = getContractAddress({ from, nonce });
    return { proposers: [governor], executors: [zeroAddress] };
  });
  const args = [token, world.deployment.timelock.address];
  const data = encodeDeployData({ abi, bytecode, args } as never);
  const from = world.replica.accounts.trader.address;
  const [address] = await mined(world.client, [await send(world.client, { from, data })]);
  assert.equal(getAddress(address ?? "0x"), governor);
});
after(async () => await world.close());

/** Deploys the token; the trader holds it all and votes with it. */
async function mintedVotes({ url, chainId, accounts }: Replica): Promise<Hex> {
  const client = replicaClient(url, chainId);
  const votes = ownArtifact("test/mocks/MockVotes");
  const from = accounts.trader.address;
  const [token] = await mined(client, [await send(client, { from, data: votes.bytecode })]);
  assert.ok(token);
  const data = encodeFunctionData({ abi: votes.abi, functionName: "delegate", args: [from] });
  await mined(client, [await send(client, { from, to: token, data })]);
  return token;
}

const stateOf = async (proposalId: string): Promise<number> =>
  (await world.client.readContract({
    address: governor,
    abi: abi as Abi,
    functionName: "state",
    args: [BigInt(proposalId)],
  })) as number;

const anyone = async (data: string): Promise<void> => {
  const from = world.replica.accounts.trader.address;
  await mined(world.client, [await send(world.client, { from, to: governor, data: data as Hex })]);
};

const STATE = { pending: 0, succeeded: 4, queued: 5, executed: 7 };

/** Takes a printed proposal through the Governor: propose, vote, queue, wait, execute. */
async function carry(...words: string[]): Promise<Proposal> {
  const { out, code, err } = await world.run(proposeLimits, "--json", ...words);
  assert.equal(code, 0, err);
  const proposal = JSON.parse(out) as Proposal;
  const { proposalId, propose, queue, execute } = proposal.governor;
  await anyone(propose);
  assert.equal(await stateOf(proposalId), STATE.pending, "the printed id is the Governor's");
  await world.client.mine({ blocks: 2 });
  await anyone(encodeFunctionData({ abi, functionName: "castVote", args: [BigInt(proposalId), 1] }));
  await world.client.mine({ blocks: 21 });
  assert.equal(await stateOf(proposalId), STATE.succeeded);
  await anyone(queue);
  assert.equal(await stateOf(proposalId), STATE.queued);
  await assert.rejects(anyone(execute), "before the delay has passed");
  await pass(world.client, world.deployment.timelock.delaySeconds);
  await anyone(execute);
  assert.equal(await stateOf(proposalId), STATE.executed);
  return proposal;
}

const differences = async () =>
  (await checkDeployment(world.replica.url, world.deployment))
    .filter(({ agrees }) => !agrees)
    .map(({ what, expected, found }) => `${what}: ${expected} -> ${found}`);

test("A deployment under a Governor waits for its setup: two gateways without their power, no feeds, nothing else.", async () => {
  const { challenge, listing } = world.deployment.gateways;
  const found = (await differences()).map((line) => line.replace(/:.*/, ""));
  assert.deepEqual(found, [
    `account ${challenge.address} power`,
    `account ${listing.address} power`,
    "accounts with a power",
    ...["1 WETH", "2 WBTC"].flatMap((market) =>
      ["first", "maxMoveBps", "firstMaxAge"].map((field) => `challenge market ${market} ${field}`),
    ),
  ]);
});

test("The deploy script prints the setup that governance must vote on, and sends nothing.", async () => {
  const { replica, client, folder, deployment } = world;
  const { delaySeconds, proposers, executors } = deployment.timelock;
  const plan = join(folder, "plan.json");
  writeFileSync(
    plan,
    JSON.stringify({ ...developmentPlan(SHIPPED), timelock: { delaySeconds, proposers, executors } }),
  );
  const before = await client.getTransactionCount({ address: replica.accounts.deployer.address });
  const { code, out, err } = await world.run(deployMain, "--plan", plan);
  assert.equal(code, 0, err);
  assert.match(
    out,
    /The deployer may not complete it: governance does.*Until then no market can be challenged or listed/,
  );
  assert.match(out, /0x\w+: NONE -> CHALLENGER: closes a market/);
  assert.match(out, /all together: passes/);
  assert.equal(await client.getTransactionCount({ address: replica.accounts.deployer.address }), before);
});

test("The Governor votes the setup through, and the deployment agrees with its record.", async () => {
  await carry("--setup");
  assert.deepEqual(await differences(), []);
});

test("The Governor votes new limits through the timelock, and they are those of the proposal.", async () => {
  const proposal = await carry("--class", "0", "--set", "maxInitialBps=4900", "--set", "quorumStepBps=300");
  assert.deepEqual(proposal.governor.targets, [world.deployment.contract.address]);
  const { maxInitialBps, quorumStepBps } = await limitsOf(world, 0);
  assert.deepEqual([maxInitialBps, quorumStepBps], [4_900, 300]);
  assert.deepEqual(await differences(), [
    "class 0 major maxInitialBps: 5000 -> 4900",
    "class 0 major quorumStepBps: 400 -> 300",
  ]);
});
