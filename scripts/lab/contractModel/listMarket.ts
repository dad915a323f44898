import { minuteOf, timeOf } from "../../../keeper/domain/calendar.ts";
import { type Hex, LANES } from "../../../keeper/domain/contract.ts";
import { badValues, firstOf, OK, VALUE_RULES } from "./checkUpdate.ts";
import { settle } from "./effective.ts";
import {
  type Caller,
  type ContractState,
  type Group,
  idOf,
  lacks,
  limitsOf,
  type Market,
  type Outcome,
  paceOf,
  refuse,
  withAt,
  withGroup,
} from "./state.ts";

/** What is said about a new market; names and units of the contract's `MarketListing`. */
export type MarketListing = {
  readonly collateral: Hex;
  readonly debt: Hex;
  readonly classId: number;
  readonly group: number;
  readonly initialBps: number;
  readonly maintenanceBps: number;
};

/**
 * The contract's `listMarket`: the next free lane of a group of the class, or the first of a new group. Its values count
 * as data of the greatest age the class takes. That the assets are contracts is not checked here.
 */
export function listMarket(state: ContractState, listing: MarketListing, caller: Caller): Outcome {
  const missing = lacks(caller, "lister");
  if (missing) return missing;
  const { collateral, debt, classId, group: at, initialBps, maintenanceBps } = listing;
  const existing = marketOf(state, collateral, debt);
  if (existing !== 0) return refuse("MarketExists", collateral, debt, existing);
  if (!state.classes.has(classId)) return refuse("UnknownClass", classId);
  if (at > state.groups.length) return refuse("UnknownGroup", at, state.groups.length);
  const limits = limitsOf(state, classId);
  const minute = minuteOf(caller.now);
  const asOfMinute = minute - limits.maxAgeSeconds / 60;
  const present = state.groups[at];
  if (present && present.classId !== classId) return refuse("WrongGroupClass", at, classId, present.classId);
  const lane = present ? present.markets.indexOf(null) : 0;
  if (lane === -1) return refuse("GroupFull", at);
  const marketId = idOf(at, lane);
  const update = { marketId, initialBps, maintenanceTargetBps: maintenanceBps, asOf: timeOf(asOfMinute) };
  const market = firstMarket(listing, asOfMinute);
  const nothing = { ...market, initialBps: 0, maintenanceTargetBps: 0 };
  const broken = firstOf(VALUE_RULES, { update, market: nothing, limits, maintenanceBps });
  if (broken !== OK) return badValues(marketId, broken);
  const event = { collateral, debt, classId, initialBps, maintenanceBps, asOf: timeOf(asOfMinute) };
  return {
    state: listed(state, at, lane, market, classId, caller.now),
    events: [{ name: "MarketListed", marketId, ...event }],
  };
}

/** Id of a pair, 0 when it was never listed. */
export function marketOf(state: ContractState, collateral: Hex, debt: Hex): number {
  for (const [at, group] of state.groups.entries()) {
    const lane = group.markets.findIndex((market) => market?.collateral === collateral && market.debt === debt);
    if (lane >= 0) return idOf(at, lane);
  }
  return 0;
}

/** A new market, NORMAL, its maintenance at its target. */
export function firstMarket(
  listing: Pick<MarketListing, "collateral" | "debt" | "initialBps" | "maintenanceBps">,
  asOfMinute: number,
): Market {
  const { collateral, debt, initialBps, maintenanceBps } = listing;
  const mode = { mode: "NORMAL", modeUntilHour: 0, challenged: false } as const;
  const values = { initialBps, maintenanceTargetBps: maintenanceBps, maintenanceBps, ownAsOfMinute: asOfMinute };
  return { collateral, debt, ...values, ...mode, confidence: 0, sources: 0 };
}

/** The state with a market in a free lane of a group settled at `now`, or of a new group. */
export function listed(
  state: ContractState,
  at: number,
  lane: number,
  market: Market,
  classId: number,
  now: number,
): ContractState {
  const minute = minuteOf(now);
  const present = state.groups[at];
  const empty: Group = {
    settledMinute: minute,
    asOfMinute: market.ownAsOfMinute ?? minute,
    spentBps: 0,
    classId,
    markets: new Array(LANES).fill(null),
  };
  const group = present ? settle(present, paceOf(state, classId, now), minute) : empty;
  const next = withGroup(state, at, { ...group, markets: withAt(group.markets, lane, market) });
  return { ...next, door: { ...state.door, generation: state.door.generation + 1 } };
}
