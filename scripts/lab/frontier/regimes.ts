import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";

/** What kind of an hour it was, as seen afterwards, from prices alone. */
export const REGIMES = ["crash", "recovery", "calm"] as const;
export type FrontierRegime = (typeof REGIMES)[number];

/** A crash is so far below its week's highest price; what follows it for so many days is its recovery. */
export const CRASH_FALL = { major: 0.15, "long-tail": 0.25 } as const;
const [WEEK, RECOVERY] = [7 * DAY_SECONDS, 30 * DAY_SECONDS];

/** Places in `REGIMES`, one for each hour. @param fall fraction below the highest price of seven days */
export function regimesOf(times: Float64Array, prices: Float64Array, fall: number): Uint8Array {
  // Candidates for the week's highest price; each is lower than the one before.
  const queue: number[] = [];
  let [head, lastCrash] = [0, Number.NEGATIVE_INFINITY];
  return Uint8Array.from(times, (time, i) => {
    const price = prices[i] as number;
    while (queue.length > head && (prices[queue.at(-1) as number] as number) <= price) queue.pop();
    queue.push(i);
    while ((times[queue[head] as number] as number) < time - WEEK) head += 1;
    if (price < (prices[queue[head] as number] as number) * (1 - fall)) {
      lastCrash = time;
      return 0;
    }
    return time - lastCrash <= RECOVERY ? 1 : 2;
  });
}
