import { isoTime } from "../../../keeper/domain/calendar.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { OptionBoard } from "../../../keeper/domain/observation.ts";
import { parseChainCsv } from "./chainCsv.ts";
import { parseChainJson } from "./chainJson.ts";
import { inputName, readText } from "./readText.ts";

/**
 * Every options board recorded in a file, in order of time and currency: the answer of Deribit's
 * `public/get_book_summary_by_currency` (JSON, `mark_iv` in percent), or a table of snapshots (csv, `iv` a fraction,
 * columns ts, instrument, forward, index, bid, ask, mark, iv, oi; others are ignored); plain or gzip, `-` is standard input.
 * @throws TonsorError BAD_FILE naming file, column or field, value and what was expected.
 */
export async function readChainFile(path: string): Promise<readonly OptionBoard[]> {
  const text = readText(path, "an options board as csv or JSON, plain or gzip");
  const file = inputName(path);
  const boards = /^\s*[{[<]/.test(text) ? parseChainJson(text, file) : parseChainCsv(text, file);
  if (boards.length === 0) {
    const facts = { field: "file", given: "no option", expected: 'instrument names such as "ETH-27FEB26-3000-C"' };
    throw new TonsorError("BAD_FILE", `${file} holds no option`, facts);
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
