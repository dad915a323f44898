import type { Waterfall } from "../../dashboard/status.ts";
import { bpsPercent, percent, signedBps, span } from "../../domain/format.ts";
import type { Reach, Sensitivity } from "../../model/explain/sensitivity.ts";
import { bar, left, type Paint, right, type Style, WIDTH, wrap } from "./layout.ts";

const LABEL = 44;
const AMOUNT = 11;
const BAR = WIDTH - 2 - LABEL - AMOUNT - 2;

/** Lines of one waterfall: every step with its basis points, a bar that starts where the last one ended, its origin. */
export function waterfallLines(waterfall: Waterfall, style: Style, paint: Paint): string[] {
  const lines: string[] = [];
  const full = Math.max(waterfall.totalBps, ...sums(waterfall));
  let from = 0;
  for (const { label, bps, origin } of waterfall.steps) {
    const drawn = bar(from, from + bps, full, BAR);
    const head = `  ${left(label, LABEL)}${right(signedBps(bps), AMOUNT)}`;
    lines.push(drawn === "" ? head : `${head}  ${paint(style, drawn)}`);
    lines.push(...wrap(origin, WIDTH, 6).map((line) => paint("quiet", line)));
    from += bps;
  }
  const total = `${right(`${waterfall.totalBps.toLocaleString("en-US")} bp`, AMOUNT)}`;
  const figure = `  ${bpsPercent(waterfall.totalBps)}`;
  lines.push(`  ${" ".repeat(LABEL)}${"-".repeat(AMOUNT)}`);
  lines.push(paint("heading", `  ${left("sum", LABEL)}${total}${figure}`));
  return lines;
}

function sums(waterfall: Waterfall): number[] {
  let sum = 0;
  return waterfall.steps.map(({ bps }) => (sum += bps));
}

/** Of governance's numbers only the nearest are shown; of the market's all that answer. */
const MOST_OF_GOVERNANCE = 3;
/** A rise beyond this is not given in percent, nor one from zero. */
const MOST_RATIO = 10;

/** What each input is called; the rest of the name of `RISK_INPUTS` would do, but people read words. */
const WORDS: Readonly<Record<string, string>> = {
  volatility: "volatility used",
  longRunVolatility: "long-run volatility",
  typicalVolatility: "typical volatility",
  impliedVolatility: "volatility in options",
  forecastVolatility: "log-HAR forecast",
  recentVolatility: "EWMA volatility",
  oracleGap: "feed against market now",
  liquidationBonus: "liquidation bonus",
  minimumHorizonHours: "horizon",
  oracleDeviation: "feed deviation threshold",
  oracleLatencySeconds: "feed latency",
  degreesOfFreedom: "degrees of freedom",
};

/** A table of how both haircuts answer to each input, those that answer at all. */
export function sensitivityLines(rows: readonly Sensitivity[]): string[] {
  const moving = rows.filter(
    (row) => shown(row.initialBpsPerPercent) !== "0.00" || shown(row.maintenanceBpsPerPercent) !== "0.00",
  );
  return [
    `  ${left("bp when the input rises by 1 %", 32)}${right("now", 16)}${right("initial", 12)}${right("maintenance", 14)}`,
    ...moving.map(
      ({ input, value, unit, initialBpsPerPercent, maintenanceBpsPerPercent }) =>
        `  ${left(nameOf(input), 32)}${right(amount(value, unit), 16)}${right(shown(initialBpsPerPercent), 12)}${right(shown(maintenanceBpsPerPercent), 14)}`,
    ),
    ...(moving.length === 0 ? ["  none: the haircuts stand at a bound"] : []),
  ];
}

/** In plain words, what would have to happen for each haircut to move by `bps`: in the market, or by governance's hand. */
export function reachLines(reaches: readonly Reach[], bps: number): string[] {
  const question = (
    haircut: string,
    key: "initialRises" | "initialFalls" | "maintenanceRises" | "maintenanceFalls",
  ) => {
    const verb = key.endsWith("Rises") ? "rises" : "falls";
    const found = reaches
      .flatMap((reach) => (reach[key] === null ? [] : [{ reach, at: reach[key] }]))
      .sort((a, b) => distance(a.reach, a.at) - distance(b.reach, b.at));
    const by = (who: Reach["setBy"]) => found.filter(({ reach }) => reach.setBy === who);
    const answers = [...by("market"), ...by("governance").slice(0, MOST_OF_GOVERNANCE)];
    const head = `  ${haircut} ${verb} by ${bps} bp if, all else as it is,`;
    if (answers.length === 0) return [`${head} nothing does: no input reaches that in its plausible range`];
    return [head, ...answers.flatMap(({ reach, at }) => wrap(sentence(reach, at), WIDTH, 4))];
  };
  return [
    ...question("initial", "initialRises"),
    ...question("initial", "initialFalls"),
    ...question("maintenance", "maintenanceRises"),
    ...question("maintenance", "maintenanceFalls"),
  ];
}

function sentence({ input, unit, value, setBy }: Reach, at: number): string {
  const verb = setBy === "governance" ? "is set" : at > value ? "rises" : "falls";
  const ratio = at / value;
  const change = ratio < MOST_RATIO ? ` (${at > value ? "+" : ""}${percent(ratio - 1, 1)})` : "";
  return `- ${nameOf(input)} ${verb} from ${amount(value, unit)} to ${amount(at, unit)}${change}`;
}

/** How far an input has to go, in proportion; one that is zero comes last. */
function distance({ value }: Reach, at: number): number {
  return value > 0 && at > 0 ? Math.abs(Math.log(at / value)) : Number.POSITIVE_INFINITY;
}

function nameOf(input: string): string {
  return WORDS[input] ?? input;
}

function amount(value: number, unit: Sensitivity["unit"]): string {
  if (unit === "h") return `${value.toFixed(1)} h`;
  if (unit === "s") return span(value);
  return unit === "number" ? value.toFixed(2) : percent(value, 2);
}

function shown(bps: number): string {
  const text = bps.toFixed(2);
  if (Number(text) === 0) return "0.00";
  return bps > 0 ? `+${text}` : text;
}
