import { DAY_SECONDS } from "../domain/calendar.ts";
import { tokensOf } from "../domain/contract.ts";
import type { Arrival } from "../domain/decision.ts";
import { bpsPercent, day, limitTokens, moment } from "../domain/format.ts";
import type { ArrivalStatus, Explanation, MarketStatus } from "./status.ts";

/** From here on a date says enough. */
const DATED_SECONDS = 2 * DAY_SECONDS;

/** When each number on chain meets what the model asks for, with a sentence; null before the market is listed. */
export function arrivalStatus({ onChain, arrivals, assessment: { now } }: Explanation): MarketStatus["arrivals"] {
  if (onChain === null) return null;
  const { initial, maintenance, limit } = arrivals;
  const inTokens = (value: number) => Number(tokensOf(value));
  const most = { ...limit, value: inTokens(limit.value) };
  const many = (amount: number) => limitTokens(amount, " tokens");
  return {
    initial: said(onChain.initialBps, initial, now, bpsPercent),
    maintenance: said(onChain.maintenanceBps, maintenance, now, bpsPercent),
    exposureLimit: said(inTokens(onChain.limit), most, now, many),
  };
}

/** The sentences of the numbers that are not where they come to rest. */
export function underWay(arrivals: MarketStatus["arrivals"]): readonly string[] {
  if (arrivals === null) return [];
  const { initial, maintenance, exposureLimit } = arrivals;
  const named = { initial, maintenance, "exposure limit": exposureLimit };
  return Object.entries(named).flatMap(([name, { isAtRest, words }]) => (isAtRest ? [] : [`${name} ${words}`]));
}

function said(current: number, arrival: Arrival, now: number, show: (value: number) => string): ArrivalStatus {
  const { because, value, at } = arrival;
  const head = `${show(current)}, because ${because}`;
  const when = at === null ? null : at - now < DATED_SECONDS ? moment(at) : day(at);
  const isAtRest = current === value;
  const way =
    when === null
      ? `${show(value)} not before that ends`
      : at !== null && at <= now
        ? `${show(value)} by this decision`
        : `${show(value)} by ${when} at the present speed`;
  return { because, value, at, isAtRest, words: isAtRest ? head : `${head}; ${way}` };
}
