import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { keccak256 } from "viem";
import type { Hex } from "../domain/batch.ts";
import { TonsorError } from "../domain/errors.ts";
import { asDiskFull } from "./diskFull.ts";

/** Evidence by its hash. */
export type EvidenceStore = {
  /** Stores bytes under their hash and returns it; on disk, file and folder, before this resolves. */
  put(bytes: Uint8Array): Promise<Hex>;
  /** Returns the bytes of a hash. Throws `EVIDENCE_MISSING`, or `EVIDENCE_MISMATCH` when they hash to something else. */
  get(hash: Hex): Promise<Uint8Array>;
  /** Hashes that are there. */
  list(): Promise<readonly Hex[]>;
  /** Removes what is older than `before` (Unix seconds of the disk's clock) and not in `used`; says how many. */
  prune(before: number, used: ReadonlySet<Hex>): Promise<number>;
};

/**
 * A content-addressed folder: `<folder>/<keccak256>.json.gz`. A file appears under its name whole or not at all (written
 * aside, synced, renamed), and is hashed again on every read. Two keepers may share one folder: same name, same bytes.
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
      await mkdir(folder, { recursive: true }).catch((error: unknown) => {
        throw asDiskFull(error, folder);
      });
      const aside = `${fileOf(hash)}.${randomUUID()}.part`;
      try {
        await writeSynced(aside, gzipSync(bytes));
        await rename(aside, fileOf(hash));
      } catch (error) {
        await rm(aside, { force: true }).catch(() => undefined);
        throw asDiskFull(error, folder);
      }
      await syncFolder(folder);
      return hash;
    },
    async get(hash) {
      if (!/^0x[0-9a-f]{64}$/.test(hash)) {
        throw new TonsorError("BAD_ARGUMENT", "not an evidence hash", {
          given: hash,
          expected: "0x and 64 lower-case hex",
        });
      }
      const bytes = unpack(await read(fileOf(hash), hash), hash);
      const found = keccak256(bytes);
      if (found !== hash) {
        throw new TonsorError("EVIDENCE_MISMATCH", "the evidence was changed", { given: found, expected: hash });
      }
      return bytes;
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

async function read(file: string, hash: Hex): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new TonsorError("EVIDENCE_MISSING", `no evidence ${hash}`, { given: file }, cause);
  }
}

function unpack(packed: Buffer, hash: Hex): Uint8Array {
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
