import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { concatHex, encodeFunctionData, getAddress, parseEventLogs, zeroAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { ContractLimits, Hex } from "../../../keeper/domain/contract.ts";
import { checkDeployment } from "../../../scripts/deploy/check.ts";
import type { Proposal } from "../../../scripts/governance/proposal.ts";
import { npmArtifact } from "../../../scripts/lab/replica/artifacts.ts";
import { mined, replicaClient, send } from "../../../scripts/lab/replica/node.ts";
import type { Replica } from "../../../scripts/lab/replica/startReplica.ts";
import { type GovernedWorld, governedWorld, pass } from "./governedWorld.ts";

/** The real Safe, two of three owners, is the timelock's proposer and executor. */
const safeArtifact = npmArtifact("@safe-global/safe-smart-account", "build/artifacts/contracts/Safe.sol/Safe.json");
const factoryArtifact = npmArtifact(
  "@safe-global/safe-smart-account",
  "build/artifacts/contracts/proxies/SafeProxyFactory.sol/SafeProxyFactory.json",
);

let world: GovernedWorld;
let safe: Hex;

before(async () => {
  world = await governedWorld(async (replica) => {
    safe = await createSafe(replica);
    return { proposers: [safe], executors: [safe] };
  });
});
after(async () => await world.close());

const owners = ({ accounts }: Replica) => [accounts.deployer, accounts.guardian, accounts.trader];

async function createSafe(replica: Replica): Promise<Hex> {
  const client = replicaClient(replica.url, replica.chainId);
  const from = replica.accounts.trader.address;
  const deploy = async (data: Hex) => (await mined(client, [await send(client, { from, data })]))[0] as Hex;
  const singleton = await deploy(safeArtifact.bytecode);
  const factory = await deploy(factoryArtifact.bytecode);
  const addresses = owners(replica).map(({ address }) => address);
  const none = [zeroAddress, "0x", zeroAddress, zeroAddress, 0n, zeroAddress];
  const setup = encodeFunctionData({ abi: safeArtifact.abi, functionName: "setup", args: [addresses, 2n, ...none] });
  const args = [singleton, setup, 0n];
  const data = encodeFunctionData({ abi: factoryArtifact.abi, functionName: "createProxyWithNonce", args });
  const hash = await send(client, { from, to: factory, data });
  await mined(client, [hash]);
  const { logs } = await client.getTransactionReceipt({ hash });
  const [created] = parseEventLogs({ abi: factoryArtifact.abi, logs, eventName: "ProxyCreation" });
  return getAddress((created as unknown as { args: { proxy: Hex } }).args.proxy);
}

/** What Safe's app does with an imported file: each transaction as it is written, signed by two owners. */
type SafeBatch = Proposal["safe"]["schedule"];

async function importBatch(batch: SafeBatch): Promise<void> {
  const { client, replica } = world;
  assert.equal(batch.version, "1.0");
  assert.equal(batch.chainId, String(replica.chainId));
  for (const { to, value, data } of batch.transactions) {
    const nonce = await client.readContract({ address: safe, abi: safeArtifact.abi, functionName: "nonce" });
    const rest = [0, 0n, 0n, 0n, zeroAddress, zeroAddress];
    const hash = (await client.readContract({
      ...{ address: safe, abi: safeArtifact.abi, functionName: "getTransactionHash" },
      args: [to, BigInt(value), data, ...rest, nonce],
    })) as Hex;
    const signers = owners(replica)
      .slice(0, 2)
      .map(({ privateKey }) => privateKeyToAccount(privateKey))
      .sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
    const signatures = concatHex(await Promise.all(signers.map((signer) => signer.sign({ hash }))));
    const args = [to, BigInt(value), data, ...rest, signatures];
    const call = encodeFunctionData({ abi: safeArtifact.abi, functionName: "execTransaction", args });
    await mined(client, [await send(client, { from: replica.accounts.trader.address, to: safe, data: call })]);
  }
}

/** Writes a proposal's files, imports the first, waits out the delay, imports the second. */
async function carry(...words: string[]): Promise<void> {
  const folder = join(world.folder, "safe");
  const { code, err, out } = await world.run("governance/proposeLimits.ts", ...words, "--safe", folder);
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
  const before = await world.ask<ContractLimits>("limitsOfClass", 4);
  await carry("--class", "4", "--set", "looseningBudgetBpsPerDay=160");
  const after = await world.ask<ContractLimits>("limitsOfClass", 4);
  assert.deepEqual(after, { ...before, looseningBudgetBpsPerDay: 160 });
});

test("A file says in words what it does, for the owners who sign it.", async () => {
  const folder = join(world.folder, "safe");
  await world.run("governance/proposeLimits.ts", "--class", "0", "--set", "maxInitialBps=4900", "--safe", folder);
  const { meta, transactions } = JSON.parse(readFileSync(join(folder, "1-schedule.json"), "utf8")) as SafeBatch;
  assert.equal(meta.name, "Class 0: maxInitialBps=4900: schedule");
  assert.match(meta.description, /highest initial haircut \(maxInitialBps\): 5000 -> 4900 bp, looser/);
  assert.deepEqual(
    transactions.map(({ to, value }) => [to, value]),
    [[world.deployment.timelock.address, "0"]],
  );
});
