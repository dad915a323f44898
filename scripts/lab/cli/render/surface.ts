import { left, WIDTH, wrap } from "../../../../keeper/cli/render/layout.ts";
import { percent } from "../../../../keeper/domain/format.ts";
import type { BoardReport, ExpiryReport, SurfaceReport } from "../surfaceReport.ts";

type Column = readonly [title: string, width: number, cell: (row: ExpiryReport) => string];

const SMILE: readonly Column[] = [
  ["expiry", 10, (row) => row.expiry.slice(0, 10)],
  ["days", 7, (row) => (row.yearsToExpiry * 365).toFixed(2)],
  ["forward", 10, (row) => row.forwardUsd.toFixed(2)],
  ["n", 3, (row) => String(row.points)],
  ["ATM", 7, (row) => percent(row.atmVolatility, 1)],
  ["MFIV", 7, (row) => percent(row.modelFreeVolatility, 1)],
  ["1% VaR", 7, (row) => percent(row.quantile1PercentLoss, 1)],
  ["1% ES", 7, (row) => percent(row.expectedShortfall1PercentLoss, 1)],
  ["rmse", 5, (row) => row.rmseVolPoints.toFixed(2)],
  ["inside", 6, (row) => percent(row.insideSpreadShare, 0)],
  ["g min", 7, (row) => row.butterflyMinimumBefore.toFixed(3)],
  ["arbitrage", 10, arbitrage],
];

const PARAMETERS: readonly Column[] = [
  ["expiry", 10, (row) => row.expiry.slice(0, 10)],
  ["a", 11, (row) => row.svi.a.toFixed(7)],
  ["b", 11, (row) => row.svi.b.toFixed(7)],
  ["rho", 10, (row) => row.svi.rho.toFixed(6)],
  ["m", 10, (row) => row.svi.m.toFixed(6)],
  ["sigma", 10, (row) => row.svi.sigma.toFixed(6)],
];

/** The report as text of at most 100 columns: smiles, parameters, and what was left out, board by board. */
export function renderSurface(report: SurfaceReport): string {
  return report.boards.map(renderBoard).join("\n\n");
}

function renderBoard(board: BoardReport): string {
  const horizons = Object.entries(board.atmVolatilityByDays).map(([days, vol]) => `${days} d ${percent(vol, 1)}`);
  const heading = [
    `${board.currency} options at ${board.eventTime}, index ${board.indexUsd.toFixed(2)} USD, confidence ${board.confidence.toFixed(2)}`,
    `At-the-money volatility a year: ${horizons.join(", ")}`,
    "",
  ];
  if (board.expiries.length === 0) return [...heading, "no expiry could be fitted", ...faults(board)].join("\n");
  return [
    ...heading,
    ...table(SMILE, board.expiries),
    "ATM, MFIV: % a year (MFIV model-free, Cboe). VaR, ES: risk-neutral loss to expiry, % of forward.",
    "rmse: vol points. inside: points between bid and ask. g min < 0: butterfly arbitrage, as fitted.",
    "",
    "SVI  w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)),  k = ln(K/F),  w = volatility^2 x years",
    ...table(PARAMETERS, board.expiries),
    ...faults(board),
  ].join("\n");
}

function table(columns: readonly Column[], rows: readonly ExpiryReport[]): readonly string[] {
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padStart(columns[i]?.[1] ?? 0))
      .join(" ")
      .trimEnd();
  return [line(columns.map(([title]) => title)), ...rows.map((row) => line(columns.map(([, , cell]) => cell(row))))];
}

function arbitrage({ repaired }: ExpiryReport): string {
  return repaired ? "repaired" : "none";
}

function faults(board: BoardReport): readonly string[] {
  if (board.faults.length === 0) return [];
  const lines = board.faults.flatMap(({ code, detail, count }) => {
    const [first = "", ...rest] = wrap(`${count === null ? "" : `${count} x `}${detail}`, WIDTH, 18);
    return [`  ${left(code, 16)}${first.trimStart()}`, ...rest];
  });
  return ["", "Left out or flagged:", ...lines];
}
