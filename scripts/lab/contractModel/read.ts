import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { type Hex, type MarketMode, tokensOf } from "../../../keeper/domain/contract.ts";
import type { OnChainMarket } from "../../../keeper/domain/decision.ts";
import { freshUntil, isStale, maintenanceAt, minuteStart, modeAt, spentAt } from "./follow.ts";
import { windowed } from "./publishBatch.ts";
import { accountOf, type ContractState, classOf, type Market, type RiskClass, storedMarket } from "./state.ts";

/** Effective haircuts of one market, the contract's `Haircuts` with `known`. */
export type ContractHaircuts = {
  readonly known: boolean;
  readonly initialBps: number;
  readonly maintenanceBps: number;
  readonly asOf: number;
  readonly mode: MarketMode;
};

const UNKNOWN: ContractHaircuts = { known: false, initialBps: 10_000, maintenanceBps: 0, asOf: 0, mode: "NO_NEW_RISK" };

/**
 * Returns what consumers read of a market at `now` (Unix seconds), in basis points; an id never listed lends nothing and
 * liquidates nobody.
 */
export function readHaircuts(state: ContractState, marketId: number, now: number): ContractHaircuts {
  const market = storedMarket(state, marketId);
  if (market === null) return UNKNOWN;
  const mode = modeAt(market, now);
  return {
    ...{ known: true, mode, asOf: market.asOf },
    initialBps: mode === "NORMAL" ? initialAt(market, classOf(state, market), now) : 10_000,
    maintenanceBps: maintenanceAt(market, now),
  };
}

/** The exposure limit, whole tokens, and whether the lender may hold more than now: false means "no more", never "nothing". */
export function readExposureLimit(
  state: ContractState,
  marketId: number,
  now: number,
): { readonly tokens: bigint; readonly mayGrow: boolean } {
  const market = storedMarket(state, marketId);
  if (market === null) return { tokens: 0n, mayGrow: false };
  const isFresh = !isStale(market, now);
  return { tokens: tokensOf(market.limit), mayGrow: isFresh && modeAt(market, now) === "NORMAL" };
}

/**
 * What the keeper whose batches `account` sends reads of a market in a block at `now` (Unix seconds), null when the id was
 * never listed: the model's `readMarkets` (test/differential/contract/contract.test.ts).
 */
export function onChainMarket(state: ContractState, marketId: number, now: number, account: Hex): OnChainMarket | null {
  const market = storedMarket(state, marketId);
  if (market === null) return null;
  const { initialBps, maintenanceBps, mode } = readHaircuts(state, marketId, now);
  const { modeUntil, maintenanceTargetBps, limit, lowestLimit, highestLimit, asOf, heldUntil } = market;
  const { confidence, sources, classId, generation } = market;
  const { limits, heldUntil: classHeldUntil } = classOf(state, market);
  return {
    ...{ marketId, initialBps, maintenanceBps, mode, modeUntil, storedInitialBps: market.initialBps },
    ...{ maintenanceTargetBps, limit, lowestLimit, highestLimit, asOf, heldUntil, confidence, sources },
    ...{ classId, generation, ...spentAt(market, now), limits, classHeldUntil, pending: null },
    writer: windowed({ account, ...accountOf(state, account) }, now),
  };
}

/** Initial while NORMAL: as stored until the data is stale, then a straight line to the stale cap, rounded up, never below it. */
function initialAt(market: Market, { limits }: RiskClass, now: number): number {
  const { initialBps: stored } = market;
  const cap = limits.staleInitialCapBps;
  const stale = (minuteStart(now) - freshUntil(market)) / 60;
  if (stale <= 0 || stored >= cap) return stored;
  const decay = (limits.decayHours * HOUR_SECONDS) / 60;
  return stale >= decay ? cap : stored + Math.ceil(((cap - stored) * stale) / decay);
}
