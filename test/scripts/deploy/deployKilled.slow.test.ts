import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import {
  assertCompleted,
  BOUND_MS,
  client,
  cutJournalIfNoted,
  journal,
  killWhen,
  minedCount,
  pending,
  pendingHash,
  start,
  TRANSACTIONS,
} from "./killedDeploy.ts";

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

for (const count of [2, 4, 6, 7]) {
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

test("Killed with the contract's own transaction in the pool, and before its hash was noted.", async () => {
  const before = await minedCount();
  await client.setAutomine(false);
  const child = start();
  for (let i = 0; i < BOUND_MS / 5 && (await minedCount()) - before < 2; i++) {
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
  await killWhen(start(), async () => (await minedCount()) - before >= 2);
  writeFileSync(journal().replace("journal.jsonl", "deployed_addresses.json"), '{"Tonsor#TimelockController": "0x8A79');
  await assertCompleted(before);
});

test("Killed with the proposer's first transaction in the pool and before its hash was noted.", async () => {
  const before = await minedCount();
  await client.setAutomine(false);
  const child = start();
  for (let i = 0; i < BOUND_MS / 5 && (await minedCount()) - before < 5; i++) {
    if (await pending()) await client.mine({ blocks: 1 });
    else await setTimeout(5);
  }
  await killWhen(child, async () => (await minedCount()) - before === 5 && (await pending()));
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
