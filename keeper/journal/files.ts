import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { keccak256 } from "viem";
import type { Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import type { EvidenceStore } from "../domain/journal.ts";

/** What the system says when a file may not grow (no space, quota used up, size limit), and SQLite's number for it. */
const FULL_CODES = ["ENOSPC", "EDQUOT", "EFBIG"];
const SQLITE_FULL = 13;
/** The same for a file or folder that may not be written: rights, a disk mounted read-only, a file where a folder should be. */
const READ_ONLY_CODES = ["EACCES", "EPERM", "EROFS", "EEXIST", "ENOTDIR"];
/** PERM, READONLY, CANTOPEN. Extended codes carry them in their lowest byte. */
const SQLITE_READ_ONLY = [3, 8, 14];

/**
 * Returns `DISK_FULL` for an error that means so, and any other error as it is. Everything is written before anything
 * is sent, so a full disk stops sending and nothing else.
 */
export function asDiskFull(error: unknown, file: string): unknown {
  const { code, errcode } = error as { readonly code?: string; readonly errcode?: number };
  const full = FULL_CODES.includes(code ?? "") || errcode === SQLITE_FULL;
  return full ? new TonsorError("DISK_FULL", `${file} cannot be written: the disk is full`, {}, error) : error;
}

/**
 * Returns `BAD_CONFIG` about TONSOR_STATE for an error that means that a file there may not be written, and any other
 * error as it is: an intact journal of another user is not to be rebuilt.
 */
export function asNotWritable(error: unknown, file: string): unknown {
  const { code, errcode, message } = error as Error & { readonly code?: string; readonly errcode?: number };
  if (!READ_ONLY_CODES.includes(code ?? "") && !SQLITE_READ_ONLY.includes((errcode ?? 0) & 0xff)) return error;
  const facts = {
    field: "TONSOR_STATE",
    expected: "a folder that belongs to the keeper's user with all its files, on a disk that is not mounted read-only",
  };
  return new TonsorError("BAD_CONFIG", `${file} cannot be opened for writing: ${message}`, facts, error);
}

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
        await replaceFile(fileOf(hash), (aside) => writeSynced(aside, gzipSync(bytes)));
      } catch (error) {
        throw asDiskFull(error, folder);
      }
      await syncFolder(folder);
      return hash;
    },
    async get(hash) {
      if (!/^0x[0-9a-f]{64}$/.test(hash)) {
        const facts = { given: hash, expected: "0x and 64 lower-case hex" };
        throw new TonsorError("BAD_ARGUMENT", "not an evidence hash", facts);
      }
      const bytes = await readPacked(fileOf(hash), hash);
      const found = keccak256(bytes);
      if (found === hash) return bytes;
      throw new TonsorError("EVIDENCE_MISMATCH", "the evidence was changed", { given: found, expected: hash });
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
        return JSON.parse(await readFile(fileOf(name), "utf8"));
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

async function readPacked(file: string, hash: Hex): Promise<Uint8Array> {
  const packed = await readFile(file).catch((cause: unknown) => {
    throw new TonsorError("EVIDENCE_MISSING", `no evidence ${hash}`, { given: file }, cause);
  });
  try {
    return new Uint8Array(gunzipSync(packed));
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
