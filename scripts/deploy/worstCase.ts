import type { ContractLimits } from "../../keeper/domain/contract.ts";

const WINDOW_HOURS = 8;
const PERIOD_HOURS = 30 * 24;

/** Budget windows that a span of hours can touch at worst. @example windowsIn(24) // 4 */
export function windowsIn(hours: number): number {
  return Math.floor(hours / WINDOW_HOURS) + (hours % WINDOW_HOURS === 0 ? 1 : 2);
}

/**
 * The most of a budget a window that is used in a span: basis points of initial, notches of the exposure limit. A step of 0
 * lets nothing loosen.
 * @example mostLoosened(1, 50, 80) // 100
 */
export function mostLoosened(hours: number, budget: number, step: number): number {
  return step === 0 ? 0 : windowsIn(hours) * budget;
}

/** The most maintenance moves in a span, bps: whole ticks, one of them under way. @example mostMoved(24, 200) // 7 */
function mostMoved(hours: number, speedBpsPer30Days: number): number {
  return Math.ceil((speedBpsPer30Days * hours) / PERIOD_HOURS);
}

/** What a stolen key moves one market of a class by: basis points, of the exposure limit notches. */
export type Damage = {
  readonly hours: number;
  readonly loosenedBps: number;
  readonly raisedNotches: number;
  readonly maintenanceUpBps: number;
  readonly maintenanceDownBps: number;
};

/** The most that a stolen hot key, or a stolen quorum, does to one market of a class in a span, within the class's bounds. */
export function worstOf(hours: number, limits: ContractLimits, quorum: boolean, aggregateBps: number): Damage {
  const { minInitialBps, maxInitialBps, minMaintenanceBps, maxMaintenanceBps, minGapBps } = limits;
  const [budget, step, raiseBudget, raiseStep] = quorum
    ? [limits.quorumBudgetBps, limits.quorumStepBps, limits.quorumRaiseBudget, limits.quorumRaiseStep]
    : [limits.hotBudgetBps, limits.hotStepBps, limits.hotRaiseBudget, limits.hotRaiseStep];
  const range = maxInitialBps - Math.max(minInitialBps, minMaintenanceBps + minGapBps);
  const way = maxMaintenanceBps - minMaintenanceBps;
  return {
    hours,
    loosenedBps: Math.min(mostLoosened(hours, Math.min(budget, aggregateBps), step), range),
    raisedNotches: mostLoosened(hours, raiseBudget, raiseStep),
    maintenanceUpBps: Math.min(mostMoved(hours, limits.tightenSpeedBpsPer30Days), way),
    maintenanceDownBps: step === 0 ? 0 : Math.min(mostMoved(hours, limits.loosenSpeedBpsPer30Days), way),
  };
}
