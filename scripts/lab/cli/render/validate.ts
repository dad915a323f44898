import { percent } from "../../../../keeper/domain/format.ts";
import { points, pValue } from "../../page/format.ts";
import { isSound } from "../../validation/integrity.ts";
import { winners } from "../../validation/report/winners.ts";
import type { ValidationReport } from "../../validation/runValidation.ts";
import type { Validation } from "../validate.ts";
import { harnessJson, studyJson } from "./backtest.ts";

/** A validation on a few lines of a terminal. */
export function renderValidation({ report, files }: Validation): string {
  const trust = isSound(report.integrity)
    ? []
    : ["The harness failed its own checks (see 'Can this report be trusted?'): no number above counts."];
  return [...files.map((file) => `wrote ${file}`), ...summaryLines(report), ...trust].join("\n");
}

/** A validation as JSON; fields in JSON.md. Figures that do not exist are null. */
export function validationJson({ report, files }: Validation) {
  const { assets, changed } = report;
  const study = (one: (typeof assets)[number]) => ({ asset: one.asset, ...studyJson(one) });
  return { assets: assets.map(study), changed: changed?.map(study) ?? null, harness: harnessJson(report), files };
}

function summaryLines(report: ValidationReport): readonly string[] {
  const lines = [
    "",
    `${"asset".padEnd(7)}${"windows".padStart(8)}${"99 % VaR exceeded".padStart(19)}${"p".padStart(7)}${"haircut".padStart(9)}${"breaches".padStart(10)}${"static".padStart(9)}  least bad debt at equal cost`,
  ];
  for (const study of report.assets) {
    const ladder = study.coverage.ladder;
    const { ours, static: deployed } = study.protection;
    if (ladder === undefined) continue;
    lines.push(
      `${study.asset.padEnd(7)}${String(ladder.windows).padStart(8)}${percent(ladder.rate, 2).padStart(19)}` +
        `${pValue(ladder.overlapP).padStart(7)}${percent(ours.meanMaintenance, 1).padStart(9)}` +
        `${percent(ours.breachRate, 2).padStart(10)}${percent(deployed.breachRate, 2).padStart(9)}  ${winnersText(winners(study, "equalCost"))}`,
    );
  }
  for (const changed of report.changed ?? []) {
    const before = report.assets.find(({ asset }) => asset === changed.asset);
    if (before === undefined) continue;
    const [a, b] = [before.protection.ours, changed.protection.ours];
    lines.push(
      `${changed.asset}, changed: maintenance ${percent(a.meanMaintenance, 2)} -> ${percent(b.meanMaintenance, 2)} ` +
        `(${points(b.meanMaintenance - a.meanMaintenance)}), initial ${percent(a.meanInitial ?? 0, 2)} -> ${percent(b.meanInitial ?? 0, 2)}, ` +
        `breaches ${percent(a.breachRate, 3)} -> ${percent(b.breachRate, 3)}, ` +
        `VaR exceeded ${percent(before.coverage.ladder?.rate ?? 0, 2)} -> ${percent(changed.coverage.ladder?.rate ?? 0, 2)}`,
    );
  }
  const { speed, integrity } = report;
  lines.push(
    "",
    `${speed.origins} hours walked in ${(speed.estimating + speed.walking).toFixed(1)} s ` +
      `(estimates ${speed.estimating.toFixed(1)} s, ladder, haircuts, policy and rivals ${speed.walking.toFixed(1)} s), tests ${speed.testing.toFixed(1)} s`,
    `harness ${isSound(integrity) ? "sound" : "NOT SOUND"}: ${integrity.recomputed} origins recomputed by the live functions, ` +
      `${integrity.leaks.length} leaks in ${integrity.cuts} cuts, ${integrity.canaries.filter(({ caught }) => caught).length} of ${integrity.canaries.length} canaries caught`,
  );
  return lines;
}

function winnersText(names: readonly string[]): string {
  return names.length > 3 ? `${names.length} rules tie` : names.join(", ");
}
