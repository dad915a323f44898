import { HOUR_SECONDS } from "../../../../keeper/domain/calendar.ts";
import { type Scenario, withObservations } from "../scenario.ts";

/** The price feed has not been renewed for an hour longer than it may be. */
export const feedLate: Scenario = {
  summary: "the price feed is an hour older than it may be",
  priceFactor: 1,
  apply: (input) => {
    const eventTime = input.now - input.market.quality.maxAgeSeconds.feed - HOUR_SECONDS;
    return withObservations(input, (one) => (one.kind === "priceFeed" ? { ...one, eventTime } : one));
  },
};
