import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { readBatches } from "../../keeper/protocols/events.ts";
import { reconcile } from "../../keeper/submission/reconcile.ts";
import { type ContractWorld, contractWorld } from "../protocols/contractWorld.ts";
import { startProgram } from "../support/child.ts";
import { marketsAt } from "../support/marketsAt.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { contextFor, journalFor } from "./submissionWorld.ts";

let world: ContractWorld;
before(async () => {
  world = await contractWorld();
});
after(() => world.anvil.close());

test("an earlier owner of a journal that sends all the same, past the fence, has one effect with the later one", async () => {
  const { anvil, client, contract, accounts, node } = world;
  const folder = temporaryFolder();
  const path = join(folder, "journal.sqlite");
  const { address, privateKey } = accounts.keeper;
  const { timestamp } = await client.getBlock();
  const words = [path, anvil.url, privateKey, contract, `${timestamp}`];
  const earlier = startProgram("test/submission/earlierOwner.ts", words, { PATH: process.env["PATH"] }, folder);
  // Stopped between its row and the hand-over: the state that the kernel names T.
  const stopped = () => / T /.test(readFileSync(`/proc/${earlier.pid}/stat`, "utf8"));
  for (let tries = 0; !stopped(); tries++, await setTimeout(25)) assert.ok(tries < 1_200, earlier.said().err);

  const journal = journalFor(contract, path);
  journal.takeOver();
  assert.deepEqual(
    journal.recentIntents(9).map(({ status, nonce }) => [status, nonce]),
    [["PLANNED", 0]],
  );
  const context = contextFor(journal, anvil.url, privateKey);
  const settled = async () => {
    await reconcile(context);
    return journal.recentIntents(9).map(({ status }) => status);
  };
  await settled();
  assert.deepEqual(await settled(), ["CONFIRMED"], "the later one sent what the earlier journalled");
  const look = () => marketsAt(client, contract, [1], address);

  earlier.kill("SIGCONT");
  const { out, err } = await earlier.ended;
  await node.mine({ blocks: 1 });
  const said = new Map(
    out
      .trim()
      .split("\n")
      .map((line) => line.split(": ", 2) as [string, string]),
  );
  assert.equal(said.get("a row"), "STATE_LOST", err);
  assert.match(said.get("the same bytes") ?? "", /nonce too low|already/i);
  assert.match(said.get("other content at the same nonce") ?? "", /nonce too low/i);
  assert.equal(said.get("the same batch at the next nonce"), "taken", "by the pool; the contract refuses it");
  assert.equal(said.get("other content of the same number at the nonce after"), "taken");
  assert.equal(said.get("the submission"), "taken", "it reads there how the later one settled it");

  const now = await look();
  assert.deepEqual([now.writer.sequence, now.markets[0]?.storedInitialBps], [1, 2_300]);
  const batches = await readBatches(client, contract, { fromBlock: 0n, toBlock: await client.getBlockNumber() });
  const [intent] = journal.recentIntents(9);
  assert.deepEqual(
    batches.map(({ transactionHash }) => transactionHash),
    [intent?.transactionHash],
    "one effect",
  );
  assert.equal(await client.getTransactionCount({ address }), 3, "one that counts and two that are reverted");
  assert.deepEqual(await settled(), ["CONFIRMED"]);
  journal.close();
});
