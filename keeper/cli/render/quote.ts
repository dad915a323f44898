import type { QuoteReport, QuoteSide } from "../quote.ts";
import { left, painter, right } from "./layout.ts";
import { bpsPercent, percent, usd } from "./text.ts";
import { waterfallLines } from "./waterfall.ts";

/** A quote as text of at most 100 columns: the result, both waterfalls, what moves it. */
export function renderQuote(report: QuoteReport): string {
  const { inputs, maintenance, initial } = report;
  const { current } = maintenance.terms;
  return [
    `Initial haircut      ${bpsPercent(report.initialHaircutBps)}   loan-to-value         ${percent(report.loanToValue)}`,
    `Maintenance haircut  ${bpsPercent(report.maintenanceHaircutBps)}   liquidation threshold ${percent(report.liquidationThreshold)}`,
    "",
    `Volatility ${percent(inputs.volatility)} a year, long run ${percent(inputs.longRunVolatility)}. To be sold: ${usd(current.sizeUsd)} in slices of`,
    `${usd(current.sliceUsd)} (sellable at ${percent(report.maxSlippage)} slippage), which takes ${current.horizonHours.toFixed(1)} h. Volume ${usd(inputs.dailyVolumeUsd)} a day.`,
    "",
    ...side("Maintenance haircut", maintenance, "maintenance"),
    "",
    ...side("Initial haircut", initial, "initial"),
    "",
    "Change of the haircuts when an input rises by 1 % of itself, in basis points",
    `  ${left("", 24)}${right("maintenance", 14)}${right("initial", 14)}`,
    ...report.sensitivities.map(
      ({ input, maintenanceBpsPerPercent, initialBpsPerPercent }) =>
        `  ${left(input, 24)}${right(signed(maintenanceBpsPerPercent), 14)}${right(signed(initialBpsPerPercent), 14)}`,
    ),
  ].join("\n");
}

function side(title: string, { waterfall, haircutBps }: QuoteSide, style: "maintenance" | "initial"): string[] {
  const steps = waterfall.map(({ label, bps, detail }) => ({ label, bps, origin: detail }));
  return [title, ...waterfallLines({ steps, totalBps: haircutBps }, style, painter(false))];
}

function signed(bps: number): string {
  const text = bps.toFixed(2);
  if (Number(text) === 0) return "0.00";
  return bps > 0 ? `+${text}` : text;
}
