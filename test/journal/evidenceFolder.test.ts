import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { keccak256 } from "viem";
import { type ErrorCode, TonsorError } from "../../keeper/domain/errors.ts";
import { readWhole, unpackEvidence } from "../../keeper/journal/boundedFile.ts";
import { evidenceFolder } from "../../keeper/journal/files.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const bytes = new TextEncoder().encode('{"a":1}');
const hash = keccak256(bytes);
const coded = (code: ErrorCode) => (error: unknown) => error instanceof TonsorError && error.code === code;
const place = () => join(temporaryFolder(), "evidence");

test("what is put comes back under its hash, and nothing else is left in the folder", async () => {
  const folder = place();
  const store = evidenceFolder(folder);
  assert.equal(await store.put(bytes), hash);
  assert.deepEqual(await store.get(hash), bytes);
  assert.deepEqual(readdirSync(folder), [`${hash}.json.gz`]);
  assert.deepEqual(await store.list(), [hash]);
});

test("putting the same bytes twice, even at once, is the same as once", async () => {
  const store = evidenceFolder(place());
  assert.deepEqual(await Promise.all([store.put(bytes), store.put(bytes)]), [hash, hash]);
  assert.deepEqual(await store.list(), [hash]);
});

test("evidence that is not there is EVIDENCE_MISSING", async () => {
  await assert.rejects(evidenceFolder(place()).get(hash), coded("EVIDENCE_MISSING"));
  assert.deepEqual(await evidenceFolder(place()).list(), []);
});

test("other content under the name, or a cut file, is EVIDENCE_MISMATCH", async () => {
  const folder = place();
  const store = evidenceFolder(folder);
  await store.put(bytes);
  const file = join(folder, `${hash}.json.gz`);
  const packed = readFileSync(file);
  writeFileSync(file, gzipSync('{"a":2}'));
  await assert.rejects(store.get(hash), coded("EVIDENCE_MISMATCH"));
  writeFileSync(file, packed.subarray(0, packed.length - 3));
  await assert.rejects(store.get(hash), coded("EVIDENCE_MISMATCH"));
});

test("a bomb of gzip ends at the cap, and what is no file or too large is not read at all", async () => {
  const bomb = gzipSync(Buffer.alloc(3 * 1_048_576));
  assert.ok(bomb.length < 4_000);
  assert.throws(() => unpackEvidence(bomb, 1_048_576), { code: "ERR_BUFFER_TOO_LARGE" });
  assert.equal(unpackEvidence(bomb, 3 * 1_048_576).length, 3 * 1_048_576);
  const folder = place();
  const store = evidenceFolder(folder);
  await store.put(bytes);
  const file = join(folder, `${hash}.json.gz`);
  const mebibyte = gzipSync(Buffer.alloc(1_048_576));
  writeFileSync(file, Buffer.concat(Array.from({ length: 257 }, () => mebibyte)));
  await assert.rejects(store.get(hash), coded("EVIDENCE_MISMATCH"));
  truncateSync(file, 2 ** 40);
  await assert.rejects(store.get(hash), coded("EVIDENCE_MISSING"));
  await assert.rejects(readWhole(file), /^Error: 1099511627776 bytes, at most 16777216$/);
  await assert.rejects(readWhole("/dev/zero"), /^Error: not a file$/);
});

test("a link to nowhere in the folder's place is a fault of the state folder, with advice", async () => {
  const folder = place();
  symlinkSync("/nowhere/at/all", folder);
  await assert.rejects(evidenceFolder(folder).put(bytes), coded("STATE_FAILED"));
});

test("any byte changed in the file is caught, or changes nothing of the evidence", async () => {
  const folder = place();
  const store = evidenceFolder(folder);
  await store.put(bytes);
  const file = join(folder, `${hash}.json.gz`);
  const packed = readFileSync(file);
  for (let position = 0; position < packed.length; position++) {
    const changed = Uint8Array.from(packed);
    changed[position] = (changed[position] ?? 0) ^ 0x01;
    writeFileSync(file, changed);
    const read = await store.get(hash).catch((error: unknown) => error);
    assert.ok(coded("EVIDENCE_MISMATCH")(read) || keccak256(read as Uint8Array) === hash, `byte ${position}`);
  }
});

test("a hash that is a path is refused, so that a web request cannot leave the folder", async () => {
  for (const name of ["../../etc/passwd", hash.toUpperCase(), hash.slice(0, -1), ""]) {
    await assert.rejects(evidenceFolder(place()).get(name as `0x${string}`), coded("BAD_ARGUMENT"));
  }
});

test("a folder that cannot be written fails the put, and leaves no part file", async () => {
  const folder = place();
  writeFileSync(folder, "a file where the folder should be");
  await assert.rejects(evidenceFolder(folder).put(bytes));
  rmSync(folder);
});
