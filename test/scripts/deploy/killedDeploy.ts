import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type ReplicaClient, replicaClient } from "../../../scripts/lab/replica/node.ts";
import { type Replica, startReplica } from "../../../scripts/lab/replica/startReplica.ts";

/** The real script on a replica, to be killed by SIGKILL and run again; hooks start the replica and set it back. */
const script = fileURLToPath(new URL("../../../scripts/govern.ts", import.meta.url));

/** For a script to get anywhere on a busy machine: a bound, not an expectation. */
export const BOUND_MS = 180_000;

let replica: Replica;
export let client: ReplicaClient;
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

export function start(): ChildProcess {
  const words = [script, "deploy", "--rpc-url", replica.url, "--deployments", folder];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "inherit"] });
  children.add(child);
  return child;
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

export async function killWhen(child: ChildProcess, reached: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + BOUND_MS; !(await reached()); await setTimeout(5)) {
    assert.ok(Date.now() < end && child.exitCode === null, "the script did not reach the point where it is killed");
  }
  child.kill("SIGKILL");
  await ended(child);
}

export const pending = async () => Number((await client.getTxpoolStatus()).pending) === 1;
/** Five by the deployer, two by the proposer who sets up. */
export const TRANSACTIONS = 7;
export const minedCount = async () => {
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

export async function assertCompleted(noncesBefore: number): Promise<void> {
  assert.equal(await ended(start()), 0);
  assert.equal((await minedCount()) - noncesBefore, TRANSACTIONS, "seven transactions in all, none twice");
  assert.equal(withoutPlace(readFileSync(join(folder, "31337.json"), "utf8")), undisturbed);
}

export async function pendingHash(): Promise<`0x${string}`> {
  const { pending } = await client.getTxpoolContent();
  const [transactions] = Object.values(pending);
  const [transaction] = Object.values(transactions ?? {});
  assert.ok(transaction);
  return transaction.hash;
}

export function journal(): string {
  const journals = join(folder, "ignition", "deployments");
  return join(journals, readdirSync(journals)[0] ?? "", "journal.jsonl");
}

/** Takes the hash off Ignition's journal, as if the kill had come before it was noted. */
export function cutJournalIfNoted(): void {
  const lines = readFileSync(journal(), "utf8").split("\n");
  const noted = lines.findLastIndex((line) => line.includes('"TRANSACTION_SEND"'));
  const chosen = lines.findLastIndex((line) => line.includes('"TRANSACTION_PREPARE_SEND"'));
  // The last one noted may be that of an earlier transaction.
  if (noted > chosen) writeFileSync(journal(), `${lines.slice(0, noted).join("\n")}\n`);
  assert.match(readFileSync(journal(), "utf8"), /"TRANSACTION_PREPARE_SEND"\}\n?$/);
}
