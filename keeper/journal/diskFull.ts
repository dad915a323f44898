import { TonsorError } from "../domain/errors.ts";

/** What the system says when a file may not grow: no space, quota used up, size limit. */
const CODES = ["ENOSPC", "EDQUOT", "EFBIG"];
/** SQLite's number for the same. */
const SQLITE_FULL = 13;

/**
 * Returns `DISK_FULL` for an error that means so, and any other error as it is. What is written is written before
 * anything is sent, so a full disk stops sending and nothing else.
 */
export function asDiskFull(error: unknown, file: string): unknown {
  const { code, errcode } = error as { readonly code?: string; readonly errcode?: number };
  const full = CODES.includes(code ?? "") || errcode === SQLITE_FULL;
  return full ? new TonsorError("DISK_FULL", `${file} cannot be written: the disk is full`, {}, error) : error;
}
