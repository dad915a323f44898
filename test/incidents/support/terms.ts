import { timeOf } from "../../../keeper/domain/calendar.ts";
import { LANES, SKIP_REASONS, type SkipReason } from "../../../keeper/domain/contract.ts";

export const REASONS = SKIP_REASONS;
export type Reason = SkipReason;
export const EPOCH = timeOf(0);

export type Pair = {
  readonly name: string;
  readonly initialBps: number;
  readonly maintenanceBps: number;
  readonly minGapBps: number;
  readonly bonusBps: number;
  readonly probed: boolean;
};
/** The pairs of the book: WETH-correlated e-mode, WETH and WBTC as a large lender has them. One class and group each. */
export const PAIRS: readonly Pair[] = [
  { name: "93/95", initialBps: 700, maintenanceBps: 500, minGapBps: 50, bonusBps: 100, probed: false },
  { name: "80.5/83", initialBps: 1_950, maintenanceBps: 1_700, minGapBps: 100, bonusBps: 500, probed: false },
  { name: "73/78", initialBps: 2_700, maintenanceBps: 2_200, minGapBps: 200, bonusBps: 500, probed: true },
];
export const MAX_INITIAL = 9_000;
export const MAX_MAINTENANCE = 8_000;
export const TIGHTEN_SPEED = 150;
export const TTL = 21_600;
export const PROFILE = {
  tightenSpeedBpsPerDay: TIGHTEN_SPEED,
  loosenSpeedBpsPerDay: 50,
  ttlSeconds: TTL,
  decaySeconds: 86_400,
  staleInitialCapBps: 10_000,
};

export type Values = { readonly initialBps: number; readonly maintenanceTargetBps: number };
/** One group of a batch: values of the lanes named, null for the others. */
export type Named = { readonly group: number; readonly asOf: number; readonly lanes: readonly (Values | null)[] };
export type Haircuts = { readonly initialBps: number; readonly maintenanceBps: number };
export type Outcome = {
  /** Haircuts of the watched markets in the block of the batch, before and after it. */
  readonly before: readonly Haircuts[];
  readonly after: readonly Haircuts[];
  /** Markets left out, with the reason. */
  readonly skipped: readonly { readonly marketId: number; readonly reason: Reason }[];
  /** Empty, or the error with which the whole batch was refused. */
  readonly refusal: string;
};

/** Ticks of a speed between two times, as Follower.sol counts them. */
export function ticks(speedBpsPerDay: number, from: number, to: number): number {
  const at = (time: number): number => Math.floor((speedBpsPerDay * Math.floor((time - EPOCH) / 60)) / 1_440);
  return at(to) - at(from);
}

/** Id of a market of a pair. */
export const idOf = (pair: number, lane: number): number => pair * LANES + lane + 1;

/** Limits of the class of a pair: 300 basis points below it are open to loosening, 50 of them in a window. */
export function limitsOf(pair: Pair) {
  return {
    minInitialBps: pair.initialBps - 300,
    maxInitialBps: MAX_INITIAL,
    minMaintenanceBps: pair.maintenanceBps - 300,
    maxMaintenanceBps: MAX_MAINTENANCE,
    minGapBps: pair.minGapBps,
    liquidationBonusBps: pair.bonusBps,
    maxLooseningStepBps: 80,
    looseningBudgetBpsPerDay: 200,
    quorumLooseningStepBps: 80,
    quorumLooseningBudgetBpsPerDay: 200,
    maxAgeSeconds: 3_600,
    probed: pair.probed,
  };
}
