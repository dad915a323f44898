import { randomUUID } from "node:crypto";
import { accessSync, constants, statSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type ErrorCode, TonsorError } from "../domain/errors.ts";

/**
 * A folder with one JSON file for each series of closed bars. It only spares a keeper that is started while its venue
 * is silent from knowing nothing.
 * @example await seriesFolder("state/series").keep("ETH-PERPETUAL", [[0, 1]])
 */
export function seriesFolder(folder: string): {
  recall(name: string): Promise<unknown>;
  keep(name: string, points: readonly (readonly number[])[]): Promise<void>;
} {
  const fileOf = (name: string) => jsonFile(join(folder, `${encodeURIComponent(name)}.json`));
  return { recall: (name) => fileOf(name).recall(), keep: (name, points) => fileOf(name).keep(points) };
}

/** A JSON file that the keeper can do without: one that cannot be read is null, and not to be able to write it is no error. */
export function jsonFile(file: string): { recall(): Promise<unknown>; keep(value: unknown): Promise<void> } {
  return {
    async recall() {
      try {
        return JSON.parse((await readWhole(file)).toString());
      } catch {
        return null;
      }
    },
    async keep(value) {
      try {
        await mkdir(dirname(file), { recursive: true });
        await replaceFile(file, (aside) => writeFile(aside, JSON.stringify(value)));
        await sweepAsides(dirname(file));
      } catch {
        // As above.
      }
    },
  };
}

/** Has `write` write a file of another name, then gives it this one: readers find the old file or the new, never half. */
export async function replaceFile(file: string, write: (aside: string) => Promise<void>): Promise<void> {
  const aside = `${file}.${randomUUID()}.part`;
  try {
    await write(aside);
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw error;
  }
}

const MIB = 1_048_576;
/** A root of evidence unpacked, bytes: one of the forms that had no parts, ten times a full batch. */
const MOST_EVIDENCE = 256 * MIB;
/** A part unpacked: a hundred times what one is cut to. */
export const MOST_PART = 16 * MIB;

/**
 * The whole of a regular file of at most so many bytes: what is larger is not read at all, and nothing waits for a pipe
 * that somebody put in its place. The default, 16 MiB, is a hundred thousand positions, and far above any kept series.
 * @throws Error of the system; "... bytes, at most ..." or "not a file"
 * @example await readWhole("/dev/zero") // throws "not a file"
 */
export async function readWhole(file: string, most = 16 * MIB): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error("not a file");
    if (found.size > most) throw new Error(`${found.size} bytes, at most ${most}`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** A packed file of evidence as it is in its folder: never larger than unpacked. */
export const readPacked = async (file: string, most = MOST_EVIDENCE): Promise<Buffer> => readWhole(file, most);

/**
 * Evidence unpacked: a bomb of gzip ends at the cap, whatever it would become.
 * @throws Error of zlib, `ERR_BUFFER_TOO_LARGE` above the cap
 */
export function unpackEvidence(packed: Uint8Array, most = MOST_EVIDENCE): Uint8Array {
  return new Uint8Array(gunzipSync(packed, { maxOutputLength: most }));
}

/** A write aside that is older was killed: none takes so long. */
const KILLED_MS = 3_600_000;

/** Removes from a folder what writes that were killed have left aside; those under way stay, another keeper's too. */
export async function sweepAsides(folder: string): Promise<void> {
  const asides = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".part"));
  for (const name of asides) {
    const file = join(folder, name);
    const found = await stat(file).catch(() => null);
    if (found !== null && found.mtimeMs < Date.now() - KILLED_MS)
      await rm(file, { force: true }).catch(() => undefined);
  }
}

/** What an error of the system or of SQLite means for the state folder: its code, and how it is said. */
type Meaning = { readonly code: ErrorCode; readonly says: string };

const FULL: Meaning = { code: "DISK_FULL", says: "cannot be written: the disk is full" };
const FAILED: Meaning = { code: "STATE_FAILED", says: "cannot be read or written" };
const BUSY: Meaning = { code: "JOURNAL_BUSY", says: "is locked by another process" };
const BROKEN: Meaning = { code: "JOURNAL_BROKEN", says: "is damaged" };

/** Rights, a disk mounted read-only, a file where a folder should be, or a link to nowhere. */
const FORBIDDEN = ["EACCES", "EPERM", "EROFS", "EEXIST", "ENOTDIR"];
const ASTRAY = ["ENOENT", "ELOOP"];

/** No space, quota used up, size limit; a device's error; too few file descriptors, of the process or of the machine. */
const BY_SYSTEM: Readonly<Record<string, Meaning>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EFBIG: FULL,
  EIO: FAILED,
  EMFILE: FAILED,
  ENFILE: FAILED,
  ...Object.fromEntries([...FORBIDDEN, ...ASTRAY].map((code) => [code, FAILED])),
};
/** FULL; BUSY, LOCKED; CORRUPT, NOTADB; IOERR, CANTOPEN. Extended codes carry these in their lowest byte. */
const BY_SQLITE: Readonly<Record<number, Meaning>> = {
  13: FULL,
  5: BUSY,
  6: BUSY,
  11: BROKEN,
  26: BROKEN,
  10: FAILED,
  14: FAILED,
};
/** SQLite's PERM, READONLY and CANTOPEN. */
const SQLITE_READ_ONLY = [3, 8];
const SQLITE_CANNOT_OPEN = 14;

/** What is said to whoever writes after another has taken the journal over. */
export const TAKEN_OVER = "the journal was taken over by another worker";

type Thrown = Error & { readonly code?: string; readonly errcode?: number };

/**
 * Returns the error with the code that says what to do about it, when it means that a file of the state folder cannot be
 * read or written now; any other error as it is. Everything is written before anything is sent, so each of them stops
 * sending and nothing else.
 */
export function asStateError(error: unknown, file: string): unknown {
  const { code, errcode, message } = error as Thrown;
  // A trigger's own words: the same as `assertInPlace` says before a write.
  if (message === TAKEN_OVER) return new TonsorError("STATE_LOST", message, {}, error);
  const meaning = BY_SYSTEM[code ?? ""] ?? BY_SQLITE[(errcode ?? 0) & 0xff];
  if (meaning === undefined) return error;
  return new TonsorError(meaning.code, `${file} ${meaning.says}: ${message}`, {}, error);
}

/**
 * The same at opening, where a file or folder that this user may not write is `BAD_CONFIG` about TONSOR_STATE: an intact
 * journal of another user is not to be rebuilt. That SQLite cannot open what may be written is no such case, but too few
 * file descriptors: it passes.
 */
export function asOpeningError(error: unknown, file: string): unknown {
  const { code, errcode, message } = error as Thrown;
  const word = (errcode ?? 0) & 0xff;
  const forbidden = FORBIDDEN.includes(code ?? "") || SQLITE_READ_ONLY.includes(word);
  if (!forbidden && !(word === SQLITE_CANNOT_OPEN && !mayBeWritten(file))) return asStateError(error, file);
  const facts = {
    field: "TONSOR_STATE",
    expected: "a folder that belongs to the keeper's user with all its files, on a disk that is not mounted read-only",
  };
  return new TonsorError("BAD_CONFIG", `${file} cannot be opened for writing: ${message}`, facts, error);
}

/** Asks for rights only, which takes no file descriptor. */
function mayBeWritten(file: string): boolean {
  try {
    accessSync(dirname(file), constants.W_OK);
    const there = statSync(file, { throwIfNoEntry: false });
    if (there !== undefined) accessSync(file, constants.R_OK | constants.W_OK);
    return there?.isFile() ?? true;
  } catch {
    return false;
  }
}
