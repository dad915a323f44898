import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import { day, escaped } from "../page/format.ts";
import { details, figure, list, paragraph, section, table } from "../page/html.ts";
import { STYLE } from "../page/style.ts";
import type { Agreement } from "./agreement.ts";
import type { Choice } from "./judge.ts";
import type { Reality } from "./reality.ts";
import { ASKED, type CaseReport } from "./report.ts";
import type { StudyFigure } from "./studies.ts";

const WHAT =
  "A cascade market is played over recorded prices and its daily liquidations are held against recorded ones. The numbers that " +
  "have to be assumed are chosen on the first half of the days and judged on the second; how each market is built (borrowers, " +
  "growth, holding times, what may be chosen) was shaped while all days could be seen, so the second half is not wholly unseen. " +
  "Rank correlation (Spearman) asks whether large days are large and small ones small; intervals are 95 %, from blocks of two " +
  "weeks. The fall within the day alone, which needs no market, is the measure of what the market adds.";

/** The market against what was recorded and published, as one page that needs nothing else: what was not reached first. */
export function realityPage({ cases, aave, studies }: Omit<Reality, "files">): string {
  const body = [
    section("asked", "What was asked and what came", paragraph(WHAT), list(cases.map(sentence)), summary(cases)),
    ...cases.map(caseSection),
    fileSection(aave),
    studySection(studies),
  ];
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Held against reality</title><style>${STYLE}</style></head><body><header><h1>Held against reality</h1></header><main>${body.join("\n")}</main></body></html>\n`;
}

/** What a case reached, in words. */
export function sentence({ name, model, simple, reached, advantage }: CaseReport): string {
  const said = (is: boolean) => (is ? "reached" : "NOT reached");
  const adds =
    advantage.low > 0
      ? "the market ranks the judged days better than the fall within the day alone"
      : advantage.high < 0
        ? "the fall within the day alone ranks the judged days better than the market"
        : "on the judged days it is not distinguishable from the fall within the day alone";
  const better = simple.filter(({ halves }) => halves.all.rank > model.all.rank);
  const without = better.map(
    (one) => `; without any market "${one.name}" ranks all days better (${one.halves.all.rank.toFixed(2)})`,
  );
  return (
    `${name}: rank correlation ${model.all.rank.toFixed(2)} over all days (${ASKED.rank} ${said(reached.all)}), ` +
    `${model.judged.rank.toFixed(2)} on the judged half (${said(reached.judged)}); ${model.all.sharedTop} of the five largest ` +
    `recorded days among the ten largest modelled (${ASKED.top} ${said(reached.top)}); ${adds}${without.join("")}`
  );
}

function summary(cases: readonly CaseReport[]): string {
  const rows = cases.map(({ name, model, simple, advantage, judgedTotal }) => [
    name,
    ...[model.fitted, model.judged, model.all].map(ranked),
    ...[model.all, model.judged].map(({ sharedTop }) => `${sharedTop} of 5`),
    ranked((simple[0] as (typeof simple)[0]).halves.judged),
    `${signed(advantage.low)} to ${signed(advantage.high)}`,
    `${judgedTotal.toFixed(2)}`,
  ]);
  const headers = ["case", "fitted half", "judged half", "all days", "largest, all", "largest, judged"];
  return table([...headers, "fall alone, judged", "market less fall, judged", "judged total, of recorded"], rows);
}

function caseSection(one: CaseReport): string {
  const { name, choice, assumed, others, hindsight, days, model, simple } = one;
  const predictors = [{ name: "the market", halves: model }, ...simple].map(({ name: predictor, halves }) => [
    predictor,
    ...[halves.fitted, halves.judged, halves.all].flatMap((half) => [ranked(half), `${half.sharedTop} of 5`]),
  ]);
  const heads = ["fitted", "judged", "all"].flatMap((half) => [`${half}: rank`, "largest"]);
  const ranks = rankOf(days.map(({ modelledUsd }) => modelledUsd));
  const top = days
    .map((row, i) => ({ ...row, rank: ranks[i] as number }))
    .toSorted((a, b) => b.recordedUsd - a.recordedUsd)
    .slice(0, 10)
    .map(({ time, fall, recordedUsd, modelledUsd, rank }) => [
      ...[day(time), `${(fall * 100).toFixed(1)} %`, millions(recordedUsd), millions(modelledUsd), `${rank}`],
    ]);
  const choices =
    `Chosen on the first half: ${words(choice)}. Other choices of the grid come to ${others.least.toFixed(2)} to ` +
    `${others.most.toFixed(2)} on the judged half. In hindsight ${words(hindsight.choice)} would have ranked all days best ` +
    `(${hindsight.rank.toFixed(2)}).`;
  const caption = `${name}: recorded above, modelled below, USD a day on a root scale; judged from the dashed line on`;
  return section(
    `case-${name.replaceAll(" ", "-")}`,
    name,
    figure(caption, (width) => mirrored(width, one)),
    paragraph(choices),
    table(["predictor", ...heads], predictors),
    details(
      "Ten largest recorded days",
      table(["day", "fall within it", "recorded, M$", "modelled, M$", "modelled rank"], top),
    ),
    details("What was assumed", list(assumed)),
  );
}

function fileSection({ count, smallestUsd, emptyDays, ceiling, emptyFalls }: Reality["aave"]): string {
  return section(
    "file",
    "What the recorded Aave liquidations can tell",
    paragraph(
      `The file holds ${count} liquidations of at least ${Math.round(smallestUsd)} USD, of every coin and of both sides, without ` +
        `naming them; ${emptyDays} days have none. One half of them (by their hashes) predicts the other so well that nothing can be ` +
        `expected to rank its days better than ${ceiling.toFixed(2)}.`,
    ),
    table(
      ["days without a recorded liquidation on which ETH fell most", "fall within the day"],
      emptyFalls.map(({ time, fall }) => [day(time), `${(fall * 100).toFixed(1)} %`]),
    ),
  );
}

function studySection(studies: readonly StudyFigure[]): string {
  const rows = studies.map(({ study, base, published, modelled, factor }) => [
    `${study.name} over ${base.name}`,
    `${millions(study.publishedUsd)} / ${millions(base.publishedUsd)}`,
    published.toFixed(2),
    modelled.toFixed(2),
    { text: factor.toFixed(2), mark: factor >= 0.5 && factor <= 2 ? ("good" as const) : ("bad" as const) },
  ]);
  const sources = [...new Set(studies.flatMap(({ study, base }) => [study, base]))].map(
    ({ name, source, url, publishedUsd }) => `${name}: ${millions(publishedUsd)} M$ liquidated. ${source}, ${url}`,
  );
  return section(
    "studies",
    "Published figures of later events",
    paragraph(
      "The Aave market as chosen on the first half is played on over later recorded prices. Sources count all Aave v3 deployments, " +
        "so each event is taken as a multiple of April 2024; within a factor of two is good.",
    ),
    table(["event", "published, M$", "published multiple", "modelled multiple", "modelled over published"], rows),
    list(sources),
  );
}

const MARGIN = { left: 46, right: 8, top: 10, bottom: 22 };

/** Sticks up for what was recorded and down for what was modelled, one a day, on a root scale. */
function mirrored(width: number, { name, days, judgedFrom }: CaseReport): string {
  const height = width < 500 ? 260 : 340;
  const middle = (MARGIN.top + height - MARGIN.bottom) / 2;
  const most = Math.max(1, ...days.flatMap(({ recordedUsd, modelledUsd }) => [recordedUsd, modelledUsd]));
  const [from, to] = [days[0]?.time ?? 0, (days.at(-1)?.time ?? 0) + DAY_SECONDS];
  const x = (time: number) => MARGIN.left + ((time - from) / (to - from)) * (width - MARGIN.left - MARGIN.right);
  const up = (usd: number) => Math.sqrt(usd / most) * (middle - MARGIN.top);
  const sticks = (sign: number, of: (row: (typeof days)[0]) => number) =>
    days
      .filter((row) => of(row) > 0)
      .map((row) => `M${x(row.time + DAY_SECONDS / 2).toFixed(1)} ${middle}v${(-sign * up(of(row))).toFixed(1)}`)
      .join("");
  const ticks = [1, 1 / 4, 1 / 25].flatMap((share) =>
    [1, -1].map((sign) => {
      const at = (middle - sign * up(most * share)).toFixed(1);
      const label = `<text x="${MARGIN.left - 6}" y="${at}" dy="4" text-anchor="end">${millions(most * share)}</text>`;
      return `<path d="M${MARGIN.left} ${at}H${width - MARGIN.right}" class="grid"/>${label}`;
    }),
  );
  const cut = x(judgedFrom).toFixed(1);
  const colour = `stroke-width="${Math.max(1, ((width - 60) / days.length) * 0.8).toFixed(1)}"`;
  return (
    '<ul class="legend"><li><span class="swatch static"></span>recorded, M$</li><li><span class="swatch ours"></span>modelled, M$</li></ul>' +
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(`${name}: liquidations recorded and modelled by day`)}">` +
    ticks.join("") +
    `<path d="${sticks(1, (row) => row.recordedUsd)}" class="line static" style="stroke-width:1" ${colour}/>` +
    `<path d="${sticks(-1, (row) => row.modelledUsd)}" class="line ours" style="stroke-width:1" ${colour}/>` +
    `<path d="M${cut} ${MARGIN.top}V${height - MARGIN.bottom}" class="line other" stroke-dasharray="5 4"/>` +
    `<path d="M${MARGIN.left} ${middle}H${width - MARGIN.right}" class="line other"/>` +
    months(from, to, width < 500 ? 4 : 10)
      .map(
        ({ time, label }) => `<text x="${x(time).toFixed(1)}" y="${height - 6}" text-anchor="middle">${label}</text>`,
      )
      .join("") +
    "</svg>"
  );
}

/** Starts of months with their names, at most so many. */
function months(from: number, to: number, most: number): readonly { readonly time: number; readonly label: string }[] {
  const first = new Date(from * 1_000);
  const all = Array.from({ length: 120 }, (_, month) => {
    return Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1 + month, 1) / 1_000;
  }).filter((time) => time < to - 15 * DAY_SECONDS);
  const step = Math.ceil(all.length / most);
  return all.filter((_, i) => i % step === 0).map((time) => ({ time, label: day(time).slice(0, 7) }));
}

/** Places from the largest on, 1 being it. */
function rankOf(values: readonly number[]): readonly number[] {
  return values.map((value) => values.filter((other) => other > value).length + 1);
}

function words(choice: Choice): string {
  return Object.entries(choice)
    .map(([name, value]) => `${NAMES[name]?.(value) ?? `${name} ${value}`}`)
    .join(", ");
}

/** What each fitted number means. */
const NAMES: Readonly<Record<string, (value: number) => string>> = {
  repaymentDays: (days) => `half of the loans repaid within ${days} days`,
  topUpHours: (hours) => (hours > 1e4 ? "nobody tops up" : `half of the top-ups within ${hours} hours`),
  leveragedShare: (share) => `${(share * 100).toFixed(0)} % of new loans leveraged`,
  shortShare: (share) => `${(share * 100).toFixed(0)} % of the collateral of shorts`,
  highestLeverage: (times) => `leverage up to ${times}`,
  holdingHours: (hours) => `half of the most leveraged positions closed within ${hours} hours`,
  arrivalHours: (hours) => `half of what is missing back within ${hours} hours`,
};

function ranked({ rank, interval }: Agreement): string {
  return `${rank.toFixed(2)} (${interval.low.toFixed(2)} to ${interval.high.toFixed(2)})`;
}

function signed(value: number): string {
  return `${value >= 0 ? "+" : ""}${value.toFixed(2)}`;
}

function millions(usd: number): string {
  return (usd / 1e6).toFixed(usd < 10e6 ? 2 : 1);
}
