import { Table } from "./files/table.ts";

/** A borrower as a table gives it, in the unit of the table. */
export type PositionRow = { readonly collateral: number; readonly debt: number; readonly threshold: number };

/**
 * Borrowers of a table with the columns `collateral`, `debt` and `threshold` (a fraction in (0, 1], or basis points of
 * 1000 or more: what lies between is neither, as 83 for 83 %), plain or gzip, or `-` for standard input; other columns are not
 * read. Rows without debt are left out, whatever their threshold: they cannot be liquidated.
 * @throws TonsorError BAD_FILE naming file, row, column, value and what was expected
 */
export function readPositions(path: string): readonly PositionRow[] {
  const table = Table.read(path);
  const amounts = (name: string) => {
    return table.numbers(table.column(name), "an amount >= 0", (value) => value >= 0 && value < 1e15);
  };
  const [collaterals, debts] = [amounts("collateral"), amounts("debt")];
  const expected = "a fraction in (0, 1] or basis points from 1000 to 10000";
  const thresholds = table.numbers(table.column("threshold"), expected, (value) => value >= 0);
  return Array.from(thresholds, (given, i) => {
    const [collateral, debt] = [collaterals[i] as number, debts[i] as number];
    const threshold = given > 1 ? given / 1e4 : given;
    const isOne = given > 1 ? threshold >= 0.1 && threshold <= 1 : threshold > 0;
    if (debt > 0 && !isOne) table.refuse(i, "threshold", expected);
    if (debt > collateral) table.refuse(i, "debt", `at most the collateral (${collateral}): it is under water already`);
    return { collateral, debt, threshold };
  }).filter(({ debt }) => debt > 0);
}
