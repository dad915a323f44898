import type { Interval } from "../validation/statistics/blockBootstrap.ts";
import { type Agreement, advantage, agreementOf, rankCorrelation } from "./agreement.ts";
import type { Days } from "./recordedDays.ts";

/** What is fitted, by name. */
export type Choice = Readonly<Record<string, number>>;

/** A series of recorded liquidations and a market that is to come out like it. */
export type Case = {
  readonly name: string;
  readonly recorded: Days;
  /** What needs no market: one value a recorded day, under its name. The first is the day's own fall. */
  readonly simple: readonly (readonly [name: string, values: Float64Array])[];
  /** What may be chosen; of equally good ones the first is. */
  readonly grid: readonly Choice[];
  /** Liquidations of the first so many recorded days in the market, USD, played over prices that end with them. */
  model(choice: Choice, days: number): Float64Array;
  /** What is taken as given, in words. */
  readonly assumed: readonly string[];
};

/** One series against the recorded days of each half and of all. */
export type Halves = { readonly fitted: Agreement; readonly judged: Agreement; readonly all: Agreement };

/** How a case came out. */
export type Judgement = {
  readonly name: string;
  /** Days since 1970 of the first, and of the first that was judged. */
  readonly first: number;
  readonly cut: number;
  readonly choice: Choice;
  readonly assumed: readonly string[];
  readonly model: Halves;
  readonly simple: readonly { readonly name: string; readonly halves: Halves }[];
  /** How much better than the day's own fall the market ranks the judged days; 95 %. */
  readonly advantage: Interval;
  /** Rank correlations on the judged half that other choices of the grid would have had: reported, not chosen by. */
  readonly others: { readonly least: number; readonly most: number };
  /** The choice that ranks all days best, in hindsight, and its rank correlation with them. */
  readonly hindsight: { readonly choice: Choice; readonly rank: number };
  /** Modelled over recorded liquidations of the judged half, the model being scaled to the recorded sum of the first. */
  readonly judgedTotal: number;
  /** The day's own fall, a fraction; where a case has two coins, both added. */
  readonly falls: Float64Array;
  readonly recordedUsd: Float64Array;
  readonly modelledUsd: Float64Array;
};

/** The choice that ranks the first half best. Nothing recorded later is handed to it. */
export function fit({ recorded, grid, model }: Case, days: number): Choice {
  const early = recorded.usd.slice(0, days);
  return best(grid.map((choice) => ({ choice, rank: rankCorrelation(early, model(choice, days)) }))).choice;
}

/** The highest rank, of equal ones the first; one that is no number is the lowest. */
function best<Ranked extends { readonly rank: number }>(ranked: readonly Ranked[]): Ranked {
  const height = ({ rank }: Ranked) => (Number.isNaN(rank) ? -2 : rank);
  return ranked.toSorted((a, b) => height(b) - height(a))[0] as Ranked;
}

/** Days of the first half. */
export function firstHalf({ recorded }: Case): number {
  return Math.floor(recorded.usd.length / 2);
}

/** Judges what was fitted on the first half on the second. */
export function judge(one: Case, choice: Choice): Judgement {
  const { recorded, grid, simple } = one;
  const [all, half] = [recorded.usd.length, firstHalf(one)];
  const raw = one.model(choice, all);
  const early = sum(raw.subarray(0, half));
  const scale = early === 0 ? 0 : sum(recorded.usd.subarray(0, half)) / early;
  const modelledUsd = raw.map((usd) => usd * scale);
  const halves = (values: Float64Array): Halves => ({
    fitted: agreementOf(recorded.usd.subarray(0, half), values.subarray(0, half)),
    judged: agreementOf(recorded.usd.subarray(half), values.subarray(half)),
    all: agreementOf(recorded.usd, values),
  });
  const late = recorded.usd.subarray(half);
  const tried = grid.map((other) => ({ choice: other, usd: one.model(other, all) }));
  const ranks = tried.map(({ usd }) => rankCorrelation(late, usd.subarray(half)));
  const [, fall] = simple[0] as (typeof simple)[0];
  return {
    ...{ name: one.name, first: recorded.first, cut: recorded.first + half, choice, assumed: one.assumed },
    model: halves(modelledUsd),
    simple: simple.map(([name, values]) => ({ name, halves: halves(values) })),
    advantage: advantage(late, modelledUsd.subarray(half), fall.subarray(half)),
    others: { least: Math.min(...ranks), most: Math.max(...ranks) },
    hindsight: best(tried.map((other) => ({ choice: other.choice, rank: rankCorrelation(recorded.usd, other.usd) }))),
    judgedTotal: sum(modelledUsd.subarray(half)) / sum(late),
    ...{ falls: fall, recordedUsd: recorded.usd, modelledUsd },
  };
}

/** Every combination of the values of several names, the first name changing slowest. */
export function gridOf(values: Readonly<Record<string, readonly number[]>>): readonly Choice[] {
  return Object.entries(values).reduce<Choice[]>(
    (found, [name, each]) => found.flatMap((choice) => each.map((value) => ({ ...choice, [name]: value }))),
    [{}],
  );
}

/** Remembers what a function returned, by its arguments. */
export function remembered<Given extends readonly number[], Result>(work: (...given: Given) => Result) {
  const known = new Map<string, Result>();
  return (...given: Given): Result => {
    const key = given.join(" ");
    const found = known.get(key) ?? work(...given);
    known.set(key, found);
    return found;
  };
}

function sum(values: Float64Array): number {
  return values.reduce((total, one) => total + one, 0);
}
