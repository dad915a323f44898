import { existsSync } from "node:fs";
import { join } from "node:path";
import { DAY_SECONDS, HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { csvNumbers } from "../replay/csvNumbers.ts";

/** What depth is made from: an asset's hours, with volume in tokens, and its recorded books where there are any. */
type DepthInputs = {
  readonly times: Float64Array;
  readonly prices: Float64Array;
  readonly volumes: Float64Array;
  readonly books: Books | null;
};

/** Tokens bid near the mid price over time, Unix seconds. */
export type Books = { readonly times: Float64Array; readonly tokens: Float64Array };

/**
 * How market depth moves over time, in any unit: it is used over its mean. NaN: not known. Named, because the ranking of
 * rules depends on it. A family knows the past alone, so that a rule which follows depth does too.
 */
export type DepthFamily = { readonly name: string; readonly what: string; path(inputs: DepthInputs): Float64Array };

const [VOLUME_HOURS, MONTH_DAYS] = [30 * 24, 30];
/** A fall within a day from which depth collapses, what is left of it, and for how long. */
const [COLLAPSE_FALL, COLLAPSE_LEFT, COLLAPSE_HOURS] = [0.1, 0.1, 48];
/** A recorded book holds for so long. */
const BOOK_SECONDS = 8 * HOUR_SECONDS;

export const DEPTH_FAMILIES: readonly DepthFamily[] = [
  { name: "constant", what: "as usual, always", path: ({ times }) => times.map(() => 1) },
  {
    name: "volume",
    what: "in proportion to the tokens traded in the last 30 days",
    path: ({ volumes }) => rollingMean(volumes, VOLUME_HOURS),
  },
  {
    name: "turnover",
    what: "in proportion to the USD traded in the last 30 days",
    path: ({ volumes, prices }) =>
      rollingMean(
        volumes.map((tokens, i) => tokens * (prices[i] as number)),
        VOLUME_HOURS,
      ),
  },
  {
    name: "halved",
    what: "as usual, and half of it in every fourth month",
    path: ({ times }) => times.map((time) => (Math.floor(time / DAY_SECONDS / MONTH_DAYS) % 4 === 3 ? 0.5 : 1)),
  },
  {
    name: "collapse",
    what: `as usual, and a tenth of it for ${COLLAPSE_HOURS} hours after a fall of ${COLLAPSE_FALL * 100} % within a day`,
    path: collapse,
  },
  { name: "recorded", what: "the bids of one exchange near the mid price, where they were recorded", path: recorded },
];

/** Recorded books of an asset, or null when there are none: those of one exchange, every four hours. */
export function loadBooks(folder: string, asset: string): Books | null {
  const file = join(folder, `depth/coinglass_spot_${asset}_book_4h.csv.gz`);
  if (!existsSync(file)) return null;
  const rows = csvNumbers(file, "t,bids_usd,bids_quantity,asks_usd,asks_quantity");
  return {
    times: Float64Array.from(rows, ([t]) => t ?? 0),
    tokens: Float64Array.from(rows, ([, , bids]) => bids ?? 0),
  };
}

function recorded({ times, books }: DepthInputs): Float64Array {
  let at = -1;
  return times.map((time) => {
    if (books === null) return Number.NaN;
    while (at + 1 < books.times.length && (books.times[at + 1] as number) <= time) at += 1;
    return at >= 0 && time - (books.times[at] as number) <= BOOK_SECONDS ? (books.tokens[at] as number) : Number.NaN;
  });
}

function collapse({ times, prices }: DepthInputs): Float64Array {
  const [day, lasts] = [DAY_SECONDS / HOUR_SECONDS, COLLAPSE_HOURS];
  let until = -1;
  return prices.map((price, i) => {
    let highest = price;
    // Hours before a hole are of another day.
    for (let k = i; k >= 0 && i - k <= day && (times[i] as number) - (times[k] as number) <= DAY_SECONDS; k -= 1) {
      highest = Math.max(highest, prices[k] as number);
    }
    if (price < highest * (1 - COLLAPSE_FALL)) until = i + lasts;
    return i < until ? COLLAPSE_LEFT : 1;
  });
}

/** Means of up to `length` values that end at each; a market without any volume still has somebody who buys. */
function rollingMean(values: Float64Array, length: number): Float64Array {
  let sum = 0;
  return values.map((value, i) => {
    sum += value - (i >= length ? (values[i - length] as number) : 0);
    return Math.max(1e-9, sum / Math.min(length, i + 1));
  });
}
