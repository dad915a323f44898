import type { Observation } from "../../../../keeper/domain/observation.ts";
import { type Scenario, withoutAnswers } from "../scenario.ts";

/** What comes from exchanges and not from the chain. */
const OFF_CHAIN: readonly Observation["kind"][] = ["optionBoard", "volatilityIndex", "priceHistory", "orderBook"];

/** No exchange answers: what was last known is held for as long as it may be. */
export const venueDark: Scenario = {
  summary: "no exchange answers; what was last known is still held",
  priceFactor: 1,
  apply: (input) => withoutAnswers(input, ({ kind }) => OFF_CHAIN.includes(kind)),
};

/** The same for so long that nothing is held any more. */
export const venueDarkForLong: Scenario = {
  summary: "no exchange has answered for so long that nothing is held any more",
  priceFactor: 1,
  apply(input) {
    const dark = venueDark.apply(input);
    return { ...dark, history: { ...dark.history, lastImplied: null, lastVolatility: [] } };
  },
};
