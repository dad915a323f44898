import assert from "node:assert/strict";
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Hex } from "../../keeper/domain/contract.ts";
import type { EvidenceStore } from "../../keeper/domain/journal.ts";
import { decodeBundle, readEvidence } from "../../keeper/evidence/bundle.ts";
import { piecesOf } from "../../keeper/evidence/pieces.ts";
import { evidenceFolder } from "../../keeper/journal/evidenceFolder.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { evidenceMirror, mirrorChecks } from "../../keeper/operations/evidenceMirror.ts";
import { sampleBundle } from "../evidence/sampleBundle.ts";
import { IDENTITY, NOW, samplePlan } from "../journal/sample.ts";
import { onePiece } from "../support/packed.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

/** A keeper that had `mined` batches mined, the first with parts, and has one more in flight; and an empty folder for its mirror. */
async function world(mined = 3) {
  const evidence = evidenceFolder(join(temporaryFolder(), "evidence"));
  const store = openJournal(":memory:", IDENTITY);
  const tick = store.recordTick({ now: NOW, blockNumber: null, markets: [] });
  const hashes: Hex[] = [];
  const plan = async (n: number) => {
    const pieces = n === 1 ? piecesOf(sampleBundle()) : onePiece(`evidence ${n}`);
    const planned = samplePlan(tick, n, { nonce: n });
    const hash = await evidence.put(pieces);
    hashes.push(hash);
    return store.planIntent({ ...planned, batch: { ...planned.batch, evidence: hash } });
  };
  const mine = async (n: number) => {
    const { id } = await plan(n);
    store.resolveIntent(id, { status: "CONFIRMED", at: NOW, blockNumber: BigInt(n) });
  };
  for (let n = 1; n <= mined; n++) await mine(n);
  await plan(mined + 1);
  const folder = join(temporaryFolder(), "public");
  mkdirSync(folder);
  let nowMs = 0;
  const records = { store, evidence, signer: samplePlan(tick).from };
  const opened = (from: Pick<typeof records, "store" | "evidence"> = records) =>
    evidenceMirror(folder, from, () => nowMs);
  return { folder, evidence, hashes, records, opened, later: (ms: number) => (nowMs += ms) };
}

const rootsIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".json.gz"));

test("the evidence of what was mined is copied whole, of what is in flight none, and what is there is not copied again", async () => {
  const { folder, hashes, opened, evidence } = await world();
  const mirror = opened();
  assert.deepEqual(mirror.state(), { behind: 0, problem: null }, "nothing is known yet");
  await mirror.refresh();
  assert.deepEqual(mirror.state(), { behind: 0, problem: null });
  assert.deepEqual(
    rootsIn(folder).sort(),
    hashes
      .slice(0, 3)
      .map((hash) => `${hash}.json.gz`)
      .sort(),
  );
  const copied = await readEvidence(evidenceFolder(folder), hashes[0] ?? "0x");
  assert.deepEqual(decodeBundle(copied), sampleBundle());
  assert.ok(copied.parts.size > 1);
  const reads: Hex[] = [];
  const get: EvidenceStore["get"] = (hash) => {
    reads.push(hash);
    return evidence.get(hash);
  };
  const again = opened({ ...(await world()).records, evidence: { ...evidence, get } });
  await again.refresh();
  assert.deepEqual(reads, []);
});

test("a web server of any user may read all of it, whatever the umask", async () => {
  const { folder, opened, hashes } = await world();
  const umask = process.umask(0o077);
  try {
    await opened().refresh();
  } finally {
    process.umask(umask);
  }
  const mode = (...path: string[]) => statSync(join(folder, ...path)).mode & 0o777;
  const [part = ""] = readdirSync(join(folder, "parts"));
  assert.deepEqual([mode("parts"), mode("parts", part), mode(`${hashes[0]}.json.gz`)], [0o755, 0o644, 0o644]);
});

test("what was interrupted goes on, and files of the last batches that are gone are copied again", async () => {
  const { folder, hashes, opened, later } = await world();
  await opened().refresh();
  rmSync(join(folder, `${hashes[1]}.json.gz`));
  const [part = ""] = readdirSync(join(folder, "parts"));
  rmSync(join(folder, "parts", part));
  const mirror = opened();
  await mirror.refresh();
  assert.deepEqual(mirror.state(), { behind: 0, problem: null });
  for (const hash of hashes.slice(0, 3)) await readEvidence(evidenceFolder(folder), hash);
  later(1);
});

test("evidence that is gone here holds up no other, and is named", async () => {
  const { hashes, folder, records, opened } = await world();
  const lacking: EvidenceStore = {
    ...records.evidence,
    get: async (hash) => (hash === hashes[2] ? Promise.reject(new Error("no evidence")) : records.evidence.get(hash)),
  };
  const mirror = opened({ ...records, evidence: lacking });
  await mirror.refresh();
  assert.equal(rootsIn(folder).length, 2);
  assert.deepEqual(mirror.state(), {
    behind: 1,
    problem: "the mirror lacks the evidence of 1 batches: its evidence cannot be read here: no evidence",
  });
});

test("a folder that is not there is not made, for it may be a disk that is not mounted; when it is back all is copied", async () => {
  const { folder, opened, records } = await world();
  renameSync(folder, `${folder}.gone`);
  const mirror = opened();
  await mirror.refresh();
  assert.deepEqual(mirror.state(), {
    behind: 3,
    problem: `the mirror lacks the evidence of 3 batches: ${folder} is no folder that is there`,
  });
  const [told] = await mirrorChecks(folder, records);
  assert.equal(told?.state, "warn");
  assert.match(
    told?.found ?? "",
    /no folder that is there: 0 of the last 3 batches can be verified; .*, 3 batches in all are not in it$/,
  );
  const before = openJournal(":memory:", IDENTITY);
  const [early] = await mirrorChecks(folder, { ...records, store: before });
  assert.equal(early?.state, "warn", "before there is a batch");
  writeFileSync(folder, "");
  await mirror.refresh();
  assert.equal(mirror.state().behind, 3, "a file");
  rmSync(folder);
  renameSync(`${folder}.gone`, folder);
  await mirror.refresh();
  assert.deepEqual(mirror.state(), { behind: 0, problem: null });
  assert.deepEqual(await mirrorChecks(folder, records), [
    {
      name: "evidence mirror",
      state: "ok",
      found: `${folder}: 3 of the last 3 batches can be verified, 0 batches in all are not in it`,
      cure: null,
    },
  ]);
  assert.deepEqual(await mirrorChecks(null, records), []);
});

test("a folder that hangs is told, waited for by nobody, and asked by one pass only", async () => {
  const { records, opened, later, hashes } = await world();
  let asked = 0;
  const hanging = Promise.withResolvers<Uint8Array>();
  const get: EvidenceStore["get"] = () => {
    asked += 1;
    return hanging.promise;
  };
  const mirror = opened({ ...records, evidence: { ...records.evidence, get } });
  const first = mirror.refresh();
  while (asked === 0) await new Promise((done) => setTimeout(done, 1));
  await mirror.refresh();
  assert.equal(asked, 1);
  assert.deepEqual(mirror.state(), { behind: 3, problem: null });
  later(600_001);
  assert.match(mirror.state().problem ?? "", /: nothing was copied to .* for ten minutes$/);
  hanging.reject(new Error("gone"));
  await first;
  assert.ok(asked >= hashes.length - 1);
});

test("a mirror that cannot be written says why, and leaves no half of a file under its name", async () => {
  const { folder, opened } = await world();
  writeFileSync(join(folder, "parts"), "");
  const mirror = opened();
  await mirror.refresh();
  assert.equal(mirror.state().behind, 3);
  assert.match(mirror.state().problem ?? "", /parts/);
  assert.deepEqual(readdirSync(folder), ["parts"]);
});
