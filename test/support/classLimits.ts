import type { ContractLimits } from "../../keeper/domain/contract.ts";

/** Limits of a class that tests of the contract and the gas figures start from: fresh for six hours, with small steps and budgets. */
export const CLASS_LIMITS: ContractLimits = {
  minInitialBps: 1_000,
  maxInitialBps: 9_000,
  minMaintenanceBps: 700,
  maxMaintenanceBps: 8_000,
  minGapBps: 200,
  liquidationBonusBps: 500,
  tightenSpeedBpsPer30Days: 200,
  loosenSpeedBpsPer30Days: 1_500,
  ttlHours: 6,
  decayHours: 24,
  staleInitialCapBps: 10_000,
  maxAgeMinutes: 60,
  hotStepBps: 80,
  quorumStepBps: 200,
  hotBudgetBps: 50,
  quorumBudgetBps: 100,
  hotRaiseStep: 30,
  quorumRaiseStep: 60,
  hotRaiseBudget: 50,
  quorumRaiseBudget: 100,
};
