import { Table } from "./files/table.ts";

/** A borrower as a table gives it, in the unit of the table. */
export type PositionRow = { readonly collateral: number; readonly debt: number; readonly threshold: number };

/**
 * Borrowers of a table with the columns `collateral`, `debt` and `threshold` (a fraction, or basis points above 1), plain or
 * gzip, or `-` for standard input; other columns are not read. Rows without debt are left out: they cannot be liquidated.
 * @throws TonsorError BAD_FILE naming file, row, column, value and what was expected
 */
export function readPositions(path: string): readonly PositionRow[] {
  const table = Table.read(path);
  const amounts = (name: string) => {
    return table.numbers(table.column(name), "an amount >= 0", (value) => value >= 0 && value < 1e15);
  };
  const [collaterals, debts] = [amounts("collateral"), amounts("debt")];
  const expected = "a fraction in [0, 1] or basis points up to 10000";
  const thresholds = table.numbers(table.column("threshold"), expected, (value) => value >= 0 && value <= 1e4);
  return Array.from(thresholds, (threshold, i) => ({
    ...{ collateral: collaterals[i] as number, debt: debts[i] as number },
    threshold: threshold > 1 ? threshold / 1e4 : threshold,
  })).filter(({ debt }) => debt > 0);
}
