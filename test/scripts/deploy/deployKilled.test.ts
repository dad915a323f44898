import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type ReplicaClient, replicaClient } from "../../../scripts/lab/replica/node.ts";
import { type Replica, startReplica } from "../../../scripts/lab/replica/startReplica.ts";

/** Kills the real script by SIGKILL at each point where a transaction is on its way, then runs it again. */
const script = fileURLToPath(new URL("../../../scripts/deploy/main.ts", import.meta.url));

/** For a script to get anywhere on a busy machine: a bound, not an expectation. */
const BOUND_MS = 180_000;

let replica: Replica;
let client: ReplicaClient;
let folder: string;
let snapshot: `0x${string}`;
let undisturbed: string;

before(async () => {
  replica = await startReplica({ seedFrom: null, timestamp: 1_769_558_400 });
  client = replicaClient(replica.url, replica.chainId);
  snapshot = await replica.snapshot();
  folder = mkdtempSync(join(tmpdir(), "tonsor-kill-"));
  assert.equal(await ended(start()), 0);
  undisturbed = withoutPlace(readFileSync(join(folder, "31337.json"), "utf8"));
  rmSync(folder, { recursive: true });
  await replica.revert(snapshot);
});
after(async () => await replica.close());
beforeEach(async () => {
  snapshot = await replica.snapshot();
  folder = mkdtempSync(join(tmpdir(), "tonsor-kill-"));
});
afterEach(async () => {
  // A test that failed early must not leave its script running into the next one.
  for (const child of children) {
    child.kill("SIGKILL");
    await ended(child);
  }
  children.clear();
  await client.setAutomine(true);
  await replica.revert(snapshot);
  rmSync(folder, { recursive: true });
});

const children = new Set<ChildProcess>();

function start(): ChildProcess {
  const words = [script, "--rpc-url", replica.url, "--deployments", folder];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "inherit"] });
  children.add(child);
  return child;
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

async function killWhen(child: ChildProcess, reached: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + BOUND_MS; !(await reached()); await setTimeout(5)) {
    assert.ok(Date.now() < end && child.exitCode === null, "the script did not reach the point where it is killed");
  }
  child.kill("SIGKILL");
  await ended(child);
}

const pending = async () => Number((await client.getTxpoolStatus()).pending) === 1;
/** Seven by the deployer, two by the proposer who sets up. */
const TRANSACTIONS = 9;
const minedCount = async () => {
  const { deployer, governance } = replica.accounts;
  const counts = [deployer, governance].map(({ address }) => client.getTransactionCount({ address }));
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
};

/** The record without hashes and blocks of transactions (fees depend on when a run was resumed), and without the commit
 * checked out, which may change under a test. */
function withoutPlace(text: string): string {
  const changing = ["transaction", "block", "commit"];
  return JSON.stringify(JSON.parse(text), (key, value) => (changing.includes(key) ? null : value));
}

async function assertCompleted(noncesBefore: number): Promise<void> {
  assert.equal(await ended(start()), 0);
  assert.equal((await minedCount()) - noncesBefore, TRANSACTIONS, "nine transactions in all, none twice");
  assert.equal(withoutPlace(readFileSync(join(folder, "31337.json"), "utf8")), undisturbed);
}

test("Killed with the first transaction in the pool: the next run finds it mined and goes on.", async () => {
  const before = await minedCount();
  await client.setAutomine(false);
  await killWhen(start(), pending);
  await client.mine({ blocks: 1 });
  await client.setAutomine(true);
  await assertCompleted(before);
});

test("Killed with the first transaction in the pool, still there when the next run starts.", async () => {
  const before = await minedCount();
  await client.setAutomine(false);
  await killWhen(start(), pending);
  const second = start();
  for (let i = 0; i < BOUND_MS / 50 && second.exitCode === null; i++) {
    await setTimeout(50);
    await client.mine({ blocks: 1 });
  }
  assert.equal(second.exitCode, 0);
  await client.setAutomine(true);
  await assertCompleted(before);
});

for (let count = 1; count <= TRANSACTIONS; count++) {
  test(`Killed after transaction ${count} of ${TRANSACTIONS}: the next run does the rest, and nothing twice.`, async () => {
    const before = await minedCount();
    await killWhen(start(), async () => (await minedCount()) - before >= count);
    await assertCompleted(before);
  });
}

for (const count of [2, 5, 8, 9]) {
  test(`Killed with transaction ${count} of ${TRANSACTIONS} in the pool.`, async () => {
    const before = await minedCount();
    await client.setAutomine(false);
    const child = start();
    for (let mined = 0, i = 0; i < BOUND_MS / 5 && mined < count - 1; i++) {
      if (await pending()) await client.mine({ blocks: 1 });
      else await setTimeout(5);
      mined = (await minedCount()) - before;
    }
    await killWhen(child, async () => (await minedCount()) - before === count - 1 && (await pending()));
    await client.mine({ blocks: 1 });
    await client.setAutomine(true);
    await assertCompleted(before);
  });
}

test("Killed with the contract's own transaction in the pool, linked to libraries, and before its hash was noted.", async () => {
  const before = await minedCount();
  await client.setAutomine(false);
  const child = start();
  for (let i = 0; i < BOUND_MS / 5 && (await minedCount()) - before < 4; i++) {
    if (await pending()) await client.mine({ blocks: 1 });
    else await setTimeout(5);
  }
  await killWhen(child, pending);
  cutJournalIfNoted();
  await client.mine({ blocks: 1 });
  await client.setAutomine(true);
  await assertCompleted(before);
});

test("A crash that left half a list of addresses does not matter.", async () => {
  const before = await minedCount();
  await killWhen(start(), async () => (await minedCount()) - before >= 3);
  writeFileSync(journal().replace("journal.jsonl", "deployed_addresses.json"), '{"Tonsor#TimelockController": "0x8A79');
  await assertCompleted(before);
});

test("Killed with the proposer's first transaction in the pool and before its hash was noted.", async () => {
  const before = await minedCount();
  await client.setAutomine(false);
  const child = start();
  for (let i = 0; i < BOUND_MS / 5 && (await minedCount()) - before < 7; i++) {
    if (await pending()) await client.mine({ blocks: 1 });
    else await setTimeout(5);
  }
  await killWhen(child, async () => (await minedCount()) - before === 7 && (await pending()));
  cutJournalIfNoted();
  await client.mine({ blocks: 3 });
  await client.setAutomine(true);
  await assertCompleted(before);
});

test("Killed with the first transaction in the pool, which the node then forgets.", async () => {
  const before = await minedCount();
  await client.setAutomine(false);
  await killWhen(start(), pending);
  await client.dropTransaction({ hash: await pendingHash() });
  await client.setAutomine(true);
  await assertCompleted(before);
});

async function pendingHash(): Promise<`0x${string}`> {
  const { pending } = await client.getTxpoolContent();
  const [transactions] = Object.values(pending);
  const [transaction] = Object.values(transactions ?? {});
  assert.ok(transaction);
  return transaction.hash;
}

function journal(): string {
  const journals = join(folder, "ignition", "deployments");
  return join(journals, readdirSync(journals)[0] ?? "", "journal.jsonl");
}

/** Takes the hash off Ignition's journal, as if the kill had come before it was noted. */
function cutJournalIfNoted(): void {
  const lines = readFileSync(journal(), "utf8").split("\n");
  const noted = lines.findLastIndex((line) => line.includes('"TRANSACTION_SEND"'));
  const chosen = lines.findLastIndex((line) => line.includes('"TRANSACTION_PREPARE_SEND"'));
  // The last one noted may be that of an earlier transaction.
  if (noted > chosen) writeFileSync(journal(), `${lines.slice(0, noted).join("\n")}\n`);
  assert.match(readFileSync(journal(), "utf8"), /"TRANSACTION_PREPARE_SEND"\}\n?$/);
}

test("Killed after the node took a transaction and before its hash was noted; mined meanwhile.", async () => {
  const before = await minedCount();
  await client.setAutomine(false);
  await killWhen(start(), pending);
  cutJournalIfNoted();
  await client.mine({ blocks: 300 });
  await client.setAutomine(true);
  await assertCompleted(before);
});

test("Killed after the node took a transaction and before its hash was noted; still in the pool.", async () => {
  const before = await minedCount();
  await client.setAutomine(false);
  await killWhen(start(), pending);
  cutJournalIfNoted();
  const second = start();
  for (let i = 0; i < BOUND_MS / 50 && second.exitCode === null; i++) {
    await setTimeout(50);
    if (i > 20) await client.mine({ blocks: 1 });
  }
  assert.equal(second.exitCode, 0);
  await client.setAutomine(true);
  await assertCompleted(before);
});

test("Killed after a nonce was chosen and before anything was sent.", async () => {
  const before = await minedCount();
  await client.setAutomine(false);
  await killWhen(start(), pending);
  cutJournalIfNoted();
  await client.dropTransaction({ hash: await pendingHash() });
  await client.setAutomine(true);
  await assertCompleted(before);
});

test("A crash that left half a line in the journal does not matter.", async () => {
  const before = await minedCount();
  await client.setAutomine(false);
  await killWhen(start(), pending);
  cutJournalIfNoted();
  appendFileSync(journal(), '\n{"futureId":"Tonsor#Timelock');
  await client.mine({ blocks: 1 });
  await client.setAutomine(true);
  await assertCompleted(before);
});
