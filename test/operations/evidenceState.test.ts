import assert from "node:assert/strict";
import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { piecesOf } from "../../keeper/evidence/pieces.ts";
import { evidenceFolder } from "../../keeper/journal/evidenceFolder.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { batchesUnknown, evidenceCheck, evidenceMissing } from "../../keeper/operations/evidenceState.ts";
import { sampleBundle } from "../evidence/sampleBundle.ts";
import { IDENTITY, NOW, samplePlan } from "../journal/sample.ts";
import { onePiece } from "../support/packed.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

/** A keeper whose last 25 batches were mined, each with its evidence in the folder. */
async function world() {
  const folder = join(temporaryFolder(), "evidence");
  const evidence = evidenceFolder(folder);
  const store = openJournal(":memory:", IDENTITY);
  const tick = store.recordTick({ now: NOW, blockNumber: null, markets: [] });
  const hashes: string[] = [];
  for (let n = 1; n <= 25; n++) {
    const plan = samplePlan(tick, n, { nonce: n });
    const hash = await evidence.put(onePiece(`evidence ${n}`));
    hashes.push(hash);
    const { id } = store.planIntent({ ...plan, batch: { ...plan.batch, evidence: hash } });
    store.resolveIntent(id, { status: "CONFIRMED", at: NOW, blockNumber: BigInt(n) });
  }
  const records = { store, evidence, signer: samplePlan(tick).from };
  return { folder, records, fileOf: (n: number) => join(folder, `${hashes[n - 1]}.json.gz`) };
}

test("evidence of the last twenty batches is counted by name, and read and hashed by doctor", async () => {
  const { folder, records, fileOf } = await world();
  assert.equal(await evidenceMissing(records), 0);
  const good = { name: "evidence", state: "ok", found: "20 of the last 20 batches can be verified", cure: null };
  assert.deepEqual(await evidenceCheck(records), good);
  rmSync(fileOf(5));
  assert.equal(await evidenceMissing(records), 0, "older than the last twenty");
  rmSync(fileOf(6));
  assert.equal(await evidenceMissing(records), 1);
  writeFileSync(fileOf(25), "changed");
  const { state, found } = await evidenceCheck(records);
  assert.equal(state, "fail");
  assert.match(found, /^18 of the last 20 .*; EVIDENCE_MISMATCH 0x\w+, EVIDENCE_MISSING 0x\w+$/);
  rmSync(folder, { recursive: true });
  assert.equal(await evidenceMissing(records), 20);
});

test("a batch of which one part is gone lacks evidence, as all do without the folder of parts", async () => {
  const { folder, records } = await world();
  const { evidence, store } = records;
  const tick = store.recordTick({ now: NOW + 60, blockNumber: null, markets: [] });
  const hash = await evidence.put(piecesOf(sampleBundle()));
  const plan = samplePlan(tick, 26, { nonce: 26 });
  const { id } = store.planIntent({ ...plan, batch: { ...plan.batch, evidence: hash } });
  store.resolveIntent(id, { status: "CONFIRMED", at: NOW, blockNumber: 26n });
  assert.equal(await evidenceMissing(records), 0);
  const parts = join(folder, "parts");
  const [first = "", ...others] = readdirSync(parts);
  assert.ok(others.length > 0);
  for (const name of [first, ...others]) {
    renameSync(join(parts, name), join(parts, "aside"));
    assert.equal(await evidenceMissing(records), 1, name);
    assert.equal(
      await evidenceMissing({ ...records, evidence: evidenceFolder(folder) }),
      1,
      `${name}, after a restart`,
    );
    renameSync(join(parts, "aside"), join(parts, name));
    assert.equal(await evidenceMissing(records), 0);
  }
  rmSync(parts, { recursive: true });
  assert.equal(await evidenceMissing(records), 1);
});

test("what another key sent, and what never landed, has no evidence to be missed here", async () => {
  const { folder, records } = await world();
  rmSync(folder, { recursive: true });
  assert.equal(await evidenceMissing({ ...records, signer: "0x0000000000000000000000000000000000000001" }), 0);
  assert.equal(await evidenceMissing({ ...records, signer: null }), 0);
});

test("a journal older than the chain lacks what was sent since, also where newer batches follow", async () => {
  const { records } = await world();
  const [newest] = records.store.recentIntents(1);
  const last = Number(newest?.batch.sequence);
  assert.equal(batchesUnknown(records, last), 0);
  assert.equal(batchesUnknown(records, last - 1), 0, "a node that lags by one");
  assert.equal(batchesUnknown(records, last - 2), 0);
  assert.equal(batchesUnknown(records, last + 2), 2);
  const { store } = records;
  const tick = store.recordTick({ now: NOW + 60, blockNumber: null, markets: [] });
  const plan = samplePlan(tick, 60, { nonce: 60 });
  store.planIntent({ ...plan, batch: { ...plan.batch, sequence: BigInt(last + 3) } });
  assert.equal(batchesUnknown(records, last + 3), 2);
  assert.equal(batchesUnknown({ ...records, signer: null }, last + 2), 0);
});
