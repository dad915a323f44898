import { NEVER_LAPSES } from "../../../keeper/domain/contract.ts";
import type { OnChainMarket } from "../../../keeper/domain/decision.ts";
import { asOfOf, readHaircuts, spentAt } from "./effective.ts";
import { type ContractState, limitsOf, locate, profileOf } from "./state.ts";
import { minuteOf, timeOf, windowOf } from "./units.ts";

/**
 * What the keeper reads of a market in a block at `now` (Unix seconds), null when the id was never listed: the model's
 * `readMarkets` (test/differential/contract/contract.test.ts).
 */
export function onChainMarket(state: ContractState, marketId: number, now: number): OnChainMarket | null {
  const found = locate(state, marketId);
  if (found === null) return null;
  const { group, market } = found;
  const { initialBps, maintenanceBps, mode } = readHaircuts(state, marketId, now);
  const { modeUntilHour, confidence, sources, maintenanceTargetBps } = market;
  const minute = minuteOf(now);
  const window = windowOf(minute);
  const { door } = state;
  return {
    ...{ marketId, initialBps, maintenanceBps, mode, maintenanceTargetBps, confidence, sources },
    modeUntil: modeUntilHour === 0 ? 0 : modeUntilHour === Infinity ? NEVER_LAPSES : timeOf(modeUntilHour * 60),
    storedInitialBps: market.initialBps,
    asOf: timeOf(asOfOf(group, market)),
    classId: group.classId,
    spentBps: spentAt(group, minute),
    limits: limitsOf(state, group.classId),
    profile: profileOf(state, group.classId),
    door: { ...door, window, spentBps: door.window === window ? door.spentBps : 0 },
    pending: null,
  };
}
