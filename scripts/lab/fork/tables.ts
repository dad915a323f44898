import type { ForkReport, RunReport } from "./report.ts";

const RUNS = [
  ["without", "without"],
  ["with", "with"],
] as const satisfies readonly (readonly [keyof ForkReport & ("without" | "with"), string])[];

/** Both runs' rows under one header, the run first. */
function both(
  report: ForkReport,
  header: readonly string[],
  rows: (run: RunReport) => readonly (readonly unknown[])[],
): string {
  const lines = RUNS.flatMap(([name]) => rows(report[name]).map((row) => [name, ...row].map(cell).join(",")));
  return `${[["run", ...header].join(","), ...lines].join("\n")}\n`;
}

function cell(value: unknown): string {
  const text = String(value ?? "");
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** File names of the tables. */
export const FORK_TABLES = [
  "lenders.csv",
  "liquidators.csv",
  "liquidations.csv",
  "timeline.csv",
  "arrivals.csv",
  "checks.csv",
  "transactions.csv",
] as const;

/** Every table as csv, by file name; times in Unix seconds, money in USD, limits in basis points. */
export function csvTables(report: ForkReport): Readonly<Record<(typeof FORK_TABLES)[number], string>> {
  const lenderColumns = Object.keys(report.with.lenders[0] ?? {});
  const liquidationColumns = [
    "time",
    "block",
    "lender",
    "collateral",
    "borrower",
    "liquidator",
    "repaidUsd",
    "seizedTokens",
  ];
  const money = ["seizedUsd", "badDebtUsd", "broughtForward"];
  const arrivalColumns = [
    ...["lender", "sequence", "time", "decidedBlock", "batchBlock", "inForceBlock", "ticks", "seconds"],
  ];
  const transactionColumns = ["block", "time", "hash", "from", "to", "call", "gasUsed", "ok"];
  const limits = Object.keys(report.with.timeline[0]?.thresholdBps ?? {});
  const named = (suffix: string) => limits.map((name) => `${name.replace(" ", "_")}_${suffix}`);
  const timelineColumns = [
    ...[
      "time",
      "board",
      "price_WETH",
      "price_WBTC",
      "feed_WETH",
      "feed_WBTC",
      ...named("threshold_bps"),
      ...named("ltv_bps"),
    ],
    ...["initial_WETH_bps", "initial_WBTC_bps", "liquidated", "left", "crossed"],
  ];
  const pick = (columns: readonly string[]) => (row: object) =>
    columns.map((name) => (row as Readonly<Record<string, unknown>>)[name]);
  return {
    "lenders.csv": both(report, lenderColumns, ({ lenders }) => lenders.map(pick(lenderColumns))),
    "liquidators.csv": both(report, ["liquidator", "earnedUsd"], ({ liquidators }) =>
      liquidators.map(pick(["liquidator", "earnedUsd"])),
    ),
    "liquidations.csv": both(report, [...liquidationColumns, ...money], ({ liquidations }) =>
      liquidations.map(pick([...liquidationColumns, ...money])),
    ),
    "timeline.csv": both(report, timelineColumns, ({ timeline }) =>
      timeline.map((row) => [
        ...[row.time, row.board, row.price.WETH, row.price.WBTC, row.feed.WETH, row.feed.WBTC],
        ...limits.map((name) => row.thresholdBps[name]),
        ...limits.map((name) => row.ltvBps[name]),
        ...[row.initialBps?.WETH, row.initialBps?.WBTC, row.liquidated, row.left, row.crossed],
      ]),
    ),
    "arrivals.csv": both(report, arrivalColumns, ({ arrivals }) => arrivals.map(pick(arrivalColumns))),
    "checks.csv": both(report, ["what", "left", "right", "holds"], ({ checks }) =>
      checks.map(pick(["what", "left", "right", "holds"])),
    ),
    "transactions.csv": both(report, transactionColumns, ({ transactions }) =>
      transactions.map(pick(transactionColumns)),
    ),
  };
}
