import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import { largestRise } from "../validation/backtest/procyclicality.ts";
import { onStage, type Stage } from "./evaluate.ts";
import type { OfferedPath } from "./offered.ts";

/** How what a rule offers moved; haircuts as fractions. */
export type Movement = {
  /** Largest rise of the initial and of the maintenance haircut within 1, 5 and 30 days. */
  readonly initialRise: readonly number[];
  readonly maintenanceRise: readonly number[];
  /** Moves of either haircut by 50 bp or more since the one before, a year: what a keeper would send. */
  readonly updates: number;
  /** Rises of the initial haircut by 5 points or more within a day, a year, after which no fall of 10 % came within 7 days. */
  readonly falseTrips: number;
  /** Share of hours at which a loan at the LTV offered is liquidatable within 30 and 60 days at an unmoved price. */
  readonly unmoved30: number;
  readonly unmoved60: number;
};

const RISE_DAYS = [1, 5, 30];
const [DEAD_BAND, TRIP, TRIP_FALL, TRIP_HOURS] = [0.005, 0.05, 0.1, 7 * 24];

/** Movement of an offer over a stage. */
export function movementOf(stage: Stage, { ltv, threshold }: OfferedPath): Movement {
  const { subject } = stage;
  const counts = onStage(stage);
  const at = [...subject.times.keys()].filter(counts);
  const take = (values: Float64Array) => Float64Array.from(at, (i) => values[i] as number);
  const [times, prices] = [take(subject.times), take(subject.closes)];
  const [initial, maintenance] = [take(ltv).map((one) => 1 - one), take(threshold).map((one) => 1 - one)];
  const years = at.length / 24 / 365;
  const rises = (haircut: Float64Array) => RISE_DAYS.map((days) => largestRise(times, haircut, days * DAY_SECONDS));
  const unmoved = (days: number) => unmovedShare(initial, maintenance, days * 24);
  return {
    ...{ initialRise: rises(initial), maintenanceRise: rises(maintenance) },
    ...{ updates: updatesOf(initial, maintenance) / years, falseTrips: falseTripsOf(initial, prices) / years },
    ...{ unmoved30: unmoved(30), unmoved60: unmoved(60) },
  };
}

function updatesOf(initial: Float64Array, maintenance: Float64Array): number {
  let [count, last] = [0, 0];
  for (let i = 1; i < initial.length; i += 1) {
    const moved = (path: Float64Array) => Math.abs((path[i] as number) - (path[last] as number)) >= DEAD_BAND;
    if (!moved(initial) && !moved(maintenance)) continue;
    count += 1;
    last = i;
  }
  return count;
}

function falseTripsOf(initial: Float64Array, prices: Float64Array): number {
  let [count, from] = [0, 24];
  for (let i = 24; i < initial.length; i += 1) {
    if (i < from || (initial[i] as number) - (initial[i - 24] as number) < TRIP) continue;
    const low = prices.subarray(i, i + TRIP_HOURS).reduce((least, one) => Math.min(least, one));
    if (low > (prices[i] as number) * (1 - TRIP_FALL)) count += 1;
    from = i + TRIP_HOURS;
  }
  return count;
}

/** Share of hours after which maintenance rises above that hour's initial within so many hours. */
function unmovedShare(initial: Float64Array, maintenance: Float64Array, hours: number): number {
  // Highest maintenance of the hours ahead, by a queue of candidates, from the end.
  const queue: number[] = [];
  let [head, reached] = [0, 0];
  for (let i = maintenance.length - 1; i >= 0; i -= 1) {
    while (queue.length > head && (maintenance[queue.at(-1) as number] as number) <= (maintenance[i] as number)) {
      queue.pop();
    }
    queue.push(i);
    while ((queue[head] as number) > i + hours) head += 1;
    if ((maintenance[queue[head] as number] as number) > (initial[i] as number) + 1e-9) reached += 1;
  }
  return reached / maintenance.length;
}
