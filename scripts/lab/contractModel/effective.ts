import { hourOf, MAX_AGE_MINUTES, minuteOf, timeOf, windowOf } from "../../../keeper/domain/calendar.ts";
import { type MarketMode, NEVER_LAPSES, type ProfileValues } from "../../../keeper/domain/contract.ts";
import type { OnChainMarket } from "../../../keeper/domain/decision.ts";
import { follow } from "./follower.ts";
import {
  type ContractState,
  type Group,
  limitsOf,
  locate,
  type Market,
  type Pace,
  paceOf,
  profileOf,
} from "./state.ts";

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
  const found = locate(state, marketId);
  if (found === null) return UNKNOWN;
  const { group, market } = found;
  const minute = minuteOf(now);
  const pace = paceOf(state, group.classId, now);
  const mode = modeAt(market, minute);
  const asOfMinute = asOfOf(group, market);
  return {
    known: true,
    initialBps: mode === "NORMAL" ? initialAt(market.initialBps, asOfMinute, pace.profile, minute) : 10_000,
    maintenanceBps: maintenanceAt(group, market, pace, minute),
    asOf: Math.min(timeOf(asOfMinute), now),
    mode,
  };
}

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

/** The mode in force: NORMAL again from the hour at which the one set lapses. */
export function modeAt(market: Market, minute: number): MarketMode {
  return hourOf(minute) < market.modeUntilHour ? market.mode : "NORMAL";
}

/** Minute of the oldest datum behind a market. */
export function asOfOf(group: Group, market: Market): number {
  return market.ownAsOfMinute ?? group.asOfMinute;
}

/** Maintenance follows its target until the data is older than the ttl, and does not move while FROZEN or out of reach. */
export function maintenanceAt(group: Group, market: Market, pace: Pace, minute: number): number {
  const frozenUntil = market.mode === "FROZEN" ? market.modeUntilHour * 60 : 0;
  const from = Math.max(group.settledMinute, frozenUntil);
  const until = Math.min(minute, asOfOf(group, market) + pace.profile.ttlSeconds / 60);
  return follow(market.maintenanceBps, market.maintenanceTargetBps, from, until, pace.profile, pace.minutes);
}

/** Initial while NORMAL: as stored until the ttl, then a straight line to the stale cap, rounded up, never below it. */
function initialAt(stored: number, asOfMinute: number, profile: ProfileValues, minute: number): number {
  const cap = profile.staleInitialCapBps;
  const stale = minute - asOfMinute - profile.ttlSeconds / 60;
  if (stale <= 0 || stored >= cap) return stored;
  const decay = profile.decaySeconds / 60;
  return stale >= decay ? cap : stored + Math.ceil(((cap - stored) * stale) / decay);
}

/** Loosening used in the window in which `minute` is. */
export function spentAt(group: Group, minute: number): number {
  return windowOf(group.settledMinute) === windowOf(minute) ? group.spentBps : 0;
}

/** The group with maintenance of every market and the budget brought to `minute`: where any write starts from. */
export function settle(group: Group, pace: Pace, minute: number): Group {
  const markets = group.markets.map(
    (market) => market && { ...market, maintenanceBps: maintenanceAt(group, market, pace, minute) },
  );
  return withClock({ ...group, markets, spentBps: spentAt(group, minute) }, minute, group.asOfMinute);
}

/** The group settled at `minute` with data of `asOfMinute`, which reads as at most MAX_AGE_MINUTES old. */
export function withClock(group: Group, minute: number, asOfMinute: number): Group {
  return { ...group, settledMinute: minute, asOfMinute: Math.max(asOfMinute, minute - MAX_AGE_MINUTES) };
}
