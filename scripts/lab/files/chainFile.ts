import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { OptionBoard } from "../../../keeper/domain/observation.ts";
import { parseChainCsv } from "./chainCsv.ts";
import { parseChainJson } from "./chainJson.ts";

/**
 * Every options board recorded in a file, in order of time and currency: the answer of Deribit's
 * `public/get_book_summary_by_currency` (.json, `mark_iv` in percent), or a table of snapshots (.csv, `iv` a fraction,
 * columns ts, instrument, forward, index, bid, ask, mark, iv, oi; others are ignored); either may be gzipped (.gz).
 * @throws TonsorError BAD_FILE naming file, column or field, value and what was expected.
 */
export async function readChainFile(path: string): Promise<readonly OptionBoard[]> {
  const text = await readText(path);
  const name = path.endsWith(".gz") ? path.slice(0, -3) : path;
  const boards = name.endsWith(".csv") ? parseChainCsv(text, path) : parseChainJson(text, path);
  if (boards.length === 0) {
    throw new TonsorError("BAD_FILE", `${path} holds no option`, {
      expected: 'instrument names such as "ETH-27FEB26-3000-C"',
    });
  }
  return boards;
}

/** The part of `boards` at one moment: the last snapshot at or before `at`, of one currency or of all. */
export function selectBoards(
  boards: readonly OptionBoard[],
  { currency, at }: { readonly currency?: string | undefined; readonly at?: number | undefined },
): readonly OptionBoard[] {
  const wanted = currency === undefined ? boards : boards.filter((board) => board.currency === currency.toUpperCase());
  if (wanted.length === 0) {
    const known = [...new Set(boards.map((board) => board.currency))].sort().join(", ");
    throw new TonsorError("BAD_ARGUMENT", "the file has no such currency", {
      field: "--currency",
      given: currency,
      expected: `one of ${known}`,
    });
  }
  const past = at === undefined ? wanted : wanted.filter((board) => board.eventTime <= at);
  const time = past.reduce((last, board) => Math.max(last, board.eventTime), Number.NEGATIVE_INFINITY);
  if (past.length === 0) {
    const first = wanted.reduce((least, board) => Math.min(least, board.eventTime), Number.POSITIVE_INFINITY);
    throw new TonsorError("BAD_ARGUMENT", "the file has no snapshot at or before that time", {
      field: "--at",
      given: isoTime(at ?? 0),
      expected: `${isoTime(first)} or later`,
    });
  }
  return past.filter((board) => board.eventTime === time);
}

/** Unix seconds as ISO 8601 without milliseconds. @example isoTime(1770326977) // "2026-02-05T21:29:37Z" */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

async function readText(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `${path} cannot be read`, { expected: "a readable file" }, cause);
  }
  if (!path.endsWith(".gz")) return bytes.toString("utf8");
  try {
    return gunzipSync(bytes).toString("utf8");
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `${path} cannot be decompressed`, { expected: "a complete gzip file" }, cause);
  }
}
