import { SKIP_REASONS } from "../../../keeper/domain/contract.ts";
import { USD } from "../../../keeper/markets/limits.ts";
import { minuteStart } from "./follow.ts";
import { brokenByValues, limitBoundsProblem, tooWide } from "./govern.ts";
import { valuesProblem } from "./judge.ts";
import {
  type Caller,
  type ContractState,
  definedClass,
  isSame,
  lacks,
  lacksOwnership,
  type Market,
  type MarketListing,
  marketOf,
  type Outcome,
  type RiskClass,
  refuse,
  storedMarket,
  withMarket,
  ZERO,
} from "./state.ts";

const MAX_MARKETS = 512;
const FIRST_GENERATION = 16;

/**
 * The contract's `listMarket`, under the next id: of a lister, and of governance for a pair that it has ended. The values count as data of the greatest age that the class takes;
 * maintenance of a pair delisted before goes on from where it stood, in the class that it had.
 */
export function listMarket(state: ContractState, listing: MarketListing, caller: Caller): Outcome {
  const { now, hasCode } = caller;
  const { collateral, debt, classId, ...values } = listing;
  const present = marketOf(state, collateral, debt);
  const old = storedMarket(state, present);
  // What governance has ended only governance begins again.
  const missing = old?.generation === 0 ? lacksOwnership(state, caller) : lacks(state, caller, "LISTER");
  if (missing) return missing;
  if (!hasCode(collateral)) return refuse("NotAContract", collateral);
  if (!isSame(debt, USD) && !hasCode(debt)) return refuse("NotAContract", debt);
  if (old !== null && old.generation !== 0) return refuse("MarketExists", collateral, debt, present);
  if (state.markets.length === MAX_MARKETS) return refuse("BadLimits", "markets", MAX_MARKETS + 1, MAX_MARKETS);
  const wrong = limitBoundsProblem(values);
  if (wrong) return wrong;
  const riskClass = definedClass(state, classId);
  if ("refused" in riskClass) return riskClass;
  const wide = tooWide(values.initialBps, values.maintenanceBps);
  if (wide) return wide;
  if (old !== null && old.classId !== classId) return refuse("BadLimits", "classId", classId, old.classId);
  const market = firstMarket(state, listing, riskClass, now);
  const empty = { ...market, initialBps: 0, maintenanceTargetBps: 0, limit: 0xffff };
  const broken = valuesProblem(market, { market: empty, riskClass }, now);
  if (broken) return refuse("BadValues", SKIP_REASONS.indexOf(broken.reason), broken.given, broken.allowed);
  const jumps = old === null ? null : brokenByValues(riskClass.limits, market, now);
  if (jumps) return jumps;
  const marketId = state.markets.length + 1;
  return {
    state: withMarket(state, marketId, market),
    events: [{ name: "MarketListed", marketId, ...listing, asOf: market.asOf }],
  };
}

/** The market of a listing at `now`, NORMAL. */
export function firstMarket(
  state: ContractState,
  { collateral, debt, classId, initialBps, maintenanceBps: target, limit, lowestLimit, highestLimit }: MarketListing,
  { limits }: RiskClass,
  now: number,
): Market {
  const old = storedMarket(state, marketOf(state, collateral, debt));
  const settled = minuteStart(now);
  return {
    ...{ collateral, debt, probe: ZERO, probed: false, classId, generation: FIRST_GENERATION },
    ...{ initialBps, maintenanceTargetBps: target, limit, lowestLimit, highestLimit },
    ...{ maintenanceBps: old?.maintenanceBps ?? target, settled, asOf: settled - limits.maxAgeMinutes * 60 },
    ...{ confidence: 0, sources: 0, spentBps: 0, raised: 0, unchangedMinutes: 0, heldUntil: 0 },
    ...{ mode: "NORMAL", modeUntil: 0, challenged: false, cooledAt: 0, ttlHours: limits.ttlHours },
    tightenSpeedBpsPer30Days: limits.tightenSpeedBpsPer30Days,
    loosenSpeedBpsPer30Days: limits.loosenSpeedBpsPer30Days,
  };
}
