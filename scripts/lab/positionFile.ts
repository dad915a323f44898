import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { TonsorError } from "../../keeper/domain/errors.ts";

/** A borrower as a table gives it, in the unit of the table. */
export type PositionRow = { readonly collateral: number; readonly debt: number; readonly threshold: number };

const COLUMNS = ["collateral", "debt", "threshold"] as const;
const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/**
 * Borrowers of a table with the columns `collateral`, `debt` and `threshold` (a fraction, or basis points above 1), plain or
 * gzip; other columns are not read. Rows without debt are left out: they cannot be liquidated.
 * @throws TonsorError BAD_FILE naming file, row, column, value and what was expected
 */
export function readPositions(path: string): readonly PositionRow[] {
  let text: string;
  try {
    const bytes = readFileSync(path);
    text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `${path} cannot be read`, { expected: "a csv file, plain or gzip" }, cause);
  }
  return parsePositions(text, path);
}

/** The same from text; `file` is only for messages. */
function parsePositions(text: string, file: string): readonly PositionRow[] {
  const rows = tableOf(text, file);
  const [first] = rows;
  const missing = COLUMNS.filter((name) => first?.[name] === undefined);
  if (missing.length > 0) {
    throw new TonsorError("BAD_FILE", `${file} lacks columns or rows`, {
      field: missing.join(", "),
      given: Object.keys(first ?? {})
        .slice(0, 20)
        .join(","),
      expected: `a header with ${COLUMNS.join(",")}`,
    });
  }
  return rows
    .map((row, i) => {
      const cell = (name: (typeof COLUMNS)[number], expected: string, fits: (value: number) => boolean): number => {
        const given = row[name] ?? "";
        const value = NUMBER.test(given.trim()) ? Number(given) : Number.NaN;
        if (fits(value)) return value;
        throw new TonsorError("BAD_FILE", `row ${i + 2} of ${file} is no position`, { field: name, given, expected });
      };
      const amount = (value: number) => value >= 0 && value < 1e15;
      const threshold = cell(
        "threshold",
        "a fraction in [0, 1] or basis points up to 10000",
        (t) => t >= 0 && t <= 1e4,
      );
      return {
        collateral: cell("collateral", "an amount >= 0", amount),
        debt: cell("debt", "an amount >= 0", amount),
        threshold: threshold > 1 ? threshold / 1e4 : threshold,
      };
    })
    .filter(({ debt }) => debt > 0);
}

function tableOf(text: string, file: string): readonly Readonly<Record<string, string>>[] {
  try {
    return parse(text, { columns: true, bom: true, skip_empty_lines: true });
  } catch (cause) {
    const expected = "comma-separated values with one header line";
    throw new TonsorError("BAD_FILE", `${file} is no table`, { expected }, cause);
  }
}
