import type { OnChainMarket, Proposed } from "../domain/decision.ts";
import { limitOf, percentApart } from "../domain/exposureLimit.ts";
import type { ProposeContext } from "./propose.ts";

/** Moves of less than this are not made, percent of what stands: prices and pools breathe by as much. */
export const DEAD_BAND_PERCENT = 5;
/** Notches that double a limit. */
const DOUBLING = 1_024;

type LimitContext = Pick<ProposeContext, "onChain" | "blockers" | "priceUsd">;

/**
 * The exposure limit to write, from what the model says in USD: whole tokens, rounded down, between governance's bounds. It
 * falls at once; it rises when nothing blocks a loosening, by half of what the contract lets the hot key raise in a window, so
 * that two raises a cool-down apart find room in one, and by no more than is left of that. Without a price it stays.
 */
export function proposeLimit(usd: number, context: LimitContext): Pick<Proposed, "limit" | "limitRule"> {
  const { onChain, blockers, priceUsd } = context;
  const { lowestLimit, highestLimit } = onChain;
  const from = Math.min((onChain.pending ?? onChain).limit, highestLimit);
  const answer = (limit: number, limitRule: string) => ({ limit, limitRule });
  if (priceUsd === null || !(priceUsd > 0)) return answer(from, "held: no market data");
  const tokens = wantedTokens(usd, priceUsd);
  const wanted = Math.min(highestLimit, Math.max(lowestLimit, tokens));
  const bound = wanted === tokens ? "the model" : wanted === highestLimit ? "governance maximum" : "governance minimum";
  if (percentApart(wanted, from) < DEAD_BAND_PERCENT) return answer(from, "dead band");
  if (wanted < from) return answer(wanted, bound);
  if (blockers.length > 0) return answer(from, `loosening held: ${blockers.join(", ")}`);
  const most = from + largestRaise(onChain, from);
  return wanted <= most ? answer(wanted, bound) : answer(most, "loosening pace");
}

/** What the model says in USD, as a limit as written at a price, rounded down. */
export function wantedTokens(usd: number, priceUsd: number): number {
  return limitOf(Math.floor(Math.min(Number.MAX_SAFE_INTEGER, usd / priceUsd)));
}

/**
 * Half of the window's budget, rounded up, or the step or the rest of the budget where that is less. Step and budget are notches
 * of a limit of 1024 tokens or more, and as many parts in 1024, rounded up, of a smaller one at the start of the window.
 */
function largestRaise({ limits, limit, raised }: OnChainMarket, from: number): number {
  const base = Math.min(Math.max(0, limit - raised), DOUBLING);
  const part = (notches: number) => Math.ceil((notches * base) / DOUBLING);
  const budget = part(limits.hotRaiseBudget);
  const left = budget - raised - Math.max(0, from - limit);
  return Math.max(0, Math.min(part(limits.hotRaiseStep), Math.ceil(budget / 2), left));
}
