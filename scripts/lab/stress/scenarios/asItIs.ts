import type { Scenario } from "../scenario.ts";

/** The present inputs: what the others are to be read against. */
export const asItIs: Scenario = { summary: "the inputs as they are", priceFactor: 1, apply: (input) => input };
