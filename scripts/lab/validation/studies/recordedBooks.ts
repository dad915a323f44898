import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Position } from "../../baselines/positionBook.ts";
import { type PositionRow, readPositions } from "../../positionFile.ts";

/** Borrowers of stable coins against staked ether, June 2023; the first lender counted in ether, at this price. */
const BOOKS = [
  ["Aave v3, wstETH against stable coins, June 2023", "positions/lido_2023-06_b2_v3.csv.gz", 1],
  ["Aave v2, stETH against stable coins, June 2023", "positions/lido_2023-06_b2.csv.gz", 1_719.9],
] as const;

/** The recorded books whose debt does not fall with the collateral, by name; those that are not there are left out. */
export function recordedBooks(folder: string): readonly (readonly [name: string, book: readonly Position[]])[] {
  return BOOKS.flatMap(([name, file, unitUsd]) => {
    const path = join(folder, file);
    return existsSync(path) ? [[name, inUsd(readPositions(path), unitUsd)] as const] : [];
  });
}

/** Rows of a table in dollars. @param unitUsd dollars for one unit of the table */
export function inUsd(rows: readonly PositionRow[], unitUsd: number): readonly Position[] {
  return rows.map(({ collateral, debt, threshold }) => {
    return { collateralUsd: collateral * unitUsd, debtUsd: debt * unitUsd, threshold };
  });
}
