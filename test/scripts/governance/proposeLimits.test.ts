import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { encodeFunctionData } from "viem";
import { proposalSchema } from "../../../scripts/governance/actionSchema.ts";
import { limitsIntent } from "../../../scripts/governance/limitsIntent.ts";
import type { Proposal } from "../../../scripts/governance/proposal.ts";
import { main as proposeLimits } from "../../../scripts/governance/proposeLimits.ts";
import { accountSetting } from "../../support/parameters.ts";
import { setBackEach } from "../../support/setBackEach.ts";
import { assertShown, shownBlock } from "../../support/shown.ts";
import {
  contractAbi,
  type GovernedWorld,
  governedWorld,
  limitsOf,
  marketOf,
  pass,
  sendAs,
  timelockAbi,
  update,
} from "./governedWorld.ts";

let world: GovernedWorld;

before(async () => {
  world = await governedWorld(async () => ({}));
});
after(async () => await world.close());
setBackEach(() => world.replica);

type Said = Proposal & {
  simulation: {
    calls: { name: string; refused: string | null; skipped: string[] }[];
    together: string | null;
    operation: string;
  };
  rehearsal: { refused: string | null; executedAt: number; skipped: number[] } | null;
};
const LIMITS_IN_TOKENS = { limitTokens: 1_000_000, lowestLimitTokens: 100_000, highestLimitTokens: 3_000_000 };
const json = async (...words: string[]): Promise<Said> => {
  const { out, err } = await world.run(proposeLimits, "--json", ...words);
  assert.ok(out.length > 0, err);
  return JSON.parse(out) as Said;
};
const file = (value: unknown): string => {
  const path = join(world.folder, "proposal.json");
  writeFileSync(path, JSON.stringify(value));
  return path;
};

test("A change is said in words: from what to what, tighter or looser, and for whom.", async () => {
  const { says } = await json("--class", "0", "--set", "minInitialBps=2300", "--set", "hotBudgetBps=25");
  assert.deepEqual(says, [
    "class 0, lowest initial haircut (minInitialBps): 1000 -> 2300 bp, tighter",
    "class 0, loosening of initial in 8 h, hot key (hotBudgetBps): 50 -> 25 bp, tighter",
    "  the most a stolen hot key loosens of a market in 24 h: 200 -> 100 bp",
    "  no value moves in this transaction; affected:",
    "    WETH (1), initial 2200, maintenance target 1900: new loans: the next update must raise initial to 2300",
  ]);
});

test("The timelock's calldata schedules and executes exactly that, after the delay and not before.", async () => {
  const { client, deployment } = world;
  const { timelock } = await json("--class", "1", "--set", "hotStepBps=150");
  const [proposer] = deployment.timelock.proposers;
  assert.ok(proposer);
  const to = deployment.timelock.address;
  await sendAs(client, proposer, to, timelock.schedule.data as `0x${string}`);
  const state = { address: to, abi: timelockAbi, functionName: "isOperationPending", args: [timelock.operation] };
  assert.equal(await client.readContract(state), true, "the operation's id is the timelock's");
  await assert.rejects(sendAs(client, proposer, to, timelock.execute.data as `0x${string}`));
  await pass(client, 172_800);
  await sendAs(client, proposer, to, timelock.execute.data as `0x${string}`);
  const limits = await limitsOf(world, 1);
  assert.equal(limits.hotStepBps, 150);
  assert.equal(limits.minInitialBps, 1_200, "the other limits stay");
  assert.equal((await json("--class", "1", "--set", "hotStepBps=150")).simulation.operation, "done");
});

test("What deployments/README.md shows of a proposal is what it prints.", async () => {
  const shown = shownBlock("npm run propose-limits -- --class 0 --set maxInitialBps=4900 --set hotBudgetBps=40");
  const [, words = ""] = shown.command.split(" -- ");
  assertShown(shown, (await world.run(proposeLimits, ...words.split(" "))).out);
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
  const { code, out } = await world.run(proposeLimits, "--class", "0", "--set", "maxInitialBps=4500");
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
      { action: "setLimits", class: 8, limits: { ...limits, hotBudgetBps: 25 } },
      { action: "changeMarket", market: "WETH", class: 8 },
    ],
  });
  const { simulation, says } = await json("--file", path);
  assert.deepEqual(
    simulation.calls.map(({ refused }) => refused),
    [null, "class 8 is not defined [UnknownClass(8)]"],
  );
  assert.equal(simulation.together, null);
  const moved = "WETH (1): class 0 -> 8; updates made before do not apply any more";
  assert.ok(says.includes(moved), says.join("\n"));
});

test("A rehearsal executes it after the delay and leaves the chain as it was.", async () => {
  const { client } = world;
  const block = await client.getBlockNumber();
  const { rehearsal } = await json("--class", "0", "--set", "hotStepBps=100", "--rehearse");
  assert.equal(rehearsal?.refused, null);
  assert.ok((rehearsal?.executedAt ?? 0) >= Number((await client.getBlock()).timestamp) + 172_800);
  assert.equal(await client.getBlockNumber(), block);
  assert.equal((await limitsOf(world, 0)).hotStepBps, 200);
});

test("A rehearsal finds what only the waiting does: an override that would end before it can be executed.", async () => {
  const until = Number((await world.client.getBlock()).timestamp) + 3_600;
  const values = [{ market: "WETH", initialBps: 2_500, maintenanceTargetBps: 2_000, limitTokens: 9_000, until }];
  const path = file({ title: "Too short", actions: [{ action: "setManually", values }] });
  const { simulation, rehearsal } = await json("--file", path, "--rehearse");
  assert.equal(simulation.together, null, "now it would pass");
  assert.match(rehearsal?.refused ?? "", /^market 1: an override until \d+ is refused, it must end between/);
});

test("Every kind of action becomes a call that the contract, or a gateway, takes.", async () => {
  const { deployment, replica } = world;
  const [weth] = deployment.markets;
  const until = Number((await world.client.getBlock()).timestamp) + 86_400;
  const limits = deployment.classes[0]?.limits;
  const account = replica.accounts.trader.address;
  const feeds = { ...weth?.feeds, maxMoveBps: 500 };
  const actions = [
    { action: "setLimits", class: 0, limits: { ...limits, maxAgeMinutes: 300 } },
    { action: "changeMarket", market: "WBTC", class: 0, highestLimitTokens: 150, probe: deployment.contract.address },
    { action: "setMode", market: "WBTC", mode: "NO_NEW_RISK" },
    {
      action: "setManually",
      values: [{ market: "WETH", initialBps: 2_400, maintenanceTargetBps: 2_000, limitTokens: 9_000, until }],
    },
    { action: "admit", account, power: "HOT", aggregateBps: 60, tripBps: 120 },
    { action: "setFeeds", market: "1", feeds },
    { action: "updateDelay", seconds: 86_400 },
    { action: "delistMarket", market: "WBTC" },
  ];
  const { simulation, says } = await json("--file", file({ title: "Everything", actions }));
  assert.equal(simulation.together, null);
  for (const words of [
    "WBTC (2): class 1 -> 0; updates made before do not apply any more",
    "WBTC (2), highestLimit: 200 -> 150 tokens, tighter",
    "mode of WBTC (2): NORMAL -> NO_NEW_RISK, until governance changes it",
    "WETH (1), initial haircut: 2200 -> 2400 bp, tighter",
    "WETH (1), exposure limit: 12000 -> 9000 tokens, tighter",
    "  new loans: in the same block; open positions: maintenance is at 1900 and gets there in 10.0 days",
    `${account}: NONE -> HOT: sends updates within the hot key's limits`,
    "  it loosens in 8 h, summed over markets: none -> 60 bp, new",
    "delay of the timelock: 172800 -> 86400 s, looser",
    "ends WBTC (2) for ever: no new loans",
  ]) {
    assert.ok(says.includes(words), `${words}\n${says.join("\n")}`);
  }
});

test("A change by which maintenance may reach a position within 30 days of its opening says so, and no other.", async () => {
  const [major] = world.deployment.classes;
  const wider = { ...major?.limits, minGapBps: 300, tightenSpeedBpsPer30Days: 300 };
  const notice = (says: readonly string[]) => says.filter((line) => /30 DAYS|days after its opening/.test(line));
  const kept = await json("--class", "0", "--set", "tightenSpeedBpsPer30Days=100", "--set", "minGapBps=250");
  assert.deepEqual(notice(kept.says), []);
  const move = file({
    title: "WETH to the long tail",
    actions: [{ action: "changeMarket", market: "WETH", class: 2 }],
  });
  const moved = await json("--file", move);
  assert.deepEqual(notice(moved.says), [
    "  LESS THAN 30 DAYS' NOTICE: a position opened at the limit before this is 300 bp from liquidation, and maintenance",
    "    may rise by 500 bp in 30 days: at an unmoved price it may be liquidatable 18 days after its opening",
  ]);
  assert.equal(
    moved.simulation.together,
    "minGapBps may not be 500: the nearest value allowed is 300 [BadLimits(minGapBps, 500, 300)]",
  );
  await update(world, 1, { initialBps: 2_500 });
  assert.equal((await json("--file", move)).simulation.together, null, "once writers have made room");
  const limits = { ...wider, minGapBps: 600, tightenSpeedBpsPer30Days: 600 };
  const widened = file({ title: "Wider", actions: [{ action: "setLimits", class: 0, limits }] });
  assert.match(notice((await json("--file", widened)).says)[1] ?? "", /may be liquidatable 15 days after its opening/);
});

test("The notice's figure is the contract's: moved on the day of the opening, it is liquidatable then and not before.", async () => {
  const { client, deployment } = world;
  const { timelock, contract } = deployment;
  const govern = async (functionName: string, args: readonly unknown[]) =>
    await sendAs(
      client,
      timelock.address,
      contract.address,
      encodeFunctionData({ abi: contractAbi, functionName, args }),
    );
  await update(world, 1, { initialBps: 2_500 });
  const { lowestLimit, highestLimit } = deployment.markets[0] ?? {};
  await govern("changeMarket", [1, { classId: 2, lowestLimit, highestLimit, probe: `0x${"0".repeat(40)}` }]);
  await update(world, 1, { initialBps: 3_500, maintenanceTargetBps: 3_000 });
  const start = Number((await client.getBlock()).timestamp);
  /** Opened at a haircut of 2 200, 300 bp above maintenance. */
  const reached = async () => {
    const { maintenanceBps } = await world.ask<{ maintenanceBps: number }>("haircuts", 1);
    return maintenanceBps >= 2_200;
  };
  const day = 86_400;
  for (let hours = 0; hours < 18 * 24 - 12; hours += 6) {
    await pass(client, 6 * 3_600);
    await update(world, 1, {});
    assert.equal(await reached(), false, `${(Number((await client.getBlock()).timestamp) - start) / day} days`);
  }
  for (const hours of [7, 6]) {
    await pass(client, hours * 3_600);
    await update(world, 1, {});
  }
  assert.equal(await reached(), true);
});

test("A market of an override that the contract would skip is named, alone and after the delay.", async () => {
  const until = Number((await world.client.getBlock()).timestamp) + 10 * 86_400;
  const value = { maintenanceTargetBps: 2_000, until };
  const values = [
    { market: "WETH", initialBps: 2_500, limitTokens: 9_000, ...value },
    { market: "WBTC", initialBps: 2_100, limitTokens: 100, ...value },
  ];
  const path = file({ title: "One of two", actions: [{ action: "setManually", values }] });
  const { simulation, rehearsal } = await json("--file", path, "--rehearse");
  assert.equal(simulation.together, null);
  assert.match(simulation.calls[0]?.skipped.join() ?? "", /^every market was refused, market 2 for GAP_TOO_SMALL/);
  assert.deepEqual([rehearsal?.refused, rehearsal?.skipped], [null, [2]]);
});

test("An account is never removed in the same operation as an override: what spoils the one would hold up the other.", async () => {
  const values = [{ market: "WETH", initialBps: 2_500, maintenanceTargetBps: 2_000, limitTokens: 9_000, until: 0 }];
  const account = world.replica.accounts.keeper.address;
  const actions = [
    { action: "setManually", values },
    { action: "admit", account, power: "NONE" },
  ];
  const { err } = await world.run(proposeLimits, "--file", file({ title: "Both", actions }));
  assert.match(err, /BAD_FILE: .*actions: an account is removed in a proposal of its own/);
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
  const listing = { collateral: USDC, debt: world.deployment.markets[0]?.debt, class: 0, ...LIMITS_IN_TOKENS };
  const path = file({
    title: "USDC",
    actions: [{ action: "listMarket", ...listing, initialBps: 1_500, maintenanceBps: 1_000 }],
  });
  const { simulation } = await json("--file", path);
  assert.match(simulation.together ?? "", /^token 0xA0b8\w+ has not passed a probe: .* \[NotPassed\(/);
});

test("A pair that governance has ended is listed by the contract itself, which refuses the gate, and goes on with its maintenance.", async () => {
  const { client, deployment } = world;
  const { timelock, contract } = deployment;
  const [, wbtc] = deployment.markets;
  assert.ok(wbtc);
  const { collateral, debt, classId, initialBps, maintenanceBps } = wbtc;
  const data = encodeFunctionData({ abi: contractAbi, functionName: "delistMarket", args: [2] });
  await sendAs(client, timelock.address, contract.address, data);
  const pair = { collateral, debt, class: classId, ...LIMITS_IN_TOKENS };
  const actions = [{ action: "listMarket", ...pair, initialBps, maintenanceBps: maintenanceBps - 50 }];
  const { simulation, rehearsal, calls, says, ...forms } = await json(
    ...["--rehearse", "--file", file({ title: "WBTC again", actions })],
  );
  assert.deepEqual([simulation.together, rehearsal?.refused], [null, null]);
  assert.deepEqual(
    calls.map(({ to, name }) => [to, name]),
    [[contract.address, "listMarket"]],
  );
  const kept = "  in place of WBTC (2), which governance ended, and with its maintenance; no token is probed";
  assert.ok(says.includes(kept), says.join("\n"));
  assert.match(says[1] ?? "", new RegExp(`maintenance ${maintenanceBps} bp`));
  const [proposer] = timelock.proposers;
  assert.ok(proposer);
  await sendAs(client, proposer, timelock.address, forms.timelock.schedule.data as `0x${string}`);
  await pass(client, timelock.delaySeconds);
  await sendAs(client, proposer, timelock.address, forms.timelock.execute.data as `0x${string}`);
  assert.equal(await world.ask("marketOf", collateral, debt), 3);
  assert.equal((await marketOf(world, 3)).maintenanceBps, maintenanceBps);
});

test("Arguments and files are refused with what is expected; a market with the names there are.", async () => {
  const refused = async (...words: string[]) => (await world.run(proposeLimits, ...words)).err;
  assert.match(await refused(), /BAD_ARGUMENT: what to propose is not clear; expected one of --class with --set/);
  assert.match(
    await refused("--class", "0", "--set", "maxLtv=1"),
    /BAD_ARGUMENT: a limit cannot be set.*minInitialBps/,
  );
  assert.match(await refused("--class", "9", "--set", "maxInitialBps=1"), /class 9 is not defined.*one of 0, 1, 2/);
  assert.match(await refused("--class", "0", "--set", "maxInitialBps=4900", "--salt", "0x1"), /--salt/);
  const path = file({ title: "?", actions: [{ action: "setMode", market: "DOGE", mode: "NORMAL" }] });
  assert.match(await refused("--file", path), /UNKNOWN_MARKET.*WETH \(1\), WBTC \(2\)/);
  assert.match(await refused("--file", file({ title: "?", actions: [{ action: "burn" }] })), /BAD_FILE: .*actions\.0/);
  assert.match(await refused("--file", "nowhere.json"), /BAD_FILE: nowhere\.json cannot be read; .*a proposal in JSON/);
});

test("A limit on the command line is a number.", () => {
  const limits = (...sets: string[]) => limitsIntent("3", sets).actions[0];
  assert.deepEqual(limits("maxInitialBps=4500"), { action: "setLimits", class: 3, limits: { maxInitialBps: 4_500 } });
  for (const wrong of ["maxInitialBps", "maxInitialBps=", "maxInitialBps=x", "maxInitialBps=1=2", "toString=1"]) {
    assert.throws(() => limits(wrong), { code: "BAD_ARGUMENT" }, wrong);
  }
  assert.throws(() => limits("maxInitialBps=10001"), { code: "BAD_ARGUMENT" });
});

test("The setup of a deployment is done already where the deployer's chain allows it.", async () => {
  const { timelock, contract, gateways } = world.deployment;
  const { address } = gateways.challenge;
  const same = `${address}: CHALLENGER -> CHALLENGER: closes a market to new loans for 6 h`;
  const { says } = await json("--setup");
  assert.ok(says.includes(same), says.join("\n"));
  const args = [accountSetting(address, "NONE")];
  const data = encodeFunctionData({ abi: contractAbi, functionName: "admit", args });
  await sendAs(world.client, timelock.address, contract.address, data);
  assert.ok((await json("--setup")).says.includes(same.replace("CHALLENGER", "NONE")));
});
