import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import { aaveCase } from "./aave.ts";
import { exchangeCases } from "./exchange.ts";
import { type Choice, firstHalf, fit, judge } from "./judge.ts";
import { realityPage } from "./page.ts";
import type { RecordedLiquidations } from "./recordedDays.ts";
import { type CaseReport, caseReport, daysCsv, figuresCsv } from "./report.ts";
import { type StudyFigure, studyFigures } from "./studies.ts";

type RealityRequest = {
  readonly folder: string;
  /** Where the page and the tables are written. */
  readonly out: string;
  progress(done: number, of: number, what: string): void;
};

/** The market held against what was recorded and published. */
export type Reality = {
  readonly cases: readonly CaseReport[];
  /** The file of Aave's liquidations; days without any on which the price fell most: Unix seconds and the fall. */
  readonly aave: Omit<RecordedLiquidations, "days"> & { readonly emptyFalls: readonly EmptyDay[] };
  readonly studies: readonly StudyFigure[];
  readonly files: readonly string[];
};

type EmptyDay = { readonly time: number; readonly fall: number };
const EMPTY_DAYS = 8;

/** Names of the files written. */
export const REALITY_FILES = ["reality-chosen.json", "reality.csv", "reality-days.csv", "reality.html"];

/**
 * Fits the market to the first half of each recorded series, writes down what was chosen, and only then judges it on the second
 * half and on what was published later. The same folder gives the same result.
 * @throws TonsorError BAD_FILE when a recording is missing or cannot be read
 */
export function reality({ folder, out, progress }: RealityRequest): Reality {
  mkdirSync(out, { recursive: true });
  const aave = aaveCase(folder);
  const cases = [aave, ...exchangeCases(folder)];
  const steps = cases.length * 2 + 1;
  const chosen = cases.map((one, i) => {
    progress(i, steps, `fitting ${one.name}`);
    return {
      name: one.name,
      until: (one.recorded.first + firstHalf(one)) * DAY_SECONDS,
      choice: fit(one, firstHalf(one)),
    };
  });
  writeFileSync(join(out, "reality-chosen.json"), `${JSON.stringify(chosen, null, 1)}\n`);
  const judged = cases.map((one, i) => {
    progress(cases.length + i, steps, `judging ${one.name}`);
    return caseReport(judge(one, (chosen[i] as { choice: Choice }).choice));
  });
  progress(steps - 1, steps, "published figures");
  const studies = studyFigures(folder, (chosen[0] as { choice: Choice }).choice);
  const { days, ...file } = aave.file;
  const [, falls] = aave.simple[0] as (typeof aave.simple)[0];
  const found = { cases: judged, studies, aave: { ...file, emptyFalls: emptyDays(days.first, days.usd, falls) } };
  writeFileSync(join(out, "reality-days.csv"), daysCsv(judged));
  writeFileSync(join(out, "reality.csv"), figuresCsv(judged));
  writeFileSync(join(out, "reality.html"), realityPage(found));
  progress(steps, steps, "published figures");
  return { ...found, files: REALITY_FILES.map((name) => join(out, name)) };
}

function emptyDays(first: number, usd: Float64Array, falls: Float64Array): readonly EmptyDay[] {
  const empty = Array.from(usd, (sum, day) => ({ sum, time: (first + day) * DAY_SECONDS, fall: falls[day] as number }));
  const most = empty.filter(({ sum }) => sum === 0).toSorted((a, b) => b.fall - a.fall);
  return most.slice(0, EMPTY_DAYS).map(({ time, fall }) => ({ time, fall }));
}
