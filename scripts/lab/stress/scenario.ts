import { z } from "zod";
import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import type { Observation } from "../../../keeper/domain/observation.ts";

const KINDS = [
  ...["optionBoard", "volatilityIndex", "priceHistory", "orderBook", "priceFeed", "exchangeRate", "poolMemory"],
  ...["pool", "stableSwapPool", "cryptoSwapPool"],
] as const satisfies readonly Observation["kind"][];

const [MOST_TIMES, MOST_LATE_SECONDS, LEAST_DEPTH] = [10, 30 * DAY_SECONDS, 1e-9];
const lost = (wanted: string) => z.number(wanted).min(0, wanted).lt(1, wanted);
const number = (least: number, most: number, wanted: string) => z.number(wanted).min(least, wanted).max(most, wanted);
const kinds = `some of ${KINDS.join(", ")}`;

const shockSchema = z.strictObject({
  /** Share of its price that the collateral loses, in one moment. */
  priceFall: lost("a share in [0, 1): 0.3 is a fall of 30 %").optional(),
  /** What the volatility that options imply is multiplied with. */
  volatilityTimes: number(1, MOST_TIMES, "a multiple in [1, 10]").optional(),
  /** Share of the depth of every pool and book that is withdrawn. */
  depthLost: lost("a share in [0, 1): 0.9 leaves a tenth").optional(),
  /** Seconds by which the price feed is older than it may be; the lender sees the fall so much later. */
  feedLateSeconds: number(0, MOST_LATE_SECONDS, "seconds in [0, 2592000]").optional(),
  /** What is not answered. */
  dark: z.array(z.enum(KINDS, kinds), kinds).optional(),
  /** For so long that nothing of it is held any more. */
  nothingHeld: z.boolean("true or false").optional(),
});

const wantedName = "a market's name of at most 100 letters";

/** What a file of a scenario may hold. `markets` changes what it names of `all` for one market. */
export const scenarioSchema = z.strictObject({
  summary: z.string("a line of text").min(1, "a line of text").max(200, "at most 200 letters"),
  all: shockSchema.default({}),
  markets: z.record(z.string().min(1, wantedName).max(100, wantedName), shockSchema).default({}),
});

/** One thing that may happen to markets: a file of `scenarios/`, or a user's. */
export type Scenario = z.output<typeof scenarioSchema> & { readonly name: string };

/** What happens to one market: factors of what was there, 1 where nothing moves. */
export type Shock = {
  readonly priceFactor: number;
  readonly volatilityFactor: number;
  readonly depthFactor: number;
  readonly feedLateSeconds: number;
  readonly dark: readonly Observation["kind"][];
  readonly nothingHeld: boolean;
};

/**
 * What a scenario does to a market. `size` makes it larger or smaller: the scenario so many times over, so that a price that
 * keeps 70 % keeps 49 % at size 2 and all of it at size 0. A late feed is late in proportion; what is dark is dark at
 * any size above 0.
 * @param size >= 0
 */
export function shockOf({ all, markets }: Scenario, market: string, size = 1): Shock {
  const { priceFall = 0, volatilityTimes = 1, depthLost = 0, ...rest } = { ...all, ...markets[market] };
  return {
    priceFactor: (1 - priceFall) ** size,
    volatilityFactor: Math.min(MOST_TIMES, volatilityTimes ** size),
    depthFactor: Math.max(LEAST_DEPTH, (1 - depthLost) ** size),
    feedLateSeconds: Math.min(MOST_LATE_SECONDS, Math.round((rest.feedLateSeconds ?? 0) * size)),
    dark: size > 0 ? (rest.dark ?? []) : [],
    nothingHeld: size > 0 && rest.nothingHeld === true,
  };
}
