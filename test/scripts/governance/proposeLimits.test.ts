import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { encodeFunctionData } from "viem";
import type { ContractLimits } from "../../../keeper/domain/contract.ts";
import { proposalSchema } from "../../../scripts/governance/actionSchema.ts";
import { limitsIntent } from "../../../scripts/governance/limitsIntent.ts";
import type { Proposal } from "../../../scripts/governance/proposal.ts";
import { contractAbi, type GovernedWorld, governedWorld, pass, sendAs, timelockAbi } from "./governedWorld.ts";

let world: GovernedWorld;
let snapshot: `0x${string}`;

before(async () => {
  world = await governedWorld(async () => ({}));
});
after(async () => await world.close());
beforeEach(async () => {
  snapshot = await world.replica.snapshot();
});
afterEach(async () => await world.replica.revert(snapshot));

type Said = Proposal & {
  simulation: { calls: { name: string; refused: string | null }[]; together: string | null; operation: string };
  rehearsal: { refused: string | null; executedAt: number } | null;
};
const json = async (...words: string[]): Promise<Said> => {
  const { out, err } = await world.run("governance/proposeLimits.ts", "--json", ...words);
  assert.ok(out.length > 0, err);
  return JSON.parse(out) as Said;
};
const file = (value: unknown): string => {
  const path = join(world.folder, "proposal.json");
  writeFileSync(path, JSON.stringify(value));
  return path;
};

test("A change is said in words: from what to what, tighter or looser, and for whom.", async () => {
  const { says } = await json("--class", "0", "--set", "minInitialBps=2300", "--set", "looseningBudgetBpsPerDay=100");
  assert.deepEqual(says, [
    "class 0, lowest initial haircut (minInitialBps): 1000 -> 2300 bp, tighter",
    "class 0, loosening in 24 h, hot key (looseningBudgetBpsPerDay): 200 -> 100 bp, tighter",
    "  the most a stolen hot key loosens of a market in 24 h: 200 -> 100 bp",
    "  no value moves in this transaction; affected:",
    "    WETH (1), initial 2200, maintenance target 1900: new loans: the next update must raise initial to 2300",
  ]);
});

test("The timelock's calldata schedules and executes exactly that, after the delay and not before.", async () => {
  const { client, deployment, ask } = world;
  const { timelock } = await json("--class", "4", "--set", "maxLooseningStepBps=150");
  const [proposer] = deployment.timelock.proposers;
  assert.ok(proposer);
  const to = deployment.timelock.address;
  await sendAs(client, proposer, to, timelock.schedule.data as `0x${string}`);
  const state = { address: to, abi: timelockAbi, functionName: "isOperationPending", args: [timelock.operation] };
  assert.equal(await client.readContract(state), true, "the operation's id is the timelock's");
  await assert.rejects(sendAs(client, proposer, to, timelock.execute.data as `0x${string}`));
  await pass(client, 172_800);
  await sendAs(client, proposer, to, timelock.execute.data as `0x${string}`);
  const limits = await ask<ContractLimits>("limitsOfClass", 4);
  assert.equal(limits.maxLooseningStepBps, 150);
  assert.equal(limits.minInitialBps, 1_200, "the other limits stay");
  assert.equal((await json("--class", "4", "--set", "maxLooseningStepBps=150")).simulation.operation, "done");
});

test("An operation scheduled already is said to be; the same again needs another salt.", async () => {
  const { client, deployment } = world;
  const words = ["--class", "0", "--set", "maxInitialBps=4900"];
  const first = await json(...words);
  assert.equal(first.simulation.operation, "unset");
  const [proposer] = deployment.timelock.proposers;
  assert.ok(proposer);
  await sendAs(client, proposer, deployment.timelock.address, first.timelock.schedule.data as `0x${string}`);
  assert.equal((await json(...words)).simulation.operation, "waiting");
  const salted = await json(...words, "--salt", `0x${"ab".repeat(32)}`);
  assert.equal(salted.simulation.operation, "unset");
  assert.notEqual(salted.timelock.operation, first.timelock.operation);
});

test("What the contract would refuse is refused here, in words with the nearest value allowed, and exit code 1.", async () => {
  const { code, out } = await world.run("governance/proposeLimits.ts", "--class", "0", "--set", "maxInitialBps=4500");
  assert.equal(code, 1);
  assert.match(out, /1\. setLimits: REFUSED: maxInitialBps may not be 4500: the nearest value allowed is 4800/);
  const { simulation } = await json("--class", "0", "--set", "minGapBps=301");
  assert.equal(
    simulation.together,
    "minGapBps may not be 301: the nearest value allowed is 300 [BadLimits(minGapBps, 301, 300)]",
    "a gap that a market breaks today",
  );
});

test("A call that only an earlier one of the same proposal makes possible passes together, not alone.", async () => {
  const limits = world.deployment.classes[0]?.limits;
  const path = file({
    title: "A calmer class",
    actions: [
      { action: "setLimits", class: 8, limits: { ...limits, looseningBudgetBpsPerDay: 100 } },
      { action: "setClass", group: 0, class: 8 },
    ],
  });
  const { simulation, says } = await json("--file", path);
  assert.deepEqual(
    simulation.calls.map(({ refused }) => refused),
    [null, "class 8 is not defined [UnknownClass(8)]"],
  );
  assert.equal(simulation.together, null);
  assert.ok(says.includes("group 0: class 0 -> 8"), says.join("\n"));
});

test("A rehearsal executes it after the delay and leaves the chain as it was.", async () => {
  const { client, ask } = world;
  const block = await client.getBlockNumber();
  const { rehearsal } = await json("--class", "0", "--set", "maxLooseningStepBps=100", "--rehearse");
  assert.equal(rehearsal?.refused, null);
  assert.ok((rehearsal?.executedAt ?? 0) >= Number((await client.getBlock()).timestamp) + 172_800);
  assert.equal(await client.getBlockNumber(), block);
  assert.equal((await ask<ContractLimits>("limitsOfClass", 0)).maxLooseningStepBps, 200);
});

test("A rehearsal finds what only the waiting does: an override that would end before it can be executed.", async () => {
  const until = Number((await world.client.getBlock()).timestamp) + 3_600;
  const values = [{ market: "WETH", initialBps: 2_500, maintenanceTargetBps: 2_000, until }];
  const path = file({ title: "Too short", actions: [{ action: "overrideMarkets", values }] });
  const { simulation, rehearsal } = await json("--file", path, "--rehearse");
  assert.equal(simulation.together, null, "now it would pass");
  assert.match(rehearsal?.refused ?? "", /^market 1: an override until \d+ is refused, it must end between/);
});

test("Every kind of action becomes a call that the contract, or the door, takes.", async () => {
  const { deployment, replica } = world;
  const [weth] = deployment.markets;
  const until = Number((await world.client.getBlock()).timestamp) + 86_400;
  const limits = deployment.classes[0]?.limits;
  const account = replica.accounts.trader.address;
  const actions = [
    { action: "setLimits", class: 0, limits: { ...limits, probed: true } },
    { action: "setClass", group: 1, class: 4 },
    { action: "setAggregateBudget", hotBps: 60, quorumBps: 120 },
    { action: "resetBreaker" },
    { action: "setMode", market: "WBTC", mode: "NO_NEW_RISK" },
    { action: "setProbe", market: "WETH", probe: deployment.contract.address },
    {
      action: "overrideMarkets",
      values: [{ market: "WETH", initialBps: 2_400, maintenanceTargetBps: 2_000, until }],
    },
    { action: "grantRole", role: "GUARDIAN_ROLE", account },
    { action: "revokeRole", role: "KEEPER_ROLE", account: deployment.roles.keeper[0] },
    { action: "setFeeds", market: "1", feeds: { ...weth?.feeds, maxMoveBps: 500 } },
    { action: "updateDelay", seconds: 86_400 },
  ];
  const { simulation, says } = await json("--file", file({ title: "Everything", actions }));
  assert.equal(simulation.together, null);
  for (const words of [
    "loosening of all markets in 8 h, hot key: 100 -> 60 bp, tighter",
    "mode of WBTC (6): NORMAL -> NO_NEW_RISK, until governance changes it",
    "WETH (1), initial haircut: 2200 -> 2400 bp, tighter",
    "  new loans: in the same block; open positions: maintenance is at 1900 and gets there in 0.7 days",
    "delay of the timelock: 172800 -> 86400 s, looser",
  ]) {
    assert.ok(says.includes(words), `${words}\n${says.join("\n")}`);
  }
});

test("The proposal written in deployments/README.md passes, and every kind of action is named there.", async () => {
  const page = readFileSync(new URL("../../../deployments/README.md", import.meta.url), "utf8");
  const written = /```json\n(\{\s+"title"[\s\S]*?)```/.exec(page)?.[1];
  assert.ok(written);
  const { simulation } = await json("--file", file(JSON.parse(written)));
  assert.equal(simulation.together, null);
  for (const { shape } of proposalSchema.shape.actions.element.options) {
    const [name] = shape.action.values;
    assert.ok(page.includes(`\`${name}\``) || page.includes(`"${name}"`), name);
  }
});

test("Listing a token that has not passed the gate's probe is refused in words.", async () => {
  const { USDC } = world.deployment.sources.tokens;
  const listing = { collateral: USDC, debt: world.deployment.markets[0]?.debt, class: 0, group: 0 };
  const path = file({
    title: "USDC",
    actions: [{ action: "list", ...listing, initialBps: 1_500, maintenanceBps: 1_000 }],
  });
  const { simulation } = await json("--file", path);
  assert.match(simulation.together ?? "", /^token 0xA0b8\w+ has not passed a probe: .* \[NotPassed\(/);
});

test("Arguments and files are refused with what is expected; a market with the names there are.", async () => {
  const refused = async (...words: string[]) => (await world.run("governance/proposeLimits.ts", ...words)).err;
  assert.match(await refused(), /BAD_ARGUMENT: what to propose is not clear; expected one of --class with --set/);
  assert.match(
    await refused("--class", "0", "--set", "maxLtv=1"),
    /BAD_ARGUMENT: a limit cannot be set.*minInitialBps/,
  );
  assert.match(await refused("--class", "9", "--set", "maxInitialBps=1"), /class 9 is not defined.*one of 0, 4/);
  assert.match(await refused("--class", "0", "--set", "maxInitialBps=4900", "--salt", "0x1"), /--salt/);
  const path = file({ title: "?", actions: [{ action: "setMode", market: "DOGE", mode: "NORMAL" }] });
  assert.match(await refused("--file", path), /UNKNOWN_MARKET.*WETH \(1\), WBTC \(6\)/);
  assert.match(await refused("--file", file({ title: "?", actions: [{ action: "burn" }] })), /BAD_FILE: .*actions\.0/);
});

test("A limit on the command line is a number or, for probed, true or false.", () => {
  const limits = (...sets: string[]) => limitsIntent("3", sets).actions[0];
  assert.deepEqual(limits("maxInitialBps=4500"), { action: "setLimits", class: 3, limits: { maxInitialBps: 4_500 } });
  assert.deepEqual(limits("probed=true"), { action: "setLimits", class: 3, limits: { probed: true } });
  for (const wrong of ["maxInitialBps", "maxInitialBps=", "maxInitialBps=x", "maxInitialBps=1=2", "toString=1"]) {
    assert.throws(() => limits(wrong), { code: "BAD_ARGUMENT" }, wrong);
  }
  assert.throws(() => limits("probed=2"), { code: "BAD_ARGUMENT" });
  assert.throws(() => limits("maxInitialBps=10001"), { code: "BAD_ARGUMENT" });
});

test("The setup of a deployment is done already where the deployer's chain allows it.", async () => {
  const { says } = await json("--setup");
  assert.ok(says.includes("loosening of all markets in 8 h, hot key: 100 -> 100 bp, unchanged"));
  const data = encodeFunctionData({ abi: contractAbi, functionName: "setAggregateBudget", args: [0, 0] });
  await sendAs(world.client, world.deployment.timelock.address, world.deployment.contract.address, data);
  assert.ok((await json("--setup")).says.includes("loosening of all markets in 8 h, hot key: 0 -> 100 bp, looser"));
});
