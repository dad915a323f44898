import { TonsorError } from "../domain/errors.ts";

/** What the system says when a file or folder may not be written: rights, or a disk mounted read-only. */
const CODES = ["EACCES", "EPERM", "EROFS"];
/** SQLite's numbers for the same: PERM, READONLY, CANTOPEN. Extended codes carry them in their lowest byte. */
const SQLITE = [3, 8, 14];

/**
 * Returns `BAD_CONFIG` about TONSOR_STATE for an error that means that a file there may not be written, and any other
 * error as it is: what is whole and another user's is not to be rebuilt.
 */
export function asNotWritable(error: unknown, file: string): unknown {
  const { code, errcode, message } = error as Error & { readonly code?: string; readonly errcode?: number };
  if (!CODES.includes(code ?? "") && !SQLITE.includes((errcode ?? 0) & 0xff)) return error;
  const facts = {
    field: "TONSOR_STATE",
    expected: "a folder that belongs to the keeper's user with all its files, on a disk that is not mounted read-only",
  };
  return new TonsorError("BAD_CONFIG", `${file} cannot be opened for writing: ${message}`, facts, error);
}
