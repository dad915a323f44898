import type { Scenario } from "./scenario.ts";
import { asItIs } from "./scenarios/asItIs.ts";
import { depthVanishes } from "./scenarios/depthVanishes.ts";
import { everythingAtOnce } from "./scenarios/everythingAtOnce.ts";
import { feedLate } from "./scenarios/feedLate.ts";
import { priceFalls } from "./scenarios/priceFalls.ts";
import { venueDark, venueDarkForLong } from "./scenarios/venueDark.ts";
import { volatilityDoubles } from "./scenarios/volatilityDoubles.ts";

/** Every scenario of `lab stress` by its name at the command line, in the order shown. */
export const SCENARIOS = {
  "as-it-is": asItIs,
  "price-falls": priceFalls,
  "volatility-doubles": volatilityDoubles,
  "depth-vanishes": depthVanishes,
  "venue-dark": venueDark,
  "venue-dark-long": venueDarkForLong,
  "feed-late": feedLate,
  combined: everythingAtOnce,
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;
