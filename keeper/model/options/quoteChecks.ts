import { shortPercent } from "../../domain/format.ts";
import type { OptionQuote } from "../../domain/observation.ts";
import type { FaultTally } from "./faultTally.ts";

/** A mark IV at or below this stands for no volatility at all; above the highest it is percent taken for a fraction. */
const LOWEST_MARK_IV = 0.001;
const HIGHEST_MARK_IV = 5;
/** Mark IV and the volatility solved from the mark price: beyond the first ratio the unit is wrong, beyond the second
 * they contradict each other. */
const UNIT_RATIO = 10;
const CONTRADICTION_RATIO = 1.5;

/**
 * Whether the mark IV can be meant: above what venues write for none, a fraction and not percent, and near the volatility
 * `solved` from prices. A refusal is counted in `tally`.
 */
export function isMarkPlausible(markIv: number, solved: number, tally: FaultTally): boolean {
  const ratio = Math.max(markIv / solved, solved / markIv);
  if (!(markIv > LOWEST_MARK_IV)) tally.drop("NOT_POSITIVE", `mark IV at or below ${shortPercent(LOWEST_MARK_IV)}`);
  else if (markIv > HIGHEST_MARK_IV) tally.drop("UNIT_SUSPECT", `mark IV above ${HIGHEST_MARK_IV}: percent?`);
  else if (ratio > UNIT_RATIO) tally.drop("UNIT_SUSPECT", "mark IV more than 10 times off the one solved from prices");
  else if (ratio > CONTRADICTION_RATIO) tally.drop("INCONSISTENT", "mark IV and prices more than 50 % apart");
  else return true;
  return false;
}

/** Whether every number of the quote is one, and prices and strike are not negative. A refusal is counted. */
export function isSane(quote: OptionQuote, tally: FaultTally): boolean {
  const { strike, forwardUsd, bidCoin, askCoin, markCoin, markIv } = quote;
  const numbers = [strike, forwardUsd, bidCoin ?? 0, askCoin ?? 0, markCoin, markIv ?? 1];
  if (!numbers.every(Number.isFinite)) tally.drop("NOT_FINITE", "a price, strike, forward or mark IV is no number");
  else if (!(strike > 0)) tally.drop("NOT_POSITIVE", "strike zero or negative");
  else if ([bidCoin ?? 0, askCoin ?? 0, markCoin].some((price) => price < 0))
    tally.drop("NOT_POSITIVE", "price below 0");
  else return true;
  return false;
}

/** One record per instrument. Equal copies are one; records that contradict each other are all dropped. */
export function withoutDuplicates(quotes: readonly OptionQuote[], tally: FaultTally): readonly OptionQuote[] {
  const groups = Map.groupBy(quotes, (quote) => `${quote.expiry}:${quote.strike}:${quote.kind}`);
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined || same.length === 1) return same;
    const agree = same.every(
      (quote) =>
        quote.markCoin === first.markCoin &&
        quote.bidCoin === first.bidCoin &&
        quote.askCoin === first.askCoin &&
        quote.markIv === first.markIv &&
        quote.forwardUsd === first.forwardUsd,
    );
    for (let i = agree ? 1 : 0; i < same.length; i++) tally.drop("DUPLICATE", "the same instrument more than once");
    return agree ? [first] : [];
  });
}
