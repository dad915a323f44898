import { DAY_SECONDS, HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";

/** What depth is made from: hours of one stretch with price and volume in tokens. */
type DepthInputs = {
  readonly times: Float64Array;
  readonly prices: Float64Array;
  readonly volumes: Float64Array;
};

/** How market depth moves over time, as a multiple of its usual size: named, because the ranking of rules depends on it. */
export type DepthFamily = { readonly name: string; readonly what: string; scale(inputs: DepthInputs): Float64Array };

const [VOLUME_HOURS, MONTH_DAYS] = [30 * 24, 30];
/** A fall within a day from which depth collapses, what is left of it, and for how long. */
const [COLLAPSE_FALL, COLLAPSE_LEFT, COLLAPSE_HOURS] = [0.1, 0.1, 48];

/** One line each; `recorded` is added where a folder has books of the asset. */
export const DEPTH_FAMILIES: readonly DepthFamily[] = [
  { name: "constant", what: "as usual, always", scale: ({ times }) => times.map(() => 1) },
  {
    name: "volume",
    what: "in proportion to the volume of the last 30 days",
    scale: ({ volumes }) => overMean(rollingMean(volumes, VOLUME_HOURS)),
  },
  {
    name: "halved",
    what: "as usual, and half of it in every fourth month",
    scale: ({ times }) => times.map((time) => (Math.floor(time / DAY_SECONDS / MONTH_DAYS) % 4 === 3 ? 0.5 : 1)),
  },
  {
    name: "collapse",
    what: `as usual, and a tenth of it for ${COLLAPSE_HOURS} hours after a fall of ${COLLAPSE_FALL * 100} % within a day`,
    scale: collapse,
  },
];

function collapse({ times, prices }: DepthInputs): Float64Array {
  const step = (times[1] ?? HOUR_SECONDS) - (times[0] ?? 0);
  const [day, lasts] = [Math.round(DAY_SECONDS / step), Math.round((COLLAPSE_HOURS * HOUR_SECONDS) / step)];
  let until = -1;
  return prices.map((price, i) => {
    const highest = prices.subarray(Math.max(0, i - day), i + 1).reduce((most, one) => Math.max(most, one), price);
    if (price < highest * (1 - COLLAPSE_FALL)) until = i + lasts;
    return i < until ? COLLAPSE_LEFT : 1;
  });
}

/** Means of up to `length` values that end at each. */
function rollingMean(values: Float64Array, length: number): Float64Array {
  let sum = 0;
  return values.map((value, i) => {
    sum += value - (i >= length ? (values[i - length] as number) : 0);
    return sum / Math.min(length, i + 1);
  });
}

function overMean(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  // A market without any volume for a month still has somebody who buys.
  return values.map((one) => Math.max(0.01, one / mean));
}
