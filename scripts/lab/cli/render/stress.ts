import { left, painter, right, WIDTH, wrap } from "../../../../keeper/cli/render/layout.ts";
import { bpsPercent, moment, percent, price, usd } from "../../../../keeper/domain/format.ts";
import { haircutToBpsUp } from "../../../../keeper/domain/numbers.ts";
import type { StressReport } from "../stress.ts";

type Row = StressReport["scenarios"][number];

/** A market under scenarios as text: a table of haircuts, one of causes, one of positions. */
export function renderStress(report: StressReport, colour = false): string {
  const paint = painter(colour);
  const { input, book, scenarios } = report;
  const { onChain } = input;
  const from = report.evidence === null ? "present inputs" : `inputs of evidence ${report.evidence}`;
  return [
    `${paint("heading", input.market.name)}   ${moment(input.now)}   ${price(report.priceUsd)}`,
    ...wrap(from, WIDTH, 0),
    `on chain: initial ${bpsPercent(onChain.initialBps)}, maintenance ${bpsPercent(onChain.maintenanceBps)} towards ${bpsPercent(onChain.maintenanceTargetBps)}, ${onChain.mode}`,
    "",
    paint(
      "heading",
      `${left("", 20)}${right("model says", 21)}${right("contract after 1 h", 21)}${right("after 24 h", 21)}`,
    ),
    `${left("scenario", 20)}${["initial", "maint."]
      .map((word) => right(word, 11))
      .join("")
      .repeat(3)}`,
    ...scenarios.map(haircuts),
    "",
    paint(
      "heading",
      `${left("scenario", 20)}${right("volatility", 11)}${right("ladder", 8)}${right("depth", 13)}  decision`,
    ),
    ...scenarios.flatMap(causes),
    ...(book === null ? [] : ["", ...positions(report, paint)]),
  ].join("\n");
}

function haircuts({ scenario, assessment, outlook }: Row): string {
  const { target } = assessment;
  const cells = [
    percent(target.initial),
    percent(target.maintenance),
    bpsPercent(outlook.afterHour.initialBps),
    bpsPercent(outlook.afterHour.maintenanceBps),
    bpsPercent(outlook.afterDay.initialBps),
    bpsPercent(outlook.afterDay.maintenanceBps),
  ];
  return `${left(scenario, 20)}${cells.map((cell) => right(cell, 11)).join("")}${outlook.renewed ? "" : "  stale"}`;
}

function causes({ scenario, summary, assessment }: Row): readonly string[] {
  const { risk, readings, decision } = assessment;
  const faults = [...readings.faults, ...risk.faults].filter(({ count }) => count === undefined);
  const named = [...new Set(faults.map(({ code, source }) => `${code} ${source}`))].join(", ");
  const head = `${left(scenario, 20)}${right(percent(risk.volatility.used, 1), 11)}${right(risk.volatility.level, 8)}${right(usd(risk.depth.robustUsd), 13)}`;
  return [
    `${head}  ${decision.action} ${decision.reasons.join(", ")}`,
    ...wrap(summary, WIDTH, 4),
    ...(named === "" ? [] : wrap(`faults: ${named}`, WIDTH, 4)),
  ];
}

function positions({ book, scenarios }: StressReport, paint: ReturnType<typeof painter>): readonly string[] {
  if (book === null) return [];
  const debt = book.positions.reduce((sum, { debtUsd }) => sum + debtUsd, 0);
  const cell = ({ positions: count, debtUsd }: { positions: number; debtUsd: number }) =>
    right(`${count} ${usd(debtUsd)}`, 18);
  return [
    paint(
      "heading",
      `Liquidatable of ${book.positions.length} positions with ${usd(debt)} of debt (${book.source}, ${moment(book.time)})`,
    ),
    `${left("scenario", 20)}${["by the price", "after 1 h", "after 24 h", "at the target"].map((word) => right(word, 18)).join("")}`,
    ...scenarios.flatMap(({ scenario, liquidatable: all }) =>
      all === null
        ? []
        : [`${left(scenario, 20)}${[all.byPrice, all.afterHour, all.afterDay, all.atTarget].map(cell).join("")}`],
    ),
  ];
}

/** A market under scenarios as JSON; fields in JSON.md. */
export function stressJson(report: StressReport) {
  const { input, evidence, priceUsd, book, scenarios } = report;
  const { initialBps, maintenanceBps, maintenanceTargetBps, mode } = input.onChain;
  return {
    market: input.market.name,
    time: input.now,
    evidence,
    priceUsd,
    onChain: { initialBps, maintenanceBps, maintenanceTargetBps, mode },
    book:
      book === null
        ? null
        : {
            source: book.source,
            time: book.time,
            positions: book.positions.length,
            collateralUsd: book.positions.reduce((sum, one) => sum + one.collateralUsd, 0),
            debtUsd: book.positions.reduce((sum, one) => sum + one.debtUsd, 0),
          },
    scenarios: scenarios.map(({ scenario, summary, priceFactor, assessment, outlook, liquidatable }) => {
      const { risk, readings, target, decision } = assessment;
      const { action, reasons } = decision;
      return {
        ...{ scenario, summary, priceFactor },
        volatility: risk.volatility.used,
        ladder: risk.volatility.level,
        depthUsd: risk.depth.robustUsd,
        confidence: risk.confidence,
        model: { initialBps: haircutToBpsUp(target.initial), maintenanceBps: haircutToBpsUp(target.maintenance) },
        decision: {
          ...{ action, reasons },
          initialBps: decision.initialBps,
          maintenanceTargetBps: decision.maintenanceTargetBps,
        },
        contract: outlook,
        faults: [...readings.faults, ...risk.faults].map(({ code, source, detail }) => ({ code, source, detail })),
        liquidatable,
      };
    }),
  };
}
