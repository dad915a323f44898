import { randomUUID } from "node:crypto";
import { chmod, mkdir, open, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { keccak256, sha256 } from "viem";
import { DAY_SECONDS, HOUR_SECONDS } from "../domain/calendar.ts";
import type { Hex } from "../domain/contract.ts";
import { ownError, TonsorError } from "../domain/errors.ts";
import type { EvidencePieces, EvidenceStore } from "../domain/journal.ts";
import { asStateError, MOST_PART, readPacked, replaceFile, sweepAsides, unpackEvidence } from "./files.ts";

const PAGE_BYTES = 4_096;
/** Parts that are written at once: as many as the system's threads take, and as many again that wait. */
const AT_ONCE = 8;
/** Bundles whose parts are remembered by name. */
const MOST_REMEMBERED = 32;
const END = ".json.gz";
const ROOT = /^0x[0-9a-f]{64}$/;
const PART = /^[0-9a-f]{64}$/;
const packed = promisify(gzip);

/**
 * A content-addressed folder: `<folder>/<keccak256>.json.gz` for roots and `<folder>/parts/<sha256>.json.gz` for what they name.
 * A file appears under its name complete or not at all (written aside, synced, renamed), parts before the root that names them,
 * and is hashed again on every read. Two keepers may share one folder: same name, same bytes.
 * @param isPublic what is written is everybody's to read, whatever the umask
 */
export function evidenceFolder(folder: string, isPublic = false): EvidenceStore {
  const writePacked = packedWriter(isPublic);
  const parts = partsFolder(join(folder, "parts"), writePacked);
  const fileOf = (hash: Hex) => join(folder, hash + END);
  const list = async () => (await namesIn(folder, ROOT)) as Hex[];
  let sweptAt = Number.NEGATIVE_INFINITY;
  /** Once an hour: looking through a large folder takes a while. */
  const sweep = async () => {
    if (performance.now() - sweptAt < HOUR_SECONDS * 1_000) return;
    sweptAt = performance.now();
    await Promise.all([folder, join(folder, "parts")].map(sweepAsides));
  };
  const get = async (hash: Hex) => {
    assertName(hash, ROOT, "0x and 64 lower-case hex");
    return checked(await unpacked(fileOf(hash), hash), hash, keccak256);
  };
  return {
    async put(pieces) {
      try {
        const made = await mkdir(join(folder, "parts"), { recursive: true });
        if (isPublic && made !== undefined) await chmod(join(folder, "parts"), 0o755);
        const root = await parts.keep(pieces);
        await syncFolder(join(folder, "parts"));
        const hash = keccak256(root);
        await writePacked(fileOf(hash), root);
        await syncFolder(folder);
        await sweep();
        return hash;
      } catch (error) {
        throw asStateError(error, folder);
      }
    },
    get,
    part: parts.read,
    async assertWritable() {
      const aside = join(folder, `${randomUUID()}.part`);
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(aside, Buffer.alloc(PAGE_BYTES));
        await rm(aside);
      } catch (error) {
        await rm(aside, { force: true }).catch(() => undefined);
        const own = ownError(asStateError(error, folder));
        throw own ?? new TonsorError("STATE_FAILED", `${folder} cannot be written: ${(error as Error).message}`);
      }
    },
    list,
    async missing(hashes) {
      const [roots, there] = await Promise.all([list(), parts.list()]);
      const [known, names] = [new Set(roots), new Set(there)];
      const lacking: Hex[] = [];
      for (const hash of hashes) {
        const rests = known.has(hash) ? await parts.restsOn(hash, async () => unpacked(fileOf(hash), hash)) : null;
        if (rests === null || ![...rests].every((name) => names.has(name))) lacking.push(hash);
      }
      return lacking;
    },
    async prune(before, used) {
      let removed = 0;
      const old: Hex[] = [];
      for (const hash of await list()) {
        const { mtimeMs } = await stat(fileOf(hash));
        const stays = used.has(hash) || mtimeMs >= before * 1_000;
        // A root's parts were touched no later than it was written, so those of a younger one are young.
        if (stays && mtimeMs < (before + DAY_SECONDS) * 1_000) old.push(hash);
        if (stays) continue;
        await rm(fileOf(hash), { force: true });
        removed += 1;
      }
      await parts.prune(
        before,
        old.map((hash) => async () => get(hash)),
      );
      return removed;
    },
  };
}

/** Parts of evidence, and those that the bundle before rested on: while their files are as long, they are not read again. */
function partsFolder(folder: string, writePacked: ReturnType<typeof packedWriter>) {
  const fileOf = (name: string) => join(folder, name + END);
  /** Bytes of each file. */
  let before: ReadonlyMap<string, number> = new Map();
  /** What the bundles last asked about rest on: it never changes, and takes a while to look up. */
  const rests = new Map<Hex, ReadonlySet<string>>();
  const read = async (name: string): Promise<Uint8Array> => {
    assertName(name, PART, "64 lower-case hex");
    return checked(await unpacked(fileOf(name), name, MOST_PART), name, partName);
  };
  const named = (roots: readonly (() => Promise<Uint8Array>)[]) =>
    namedBy(roots, read).catch((error: unknown) => {
      if (ownError(error) === null) throw error;
      return null;
    });
  /** A part that is there already is young again; one that was changed or is gone is written. */
  const write = async (name: string, bytes: Uint8Array, sizes: Map<string, number>): Promise<void> => {
    if (bytes.length > MOST_PART) {
      const facts = { given: bytes.length, expected: `at most ${MOST_PART} bytes` };
      throw new TonsorError("BAD_ARGUMENT", "a part of evidence is too large", facts);
    }
    const file = fileOf(name);
    try {
      if (before.get(name) !== (await stat(file)).size) await read(name);
      await touch(file);
    } catch {
      await writePacked(file, bytes);
    }
    sizes.set(name, (await stat(file)).size);
  };
  return {
    read,
    list: async () => namesIn(folder, PART),
    /** Names of all parts that a bundle rests on; null where one cannot be read. */
    async restsOn(hash: Hex, root: () => Promise<Uint8Array>): Promise<ReadonlySet<string> | null> {
      const found = rests.get(hash) ?? (await named([root]));
      if (found === null) return null;
      rests.set(hash, found);
      for (const [oldest] of rests) if (rests.size > MOST_REMEMBERED) rests.delete(oldest);
      return found;
    },
    /** Writes every part, and returns the root, which comes last. */
    async keep(pieces: EvidencePieces): Promise<Uint8Array> {
      const names = new Set<string>();
      const sizes = new Map<string, number>();
      const writes: Promise<void>[] = [];
      try {
        let step = pieces.next("");
        while (step.done !== true && step.value.kind === "part") {
          const { bytes } = step.value;
          const name = partName(bytes);
          if (!names.has(name)) writes.push(write(name, bytes, sizes));
          // It is waited for below, whatever fails first.
          writes.at(-1)?.catch(() => undefined);
          names.add(name);
          // Others work between two pieces.
          await (writes.length < AT_ONCE ? setImmediate() : allOf(writes));
          step = pieces.next(name);
        }
        await allOf(writes);
        before = sizes;
        if (step.done !== true) return step.value.bytes;
      } finally {
        await Promise.allSettled(writes);
      }
      throw new TonsorError("BAD_ARGUMENT", "evidence without a root", { field: "pieces" });
    },
    /** Removes what is older than `time` (Unix seconds) and is named by none of some roots; nothing while one cannot be read. */
    async prune(time: number, roots: readonly (() => Promise<Uint8Array>)[]): Promise<void> {
      const needed = await named(roots);
      if (needed === null) return;
      for (const name of await namesIn(folder, PART)) {
        if (needed.has(name) || (await stat(fileOf(name))).mtimeMs >= time * 1_000) continue;
        await rm(fileOf(name), { force: true });
      }
    },
  };
}

/** Names of parts in roots, and in parts so named: whatever looks like one, for too many only keeps too much. */
async function namedBy(
  roots: readonly (() => Promise<Uint8Array>)[],
  read: (name: string) => Promise<Uint8Array>,
): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  const note = (bytes: Uint8Array) => {
    for (const [, name = ""] of new TextDecoder().decode(bytes).matchAll(/"([0-9a-f]{64})"/g)) named.add(name);
  };
  for (const root of roots) note(await root());
  // A set gives what is added while it is walked through, too.
  for (const name of named) note(await read(name));
  return named;
}

/** Waits for all, the failed ones too; throws what the first failed of. */
async function allOf(writes: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(writes.splice(0));
  const failed = results.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

const partName = (bytes: Uint8Array): string => sha256(bytes).slice(2);

async function namesIn(folder: string, form: RegExp): Promise<readonly string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.flatMap((file) =>
    file.endsWith(END) && form.test(file.slice(0, -END.length)) ? file.slice(0, -END.length) : [],
  );
}

function assertName(name: string, form: RegExp, expected: string): void {
  if (form.test(name)) return;
  throw new TonsorError("BAD_ARGUMENT", "not an evidence hash", { given: name, expected });
}

function checked(bytes: Uint8Array, name: string, hash: (bytes: Uint8Array) => string): Uint8Array {
  const found = hash(bytes);
  if (found === name) return bytes;
  throw new TonsorError("EVIDENCE_MISMATCH", "the evidence was changed", { given: found, expected: name });
}

async function unpacked(file: string, name: string, most?: number): Promise<Uint8Array> {
  const found = await readPacked(file, most).catch((cause: unknown) => {
    throw new TonsorError("EVIDENCE_MISSING", `no evidence ${name}`, { given: file }, cause);
  });
  try {
    return unpackEvidence(found, most);
  } catch (cause) {
    throw new TonsorError("EVIDENCE_MISMATCH", `evidence ${name} cannot be unpacked`, {}, cause);
  }
}

async function touch(file: string): Promise<void> {
  const now = Date.now() / 1_000;
  await utimes(file, now, now);
}

const packedWriter = (isPublic: boolean) => async (file: string, bytes: Uint8Array) => {
  const content = await packed(bytes);
  await replaceFile(file, async (aside) => {
    const handle = await open(aside, "w", 0o644);
    try {
      if (isPublic) await handle.chmod(0o644);
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
};

/** Without this a power cut could forget the name although the content is on disk. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
