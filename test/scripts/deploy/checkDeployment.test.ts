import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Abi, encodeFunctionData, keccak256, toHex, zeroAddress } from "viem";
import type { Power } from "../../../keeper/domain/contract.ts";
import { USD } from "../../../keeper/markets/limits.ts";
import type { Deployment } from "../../../keeper/protocols/deployment.ts";
import { deploymentArtifacts } from "../../../scripts/deploy/artifacts.ts";
import { checkDeployment } from "../../../scripts/deploy/check.ts";
import { checkTable } from "../../../scripts/deploy/compare.ts";
import { deploy } from "../../../scripts/deploy/deploy.ts";
import { developmentPlan } from "../../../scripts/deploy/plan.ts";
import { mined, type ReplicaClient, replicaClient, send } from "../../../scripts/lab/replica/node.ts";
import { type Replica, startReplica } from "../../../scripts/lab/replica/startReplica.ts";
import { accountSetting } from "../../support/parameters.ts";
import { runScript, type ScriptResult } from "../../support/runScript.ts";
import { setBackEach } from "../../support/setBackEach.ts";
import { SHIPPED } from "../../support/shipped.ts";

let replica: Replica;
let client: ReplicaClient;
let folder: string;
let deployment: Deployment;

before(async () => {
  replica = await startReplica({ seedFrom: null });
  client = replicaClient(replica.url, replica.chainId);
  folder = mkdtempSync(join(tmpdir(), "tonsor-check-"));
  deployment = await deploy({
    rpcUrl: replica.url,
    chainId: 31337,
    deployerKey: replica.accounts.deployer.privateKey,
    plan: developmentPlan(SHIPPED),
    deploymentsFolder: folder,
  });
});
after(async () => {
  rmSync(folder, { recursive: true });
  await replica.close();
});
setBackEach(() => replica);

const abi = deploymentArtifacts().contract.abi as Abi;
const challengeAbi = deploymentArtifacts().challenge.abi as Abi;
const timelockAbi = deploymentArtifacts().timelock.abi as Abi;

/** Sends as the timelock itself, as if a proposal had passed. */
async function asGovernance(to: `0x${string}`, data: `0x${string}`): Promise<void> {
  const address = deployment.timelock.address;
  await client.impersonateAccount({ address });
  await client.setBalance({ address, value: 10n ** 18n });
  // Not estimated: a second later settling writes one slot more than in the block that the estimate ran in.
  const hash = await client.sendTransaction({ account: address, to, data, gas: 2_000_000n } as never);
  const receipt = await client.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, "success");
  await client.stopImpersonatingAccount({ address });
}

/** What differs, as "what: file -> chain". */
async function differences(record: Deployment = deployment): Promise<string[]> {
  const checks = await checkDeployment(replica.url, record);
  return checks.filter(({ agrees }) => !agrees).map(({ what, expected, found }) => `${what}: ${expected} -> ${found}`);
}

const run = (...more: string[]): Promise<ScriptResult> =>
  runScript("check-deployment", ["--rpc-url", replica.url, "--deployments", folder, ...more]);

test("A fresh deployment agrees with its record in everything.", async () => {
  const checks = await checkDeployment(replica.url, deployment);
  assert.deepEqual(await differences(), []);
  assert.ok(checks.length > 120, `${checks.length} checks`);
});

test("A limit changed in the file is one line with both values.", async () => {
  const tampered = structuredClone(deployment);
  const [major] = tampered.classes;
  assert.ok(major);
  major.limits.maxInitialBps = 4_999;
  assert.deepEqual(await differences(tampered), ["class 0 major maxInitialBps: 4999 -> 5000"]);
});

test("A start value, a delay, a market, a source and a place changed in the file are each found.", async () => {
  const tampered = structuredClone(deployment);
  const [weth, wbtc] = tampered.markets;
  assert.ok(weth && wbtc);
  weth.initialBps = 2_100;
  weth.collateral = wbtc.collateral;
  tampered.markets.push({ ...wbtc, id: 7, feeds: null });
  wbtc.highestLimit = 599;
  tampered.timelock.delaySeconds = 60;
  tampered.sources.feeds["WETH"] = replica.accounts.trader.address;
  tampered.contract.block += 1;
  assert.deepEqual(await differences(tampered), [
    `contract block: ${deployment.contract.block + 1} -> ${deployment.contract.block}`,
    "timelock delay, s: 60 -> 172800",
    "number of markets: 3 -> 2",
    "market 1 WETH initialBps at the start: 2100 -> 2200",
    `market 1 WETH collateral: ${wbtc.collateral} -> ${replica.addresses.tokens.WETH}`,
    "market 2 WBTC highestLimit: 599 -> 200",
    "market 7 WBTC: listed -> not listed",
    `feeds WETH ${replica.accounts.trader.address}: code -> no code`,
  ]);
});

test("Other constructor arguments, another deployer or another transaction in the file are found.", async () => {
  const tampered = structuredClone(deployment);
  tampered.deployer = replica.accounts.trader.address;
  tampered.contract.constructorArguments = `0x00${deployment.contract.constructorArguments.slice(4, -2)}00`;
  tampered.timelock.transaction = `0x${"1".repeat(64)}`;
  const found = (await differences(tampered)).join("\n");
  assert.match(found, /contract deployer: 0x.* -> 0xf39F/);
  assert.match(found, /contract constructor arguments/);
  assert.match(found, /timelock created by its transaction: 0x.* -> no such transaction/);
});

const keeper = () => deployment.accounts.find(({ power }) => power === "HOT")?.account;
const guardian = () => deployment.accounts.find(({ power }) => power === "GUARDIAN")?.account;

/** Gives an account a power as the timelock. */
async function admit(account: string | undefined, power: Power, aggregateBps = 0, tripBps = 0): Promise<void> {
  const args = [accountSetting(account ?? "", power, aggregateBps, tripBps)];
  await asGovernance(deployment.contract.address, encodeFunctionData({ abi, functionName: "admit", args }));
}

test("A hot key more on the chain, or a guardian less, is found by asking whoever the events name.", async () => {
  const trader = replica.accounts.trader.address;
  await admit(trader, "HOT");
  await admit(guardian(), "NONE");
  const recorded = deployment.accounts.map(({ account }) => account);
  const found = [...recorded.filter((account) => account !== guardian()), trader];
  assert.deepEqual(await differences(), [
    `account ${guardian()} power: GUARDIAN -> NONE`,
    `accounts with a power: ${recorded.sort().join(" ")} -> ${found.sort().join(" ")}`,
  ]);
});

test("A deployer that held a power only for a while is found: the events do not forget.", async () => {
  const { deployer } = replica.accounts;
  await admit(deployer.address, "LISTER");
  await admit(deployer.address, "NONE");
  assert.deepEqual(await differences(), ["powers the deployer ever had: 0 -> 1"]);
});

test("Another owner, one on the way, and one that was owner only for a while are found.", async () => {
  const { contract, timelock } = deployment;
  const trader = replica.accounts.trader.address;
  const hand = async (from: `0x${string}`, to: `0x${string}`) => {
    const transfer = encodeFunctionData({ abi, functionName: "transferOwnership", args: [to] });
    if (from === timelock.address) await asGovernance(contract.address, transfer);
    else await mined(client, [await send(client, { from, to: contract.address, data: transfer })]);
  };
  const accept = encodeFunctionData({ abi, functionName: "acceptOwnership" });
  await hand(timelock.address, trader);
  assert.deepEqual(await differences(), [`pendingOwner: ${zeroAddress} -> ${trader}`]);
  await mined(client, [await send(client, { from: trader, to: contract.address, data: accept })]);
  const owners = [timelock.address, trader].sort().join(" ");
  const ever = `owners ever: ${timelock.address} -> ${owners}`;
  assert.deepEqual(await differences(), [`owner: ${timelock.address} -> ${trader}`, ever]);
  await hand(trader, timelock.address);
  await asGovernance(contract.address, accept);
  assert.deepEqual(await differences(), [ever]);
});

test("A role of the timelock that no record knows is found under its hash.", async () => {
  const { timelock } = deployment;
  const strange = keccak256(toHex("BACKDOOR_ROLE"));
  const args = [strange, replica.accounts.trader.address];
  const data = encodeFunctionData({ abi: timelockAbi, functionName: "grantRole", args });
  await asGovernance(timelock.address, data);
  assert.match((await differences()).join("\n"), new RegExp(`timelock ${strange}: nobody -> 0x`));
});

test("Limits, budgets, classes, feeds and delay changed by governance after the deployment are found.", async () => {
  const { contract, classes, gateways, timelock, markets } = deployment;
  const call = (functionName: string, args: readonly unknown[]) => encodeFunctionData({ abi, functionName, args });
  await asGovernance(contract.address, call("setLimits", [0, { ...classes[0]?.limits, quorumStepBps: 399 }]));
  await asGovernance(contract.address, call("setLimits", [7, classes[0]?.limits]));
  const { lowestLimit, highestLimit } = markets[0] ?? {};
  const setting = { classId: 7, lowestLimit, highestLimit, probe: gateways.listing.address };
  await asGovernance(contract.address, call("changeMarket", [1, setting]));
  await asGovernance(contract.address, call("delistMarket", [2]));
  await admit(keeper(), "HOT", 0, 200);
  const none = { first: USD, second: USD, maxDivergenceBps: 0, maxMoveBps: 0, firstMaxAge: 0, secondMaxAge: 0 };
  const feeds = encodeFunctionData({ abi: challengeAbi, functionName: "setFeeds", args: [2, none] });
  await asGovernance(gateways.challenge.address, feeds);
  const delay = encodeFunctionData({ abi: timelockAbi, functionName: "updateDelay", args: [1n] });
  await asGovernance(timelock.address, delay);
  const found = await differences();
  assert.deepEqual(found.slice(0, 6), [
    "timelock delay, s: 172800 -> 1",
    `account ${keeper()} aggregateBps: 100 -> 0`,
    "class 0 major quorumStepBps: 400 -> 399",
    "class 7: not defined -> defined",
    `market 1 WETH probe: ${zeroAddress} -> ${gateways.listing.address}`,
    "market 1 WETH class: 0 -> 7",
  ]);
  assert.ok(found.includes("market 2 WBTC delisted: no -> yes"), found.join("\n"));
  assert.ok(found.includes("challenge market 2 WBTC maxMoveBps: 1000 -> 0"), found.join("\n"));
  assert.ok(!found.some((line) => line.startsWith("events")), "whatever governance does, the events tell it");
  const { out } = await run();
  assert.match(
    out,
    /^WRONG account 0x\w+ aggregateBps.*expected 100, found 0 \(a budget of zero: it cannot loosen\)$/m,
  );
});

test("A budget, a threshold, a signer, a class and a power changed in the file are each found.", async () => {
  const tampered = structuredClone(deployment);
  const [hot, other] = tampered.accounts;
  assert.ok(hot && other && tampered.gateways.quorum && tampered.markets[0]);
  hot.tripBps = 201;
  other.power = "LISTER";
  tampered.gateways.quorum.threshold = 1;
  tampered.gateways.quorum.signers.pop();
  tampered.markets[0].classId = 1;
  const found = (await differences(tampered)).map((line) => line.replace(/:.*/, ""));
  assert.deepEqual(found, [
    `account ${hot.account} tripBps`,
    `account ${other.account} power`,
    "market 1 WETH class",
    "quorum threshold",
    "quorum signers",
  ]);
});

test("Every number and every asset of the record is compared: each that is changed has its line.", async () => {
  const tampered = structuredClone(deployment);
  const [market, quorum] = [tampered.markets[0], tampered.gateways.quorum];
  assert.ok(market?.feeds && quorum);
  const trader = replica.accounts.trader.address;
  const add = (record: object, to: readonly string[]) => {
    const numbers = record as Record<string, number>;
    for (const key of to) numbers[key] = (numbers[key] ?? 0) + 1;
  };
  const values = ["initialBps", "maintenanceBps", "limit"];
  const bounds = ["lowestLimit", "highestLimit"];
  const feeds = ["maxDivergenceBps", "maxMoveBps", "firstMaxAge", "secondMaxAge"];
  const limits = Object.keys(tampered.classes[1]?.limits ?? {});
  add(market, [...values, ...bounds, "classId"]);
  add(market.feeds, feeds);
  add(tampered.classes[1]?.limits ?? {}, limits);
  add(tampered.timelock, ["delaySeconds"]);
  add(tampered.gateways.challenge, ["dailyLimit"]);
  add(quorum, ["threshold"]);
  [market.collateral, market.debt, market.feeds.first, market.feeds.second] = [trader, trader, trader, trader];
  quorum.signers.reverse();
  [tampered.timelock.proposers, tampered.timelock.executors] = [[trader], [trader]];
  const found = (await differences(tampered)).map((line) => line.replace(/: .*/, ""));
  const roles = ["PROPOSER_ROLE", "CANCELLER_ROLE", "EXECUTOR_ROLE"];
  assert.deepEqual(
    found.sort(),
    [
      "timelock delay, s",
      ...roles.flatMap((role) => [`timelock ${role}`, `timelock ${role} by events`]),
      ...limits.map((key) => `class 1 wrapped ${key}`),
      ...values.map((key) => `market 1 WETH ${key} at the start`),
      ...[...bounds, "class", "collateral", "debt"].map((key) => `market 1 WETH ${key}`),
      ...["quorum threshold", "quorum signers", "challenge dailyLimit"],
      ...["first", "second", ...feeds].map((key) => `challenge market 1 WETH ${key}`),
    ].sort(),
  );
});

test("A gateway of another owner, or built for another contract, is found, though its code is the one compiled here.", async () => {
  const { gateways, timelock, contract } = deployment;
  const trader = replica.accounts.trader.address;
  const tampered = structuredClone(deployment);
  const expected: string[] = [];
  for (const name of ["challenge", "listing"] as const) {
    const { address } = gateways[name];
    const data = encodeFunctionData({ abi: challengeAbi, functionName: "transferOwnership", args: [trader] });
    await asGovernance(address, data);
    // The contract's address is an immutable in the code.
    const code = (await client.getCode({ address })) ?? "0x";
    const [of, to] = [contract.address, trader].map((one) => one.slice(2).toLowerCase());
    const bytecode = code.replaceAll(of ?? "", to ?? "") as `0x${string}`;
    await client.setCode({ address, bytecode });
    tampered.gateways[name].bytecodeHash = keccak256(bytecode);
    expected.push(
      `${name} parameters: ${contract.address} -> ${trader}`,
      `${name} owner: ${timelock.address} -> ${trader}`,
    );
  }
  assert.deepEqual(await differences(tampered), expected);
});

test("A role of the timelock that the deployer held only for a while is told by the events.", async () => {
  const { timelock } = deployment;
  const { deployer } = replica.accounts;
  const role = keccak256(toHex("PROPOSER_ROLE"));
  const change = async (functionName: "grantRole" | "revokeRole", account: string) =>
    await asGovernance(timelock.address, encodeFunctionData({ abi: timelockAbi, functionName, args: [role, account] }));
  await change("grantRole", deployer.address);
  await change("revokeRole", deployer.address);
  assert.deepEqual(await differences(), ["timelock roles the deployer ever had: 0 -> 1"]);
});

test("A value stored without its event is found by rebuilding the state.", async () => {
  const { address } = deployment.contract;
  // The contract's own answer says which of its first 5 000 slots is market 1's.
  const [stored] = (await client.readContract({ address, abi, functionName: "storedMarket", args: [1] })) as [bigint];
  const slots = Array.from({ length: 5_000 }, (_, index) => toHex(index, { size: 32 }));
  let at: `0x${string}` | undefined;
  for (const slot of slots) {
    if (BigInt((await client.getStorageAt({ address, slot })) ?? 0) === stored) at = slot;
    if (at !== undefined) break;
  }
  assert.ok(at !== undefined, "the slot of market 1");
  await client.setStorageAt({ address, index: at, value: toHex(stored ^ (1n << 14n), { size: 32 }) });
  const found = await differences();
  assert.equal(found.length, 1, found.join("\n"));
  assert.match(found[0] ?? "", /^events rebuild market 1: .*initialBps 2200, .* -> .*initialBps 2201, /);
});

test("Code that a patched byte distinguishes from what is compiled here is found, immutables are not.", async () => {
  const { address } = deployment.gateways.challenge;
  const code = await client.getCode({ address });
  assert.ok(code);
  const patched = `${code.slice(0, 200)}${code[200] === "0" ? "1" : "0"}${code.slice(201)}` as `0x${string}`;
  await client.setCode({ address, bytecode: patched });
  const found = (await differences()).map((line) => line.replace(/:.*/, ""));
  assert.deepEqual(found, ["challenge code hash", "challenge code as compiled here"]);
});

test("A budget of zero that the record knows is warned of, and agrees.", async () => {
  await admit(keeper(), "HOT", 0, 200);
  const known = structuredClone(deployment);
  const [hot] = known.accounts;
  assert.ok(hot);
  hot.aggregateBps = 0;
  const checks = await checkDeployment(replica.url, known);
  assert.deepEqual(
    checks.filter(({ agrees }) => !agrees),
    [],
  );
  assert.deepEqual(
    checks.flatMap(({ warning }) => warning ?? []),
    ["a budget of zero: it cannot loosen"],
  );
});

test("Other code at the address ends the comparison: nothing it answers means anything.", async () => {
  await client.setCode({ address: deployment.contract.address, bytecode: "0x6001" });
  const [difference, ...others] = await differences();
  assert.match(difference ?? "", /^contract code hash: 0x[0-9a-f]{64} -> 0x[0-9a-f]{64}$/);
  assert.deepEqual(
    others.map((line) => line.replace(/:.*/, "")),
    ["contract code as compiled here"],
  );
  await client.setCode({ address: deployment.contract.address, bytecode: "0x" });
  assert.match((await differences())[0] ?? "", /-> no code$/);
});

test("A record of another chain ends it too.", async () => {
  assert.deepEqual(await differences({ ...deployment, chainId: 1 }), ["chain id: 1 -> 31337"]);
});

test("An endpoint that does not answer is an error, not an agreement.", async () => {
  await assert.rejects(checkDeployment("http://127.0.0.1:9", deployment), { code: "RPC_FAILED" });
});

test("The script prints a table and ends with 0 when all agrees, with 1 and both values when not.", async () => {
  const good = await run();
  assert.equal(good.code, 0, good.err);
  assert.match(good.out, /^ok {4}chain id +31337$/m);
  assert.match(good.out, /\d+ checks, 0 wrong\n$/);
  await client.setCode({ address: deployment.timelock.address, bytecode: "0x6001" });
  const bad = await run();
  assert.equal(bad.code, 1);
  assert.match(bad.out, /^WRONG timelock code hash +expected 0x[0-9a-f]{64}, found 0x[0-9a-f]{64}$/m);
});

test("With --json it prints whether they agree and every check.", async () => {
  const { code, out } = await run("--json");
  assert.equal(code, 0);
  const said = JSON.parse(out);
  assert.equal(said.agrees, true);
  assert.deepEqual(said.checks[0], { what: "chain id", expected: "31337", found: "31337", agrees: true });
});

test("A missing record is a matter of configuration, a damaged one ends with 1; both say what to do.", async () => {
  const missing = await run("--chain-id", "5");
  assert.equal(missing.code, 78);
  assert.match(missing.err, /^NOT_DEPLOYED: .*\nNext: /);
  writeFileSync(join(folder, "6.json"), "{}");
  const damaged = await run("--chain-id", "6");
  assert.equal(damaged.code, 1);
  assert.match(damaged.err, /^BAD_FILE: .*chainId/);
});

test("The table has one line a check.", () => {
  const checks = [
    { what: "a", expected: "1", found: "1", agrees: true },
    { what: "long", expected: "1", found: "2", agrees: false },
    { what: "b", expected: "0", found: "0", agrees: true, warning: "closed" },
  ];
  assert.deepEqual(checkTable(checks), ["ok    a     1", "WRONG long  expected 1, found 2", "WARN  b     0 (closed)"]);
});
