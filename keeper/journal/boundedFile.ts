import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { gunzipSync } from "node:zlib";

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
