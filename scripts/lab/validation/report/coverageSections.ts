import { percent } from "../../../../keeper/domain/format.ts";
import { intervalChart } from "../../page/charts.ts";
import { count, day, named, pValue } from "../../page/format.ts";
import { type Cell, details, figure, list, paragraph, section, table } from "../../page/html.ts";
import type { AssetStudy, Forecaster } from "../backtest/assetStudy.ts";
import type { Coverage } from "../backtest/coverage.ts";
import { REGIMES } from "../backtest/regime.ts";
import { RUNGS } from "../backtest/rungs.ts";
import type { MultiplierEstimate } from "../studies/ladderMultipliers.ts";

/** Heads of the columns that `coverageCells` fills. */
export const PROMISE_HEADERS = [
  "windows",
  "exceeded",
  "95 % interval",
  "p, all windows",
  "Kupiec",
  "independ.",
  "both",
  "dyn. quantile",
  "Z2 (p)",
  "green / yellow / red",
  "tick loss, bp",
];

/** One row of tests. Medians over the series that do not overlap; "(n)" is the share of series that reject at 5 %. */
export function coverageCells(coverage: Coverage): readonly Cell[] {
  const over = (test: { medianP: number; rejected: number } | null): Cell => {
    if (test === null || coverage.windows === 0) return { text: "-", mark: "quiet" };
    const words = `${pValue(test.medianP)} (${percent(test.rejected, 0)})`;
    return test.medianP < 0.05 ? { text: words, mark: "bad" } : words;
  };
  const { zones, acerbiSzekely } = coverage;
  const blocks = zones.green + zones.yellow + zones.red;
  const tooMany = coverage.rate > coverage.promised && coverage.overlapP < 0.05;
  const short = coverage.windows === 0;
  return [
    count(coverage.windows),
    short ? "-" : tooMany ? { text: percent(coverage.rate, 2), mark: "bad" } : percent(coverage.rate, 2),
    short ? "-" : `${percent(coverage.interval.low, 2)} to ${percent(coverage.interval.high, 2)}`,
    short ? "-" : pValue(coverage.overlapP),
    over(coverage.kupiec),
    over(coverage.independence),
    over(coverage.conditional),
    over(coverage.dynamicQuantile),
    short ? "-" : `${acerbiSzekely.z2.toFixed(2)} (${pValue(acerbiSzekely.medianP)})`,
    blocks === 0
      ? { text: "too short", mark: "quiet" }
      : [zones.green, zones.yellow, zones.red].map((zone) => percent(zone, 0)).join(" / "),
    short ? "-" : (1e4 * coverage.tickLoss).toFixed(1),
  ];
}

const WATCH_HEADERS = [
  ...["haircut", "alarms a year as promised", "most of one series"],
  ...["days to the alarm at volatility x 0.7: median", "ninth decile"],
];

/** The live watch of both haircuts on one asset. */
function watchRows({ asset, watch }: AssetStudy): Cell[][] {
  const days = (value: number) => (Number.isFinite(value) ? value.toFixed(0) : "not in the data");
  return Object.entries(watch).map(([haircut, { alarmsPerYear, mostPerYear, medianDays, slowDays }]) => [
    `${asset}, ${haircut}`,
    ...[alarmsPerYear.toFixed(2), mostPerYear.toFixed(2), days(medianDays), days(slowDays)],
  ]);
}

/** Exceedances of the live ladder and its rivals, by asset, regime, year. */
export function exceedanceSection(assets: readonly AssetStudy[]): string {
  const row = (study: AssetStudy, forecaster: Forecaster) => {
    const found = study.coverage[forecaster];
    return found === undefined ? [] : [[study.asset, ...coverageCells(found)]];
  };
  const charted = assets
    .filter(({ died }) => !died)
    .flatMap((study) => {
      const [own, other] = [study.coverage.ladder, study.coverage["EWMA, Normal"]];
      if (own === undefined) return [];
      return [
        {
          name: study.asset,
          value: own.rate,
          low: own.interval.low,
          high: own.interval.high,
          other: other?.rate ?? Number.NaN,
        },
      ];
    });
  const dead = namesOfDead(assets);
  const promised = assets[0]?.coverage.ladder?.promised ?? 0.01;
  const span = (study: AssetStudy) => `${study.asset} (${study.hours} h, ${day(study.from)} to ${day(study.to)})`;
  return section(
    "exceedances",
    "Did prices fall by more than was allowed for?",
    paragraph(
      `The volatility in use promises that the price falls by more than its ${percent(1 - promised, 0)} quantile in ${percent(promised, 0)} of the windows (${windowsText(assets)}). ` +
        "Windows start every hour. The rate and its interval use all of them, with blocks of ten days and a Newey-West error, because neighbours overlap; every other test is made on the series, one for each hour of a window, whose windows do not overlap, and the median p-value is shown with the share of series that reject at 5 %. Too few exceptions are rejected too: they cost borrowing power.",
    ),
    figure(
      `Share of windows in which the price fell beyond the promised quantile: the live ladder with its 95 % interval, and EWMA with a Normal tail (hollow). Dashed: promised, ${percent(promised, 0)}.${dead.length === 0 ? "" : ` In the table alone: ${dead.join(", ")}.`}`,
      (width) => intervalChart(width, charted, promised, (value) => percent(value, 1)),
    ),
    table(
      ["live ladder", ...PROMISE_HEADERS],
      assets.flatMap((study) => row(study, "ladder")),
    ),
    details(
      "EWMA with a Normal tail, and realised volatility with a t(4) tail, on the same windows",
      table(
        ["EWMA, Normal", ...PROMISE_HEADERS],
        assets.flatMap((study) => row(study, "EWMA, Normal")),
      ) +
        table(
          ["realised 30 d, t(4)", ...PROMISE_HEADERS],
          assets.flatMap((study) => row(study, "realised, t(4)")),
        ),
    ),
    "<h3>By market regime</h3>",
    paragraph(
      "Regime: realised volatility of 30 days over the long run, both as known at the start of the window. Calm below 0.75, stressed above 1.25.",
    ),
    table(
      ["asset, regime", ...PROMISE_HEADERS],
      assets.flatMap((study) =>
        REGIMES.filter((regime) => study.byRegime[regime].windows > 0).map((regime) => [
          `${study.asset}, ${regime}`,
          ...coverageCells(study.byRegime[regime]),
        ]),
      ),
    ),
    details(
      "By year",
      table(
        ["asset, year", ...PROMISE_HEADERS],
        assets.flatMap((study) =>
          Object.entries(study.byYear)
            .filter(([, found]) => found.windows > 0)
            .map(([year, found]) => [`${study.asset}, ${year}`, ...coverageCells(found)]),
        ),
      ),
    ),
    details("Live calibration: what its alarm would have done", table(WATCH_HEADERS, assets.flatMap(watchRows))),
    details("Spans and windows", list(assets.map(span))),
  );
}

/** Length of the windows by collateral. @example "24 h: ETH, BTC; 48 h: LINK" */
export function windowsText(assets: readonly AssetStudy[]): string {
  const groups = Map.groupBy(assets, ({ hours }) => hours);
  return [...groups].map(([hours, own]) => `${hours} h: ${named(own.map(({ asset }) => asset))}`).join("; ");
}

/** Collateral that lost nine tenths within a window. */
function namesOfDead(assets: readonly AssetStudy[]): readonly string[] {
  return assets.filter(({ died }) => died).map(({ asset }) => asset);
}

/** Each rung by itself, and the multipliers that would have been needed. */
export function ladderSection(assets: readonly AssetStudy[], multipliers: readonly MultiplierEstimate[]): string {
  const rows = assets.flatMap((study) =>
    RUNGS.flatMap((rung) => {
      const found = study.coverage[rung];
      return found === undefined ? [] : [[`${study.asset}, ${rung}`, ...coverageCells(found)]];
    }),
  );
  const stood = assets.flatMap((study) =>
    Object.entries(study.byLevel)
      .filter(([, found]) => found.windows > 0)
      .map(([level, found]) => [`${study.asset} on ${level}`, ...coverageCells(found)]),
  );
  const dead = namesOfDead(assets);
  const groups = ["major", "long-tail"].filter((group) => multipliers.some((one) => one.group === group));
  const charts = groups.map((group) => {
    const own = multipliers.filter((one) => one.group === group);
    return figure(
      `Multiplier that would have kept the promise exactly, ${group} collateral, with its 95 % interval; hollow: the one in use. Dashed: 1.`,
      (width) =>
        intervalChart(
          width,
          own.map(({ rung, estimate, interval, inUse }) => ({
            name: rung,
            value: estimate,
            ...interval,
            other: inUse,
          })),
          1,
          (value) => value.toFixed(2),
        ),
    );
  });
  return section(
    "ladder",
    "Every rung of the ladder by itself",
    paragraph(
      "Each rung is judged as if the better ones did not exist. L1 (an options board) has its own part below. L2: the volatility index with log-HAR. L3: the index of a listed underlying, transferred. L4: prices only. L6: governance's fixed number.",
    ),
    ...charts,
    table(
      ["rung, class", "windows", "in use", "needed", "95 % interval"],
      multipliers.map(({ rung, group, windows, inUse, estimate, interval }) => [
        `${rung}, ${group}`,
        count(windows),
        inUse.toFixed(2),
        estimate.toFixed(2),
        `${interval.low.toFixed(2)} to ${interval.high.toFixed(2)}`,
      ]),
      dead.length === 0
        ? undefined
        : `Left out: ${dead.join(", ")}; a coin that loses nine tenths within a window asks for an infinite multiplier`,
    ),
    details("Tests of each rung, asset by asset", table(["asset, rung", ...PROMISE_HEADERS], rows)),
    details("Where the live ladder really was", table(["asset, rung", ...PROMISE_HEADERS], stood)),
  );
}
