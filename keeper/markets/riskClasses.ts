import { HOUR_SECONDS } from "../domain/calendar.ts";
import type { ContractLimits } from "../domain/contract.ts";

/** A risk class: its number in the contract (the profile is `id % 4`) and what no key may exceed. */
export type RiskClass = { readonly id: number; readonly name: string; readonly limits: ContractLimits };

const MAJOR: ContractLimits = {
  // Below 10 % no lender of size has ever lent against ether or bitcoin: a lower value is a mistake or a theft.
  minInitialBps: 1_000,
  // Beyond an LTV of 50 % a market is better closed by the guardian (NO_NEW_RISK) than priced; and since initial comes
  // down by half a point a day at most, every point above it is two days in which borrowers pay for one bad hour.
  maxInitialBps: 5_000,
  // A bonus of 5 % makes every liquidation below 477 bp a loss for the lender; a third of reserve on top.
  minMaintenanceBps: 700,
  // The worst day of ether (2020-03-12, -43 %), with room for the gap under the highest initial.
  maxMaintenanceBps: 4_500,
  // A position opened at the limit needs an ordinary half-day's move (2 % to 4 %) before it can be liquidated.
  minGapBps: 300,
  // What Aave, Compound and Spark pay for majors.
  liquidationBonusBps: 500,
  // Of initial a window's quarter of the budget binds first; this is for the maintenance target, which has no budget
  // because maintenance itself has a speed: two days of it at once.
  maxLooseningStepBps: 200,
  // A stolen keeper key loosens 2 % a day, a quarter of it in each third of a day; the keeper's own policy asks for
  // 50 bp a day at most, which fits one window.
  looseningBudgetBpsPerDay: 200,
  // Twice the hot key's: what k operators agree on may catch up after an outage in half the time.
  quorumLooseningStepBps: 400,
  quorumLooseningBudgetBpsPerDay: 400,
  // Data older than a heartbeat does not describe the market any more; a later batch will carry newer.
  maxAgeSeconds: 6 * HOUR_SECONDS,
  probed: false,
};

/** Every risk class that a deployment defines. */
export const RISK_CLASSES = {
  major: { id: 0, name: "major", limits: MAJOR },
  // One issuer's custody and a route of two pools: higher floors than ether's. The profile of majors, 4 % 4.
  wrapped: { id: 4, name: "wrapped", limits: { ...MAJOR, minInitialBps: 1_200, minMaintenanceBps: 900 } },
} as const satisfies Record<string, RiskClass>;

/**
 * What all markets together may loosen in a window of eight hours before the contract trips itself to tighten-only:
 * what two markets may alone, by the hot key and by the quorum. The keeper's policy never needs more for two; who lists
 * a third decides again.
 */
export const AGGREGATE_BUDGET = { hotBps: 100, quorumBps: 200 } as const;
