import { reachLines, sensitivityLines, waterfallLines } from "../../../../keeper/cli/render/haircut.ts";
import { painter } from "../../../../keeper/cli/render/layout.ts";
import { bpsPercent, percent, usd } from "../../../../keeper/domain/format.ts";
import { REACH_BPS } from "../../../../keeper/model/explain/sensitivity.ts";
import type { QuoteReport, QuoteSide } from "../quoteReport.ts";

/** A quote as text of at most 100 columns: the result, both waterfalls, what moves it. */
export function renderQuote(report: QuoteReport): string {
  const { inputs, maintenance, initial, limit } = report;
  return [
    `Initial haircut      ${bpsPercent(report.initialHaircutBps)}   loan-to-value         ${percent(report.loanToValue)}`,
    `Maintenance haircut  ${bpsPercent(report.maintenanceHaircutBps)}   liquidation threshold ${percent(report.liquidationThreshold)}`,
    `Exposure limit       ${usd(limit.usd)}   ${usd(limit.sellableUsd)} sell in ${inputs.liquidationWindowHours} h; a fall of ${percent(limit.fall)} makes ${percent(limit.dueShare)} due`,
    "",
    `Volatility ${percent(inputs.volatility)} a year, long run ${percent(inputs.longRunVolatility)}. ${usd(inputs.depthUsd)} sell at ${percent(report.maxSlippage)} slippage.`,
    "",
    ...side("Maintenance haircut", maintenance, "maintenance"),
    "",
    ...side("Initial haircut", initial, "initial"),
    "",
    "What moves them",
    ...sensitivityLines(report.sensitivities),
    "",
    "What would have to happen",
    ...reachLines(report.reach, REACH_BPS),
  ].join("\n");
}

function side(title: string, { waterfall, haircutBps }: QuoteSide, style: "maintenance" | "initial"): string[] {
  const steps = waterfall.map(({ label, bps, detail }) => ({ label, bps, origin: detail }));
  return [title, ...waterfallLines({ steps, totalBps: haircutBps }, style, painter(false))];
}
