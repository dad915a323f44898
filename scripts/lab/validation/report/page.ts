import { percent } from "../../../../keeper/domain/format.ts";
import { count, day, escaped, named, points } from "../../page/format.ts";
import { type Cell, list, paragraph, section, table } from "../../page/html.ts";
import { STYLE } from "../../page/style.ts";
import type { AssetStudy } from "../backtest/assetStudy.ts";
import { METHOD_NAMES } from "../backtest/methods.ts";
import { isSound } from "../integrity.ts";
import type { ValidationReport } from "../runValidation.ts";
import { coverageCells, exceedanceSection, ladderSection, PROMISE_HEADERS, windowsText } from "./coverageSections.ts";
import { positionSection } from "./positionSection.ts";
import { movesSection, NAMES, protectionSection } from "./protectionSections.ts";
import { boardSection, estimateSection, pairSection, peggedSection } from "./studySections.ts";
import { winners } from "./winners.ts";

/** When and where the report was made, and what was changed for it. */
type Made = {
  readonly at: string;
  readonly machine: string;
  readonly node: string;
  readonly changes: readonly string[];
};

/** The whole report as one HTML page that needs nothing else. */
export function reportPage(report: ValidationReport, made: Made): string {
  const { studies } = report;
  const parts: (readonly [id: string, title: string, html: string])[] = [
    ...(report.changed === null
      ? []
      : [["changed", "What the change does", changeSection(report.assets, report.changed, made.changes)] as const]),
    ["trust", "Can this report be trusted?", trustSection(report)],
    ["markets", "Markets", marketSection(report.assets)],
    ["exceedances", "Exceedances", exceedanceSection(report.assets)],
    ["ladder", "Ladder", ladderSection(report.assets, report.multipliers)],
    ["rivals", "Other rules", protectionSection(report.assets)],
    ["procyclicality", "Movement", movesSection(report.assets)],
    ...(studies === null
      ? []
      : ([
          ["judgement", "Judgement", estimateSection(studies)],
          ["pegged", "Pegged", peggedSection(studies.pegged)],
          ["positions", "Positions", positionSection(studies.positions)],
          ["pairs", "Pairs", pairSection(studies.pairs)],
          ["boards", "Options", boardSection(studies)],
        ] as const)),
    ["method", "Method", methodSection(report.assets)],
  ];
  const nav = parts.map(([id, title]) => `<a href="#${id}">${escaped(title)}</a>`).join("");
  const windows = report.assets.reduce((sum, study) => sum + (study.coverage.ladder?.windows ?? 0), 0);
  const from = Math.min(...report.assets.map((study) => study.from));
  const to = Math.max(...report.assets.map((study) => study.to));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tonsor: validation</title><style>${STYLE}</style></head><body>
<header><h1>Tonsor: validation of the risk model</h1>
<p>${report.assets.length} collaterals, ${day(from)} to ${day(to)}, ${count(windows)} windows, each judged by what was known when it began.</p>
<nav>${nav}</nav></header><main>
${headline(report)}
${parts.map(([, , html]) => html).join("\n")}
</main><footer><p>Made ${escaped(made.at)} with Node ${escaped(made.node)} on ${escaped(made.machine)}: ${speedText(report)}. Market data: recordings of third parties, see PROVENANCE beside them.</p></footer>
</body></html>
`;
}

function speedText({ speed }: ValidationReport): string {
  const walking = speed.estimating + speed.walking;
  return `${count(speed.origins)} hours walked in ${walking.toFixed(1)} s (${((1e6 * walking) / Math.max(1, speed.origins)).toFixed(0)} microseconds each), tests ${speed.testing.toFixed(1)} s`;
}

/** The findings in a few lines, good and bad, computed from the numbers below. */
function headline(report: ValidationReport): string {
  const living = report.assets.filter(({ died }) => !died);
  const within = living.filter(
    ({ coverage: { ladder } }) => ladder !== undefined && !(ladder.rate > ladder.promised && ladder.overlapP < 0.05),
  );
  const tooFew = living.filter(
    ({ coverage: { ladder } }) => ladder !== undefined && ladder.rate < ladder.promised && ladder.overlapP < 0.05,
  );
  const better = living.filter(({ protection }) => protection.ours.badDebtPerYear < protection.static.badDebtPerYear);
  const equal = living.filter(({ protection }) => protection.ours.badDebtPerYear === protection.static.badDebtPerYear);
  const beaten = report.assets.filter((study) => !winners(study, "equalCost").includes("ours"));
  const dearer = living.filter(({ protection }) => protection.ours.meanMaintenance > protection.static.meanMaintenance);
  const steepest = Math.max(...living.map((study) => study.maintenanceMoves.ours.rise1d));
  const chain = Math.max(...living.map((study) => study.maintenanceMoves.onChain.rise1d));
  const dead = report.assets.filter(({ died }) => died);
  const names = (studies: readonly AssetStudy[]) => named(studies.map(({ asset }) => asset));
  return section(
    "findings",
    "Findings",
    list([
      `Too many exceptions: ${names(living.filter((study) => !within.includes(study)))}. ${within.length} of ${living.length} living collaterals keep the promise of the 99 % quantile.`,
      `Too few: ${names(tooFew)}. There the model is more careful than it promises, at the borrowers' cost.`,
      `Less bad debt than the deployed static parameters: ${names(better)}. As much: ${names(equal)}. More: ${names(living.filter((study) => !better.includes(study) && !equal.includes(study)))}. It costs a higher mean maintenance haircut on ${dearer.length} of ${living.length}.`,
      `At equal cost, where only timing counts, another rule leaves less bad debt than ours: ${
        beaten.length === 0
          ? "nowhere"
          : beaten
              .map(
                (study) =>
                  `${study.asset} (${winners(study, "equalCost")
                    .map((method) => NAMES[method])
                    .join(", ")})`,
              )
              .join("; ")
      }.`,
      `The target alone can jump: up to ${(100 * steepest).toFixed(0)} points within a day. On chain the ramp let maintenance rise by at most ${(100 * chain).toFixed(1)} points a day.`,
      ...dead.map(({ asset, protection }) => {
        const least = Math.min(...METHOD_NAMES.map((method) => protection[method].breachRate));
        return `${asset} lost nine tenths within a window and is left out above, equal cost apart: ${percent(protection.ours.breachRate, 1)} of the windows breached under ours, ${percent(protection.static.breachRate, 1)} under the static parameters, ${percent(least, 1)} under the rule with the fewest.`;
      }),
      'Where other rules win is in the table "Who wins where".',
    ]),
  );
}

/** Default and changed side by side. */
function changeSection(
  before: readonly AssetStudy[],
  after: readonly AssetStudy[],
  changes: readonly string[],
): string {
  const rows = after.flatMap((changed): (readonly Cell[])[] => {
    const study = before.find(({ asset }) => asset === changed.asset);
    if (study === undefined) return [];
    const [a, b] = [study.protection.ours, changed.protection.ours];
    const pair = (x: number, y: number, digits: number) => `${percent(x, digits)} -> ${percent(y, digits)}`;
    return [
      [
        changed.asset,
        pair(a.meanMaintenance, b.meanMaintenance, 2),
        points(b.meanMaintenance - a.meanMaintenance),
        pair(a.meanInitial ?? 0, b.meanInitial ?? 0, 2),
        points((b.meanInitial ?? 0) - (a.meanInitial ?? 0)),
        pair(a.breachRate, b.breachRate, 3),
        `${(1e4 * a.badDebtPerYear).toFixed(1)} -> ${(1e4 * b.badDebtPerYear).toFixed(1)}`,
        pair(study.maintenanceMoves.ours.rise30d, changed.maintenanceMoves.ours.rise30d, 1),
        pair(study.limited, changed.limited, 1),
      ],
    ];
  });
  const tests = after.flatMap((changed) => {
    const study = before.find(({ asset }) => asset === changed.asset);
    if (study?.coverage.ladder === undefined || changed.coverage.ladder === undefined) return [];
    return [
      [`${changed.asset}, default`, ...coverageCells(study.coverage.ladder)],
      [`${changed.asset}, changed`, ...coverageCells(changed.coverage.ladder)],
    ];
  });
  return section(
    "changed",
    `What ${changes.join(", ")} does`,
    table(
      [
        "asset, default -> changed",
        "mean maintenance",
        "",
        "mean initial",
        "",
        "breaches",
        "bad debt / year, bp",
        "rise 30 days",
        "hours limited",
      ],
      rows,
    ),
    table(["", ...PROMISE_HEADERS], tests),
    ...(rows.length > 0 && unmoved(before, after)
      ? [
          paragraph(
            "No haircut moved: nothing in these proportions depends on this parameter; those of depth move the exposure limit alone. With --assume depthOverCap=0.01 a thin market is judged, before and after alike.",
          ),
        ]
      : []),
    paragraph("Everything below is with the defaults."),
  );
}

/** True when the change left every mean haircut where it was. */
function unmoved(before: readonly AssetStudy[], after: readonly AssetStudy[]): boolean {
  return after.every((changed) => {
    const study = before.find(({ asset }) => asset === changed.asset);
    const [a, b] = [study?.protection.ours, changed.protection.ours];
    return a !== undefined && a.meanMaintenance === b.meanMaintenance && a.meanInitial === b.meanInitial;
  });
}

function trustSection(report: ValidationReport): string {
  const { integrity } = report;
  const verdict = isSound(integrity)
    ? "Yes, as far as the harness can check itself."
    : "No: the harness failed a check. No number on this page counts.";
  return section(
    "trust",
    "Can this report be trusted?",
    `<p class="${isSound(integrity) ? "good" : "bad"}"><strong>${verdict}</strong></p>`,
    list([
      "What is simulated is what runs: the ladder (poolVolatility), haircut, target, policy (propose, decide) and the contract's rules (applyUpdate) are the live functions. Estimates from candles are made in one pass for speed.",
      `${integrity.recomputed} moments were recomputed by the live historyVolatility and historicalTail: largest relative difference ${integrity.largestDifference.toExponential(1)}.`,
      `Look-ahead: all prices and indices after a moment were replaced by others, ${integrity.cuts} times; ${integrity.leaks.length} numbers said before that moment changed.`,
      ...integrity.leaks.map((leak) => `LEAK: ${leak}`),
      ...integrity.canaries.map(
        ({ sin, caught }) => `Canary: an estimator that ${sin} was ${caught ? "caught" : "NOT CAUGHT"}.`,
      ),
      report.withheld.length === 0
        ? "The data withholds no span."
        : `Spans that the data withholds are never bridged, no window reaches into one, and what happened in them is not in here: ${report.withheld.map(([from, to]) => `${day(from)} to ${Number.isFinite(to ?? Number.NaN) ? day(to - 1) : "the end"}`).join(", ")}.`,
    ]),
  );
}

function deployedText(assets: readonly AssetStudy[]): string {
  const groups = Map.groupBy(assets, ({ market }) => market.deployedBy);
  return [...groups].map(([by, own]) => `${by}: ${named(own.map(({ asset }) => asset))}.`).join(" ");
}

/** What each collateral was judged as: its class's bounds and speed, its bonus, and the size of its market. */
function marketSection(assets: readonly AssetStudy[]): string {
  const range = (values: readonly number[], digits: number) => values.map((one) => one.toFixed(digits)).join(" / ");
  const from = (size: AssetStudy["market"]["size"]) => {
    return named(assets.filter(({ market }) => market.size === size).map(({ asset }) => asset));
  };
  const books = assets.filter(({ market }) => (market.book ?? null) !== null);
  return section(
    "markets",
    "What each market was judged as",
    paragraph(
      `Depth and volume as recorded: ${from("recorded")}; from files of one's own: ${from("given")}; constant, in the proportions assumed: ${from("assumed")}.`,
    ),
    paragraph(
      `As recorded: the supply cap, which nobody recorded, is taken to grow with the market; it is the usual daily volume of the year before (its median) over the proportion assumed, and all is given in units of it. Depth is that of an order book where one was recorded: ${named(books.map(({ asset }) => asset))}. It is of one exchange and reaches about 1 % below mid; below that the shape of a constant-product pool is assumed. At all other hours depth follows volume, in the proportion assumed.`,
    ),
    table(
      [
        "asset",
        "window",
        "bonus",
        "maintenance bounds",
        "initial bounds",
        "rise / 30 days, bp",
        "stress volatility",
        "book recorded",
        "depth / cap: 5 %, median, 95 %",
        "daily volume / cap: 5 %, median, 95 %",
      ],
      assets.map(({ asset, hours, bonus, market: { limits, book, ...facts } }) => [
        asset,
        `${hours} h`,
        percent(bonus, 1),
        `${percent(limits.minMaintenanceBps / 10_000, 1)} to ${percent(limits.maxMaintenanceBps / 10_000, 1)}`,
        `${percent(limits.minInitialBps / 10_000, 1)} to ${percent(limits.maxInitialBps / 10_000, 1)}`,
        String(limits.tightenSpeedBpsPer30Days),
        percent(facts.stressVolatility, 0),
        book == null ? { text: "-", mark: "quiet" } : `${day(book.from)} to ${day(book.to)}`,
        range(facts.depthOverCap, 3),
        range(facts.volumeOverCap, 2),
      ]),
    ),
  );
}

function methodSection(assets: readonly AssetStudy[]): string {
  return section(
    "method",
    "Method and its limits",
    list([
      `Origins: every full hour at which a candle closed, from 90 days after the first candle. Outcome: the price at the end of the window (${windowsText(assets)}), by the last candle closed within two hours of that; the lowest price in between is counted separately.`,
      "Purging: an estimate uses days that were over at the origin; no training target reaches beyond it. Windows never share an outcome within a series.",
      "Tests: Kupiec (1995), Christoffersen (1998), Basel traffic light (1996) over blocks of 250 windows, Acerbi-Szekely's second test (2014) with simulated critical values of the forecast's own law, Engle-Manganelli's dynamic quantile (2004) with four lags, Newey-West (1987), circular block bootstrap (Politis-Romano 1992).",
      "Many tests are made, so some reject by chance: 5 % of them if every promise were kept. The series of one asset share their days and are not independent; a median p-value is a summary, not a test of its own.",
      "Index: DVOL's last close; where only daily closes were recorded it is up to a day old, where the live keeper trusts one for two hours. L3 uses the 30-day index of the underlying in place of its surface.",
      `Deployed parameters are held over all years; a lender would have changed them. ${deployedText(assets)}`,
      `Assets and spans are those that somebody recorded, and most coins that died early were not. Of those that lost nine tenths within a window, here are: ${named(assets.filter(({ died }) => died).map(({ asset }) => asset))}. That flatters every rule.`,
    ]),
  );
}
