import { left, painter, right, WIDTH, wrap } from "../../../../keeper/cli/render/layout.ts";
import { percent } from "../../../../keeper/domain/format.ts";
import type { AssetStudy } from "../../validation/backtest/assetStudy.ts";
import { METHOD_NAMES, METHODS, type Method } from "../../validation/backtest/methods.ts";
import { isSound } from "../../validation/integrity.ts";
import { winners } from "../../validation/report/winners.ts";
import type { ValidationReport } from "../../validation/runValidation.ts";
import type { Backtest } from "../backtest.ts";

/** A backtest as text: coverage, every rule on the same windows, what a change would do, and whether to believe it. */
export function renderBacktest(result: Backtest, colour = false): string {
  const paint = painter(colour);
  const { report, files } = result;
  const [study] = report.assets;
  const [changed] = report.changed ?? [];
  if (study === undefined) return "no hour of that span can be judged";
  const { harness } = backtestJson(result);
  const day = (time: number) => new Date(time * 1_000).toISOString().slice(0, 10);
  const changes = result.given.length === 0 ? "" : ` with ${result.given.join(", ")}`;
  const parameters = result.market === null ? `default parameters${changes}` : `the parameters of ${result.market}`;
  const { ltv, lt, bonus, by } = result.deployed;
  const verdict = harness.sound
    ? paint("good", "harness sound")
    : paint("bad", "the harness failed its own checks: no number above counts");
  return [
    `${paint("heading", result.asset)}   ${day(study.from)} to ${day(study.to)}   ${study.hours} h windows   ${parameters}`,
    `static: LTV ${percent(ltv)}, LT ${percent(lt)}, bonus ${percent(bonus)} (${by})`,
    ...coverageLines(study),
    "",
    paint(
      "heading",
      `${left("rule", 12)}${["maint.", "initial", "breaches", "bad debt", "equal cost", "largest"].map((word) => right(word, 12)).join("")}`,
    ),
    ...METHOD_NAMES.map((method) => ruleLine(study, method)),
    ...(changed === undefined ? [] : ["", ...changedLines(study, changed)]),
    "",
    `least bad debt at equal cost: ${winners(study, "equalCost").join(", ")}; as deployed: ${winners(study, "asIs").join(", ")}`,
    ...wrap(METHOD_NAMES.map((method) => `${method}: ${METHODS[method]}`).join("; "), WIDTH, 2),
    "",
    `${verdict}: ${harness.recomputed} origins recomputed by the live functions, ${harness.leaks.length} leaks, ` +
      `${harness.canariesCaught} of ${harness.canaries} canaries caught`,
    ...files.map((file) => `wrote ${file}`),
  ].join("\n");
}

function coverageLines(study: AssetStudy): readonly string[] {
  const { ladder } = study.coverage;
  if (ladder === undefined) return [];
  return [
    `forecast tail: ${percent(ladder.rate)} of ${ladder.windows} windows beyond it, promised ${percent(ladder.promised)}; ` +
      `${study.updatesPerDay.toFixed(2)} updates a day`,
  ];
}

function ruleLine({ protection }: AssetStudy, method: Method): string {
  const { meanMaintenance, meanInitial, breachRate, badDebtPerYear, badDebtAtEqualCost, largest } = protection[method];
  const cells = [meanMaintenance, meanInitial, breachRate, badDebtPerYear, badDebtAtEqualCost, largest];
  return `${left(method, 12)}${cells.map((cell) => right(percent(cell), 12)).join("")}`;
}

function changedLines(study: AssetStudy, changed: AssetStudy): readonly string[] {
  return [
    "with the parameters changed:",
    ...(["ours", "onChain"] as const).map((method) => {
      const [before, after] = [study.protection[method], changed.protection[method]];
      const step = (from: number | null, to: number | null) => `${percent(from)} -> ${percent(to)}`;
      return (
        `  ${left(method, 9)} maintenance ${step(before.meanMaintenance, after.meanMaintenance)}, ` +
        `initial ${step(before.meanInitial, after.meanInitial)}, breaches ${step(before.breachRate, after.breachRate)}`
      );
    }),
  ];
}

/** A backtest as JSON; fields in JSON.md. Figures that do not exist are null. */
export function backtestJson({ asset, market, deployed, report, files }: Backtest) {
  const [study] = report.assets;
  const [changed] = report.changed ?? [];
  return {
    asset,
    market,
    deployed,
    result: study === undefined ? null : studyJson(study),
    changed: changed === undefined ? null : studyJson(changed),
    harness: harnessJson(report),
    files,
  };
}

/** One asset walked forward, as JSON. */
export function studyJson(study: AssetStudy) {
  const { ladder } = study.coverage;
  const iso = (time: number) => new Date(time * 1_000).toISOString();
  return {
    from: iso(study.from),
    to: iso(study.to),
    windowHours: study.hours,
    updatesPerDay: study.updatesPerDay,
    coverage: {
      windows: ladder?.windows ?? 0,
      exceptions: ladder?.exceptions ?? 0,
      rate: ladder?.rate ?? null,
      promised: ladder?.promised ?? null,
      p: ladder?.overlapP ?? null,
    },
    rules: METHOD_NAMES.map((rule) => {
      const { windows: _, ...figures } = study.protection[rule];
      return { rule, ...figures };
    }),
    bestAtEqualCost: winners(study, "equalCost"),
  };
}

/** What the harness found when it checked itself, as JSON. */
export function harnessJson({ integrity, speed }: ValidationReport) {
  return {
    sound: isSound(integrity),
    hours: speed.origins,
    recomputed: integrity.recomputed,
    leaks: integrity.leaks,
    canaries: integrity.canaries.length,
    canariesCaught: integrity.canaries.filter(({ caught }) => caught).length,
  };
}
