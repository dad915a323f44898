import type { ContractLimits } from "../../../keeper/domain/contract.ts";
import { haircutToBpsUp } from "../../../keeper/domain/numbers.ts";
import { OneMarket, writtenLimit } from "../contractModel/oneMarket.ts";
import type { MarketNumbers } from "../contractModel/state.ts";
import type { Terms } from "./collateralMarket.ts";
import type { ContractRules } from "./rules.ts";

/** Values are renewed so often even when nothing moved, as the keeper does: a quarter of the time to live. */
const RENEWED_SECONDS = 6 * 3_600;

/**
 * The rules of the real contract (`contractModel/rules.ts`) between a rule and its lender: of each target the contract takes
 * what its speeds, budgets, bounds and gap allow, and what is read is what consumers read. An honest keeper writes what
 * is nearest to the target.
 */
export function parameterContract(limits: ContractLimits): ContractRules {
  return {
    open(terms, time) {
      const market = new OneMarket(limits, time, bpsOf(terms), terms.limit);
      let now = time;
      return {
        follow(target, seconds) {
          now += seconds;
          const wanted = market.nearest(now, { ...bpsOf(target), limit: writtenLimit(target.limit) });
          if (wanted !== null && isDue(market, wanted, now)) market.writeNumbers(now, wanted);
          return termsOf(market, now, market.limitTokens(now));
        },
      };
    },
  };
}

/** What consumers read at `now`, as terms. */
export function termsOf(market: OneMarket, now: number, limit: number): Terms {
  const { initial, maintenance } = market.haircuts(now);
  return { ltv: Math.min(1 - initial, 1 - maintenance), threshold: 1 - maintenance, limit };
}

/** Haircuts of terms, basis points, rounded up. */
export function bpsOf({ ltv, threshold }: Terms) {
  return { initialBps: haircutToBpsUp(1 - ltv), maintenanceTargetBps: haircutToBpsUp(1 - threshold) };
}

function isDue(market: OneMarket, { initialBps, maintenanceTargetBps, limit }: MarketNumbers, now: number): boolean {
  const onChain = market.read(now);
  const isMoved =
    initialBps !== onChain.storedInitialBps ||
    maintenanceTargetBps !== onChain.maintenanceTargetBps ||
    limit !== onChain.limit;
  return isMoved || now - onChain.asOf >= RENEWED_SECONDS;
}
