import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import type { Halves, Judgement } from "./judge.ts";

/** A judgement with its days one by one, and whether it came up to what was asked. */
export type CaseReport = Omit<Judgement, "first" | "cut" | "falls" | "recordedUsd" | "modelledUsd"> & {
  /** Unix seconds of the first day that was judged. */
  readonly judgedFrom: number;
  readonly days: readonly DayRow[];
  /** Rank correlation over all days and on the judged half; five largest days among ten. */
  readonly reached: { readonly all: boolean; readonly judged: boolean; readonly top: boolean };
};

/** One day: Unix seconds of its start, the price's fall within it, and what was liquidated. */
type DayRow = {
  readonly time: number;
  readonly fall: number;
  readonly recordedUsd: number;
  readonly modelledUsd: number;
};

/** What is asked for: a rank correlation, and how many of the five largest recorded days among the ten largest modelled. */
export const ASKED = { rank: 0.7, top: 4 } as const;

export function caseReport({ first, cut, falls, recordedUsd, modelledUsd, ...rest }: Judgement): CaseReport {
  const { all, judged } = rest.model;
  return {
    ...rest,
    judgedFrom: cut * DAY_SECONDS,
    days: Array.from(recordedUsd, (usd, day) => ({
      ...{ time: (first + day) * DAY_SECONDS, fall: falls[day] as number, recordedUsd: usd },
      modelledUsd: modelledUsd[day] as number,
    })),
    reached: { all: all.rank >= ASKED.rank, judged: judged.rank >= ASKED.rank, top: all.sharedTop >= ASKED.top },
  };
}

/** Every day of every case as csv. */
export function daysCsv(cases: readonly CaseReport[]): string {
  const rows = cases.flatMap(({ name, days, judgedFrom }) =>
    days.map(({ time, fall, recordedUsd, modelledUsd }) => {
      const day = new Date(time * 1_000).toISOString().slice(0, 10);
      return [
        name,
        day,
        time < judgedFrom ? "fitted" : "judged",
        fall.toFixed(4),
        recordedUsd.toFixed(2),
        modelledUsd.toFixed(2),
      ].join(",");
    }),
  );
  return `${["case,day,half,fall,recorded_usd,modelled_usd", ...rows].join("\n")}\n`;
}

/** The figures of every case as csv: the market and what needs none, by half. */
export function figuresCsv(cases: readonly CaseReport[]): string {
  const rows = cases.flatMap(({ name, model, simple }) => {
    const of = (predictor: string, halves: Halves) =>
      (["fitted", "judged", "all"] as const).map((half) => {
        const { days, rank, interval, sharedTop } = halves[half];
        return [name, predictor.replaceAll(",", ""), half, days, rank, interval.low, interval.high, sharedTop].join(
          ",",
        );
      });
    return [...of("market", model), ...simple.flatMap((one) => of(one.name, one.halves))];
  });
  return `${["case,predictor,half,days,rank,low,high,shared_top", ...rows].join("\n")}\n`;
}
