import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { TonsorError } from "../../../keeper/domain/errors.ts";

/**
 * Rows of a csv file as numbers, gzip or plain, without its header line. A first column named `day` becomes Unix
 * seconds of that UTC day's start.
 * @throws TonsorError BAD_FILE when the header differs or a cell is not a number
 */
export function csvNumbers(path: string, header: string): readonly (readonly number[])[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  const [first, ...lines] = text.trimEnd().split("\n");
  if (first?.trim() !== header) {
    throw new TonsorError("BAD_FILE", `unexpected columns in ${path}`, {
      field: "header",
      given: first,
      expected: header,
    });
  }
  const daily = header.startsWith("day");
  return lines.map((line) => {
    const row = line.split(",").map((cell, column) => (daily && column === 0 ? Date.parse(cell) / 1000 : Number(cell)));
    if (row.some(Number.isNaN)) throw new TonsorError("BAD_FILE", `unreadable row in ${path}`, { given: line });
    return row;
  });
}
