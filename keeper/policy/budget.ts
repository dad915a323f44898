import { WINDOWS_TOUCHED } from "../domain/calendar.ts";
import type { DoorState } from "../domain/contract.ts";
import type { OnChainMarket } from "../domain/decision.ts";

/** Tenths of the aggregate budget that the keeper uses: the breaker is for a stolen key, and never tripped by accident. */
const TENTHS_USED = 9;

/**
 * Loosening of initial that the market's group has left in the budget window of the block, bps. The window is that of
 * the block read, not of a clock: a block to come lies in the same window or a later one, where there is more.
 * @example windowLeftBps({ limits: { ...limits, looseningBudgetBpsPerDay: 200 }, spentBps: 20 }) // 30
 */
export function windowLeftBps({ limits, spentBps }: Pick<OnChainMarket, "limits" | "spentBps">): number {
  return Math.max(0, limits.looseningBudgetBpsPerDay / WINDOWS_TOUCHED - spentBps);
}

/**
 * Loosening of initial, added up over all markets, that the keeper may still make in the window, bps, rounded down: what
 * the contract would let through, less a tenth of the budget.
 * @example aggregateLeftBps({ ...door, aggregateBps: 105, spentBps: 20 }) // 74
 */
export function aggregateLeftBps({ aggregateBps, spentBps }: Pick<DoorState, "aggregateBps" | "spentBps">): number {
  return Math.max(0, Math.floor((aggregateBps * TENTHS_USED) / 10) - spentBps);
}

/** Loosening of initial that the keeper may plan for one market as if it were alone, bps. */
export function looseningLeftBps(market: Pick<OnChainMarket, "limits" | "spentBps" | "door">): number {
  return Math.min(windowLeftBps(market), aggregateLeftBps(market.door));
}
