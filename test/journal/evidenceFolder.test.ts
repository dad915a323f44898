import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { keccak256 } from "viem";
import { type ErrorCode, TonsorError } from "../../keeper/domain/errors.ts";
import type { EvidencePieces, EvidenceStore } from "../../keeper/domain/journal.ts";
import { evidenceFolder } from "../../keeper/journal/evidenceFolder.ts";
import { readWhole, seriesFolder, unpackEvidence } from "../../keeper/journal/files.ts";
import { onePiece } from "../support/packed.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const bytes = new TextEncoder().encode('{"a":1}');
const hash = keccak256(bytes);
const coded = (code: ErrorCode) => (error: unknown) => error instanceof TonsorError && error.code === code;
const place = () => join(temporaryFolder(), "evidence");

test("what is put comes back under its hash, and nothing else is left in the folder", async () => {
  const folder = place();
  const store = evidenceFolder(folder);
  assert.equal(await store.put(onePiece(bytes)), hash);
  assert.deepEqual(await store.get(hash), bytes);
  assert.deepEqual(readdirSync(folder), [`${hash}.json.gz`, "parts"]);
  assert.deepEqual(await store.list(), [hash]);
});

test("putting the same bytes twice, even at once, is the same as once", async () => {
  const store = evidenceFolder(place());
  assert.deepEqual(await Promise.all([store.put(onePiece(bytes)), store.put(onePiece(bytes))]), [hash, hash]);
  assert.deepEqual(await store.list(), [hash]);
});

test("what a write left that was killed is swept by the next, and a write under way is let be", async () => {
  const folder = place();
  mkdirSync(join(folder, "parts"), { recursive: true });
  const left = [join(folder, "0x1.json.gz.a.part"), join(folder, "parts", "1.json.gz.b.part")];
  const underWay = join(folder, "0x2.json.gz.c.part");
  for (const file of [...left, underWay]) writeFileSync(file, "half");
  const killed = Date.now() / 1_000 - 3_700;
  const stored = join(folder, `0x${"1".repeat(64)}.json.gz`);
  writeFileSync(stored, "whole");
  for (const file of [...left, stored]) utimesSync(file, killed, killed);
  await evidenceFolder(folder, true).put(onePiece(bytes));
  assert.deepEqual(left.filter(existsSync), []);
  assert.ok(existsSync(underWay) && existsSync(stored));
});

test("a kept series leaves no more of a killed write than an hour of it", async () => {
  const folder = place();
  const series = seriesFolder(folder);
  await series.keep("ETH-PERPETUAL", [[0, 1]]);
  const [left, underWay] = [join(folder, "ETH-PERPETUAL.json.a.part"), join(folder, "ETH-PERPETUAL.json.b.part")];
  for (const file of [left, underWay]) writeFileSync(file, "half");
  const killed = Date.now() / 1_000 - 3_700;
  utimesSync(left, killed, killed);
  await series.keep("BTC-PERPETUAL", [[0, 2]]);
  assert.deepEqual([existsSync(left), existsSync(underWay)], [false, true]);
  assert.deepEqual([await series.recall("ETH-PERPETUAL"), await series.recall("BTC-PERPETUAL")], [[[0, 1]], [[0, 2]]]);
});

test("evidence that is not there is EVIDENCE_MISSING", async () => {
  await assert.rejects(evidenceFolder(place()).get(hash), coded("EVIDENCE_MISSING"));
  assert.deepEqual(await evidenceFolder(place()).list(), []);
});

test("other content under the name, or a cut file, is EVIDENCE_MISMATCH", async () => {
  const folder = place();
  const store = evidenceFolder(folder);
  await store.put(onePiece(bytes));
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
  await store.put(onePiece(bytes));
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
  await assert.rejects(evidenceFolder(folder).put(onePiece(bytes)), coded("STATE_FAILED"));
});

test("any byte changed in the file is caught, or changes nothing of the evidence", async () => {
  const folder = place();
  const store = evidenceFolder(folder);
  await store.put(onePiece(bytes));
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
  await assert.rejects(evidenceFolder(folder).put(onePiece(bytes)));
  rmSync(folder);
});

/** A bundle of two parts, as its writer gives the pieces; `fail` breaks it off before the root. */
function* pieces(first: string, second: string, fail = false): EvidencePieces {
  const names: string[] = [];
  for (const text of [first, second]) names.push(yield { kind: "part", bytes: Buffer.from(text) });
  if (fail) throw new Error("killed");
  yield { kind: "root", bytes: Buffer.from(JSON.stringify(names)) };
}
const namesIn = async (store: EvidenceStore, root: `0x${string}`) =>
  JSON.parse(new TextDecoder().decode(await store.get(root))) as string[];

test("parts are there before the root that names them; broken off between, they are no evidence and do no harm", async () => {
  const folder = place();
  const store = evidenceFolder(folder);
  await assert.rejects(store.put(pieces("[1]", "[2]", true)), /killed/);
  assert.deepEqual(await store.list(), []);
  assert.equal(readdirSync(join(folder, "parts")).length, 2);
  const [one = "", two = ""] = await namesIn(store, await store.put(pieces("[1]", "[2]")));
  assert.deepEqual([await store.part(one), await store.part(two)].map(String), ["91,49,93", "91,50,93"]);
  assert.equal(readdirSync(join(folder, "parts")).length, 2);
});

test("a part that was changed or taken away is refused, and written again with the next bundle that names it", async () => {
  const folder = place();
  const file = (name: string) => join(folder, "parts", `${name}.json.gz`);
  const root = await evidenceFolder(folder).put(pieces("[1]", "[2]"));
  const store = evidenceFolder(folder);
  const [one = "", two = ""] = await namesIn(store, root);
  writeFileSync(file(one), gzipSync("[3]"));
  rmSync(file(two));
  await assert.rejects(store.part(one), coded("EVIDENCE_MISMATCH"));
  await assert.rejects(store.part(two), coded("EVIDENCE_MISSING"));
  await store.put(pieces("[1]", "[2]"));
  assert.equal(String(await store.part(one)), "91,49,93");
  rmSync(file(two));
  await store.put(pieces("[1]", "[2]"));
  assert.equal(String(await store.part(two)), "91,50,93");
  // The folder's own part of the bundle before, cut under a running keeper.
  truncateSync(file(one), 0);
  await store.put(pieces("[1]", "[2]"));
  assert.equal(String(await store.part(one)), "91,49,93");
  for (const name of [`0x${one}`, "../x", one.slice(1)]) await assert.rejects(store.part(name), coded("BAD_ARGUMENT"));
});

test("an old part leaves with the last bundle that names it, and none while a bundle that stays cannot be read", async () => {
  const folder = place();
  const store = evidenceFolder(folder);
  const old = await store.put(pieces("[1]", "[2]"));
  const gone = await store.put(pieces("[2]", "[3]"));
  const day = 86_400;
  const aged = Date.now() / 1_000 - 500 * day;
  const age = () => {
    for (const name of readdirSync(folder)) if (name.endsWith(".gz")) utimesSync(join(folder, name), aged, aged);
    for (const name of readdirSync(join(folder, "parts"))) utimesSync(join(folder, "parts", name), aged, aged);
  };
  age();
  const names = async (root: `0x${string}`) => (await namesIn(store, root)).map((name) => `${name}.json.gz`);
  const stay = [...(await names(old))].sort();
  const broken = readFileSync(join(folder, `${old}.json.gz`));
  writeFileSync(join(folder, `${old}.json.gz`), "broken");
  age();
  assert.equal(await store.prune(aged + day, new Set([old])), 1);
  assert.equal(readdirSync(join(folder, "parts")).length, 3, "what it names is not known");
  await assert.rejects(store.get(gone), coded("EVIDENCE_MISSING"));
  writeFileSync(join(folder, `${old}.json.gz`), broken);
  age();
  assert.equal(await store.prune(aged + day, new Set([old])), 0);
  assert.deepEqual(readdirSync(join(folder, "parts")).sort(), stay);
  // What a younger bundle names was touched with it.
  const young = await store.put(pieces("[2]", "[4]"));
  assert.equal(await store.prune(aged + day, new Set()), 1);
  assert.deepEqual(readdirSync(join(folder, "parts")).sort(), [...(await names(young))].sort());
});

test("a part that is a little older than the bundle that names it stays as long as that does", async () => {
  const folder = place();
  const store = evidenceFolder(folder);
  const root = await store.put(pieces("[1]", "[2]"));
  const edge = Math.floor(Date.now() / 1_000) - 86_400;
  utimesSync(join(folder, `${root}.json.gz`), edge + 20, edge + 20);
  for (const name of readdirSync(join(folder, "parts"))) utimesSync(join(folder, "parts", name), edge - 20, edge - 20);
  assert.equal(await store.prune(edge, new Set()), 0);
  assert.equal(readdirSync(join(folder, "parts")).length, 2);
});
