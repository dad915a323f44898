import { percent } from "../../../../keeper/domain/format.ts";
import { timeChart } from "../../page/charts.ts";
import { count, day, pValue } from "../../page/format.ts";
import { type Cell, details, figure, paragraph, section, table } from "../../page/html.ts";
import type { BoardStudy } from "../studies/optionBoards.ts";
import { PAIR_RULES, type PairRule, type PairStudy } from "../studies/pairs.ts";
import { PEGGED_RULES, type PeggedRule, type PeggedStudy } from "../studies/pegged.ts";
import type { SideStudies } from "../studies/sideStudies.ts";
import { coverageCells, PROMISE_HEADERS } from "./coverageSections.ts";

const PAIR_NAMES = Object.keys(PAIR_RULES) as PairRule[];
const PEG_NAMES = Object.keys(PEGGED_RULES) as PeggedRule[];

/** Staked ether in 2022 and the dollar coin in 2023. */
export function peggedSection(studies: readonly PeggedStudy[]): string {
  const parts = studies.map((study) => {
    const shown = study.points.filter((_, n) => n % Math.max(1, Math.floor(study.points.length / 900)) === 0);
    const rows = PEG_NAMES.map((rule): readonly Cell[] => {
      const { count: breaches, largest, mean } = study.breaches[rule];
      const text = count(breaches);
      return [
        `${study.name}, ${rule === "deployed" ? study.deployed.by : PEGGED_RULES[rule]}`,
        percent(mean, 1),
        breaches > 0 ? { text, mark: "bad" } : text,
        percent(largest, 1),
      ];
    });
    const closed = study.closedFirst;
    return [
      `<h3>${study.name}</h3>`,
      figure(`${study.name}: discount to what it is a claim on, and both haircuts.`, (width) =>
        timeChart(
          width,
          shown.map((point) => point.time),
          [
            { name: "initial", colour: "ours", values: shown.map((point) => point.initial) },
            { name: "maintenance", colour: "plain", values: shown.map((point) => point.maintenance) },
            { name: "discount", colour: "fall", values: shown.map((point) => point.discount) },
          ],
          null,
        ),
      ),
      table(["rule", "mean haircut", `breaches of ${count(study.windows)} windows`, "largest loss beyond"], rows),
      paragraph(
        `${day(study.from)} to ${day(study.to)}. ${leastBreaches(study)} Largest discount ${percent(study.largestDiscount, 1)}. ` +
          (closed === null
            ? "The bonus bridged it throughout."
            : `The bonus did not bridge it first on ${day(closed)}: closed to new risk, for ${count(study.closedHours)} hours.`),
      ),
      details("The two days around the largest discount, hour by hour", hoursAround(study)),
    ].join("\n");
  });
  return section(
    "pegged",
    "Pegged and staked collateral",
    paragraph(
      "A claim is judged by the live model: the haircut of what it is a claim on and, as one factor more, the larger of the depeg that is stated and of the tails of the price ratio. Today's discount moves initial alone, which is closed to new risk where the bonus does not bridge it. Breaches are counted for a lender that values the token at its claim. Staked coins that keep their rewards (WBETH, cbETH, rETH) are judged against the highest trailing median of 30 days, for their own rate was not recorded: a discount that was there from the first day is not seen, and wstETH is stETH at a rate. Composite prices of a claim and of what it is a claim on may have been taken up to half an hour apart: of their ratio the median of five hours counts.",
    ),
    ...parts,
  );
}

/** Which rules were breached least, and at which mean haircut. */
function leastBreaches({ breaches, deployed }: PeggedStudy): string {
  const least = Math.min(...PEG_NAMES.map((rule) => breaches[rule].count));
  const rules = PEG_NAMES.filter((rule) => breaches[rule].count === least).map((rule) => {
    return `${rule === "deployed" ? deployed.by : PEGGED_RULES[rule]} (mean haircut ${percent(breaches[rule].mean, 1)})`;
  });
  return `Fewest breaches, ${count(least)}: ${rules.join("; ")}.`;
}

function hoursAround(study: PeggedStudy): string {
  const worst = study.points.reduce(
    (most, point, n) => (point.discount > (study.points[most]?.discount ?? 0) ? n : most),
    0,
  );
  const rows = study.points
    .slice(Math.max(0, worst - 30), worst + 18)
    .filter((_, n) => n % 2 === 0)
    .map((point) => [
      new Date(point.time * 1000).toISOString().slice(0, 16),
      percent(point.discount, 2),
      percent(point.maintenance, 2),
      percent(point.initial, 2),
      percent(point.onChain, 2),
      point.fall === null ? "-" : percent(point.fall, 2),
    ]);
  return table(["UTC", "discount", "maintenance", "initial", "initial on chain", "fall in the 24 h after"], rows);
}

/** Collateral against another coin. */
export function pairSection(pairs: readonly PairStudy[]): string {
  const rows = (pick: (pair: PairStudy) => PairStudy["coverage"]) =>
    pairs.flatMap((pair) =>
      PAIR_NAMES.map((rule) => [
        `${pair.pair}, ${rule}`,
        percent(pair.meanVolatility[rule], 0),
        ...coverageCells(pick(pair)[rule]),
      ]),
    );
  return section(
    "pairs",
    "Collateral against another coin",
    paragraph(
      `A debt in another coin is exposed to the ratio of two prices. Three ways to its volatility: ${PAIR_NAMES.map((rule) => `${rule}: ${PAIR_RULES[rule]}`).join("; ")}. Correlation breaks: the last 30 days' correlation at least 0.2 below that of 180 days.`,
    ),
    table(
      ["pair, rule", "mean volatility", ...PROMISE_HEADERS],
      rows((pair) => pair.coverage),
    ),
    details(
      "Within correlation breaks",
      table(
        ["pair, rule", "mean volatility", ...PROMISE_HEADERS],
        rows((pair) => pair.inBreaks),
      ) +
        table(
          ["pair", "share of hours in a break"],
          pairs.map((pair) => [pair.pair, percent(pair.breakShare, 1)]),
        ),
    ),
  );
}

/** The top rung on recorded options boards, and how well the boards are fitted. */
export function boardSection(studies: SideStudies): string {
  const { surfaces } = studies;
  const mean = (study: BoardStudy, pick: (point: BoardStudy["points"][number]) => number) =>
    study.points.reduce((sum, point) => sum + pick(point), 0) / Math.max(1, study.points.length);
  return section(
    "boards",
    "With an options board: rung L1",
    paragraph(
      'The live measureRisk and target on every recorded Deribit board, and the 24 h that followed. So few windows can show a gross error, no fine one. "Without": the same moments with the board taken away (rung L4).',
    ),
    table(
      ["currency, rung", ...PROMISE_HEADERS],
      studies.boards.flatMap((study) => [
        [`${study.currency}, L1`, ...coverageCells(study.coverage)],
        [`${study.currency}, without`, ...coverageCells(study.coverageWithout)],
      ]),
    ),
    table(
      [
        "currency",
        "boards",
        "windows apart",
        "fall beyond the whole loss",
        "mean volatility L1",
        "without",
        "mean maintenance",
        "mean initial",
        "risk-neutral tail set the loss",
      ],
      studies.boards.map((study) => [
        study.currency,
        count(study.boards),
        count(study.apart),
        count(study.beyondLoss),
        percent(
          mean(study, (point) => point.used),
          0,
        ),
        percent(
          mean(study, (point) => point.usedWithout),
          0,
        ),
        percent(
          mean(study, (point) => point.maintenance),
          1,
        ),
        percent(
          mean(study, (point) => point.initial),
          1,
        ),
        percent(
          mean(study, (point) => (point.lossBinding === "riskNeutral" ? 1 : 0)),
          0,
        ),
      ]),
    ),
    ...(surfaces === null ? [] : surfaceTables(surfaces)),
  );
}

/** The fitted surfaces of the boards. */
function surfaceTables(surfaces: NonNullable<SideStudies["surfaces"]>): readonly string[] {
  return [
    "<h3>The surfaces themselves</h3>",
    table(
      ["figure", "value"],
      [
        ["moments, boards, expiries", `${surfaces.moments}, ${surfaces.boards}, ${count(surfaces.slices)}`],
        [
          "fit error, volatility points: median, 99 %, largest",
          [surfaces.fitError.median, surfaces.fitError.p99, surfaces.fitError.largest]
            .map((value) => value?.toFixed(2) ?? "-")
            .join(", "),
        ],
        ["quotes met within bid and ask", percent(surfaces.insideSpreadShare, 1)],
        [
          "expiries with butterfly arbitrage as fitted, and as used",
          `${surfaces.arbitrage.butterflyBefore}, ${surfaces.arbitrage.butterflyAfter}`,
        ],
        ["calendar crossings", String(surfaces.arbitrage.calendarCrossings)],
        ["boards without any fitted expiry", String(surfaces.boardsWithoutSlice)],
      ],
    ),
    details(
      "All figures of the surfaces, as data",
      `<pre>${JSON.stringify(surfaces.byCurrency, null, 1).replaceAll("<", "&lt;")}</pre>`,
    ),
  ];
}

/** Parameters that were judgement, held against the data. */
export function estimateSection(studies: SideStudies): string {
  return section(
    "judgement",
    "Numbers that were judgement",
    "<h3>Weight of implied volatility</h3>",
    paragraph(
      "Once a day, ln of what was realised in the next 24 h less ln of log-HAR is regressed on ln of the index less ln of log-HAR; the slope is the weight. Walked forward, a day's outcome counts only once it is known. Loss: quasi-likelihood, lower is better.",
    ),
    table(
      [
        "asset",
        "days",
        "weight, whole sample",
        "walked forward",
        "index over realised",
        ...["0", "0.2", "0.35", "0.5", "0.65", "0.8", "1"].map((w) => `loss at ${w}`),
        "loss, walked",
        "p, in use against walked",
      ],
      studies.pooling.map((one) => [
        one.asset,
        count(one.days),
        one.weight.toFixed(2),
        `${one.walkedLow.toFixed(2)} to ${one.walkedHigh.toFixed(2)}`,
        one.indexOverRealised.toFixed(2),
        ...["0", "0.2", "0.35", "0.5", "0.65", "0.8", "1", "walked"].map((w) =>
          (one.losses[w] ?? Number.NaN).toFixed(4),
        ),
        pValue(one.inUseAgainstWalked),
      ]),
    ),
    "<h3>Depth in stress: eta and phi_min</h3>",
    paragraph(
      "ln of the bid side within about 1 % of the middle, regressed on ln of long-run over EWMA volatility as known then; the slope is eta. Shares: depth over its median of the 28 days before.",
    ),
    table(
      ["book", "from", "to", "samples", "eta", "95 % interval", "1 % quantile of depth", "0.1 %", "least"],
      studies.elasticity.map((one) => [
        one.book,
        day(one.from),
        day(one.to),
        count(one.samples),
        one.eta.toFixed(2),
        `${one.interval.low.toFixed(2)} to ${one.interval.high.toFixed(2)}`,
        percent(one.onePercent, 0),
        percent(one.onePerMille, 0),
        percent(one.least, 0),
      ]),
    ),
    "<h3>One parameter at a time</h3>",
    paragraph(
      'The target with one number changed, on the whole history. Bold: the value in use. "At equal cost": scaled, with hindsight, to the mean allowance of the defaults; lower means better timing.',
    ),
    table(
      [
        "asset, parameter",
        "value",
        "mean maintenance",
        "mean initial",
        "bad debt / year, bp",
        "at equal cost, bp",
        "rise 30 days",
      ],
      studies.judgement.map((row) => [
        row.inUse ? { text: `${row.asset}, ${row.parameter}`, mark: "strong" } : `${row.asset}, ${row.parameter}`,
        row.inUse ? { text: String(row.value), mark: "strong" } : String(row.value),
        percent(row.meanMaintenance, 2),
        percent(row.meanInitial, 2),
        (1e4 * row.badDebtPerYear).toFixed(1),
        (1e4 * row.badDebtAtEqualCost).toFixed(1),
        percent(row.rise30d, 1),
      ]),
    ),
  );
}
