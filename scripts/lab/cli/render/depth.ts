import { percent } from "../../../../keeper/domain/format.ts";
import type { DepthReport, SaleReport } from "../depthReport.ts";

type Column = readonly [title: string, width: number, cell: (row: SaleReport) => string];

/** The report as text of at most 100 columns. */
export function renderDepth({ pool, base, quote, midPriceQuotePerBase, sales, capacities }: DepthReport): string {
  const perBase = `${quote.symbol} per ${base.symbol}`;
  const columns: readonly Column[] = [
    [`sell ${base.symbol}`, 14, (row) => row.sizeBase],
    [`receive ${quote.symbol}`, 18, (row) => significant(row.receivedQuote)],
    ["average price", 14, (row) => significant(row.averagePriceQuotePerBase)],
    ["slippage", 9, (row) => percent(row.slippageFraction, 3)],
    ["impact", 9, (row) => percent(row.priceImpactFraction, 3)],
    ["next price", 14, (row) => significant(row.marginalPriceAfterQuotePerBase)],
    ["ticks", 6, (row) => String(row.ticksCrossed)],
  ];
  const drained = sales.filter((row) => !row.complete).map((row) => row.sizeBase);
  return [
    `${pool.name}  ${pool.address}${pool.blockNumber === "0" ? "" : `, block ${pool.blockNumber}`}`,
    `mid price ${significant(midPriceQuotePerBase)} ${perBase}, fee ${percent(pool.feeFraction, 3)}, ${pool.initialisedTicks} initialised ticks`,
    "",
    line(columns.map(([title, width]) => title.padStart(width))),
    ...sales.map((row) => line(columns.map(([, width, cell]) => cell(row).padStart(width)))),
    ...(drained.length === 0
      ? []
      : [`The pool cannot take all of: ${drained.join(", ")}. What is not taken returns nothing.`]),
    "",
    `prices: ${perBase}. slippage: shortfall of the whole sale against the mid price, fee included.`,
    "impact: fall of the mid price through the sale. next price: for the next unit, fee deducted.",
    "",
    `Largest sale within a slippage, fee included:`,
    ...capacities.map(
      ({ maxSlippageFraction, capacityBase }) =>
        `${percent(maxSlippageFraction, 1).padStart(14)} ${significant(capacityBase).padStart(18)} ${base.symbol}`,
    ),
    ...residueNote(pool),
  ].join("\n");
}

function residueNote(pool: DepthReport["pool"]): string[] {
  if (pool.residueLowestRaw === "0" && pool.residueHighestRaw === "0") return [];
  return [
    "",
    "The file holds rounded liquidity. So that it adds up, the lowest and the highest tick were changed by",
    `${pool.residueLowestRaw} and ${pool.residueHighestRaw} (raw units); sales are exact for the pool so completed.`,
  ];
}

function line(cells: readonly string[]): string {
  return cells.join(" ").trimEnd();
}

/** Eight significant digits, without an exponent in the range of prices and amounts. */
function significant(value: number): string {
  if (value === 0) return "0";
  const digits = Math.min(12, Math.max(0, 7 - Math.floor(Math.log10(Math.abs(value)))));
  return value.toFixed(digits);
}
