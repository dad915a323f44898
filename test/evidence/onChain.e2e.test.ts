import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decodeBundle, readEvidence } from "../../keeper/evidence/bundle.ts";
import { piecesOf } from "../../keeper/evidence/pieces.ts";
import { verifyBundle } from "../../keeper/evidence/verify.ts";
import { evidenceFolder } from "../../keeper/journal/evidenceFolder.ts";
import { readBatches } from "../../keeper/protocols/events.ts";
import { apply, CHAIN_ID, type ContractWorld, contractWorld, pass } from "../protocols/contractWorld.ts";
import { entriesOf } from "../support/entries.ts";
import { marketsAt } from "../support/marketsAt.ts";
import { packed } from "../support/packed.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { assess, observed, parameters, reasoning, sampleBundle } from "./sampleBundle.ts";

let world: ContractWorld;
before(async () => {
  world = await contractWorld();
});
after(() => world.anvil.close());

test("from stored evidence through a real transaction and back: verified, and refused after any lie", async () => {
  await pass(world, 900);
  const blockNumber = await world.client.getBlockNumber();
  const view = await marketsAt(world.client, world.contract, [1], world.accounts.keeper.address, blockNumber);
  const [onChain] = view.markets;
  const [sample] = sampleBundle().markets;
  assert.ok(onChain && sample);
  const now = view.blockTime;
  const { decision } = assess({ now, market: parameters, observed, history: sample.history, onChain });
  const { initialBps, maintenanceTargetBps, limit, asOf, confidence, sources } = decision;
  const decided = { initialBps, maintenanceTargetBps, limit, asOf, confidence, sources };
  const pieces = piecesOf({
    ...sampleBundle(),
    chainId: CHAIN_ID,
    contract: world.contract,
    now,
    markets: [{ ...sample, onChain, decision: decided }],
  });

  const folder = evidenceFolder(temporaryFolder());
  const evidence = await folder.put(pieces);
  const sequence = BigInt(view.writer.sequence) + 1n;
  const batch = { sequence, deadline: now + 300, modelVersion: 1, evidence };
  const transactionHash = await apply(world, { ...batch, entries: entriesOf([{ marketId: 1, ...decided }]) });

  const [applied] = await readBatches(world.client, world.contract, { transactionHash });
  assert.ok(applied);
  const stored = await readEvidence(folder, applied.evidence);
  const verified = verifyBundle(stored, applied.evidence, applied, reasoning);
  assert.deepEqual(verified.ok ? verified.bundle.markets.map(({ name }) => name) : verified.difference, ["WETH"]);

  const changed = Uint8Array.from(stored.root);
  changed[100] = (changed[100] ?? 0) ^ 1;
  assert.equal(verifyBundle({ ...stored, root: changed }, applied.evidence, applied, reasoning).ok, false);
  const bundle = decodeBundle(stored);
  const later = { ...bundle, now: bundle.now + 1 };
  const swapped = { ...applied, evidence: await folder.put(piecesOf(later)) };
  const lied = verifyBundle(packed(later), swapped.evidence, swapped, reasoning);
  assert.match(lied.ok ? "" : lied.difference, /asOf is \d+, recomputed \d+/);
});
