import { DAY_SECONDS } from "../domain/calendar.ts";
import type { Position } from "../domain/position.ts";

/** What governance lets one update make liquidatable at most. */
export type ImpactBudget = {
  /** Debt, US dollars. */
  readonly maxDebtUsd: number;
  /** Share of all debt of the market, percent. */
  readonly maxDebtPercent: number;
};

/** Maintenance of one market: effective now, what it moves towards, and what it would move towards. Basis points. */
type MaintenanceMove = {
  readonly marketId: number;
  readonly effectiveBps: number;
  readonly targetBps: number;
  readonly newTargetBps: number;
  /** The most that maintenance can be when the update lands: as far as its speed takes it until the deadline. */
  readonly landingBps: number;
};

/** Some positions and what they add up to, US dollars. */
export type Exposed = {
  readonly positions: readonly Position[];
  readonly collateralUsd: number;
  readonly debtUsd: number;
};

/** What one update does to the positions of one market, at present prices. */
export type MarketImpact = {
  readonly move: MaintenanceMove;
  /** All positions of the market. */
  readonly all: Exposed;
  /** Liquidatable already, whatever is sent. */
  readonly already: Exposed;
  /** Becoming liquidatable by the time the update lands. Maintenance is speed-limited, so hardly any. */
  readonly now: Exposed;
  /** Becoming liquidatable by the end of the ramp, `now` included. */
  readonly end: Exposed;
  /** Of those at the end, the ones that the present target would not have reached. */
  readonly added: Exposed;
};

/**
 * True when the debt is more than the account's other collateral covers and maintenance leaves of this one, or the lender's own
 * threshold where that follows no haircut. @example isLiquidatable(position, 2_000)
 */
export function isLiquidatable(position: Position, maintenanceBps: number): boolean {
  const { collateralUsd, debtUsd, coveredUsd = 0, thresholdBps = 10_000 - maintenanceBps } = position;
  return debtUsd > 0 && (debtUsd - coveredUsd) * 10_000 > collateralUsd * thresholdBps;
}

/** What a move of maintenance makes liquidatable at present prices. Positions of other markets are left out. */
export function impactOf(move: MaintenanceMove, positions: readonly Position[]): MarketImpact {
  const { marketId, effectiveBps, targetBps, newTargetBps, landingBps } = move;
  const own = positions.filter((one) => one.marketId === marketId);
  const already = own.filter((one) => isLiquidatable(one, effectiveBps));
  const healthy = own.filter((one) => !isLiquidatable(one, effectiveBps));
  const end = healthy.filter((one) => isLiquidatable(one, newTargetBps));
  const added = end.filter((one) => !isLiquidatable(one, Math.max(targetBps, effectiveBps)));
  const now = healthy.filter((one) => isLiquidatable(one, landingBps));
  return {
    move,
    all: exposed(own),
    already: exposed(already),
    now: exposed(now),
    end: exposed(end),
    added: exposed(added),
  };
}

/**
 * Why an update is over the budget, in words, or null. Only a raise of the maintenance target is ever over it: what moves
 * initial alone, or lowers a target, makes nobody liquidatable. Everything that the ramp reaches from where
 * maintenance is now counts, not only what this update adds: many small raises are one large one.
 */
export function overBudget({ move, all, end }: MarketImpact, budget: ImpactBudget): string | null {
  if (move.newTargetBps <= Math.max(move.targetBps, move.effectiveBps)) return null;
  const percent = all.debtUsd === 0 ? 0 : (end.debtUsd / all.debtUsd) * 100;
  const { maxDebtUsd, maxDebtPercent } = budget;
  if (end.debtUsd <= maxDebtUsd && percent <= maxDebtPercent) return null;
  const count = end.positions.length === 1 ? "1 position" : `${end.positions.length} positions`;
  return (
    `${count} with ${end.debtUsd.toFixed(0)} USD of debt (${percent.toFixed(2)} %) become liquidatable by the end of the ramp ` +
    `from ${move.effectiveBps} to ${move.newTargetBps} bp; allowed are ${maxDebtUsd} USD and ${maxDebtPercent} %`
  );
}

/**
 * Where maintenance can be at most after some seconds, basis points, rounded up: towards its target at its speed.
 * @example landingBps(1_800, 2_000, 300, 300) // 1_801
 */
export function landingBps(
  effectiveBps: number,
  targetBps: number,
  speedBpsPer30Days: number,
  seconds: number,
): number {
  const way = Math.ceil((speedBpsPer30Days * seconds) / (30 * DAY_SECONDS));
  return Math.min(Math.max(targetBps, effectiveBps), effectiveBps + way);
}

function exposed(positions: readonly Position[]): Exposed {
  const falling = positions.toSorted((a, b) => b.debtUsd - a.debtUsd || (a.account < b.account ? -1 : 1));
  const sum = (of: "collateralUsd" | "debtUsd") => falling.reduce((total, one) => total + one[of], 0);
  return { positions: falling, collateralUsd: sum("collateralUsd"), debtUsd: sum("debtUsd") };
}
