import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { parseGwei } from "viem";
import { encodeBatch, simulateBatch } from "../../keeper/protocols/collateralParameters.ts";
import { readBatches } from "../../keeper/protocols/events.ts";
import { reconcile } from "../../keeper/submission/reconcile.ts";
import { currentNumbers } from "../../keeper/submission/submit.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { type ContractWorld, contractWorld } from "../protocols/contractWorld.ts";
import { marketsAt } from "../support/marketsAt.ts";
import { contextFor, journalFor, limited, submissionFor } from "./submissionWorld.ts";

let world: ContractWorld;
before(async () => {
  world = await contractWorld();
});
after(() => world.anvil.close());

test("from 20 to 400 gwei, a tightening takes the place of a stuck loosening in the real contract", async () => {
  const { node, contract, client, accounts } = world;
  const journal = journalFor(contract);
  const context = limited(contextFor(journal, world.anvil.url, accounts.keeper.privateKey), {
    receiptTimeoutSeconds: 0,
  });
  const block = async (gwei: string) => {
    await node.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei(gwei) });
    await node.mine({ blocks: 1 });
  };
  const look = () => marketsAt(client, contract, [1, 2], accounts.keeper.address);
  const send = async (n: number, initialBps: number, maintenanceTargetBps: number) => {
    const view = await look();
    const current = view.markets.map(currentNumbers);
    const sample = submissionFor(journal, contract, n, view.blockTime + 300, { initialBps, maintenanceTargetBps });
    const entries = sample.batch.entries.map((entry) => ({ ...entry, asOf: view.blockTime }));
    const batch = { ...sample.batch, sequence: BigInt(view.writer.sequence) + 1n, entries };
    return await submitBatch({ ...sample, batch, current, data: encodeBatch(batch), gasLimit: 400_000n }, context);
  };

  await node.setAutomine(false);
  await block("20");
  const loosening = await send(1, 2_150, 1_800);
  assert.deepEqual([loosening.status, loosening.maxFeePerGas], ["SENT", parseGwei("41")]);
  const again = { ...loosening.batch, evidence: `0x${"5".repeat(64)}` } as const;
  const { gas } = await simulateBatch(client, contract, loosening.from, again);
  assert.ok(gas > 21_000n, "what waits in the pool does not stand in the way of what takes its place");
  await block("400");
  assert.equal((await look()).writer.sequence, 0);

  const tightening = await send(2, 2_900, 2_100);
  assert.deepEqual([tightening.nonce, tightening.replaces], [loosening.nonce, loosening.id]);
  assert.ok(tightening.maxFeePerGas <= parseGwei("500"));
  await block("400");
  assert.deepEqual(await reconcile(context), []);
  assert.deepEqual(
    [journal.intent(loosening.id).status, journal.intent(tightening.id).status],
    ["SUPERSEDED", "CONFIRMED"],
  );
  const view = await look();
  assert.deepEqual([view.writer.sequence, view.markets[0]?.storedInitialBps], [1, 2_900]);
  const [update, ...more] = await readBatches(client, contract, { transactionHash: tightening.transactionHash });
  assert.deepEqual([update?.evidence, more], [tightening.batch.evidence, []]);

  await node.increaseTime({ seconds: 60 });
  await block("400");
  const next = await send(3, 3_000, 2_200);
  await block("400");
  assert.deepEqual(await reconcile(context), []);
  assert.equal(journal.intent(next.id).status, "CONFIRMED");
  assert.deepEqual([next.nonce, (await look()).writer.sequence], [tightening.nonce + 1, 2]);
});
