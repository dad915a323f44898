import type { OnChainLimits, OnChainMarket } from "../domain/decision.ts";
import { BPS_ONE } from "../domain/units.ts";
import { budgetAvailableNanoBps } from "./budget.ts";
import { followNanoBps, nanoToBpsUp } from "./follower.ts";

/** What is stored for a market; an `OnChainMarket` is one. */
export type StoredMarket = Pick<
  OnChainMarket,
  | "mode"
  | "storedInitialBps"
  | "maintenanceTargetBps"
  | "maintenanceNanoBps"
  | "maintenanceTime"
  | "asOf"
  | "budgetNanoBps"
  | "budgetTime"
>;

/** What consumers read, and maintenance before it is rounded up. */
export type EffectiveHaircuts = {
  readonly initialBps: number;
  readonly maintenanceBps: number;
  readonly maintenanceNanoBps: bigint;
};

const NANO = 1_000_000_000n;

/**
 * What a stored market reads as at `now` (Unix seconds), exactly as Effective.sol computes it. Initial: 100 % unless
 * NORMAL; as stored until the data is `ttlSeconds` old; then a straight line to the stale cap. Maintenance: follows its
 * target, and stands still while FROZEN and from the ttl on.
 */
export function effectiveHaircuts(state: StoredMarket, limits: OnChainLimits, now: number): EffectiveHaircuts {
  const maintenanceNanoBps = maintenanceAt(state, limits, now);
  return {
    initialBps: initialAt(state, limits, now),
    maintenanceBps: nanoToBpsUp(maintenanceNanoBps),
    maintenanceNanoBps,
  };
}

/** The market with maintenance and budget brought up to `now`: where the next write starts from. */
export function settle<State extends StoredMarket>(state: State, limits: OnChainLimits, now: number): State {
  return {
    ...state,
    maintenanceNanoBps: maintenanceAt(state, limits, now),
    maintenanceTime: now,
    budgetNanoBps: budgetAvailableNanoBps({ ...state, limits }, now),
    budgetTime: now,
  };
}

function maintenanceAt(state: StoredMarket, limits: OnChainLimits, now: number): bigint {
  const until = Math.min(now, state.asOf + limits.ttlSeconds);
  if (state.mode === "FROZEN" || until <= state.maintenanceTime) return state.maintenanceNanoBps;
  const target = BigInt(state.maintenanceTargetBps) * NANO;
  return followNanoBps(state.maintenanceNanoBps, target, until - state.maintenanceTime, limits);
}

function initialAt(state: StoredMarket, limits: OnChainLimits, now: number): number {
  if (state.mode !== "NORMAL") return BPS_ONE;
  const stored = state.storedInitialBps;
  const stale = now - state.asOf - limits.ttlSeconds;
  if (stale <= 0 || stored >= limits.staleInitialCapBps) return stored;
  if (stale >= limits.decaySeconds) return limits.staleInitialCapBps;
  return stored + Math.ceil(((limits.staleInitialCapBps - stored) * stale) / limits.decaySeconds);
}
