import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { encodeFunctionData } from "viem";
import { type Hex, tokensOf } from "../../../keeper/domain/contract.ts";
import { storedAccountOf } from "../../../keeper/protocols/words.ts";
import type { Proposal } from "../../../scripts/governance/proposal.ts";
import { main as rollBack } from "../../../scripts/governance/rollBack.ts";
import { accountSetting } from "../../support/parameters.ts";
import { setBackEach } from "../../support/setBackEach.ts";
import { contractAbi, type GovernedWorld, governedWorld, marketOf, pass, sendAs, update } from "./governedWorld.ts";

let world: GovernedWorld;

before(async () => {
  world = await governedWorld(async () => ({}));
});
after(async () => await world.close());
setBackEach(() => world.replica);

type Said = Proposal & {
  notes: string[];
  simulation: { together: string | null };
  rehearsal: { refused: string | null; skipped: number[] };
};

const run = async (...words: string[]): Promise<Said> => {
  const { out, err } = await world.run(rollBack, "--json", ...words);
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

/** Two good batches, two minutes apart, then one by a stolen key, which is in the block returned. */
async function stolenKey(): Promise<bigint> {
  await update(world, 1, { initialBps: 2_300, maintenanceTargetBps: 1_950 });
  await pass(world.client, 120);
  await update(world, 2, { initialBps: 2_800 });
  await pass(world.client, 120);
  await update(world, 1, { initialBps: 5_000, maintenanceTargetBps: 4_500, limit: 1_200 });
  return await world.client.getBlockNumber();
}

test("One proposal writes back the values before a bad batch, and the contract holds them.", async () => {
  await stolenKey();
  const proposal = await run("--before-sequence", "3");
  const restored = "  WETH (1): initial 2300, maintenance target 1950, exposure limit 12000";
  assert.deepEqual(proposal.notes, ["Restored:", restored, ""]);
  assert.equal(proposal.simulation.together, null);
  assert.equal(proposal.calls.length, 1);
  await execute(proposal);
  const { initialBps, maintenanceTargetBps, limit, heldUntil } = await marketOf(world, 1);
  assert.deepEqual([initialBps, maintenanceTargetBps, tokensOf(limit)], [2_300, 1_950, 12_000n]);
  assert.ok(heldUntil > Number((await world.client.getBlock()).timestamp) + 71 * 3_600, "held against the keeper");
  await assert.rejects(update(world, 1, { initialBps: 2_290 }), "writers loosen nothing");
  await update(world, 1, { initialBps: 2_310 });
  assert.equal((await marketOf(world, 1)).initialBps, 2_310, "and tighten at once");
  assert.equal((await marketOf(world, 2)).initialBps, 2_800, "a market that was good is not touched");
});

test("A market that cannot come back after the delay is named with the nearest value, and stops no neighbour.", async () => {
  await stolenKey();
  const { notes, calls, simulation } = await run("--before-sequence", "1");
  assert.deepEqual(notes.slice(0, 3), [
    "Restored:",
    "  WBTC (2): initial 2700, maintenance target 2200, exposure limit 200",
    "Not restored:",
  ]);
  assert.match(
    notes[3] ?? "",
    /WETH \(1\): initial 2200, .* leave too little room above where maintenance will be after the delay: given 2200, nearest allowed 22[12]\d/,
  );
  assert.deepEqual([calls.length, simulation.together], [1, null]);
});

test("A block says the same as the batch in it; the writer is the record's one hot key, or named.", async () => {
  const bad = await stolenKey();
  const byBlock = await run("--before-block", String(bad));
  const bySequence = await run("--before-sequence", "3");
  assert.deepEqual(byBlock.calls, bySequence.calls);
  const named = await run("--before-sequence", "3", "--writer", world.replica.accounts.keeper.address);
  assert.deepEqual(named.calls, bySequence.calls);
});

test("Open positions come back at their speed, and the proposal says how long that takes.", async () => {
  await stolenKey();
  await pass(world.client, 43_200);
  const { says } = await run("--before-sequence", "3");
  const moved = says.find((line) => line.includes("open positions: maintenance"));
  const { maintenanceBps } = await world.ask<{ maintenanceBps: number }>("haircuts", 1);
  assert.ok(maintenanceBps >= 1_904 && maintenanceBps <= 1_906, "half a day at 10 bp a day, in steps");
  const days = ((1_950 - maintenanceBps) / 10).toFixed(1);
  assert.ok(moved?.includes(`maintenance is at ${maintenanceBps} and gets there in ${days} days`), moved);
});

test("What bounds forbid today is not restored and not clamped: it is named with the nearest value.", async () => {
  await stolenKey();
  const limits = world.deployment.classes[0]?.limits;
  await governs("setLimits", 0, { ...limits, minInitialBps: 2_400 });
  const { notes } = await run("--before-sequence", "3");
  assert.deepEqual(notes, [
    "Nothing to restore.",
    "Not restored:",
    "  WETH (1): initial 2300, maintenance target 1950, exposure limit 12000 one of the three numbers is looser than governance's " +
      "bounds: given initial 2300, maintenance target 1950, limit 12000 tokens, nearest allowed initial 2400, maintenance target " +
      "700, limit 12000 tokens [TOO_LOOSE]",
    "  class 0: minInitialBps is 2400 and was 1000; propose-limits changes it",
  ]);
});

test("A writer that has tripped, before the roll back or in its delay, does not hold it up.", async () => {
  const keeper = world.replica.accounts.keeper.address;
  await update(world, 1, { initialBps: 2_600 });
  await update(world, 2, { initialBps: 3_000 });
  await governs("admit", accountSetting(keeper, "HOT", 10, 20));
  await pass(world.client, 700);
  await update(world, 1, { initialBps: 2_560 });
  assert.equal(storedAccountOf(await world.ask<bigint>("storedWriter", keeper)).tightenOnly, true, "tripped");
  const proposal = await run("--before-sequence", "1", "--rehearse");
  assert.deepEqual(proposal.notes, [
    "Restored:",
    "  WETH (1): initial 2200, maintenance target 1900, exposure limit 12000",
    "  WBTC (2): initial 2700, maintenance target 2200, exposure limit 200",
    "Not restored:",
    `  account ${keeper.toLowerCase()}: aggregateBps is 10 and was 100; admit changes it`,
    `  account ${keeper.toLowerCase()}: tripBps is 20 and was 200; admit changes it`,
    `  account ${keeper.toLowerCase()}: it has tripped and only tightens; admit ends that`,
    "",
  ]);
  assert.deepEqual([proposal.simulation.together, proposal.rehearsal.refused], [null, null]);
  assert.deepEqual(proposal.rehearsal.skipped, []);
});

test("Modes, classes and bounds that governance set since are named, and left to it; a market delisted is gone.", async () => {
  await stolenKey();
  await governs("setMode", 1, 1);
  const setting = { classId: 1, lowestLimit: 1_000, highestLimit: 6_245, probe: `0x${"0".repeat(40)}` };
  await governs("changeMarket", 1, setting);
  await governs("delistMarket", 2);
  const { notes } = await run("--before-sequence", "3");
  for (const line of [
    "  WETH (1): mode is NO_NEW_RISK and was NORMAL; setMode changes it",
    "  WETH (1): classId is 1 and was 0; changeMarket changes it",
    "  WETH (1): lowestLimit is 1000 tokens and was 1200; changeMarket changes it",
    "  WBTC (2): delisted since, for ever",
  ]) {
    assert.ok(notes.includes(line), `${line}\n${notes.join("\n")}`);
  }
});

test("Arguments are refused with what is expected.", async () => {
  await stolenKey();
  const refused = async (...words: string[]) => (await world.run(rollBack, ...words)).err;
  assert.match(await refused(), /BAD_ARGUMENT: nothing says what to roll back to.*--before-block, --before-sequence/);
  assert.match(await refused("--before-sequence", "9"), /BAD_ARGUMENT: no batch of 0x7099\w+ has this sequence/);
  assert.match(
    await refused("--before-sequence", "3", "--writer", "me"),
    /BAD_ARGUMENT: nothing says whose batch it is/,
  );
  assert.match(await refused("--before-block", "1"), /BAD_ARGUMENT: there were no values before this block/);
  assert.match(await refused("--before-sequence", "1", "--hold-hours", "700"), /30 days from now.*at most 672/s);
});
