import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { encodeFunctionData } from "viem";
import type { Hex } from "../../../keeper/domain/contract.ts";
import type { Proposal } from "../../../scripts/governance/proposal.ts";
import { contractAbi, type GovernedWorld, governedWorld, pass, sendAs, update } from "./governedWorld.ts";

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
  notes: string[];
  simulation: { together: string | null };
  rehearsal: { refused: string | null };
};

const run = async (...words: string[]): Promise<Said> => {
  const { out, err } = await world.run("governance/rollBack.ts", "--json", ...words);
  assert.ok(out.length > 0, err);
  return JSON.parse(out) as Said;
};

const governs = async (functionName: string, ...args: unknown[]): Promise<void> => {
  const { timelock, contract } = world.deployment;
  await sendAs(
    world.client,
    timelock.address,
    contract.address,
    encodeFunctionData({ abi: contractAbi, functionName, args }),
  );
};

const execute = async ({ timelock }: Proposal): Promise<void> => {
  const [proposer] = world.deployment.timelock.proposers;
  assert.ok(proposer);
  await sendAs(world.client, proposer, timelock.address as Hex, timelock.schedule.data as Hex);
  await pass(world.client, timelock.delaySeconds);
  await sendAs(world.client, proposer, timelock.address as Hex, timelock.execute.data as Hex);
};

type Market = { initialBps: number; maintenanceTargetBps: number; maintenanceBps: number; asOf: number };
const market = (id: number) => world.ask<Market>("marketState", id);

/** Two good batches, two minutes apart, then one by a stolen key, which is in the block returned. */
async function stolenKey(): Promise<bigint> {
  await update(world, 1, { initialBps: 2_300, maintenanceTargetBps: 1_950 });
  await pass(world.client, 120);
  await update(world, 6, { initialBps: 2_800 });
  await pass(world.client, 120);
  await update(world, 1, { initialBps: 5_000, maintenanceTargetBps: 4_500 });
  return await world.client.getBlockNumber();
}

async function freeze(marketId: number): Promise<void> {
  const { roles, contract } = world.deployment;
  const data = encodeFunctionData({ abi: contractAbi, functionName: "setMode", args: [marketId, 2] });
  await sendAs(world.client, roles.guardian[0] as Hex, contract.address, data);
}

test("One proposal writes back the values before a bad batch, and the contract holds it.", async () => {
  await stolenKey();
  await freeze(1);
  const proposal = await run("--before-sequence", "3");
  assert.deepEqual(proposal.notes, [
    "Restored:",
    "  WETH (1): initial 2300, maintenance target 1950",
    "Not restored:",
    "  WETH (1): mode is FROZEN and was NORMAL; setMode changes it",
    "",
  ]);
  assert.equal(proposal.simulation.together, null);
  assert.equal(proposal.calls.length, 1);
  await execute(proposal);
  const { initialBps, maintenanceTargetBps, asOf } = await market(1);
  assert.deepEqual([initialBps, maintenanceTargetBps], [2_300, 1_950]);
  assert.ok(asOf > Number((await world.client.getBlock()).timestamp), "held against the keeper");
  assert.equal((await market(6)).initialBps, 2_800, "a market that was good is not touched");
});

test("What two days of delay make impossible is said before they have passed, with the way out.", async () => {
  await stolenKey();
  const { notes, calls } = await run("--before-sequence", "3");
  assert.equal(calls, undefined, "no proposal");
  assert.match(
    notes[2] ?? "",
    /WETH \(1\): initial 2300, target 1950 leave too little room .* \(a guardian's freeze stops it\): 2300, nearest allowed 23\d\d/,
  );
  await freeze(1);
  assert.equal((await run("--before-sequence", "3")).calls.length, 1, "after the freeze it is possible");
});

test("A block says the same as the batch in it; before the first batch stands what was listed.", async () => {
  const bad = await stolenKey();
  await freeze(1);
  const byBlock = await run("--before-block", String(bad));
  const bySequence = await run("--before-sequence", "3");
  assert.deepEqual(byBlock.calls, bySequence.calls);
  const further = await run("--before-sequence", "1");
  assert.ok(further.notes.includes("  WBTC (6): initial 2700, maintenance target 2200"), further.notes.join("\n"));
});

test("Open positions come back at their speed, and the proposal says how long that takes.", async () => {
  await stolenKey();
  await pass(world.client, 43_200);
  await freeze(1);
  const { says } = await run("--before-sequence", "3");
  const moved = says.find((line) => line.includes("open positions: maintenance"));
  assert.match(moved ?? "", /maintenance is at 197\d and gets there in 0\.3 days/);
});

test("What bounds forbid today is not restored and not clamped: it is named with the nearest value.", async () => {
  await stolenKey();
  await freeze(1);
  const limits = world.deployment.classes[0]?.limits;
  await governs("setLimits", 0, { ...limits, minInitialBps: 2_400 });
  const { notes } = await run("--before-sequence", "3");
  assert.deepEqual(notes, [
    "Nothing to restore.",
    "Not restored:",
    "  WETH (1): mode is FROZEN and was NORMAL; setMode changes it",
    "  WETH (1): initial 2300, target 1950 are outside of today's bounds of initial: 2300, nearest allowed 2400 " +
      "[INITIAL_OUT_OF_BOUNDS]",
    "  class 0: minInitialBps is 2400 and was 1000; propose-limits changes it",
  ]);
});

test("In tighten-only mode nothing that loosens is restored, unless the proposal ends it first.", async () => {
  await update(world, 1, { initialBps: 2_600 });
  await update(world, 6, { initialBps: 3_000 });
  await governs("setAggregateBudget", 10, 10);
  await pass(world.client, 120);
  await update(world, 1, { initialBps: 2_560 }).catch(() => {});
  assert.equal((await world.ask<{ tightenOnly: boolean }>("door")).tightenOnly, true, "tripped");
  const tripped = await run("--before-sequence", "1");
  assert.equal(tripped.calls, undefined, "no proposal");
  assert.match(tripped.notes.join("\n"), /WETH \(1\): initial 2200, .* would loosen, and tighten-only mode is on/);
  assert.match(tripped.notes.join("\n"), /aggregateBps is 10 and was 100; setAggregateBudget changes it/);
  const proposal = await run("--before-sequence", "1", "--reset-breaker", "--rehearse");
  assert.deepEqual(
    proposal.calls.map(({ name }) => name),
    ["resetBreaker", "overrideMarkets"],
  );
  assert.equal(proposal.simulation.together, null);
  assert.equal(proposal.rehearsal.refused, null);
});

test("Modes that governance set since are named, and left to it.", async () => {
  await stolenKey();
  await governs("setMode", 6, 1);
  const { notes } = await run("--before-sequence", "3");
  assert.ok(notes.includes("  WBTC (6): mode is NO_NEW_RISK and was NORMAL; setMode changes it"), notes.join("\n"));
});

test("Arguments are refused with what is expected.", async () => {
  await stolenKey();
  const refused = async (...words: string[]) => (await world.run("governance/rollBack.ts", ...words)).err;
  assert.match(await refused(), /BAD_ARGUMENT: nothing says what to roll back to.*--before-block, --before-sequence/);
  assert.match(await refused("--before-sequence", "9"), /BAD_ARGUMENT: no batch has this sequence/);
  assert.match(await refused("--before-block", "1"), /BAD_ARGUMENT: there were no values before this block/);
  assert.match(await refused("--before-sequence", "1", "--hold-hours", "700"), /30 days from now.*at most 672/s);
});
