import { percent } from "../../../../keeper/domain/format.ts";
import { type Colour, frontierChart, timeChart } from "../../page/charts.ts";
import { named } from "../../page/format.ts";
import { type Cell, details, figure, list, paragraph, section, table } from "../../page/html.ts";
import type { AssetStudy } from "../backtest/assetStudy.ts";
import { METHOD_NAMES, METHODS, type Method } from "../backtest/methods.ts";
import { CONTESTS, type Contest, winners } from "./winners.ts";

/** Short names of the rules. */
export const NAMES: Readonly<Record<Method, string>> = {
  ours: "Tonsor, target",
  onChain: "Tonsor, on chain",
  static: "static, as deployed",
  ewmaNormal: "EWMA-normal VaR",
  realised: "realised volatility",
  smartLtv: "SmartLTV",
  aloe: "Aloe IV-LTV",
};

const COLOURS: Readonly<Record<Method, Colour>> = {
  ours: "ours",
  onChain: "chain",
  static: "static",
  ewmaNormal: "other",
  realised: "other",
  smartLtv: "other",
  aloe: "other",
};

const bp = (value: number) => (1e4 * value).toFixed(value > 0.01 ? 0 : 1);

/** What each rule protected from, what it cost, and who wins where. */
export function protectionSection(assets: readonly AssetStudy[]): string {
  const living = assets.filter(({ died }) => !died);
  return section(
    "rivals",
    "Against other rules, on the same windows",
    paragraph(
      "An account stands exactly at its liquidation threshold and is sold at the end of the window. A breach: the price then is below what the maintenance haircut and the bonus leave. Bad debt: the part of the collateral's value that is missing, summed over a year as if such an account were renewed after each window; a worst case for comparing rules, not a forecast. Cost: the mean haircut, which is borrowing power that nobody can use. At equal cost: every rule is scaled, with hindsight, to the mean allowance of ours, so that only its timing counts.",
    ),
    list(METHOD_NAMES.map((method) => `${NAMES[method]}: ${METHODS[method]}`)),
    ...living.slice(0, 2).map((study) =>
      figure(
        `${study.asset}: mean maintenance haircut against bad debt a year (root scale). Further left is cheaper, further down is safer.`,
        (width) =>
          frontierChart(
            width,
            METHOD_NAMES.map((method) => ({
              name: NAMES[method],
              colour: COLOURS[method],
              x: study.protection[method].meanMaintenance,
              y: study.protection[method].badDebtPerYear,
            })),
            { x: "mean maintenance haircut", y: "bad debt a year, bp of collateral at the threshold" },
            { x: (value) => percent(value, 0), y: bp },
          ),
      ),
    ),
    ...living.slice(0, 2).map((study) => rivalTable(study)),
    details(
      "Every other collateral",
      assets
        .filter((study) => !living.slice(0, 2).includes(study))
        .map(rivalTable)
        .join("\n"),
    ),
    "<h3>Who wins where</h3>",
    winnersTable(assets),
  );
}

function rivalTable(study: AssetStudy): string {
  const rows = METHOD_NAMES.map((method): readonly Cell[] => {
    const score = study.protection[method];
    return [
      NAMES[method],
      score.breachRate > 0.01 ? { text: percent(score.breachRate, 2), mark: "bad" } : percent(score.breachRate, 2),
      percent(score.worstBreachRate, 2),
      bp(score.badDebtPerYear),
      percent(score.largest, 1),
      bp(score.badDebtAtEqualCost),
      percent(score.meanMaintenance, 1),
      score.meanInitial === null ? { text: "-", mark: "quiet" } : percent(score.meanInitial, 1),
    ];
  });
  return table(
    [
      study.asset,
      "breaches",
      "at the lowest price",
      "bad debt / year, bp",
      "largest loss",
      "at equal cost, bp",
      "mean maintenance",
      "mean initial",
    ],
    rows,
  );
}

function winnersTable(assets: readonly AssetStudy[]): string {
  const contests = Object.keys(CONTESTS) as Contest[];
  const rows = assets.map((study) => [
    study.asset,
    ...contests.map((contest): Cell => {
      const first = winners(study, contest);
      if (first.length > 3) return { text: `${first.length} rules tie`, mark: "quiet" };
      const text = first.map((method) => NAMES[method]).join(", ");
      return first.some((method) => method === "ours" || method === "onChain") ? { text, mark: "good" } : text;
    }),
  ]);
  return table(["asset", ...contests.map((contest) => CONTESTS[contest])], rows);
}

function roomText(assets: readonly AssetStudy[]): string {
  const rooms = assets.map(({ protection }) => {
    return 100 * ((protection.static.meanInitial ?? 0) - protection.static.meanMaintenance);
  });
  const [least, most] = [Math.min(...rooms), Math.max(...rooms)].map((room) => room.toFixed(1));
  return least === most ? `${least} points` : `${least} to ${most} points`;
}

function speedText(assets: readonly AssetStudy[]): string {
  const groups = Map.groupBy(assets, ({ market }) => market.limits.tightenSpeedBpsPer30Days);
  return [...groups]
    .map(([speed, own]) => `${speed} bp in 30 days: ${named(own.map(({ asset }) => asset))}`)
    .join("; ");
}

/** Haircuts over the years, and how far they moved. */
export function movesSection(assets: readonly AssetStudy[]): string {
  const charts = assets.slice(0, 2).map((study) =>
    figure(
      `${study.asset}: maintenance haircut each week, and the worst fall over ${study.hours} h that followed an hour of that week.`,
      (width) =>
        timeChart(
          width,
          study.path.map((point) => point.time),
          [
            { name: NAMES.ours, colour: "ours", values: study.path.map((point) => point.ours) },
            { name: NAMES.onChain, colour: "chain", values: study.path.map((point) => point.onChain) },
            { name: NAMES.static, colour: "static", values: study.path.map((point) => point.static), dashed: true },
          ],
          { name: "worst fall that followed", values: study.path.map((point) => point.worstFall) },
        ),
    ),
  );
  const rows = (study: AssetStudy) =>
    METHOD_NAMES.map((method): readonly Cell[] => {
      const moves = study.maintenanceMoves[method];
      const initial = study.initialMoves[method];
      const sharp = moves.rise1d > 0.03;
      return [
        `${study.asset}, ${NAMES[method]}`,
        percent(moves.trough, 1),
        percent(moves.peak, 1),
        sharp ? { text: percent(moves.rise1d, 1), mark: "bad" } : percent(moves.rise1d, 1),
        percent(moves.rise5d, 1),
        percent(moves.rise30d, 1),
        initial === undefined ? { text: "-", mark: "quiet" } : percent(initial.rise1d, 1),
        initial === undefined ? { text: "-", mark: "quiet" } : percent(initial.rise30d, 1),
      ];
    });
  const headers = [
    "asset, rule",
    "lowest",
    "highest",
    "rise 1 day",
    "5 days",
    "30 days",
    "initial, 1 day",
    "initial, 30 days",
  ];
  return section(
    "procyclicality",
    "How much it moved",
    paragraph(
      `A haircut that jumps liquidates by itself: borrowers at the limit of the deployed parameters have ${roomText(assets)} of room. Marked: maintenance rose by more than three points within a day. The target may jump; what stands on chain follows at its class's speed (${speedText(assets)}). Rises are in points of value.`,
    ),
    ...charts,
    table(headers, assets.slice(0, 2).flatMap(rows)),
    details("Every other collateral", table(headers, assets.slice(2).flatMap(rows))),
    table(
      ["asset", "hours in which the exposure limit is below the supply cap", "transactions a day"],
      assets.map((study) => [study.asset, percent(study.limited, 1), study.updatesPerDay.toFixed(1)]),
    ),
  );
}
