import { healthWadOf } from "../lenders/aaveV3/health.ts";
import type { Borrower } from "../lenders/lenderBook.ts";
import { type Carried, lowestThreshold, turnsOf } from "./threshold.ts";

export const WAD = 10n ** 18n;

/**
 * The first second at which a borrower can be liquidated at unmoved prices and present balances, Unix seconds, for the lender's
 * health factor to the digit; `since` where it is so already, null where no ramp in force brings it there.
 * @param carried by market id; collateral of another market, of an e-mode, or of a lender with an immutable threshold stays
 * @param since time of the block at which everything was read
 */
export function liquidatableAt(
  { healthWad, debt, collateral }: Borrower,
  carried: ReadonlyMap<number, Carried>,
  since: number,
): number | null {
  if (healthWad < WAD) return since;
  const parts = collateral.map(({ value, thresholdBps, isFixed, marketId }) => {
    return { value, thresholdBps, by: isFixed || marketId === null ? undefined : carried.get(marketId) };
  });
  const isDue = (time: number) => {
    const weighed = parts.reduce((sum, { value, thresholdBps, by }) => {
      return sum + value * BigInt(by === undefined ? thresholdBps : lowestThreshold(by, since, time));
    }, 0n);
    return healthWadOf(weighed, debt) < WAD;
  };
  const turns = parts.flatMap(({ by }) => (by === undefined ? [] : turnsOf(by, since)));
  const times = [...new Set(turns)].filter((time) => time >= since && Number.isFinite(time)).sort((a, b) => a - b);
  return times.find(isDue) ?? null;
}
