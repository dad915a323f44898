import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { keccak256 } from "viem";
import type { Hex } from "../domain/contract.ts";
import { ownError, TonsorError } from "../domain/errors.ts";
import type { EvidenceStore } from "../domain/journal.ts";
import { readPacked, readWhole, unpackEvidence } from "./boundedFile.ts";
import { asStateError } from "./stateErrors.ts";

const PAGE_BYTES = 4_096;
/** Beside the event loop, which a full batch would hold for three quarters of a second. */
const packed = promisify(gzip);

/**
 * A content-addressed folder: `<folder>/<keccak256>.json.gz`. A file appears under its name complete or not at all
 * (written aside, synced, renamed), and is hashed again on every read. Two keepers may share one folder: same name, same bytes.
 */
export function evidenceFolder(folder: string): EvidenceStore {
  const list = async () => {
    const names = await readdir(folder).catch(() => []);
    return names.filter((name) => /^0x[0-9a-f]{64}\.json\.gz$/.test(name)).map((name) => name.slice(0, 66) as Hex);
  };
  const fileOf = (hash: Hex) => join(folder, `${hash}.json.gz`);
  return {
    async put(bytes) {
      const hash = keccak256(bytes);
      try {
        await mkdir(folder, { recursive: true });
        await replaceFile(fileOf(hash), async (aside) => writeSynced(aside, await packed(bytes)));
      } catch (error) {
        throw asStateError(error, folder);
      }
      await syncFolder(folder);
      return hash;
    },
    async get(hash) {
      if (!/^0x[0-9a-f]{64}$/.test(hash)) {
        const facts = { given: hash, expected: "0x and 64 lower-case hex" };
        throw new TonsorError("BAD_ARGUMENT", "not an evidence hash", facts);
      }
      const bytes = await unpacked(fileOf(hash), hash);
      const found = keccak256(bytes);
      if (found === hash) return bytes;
      throw new TonsorError("EVIDENCE_MISMATCH", "the evidence was changed", { given: found, expected: hash });
    },
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
    async prune(before, used) {
      let removed = 0;
      for (const hash of await list()) {
        if (used.has(hash) || (await stat(fileOf(hash))).mtimeMs >= before * 1_000) continue;
        await rm(fileOf(hash), { force: true });
        removed += 1;
      }
      return removed;
    },
  };
}

/**
 * A folder with one JSON file for each series of closed bars. It only spares a keeper that is started while its venue
 * is silent from knowing nothing: what cannot be written or read is therefore no error.
 * @example await seriesFolder("state/series").keep("ETH-PERPETUAL", [[0, 1]])
 */
export function seriesFolder(folder: string): {
  recall(name: string): Promise<unknown>;
  keep(name: string, points: readonly (readonly number[])[]): Promise<void>;
} {
  const fileOf = (name: string) => join(folder, `${encodeURIComponent(name)}.json`);
  return {
    async recall(name) {
      try {
        return JSON.parse((await readWhole(fileOf(name))).toString());
      } catch {
        return null;
      }
    },
    async keep(name, points) {
      try {
        await mkdir(folder, { recursive: true });
        await replaceFile(fileOf(name), (aside) => writeFile(aside, JSON.stringify(points)));
      } catch {
        // As above: the venue is asked again.
      }
    },
  };
}

/** Has `write` write a file of another name, then gives it this one: readers find the old file or the new, never half. */
async function replaceFile(file: string, write: (aside: string) => Promise<void>): Promise<void> {
  const aside = `${file}.${randomUUID()}.part`;
  try {
    await write(aside);
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function unpacked(file: string, hash: Hex): Promise<Uint8Array> {
  const found = await readPacked(file).catch((cause: unknown) => {
    throw new TonsorError("EVIDENCE_MISSING", `no evidence ${hash}`, { given: file }, cause);
  });
  try {
    return unpackEvidence(found);
  } catch (cause) {
    throw new TonsorError("EVIDENCE_MISMATCH", `evidence ${hash} cannot be unpacked`, {}, cause);
  }
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, "w", 0o644);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Without this a power cut could forget the name although the content is on disk. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
