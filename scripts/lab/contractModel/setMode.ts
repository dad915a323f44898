import { hourOf, minuteOf, timeOf } from "../../../keeper/domain/calendar.ts";
import { type MarketMode, MODES, NEVER_LAPSES } from "../../../keeper/domain/contract.ts";
import { asOfOf, modeAt, settle } from "./effective.ts";
import {
  type Caller,
  type ContractState,
  lacks,
  locate,
  type Market,
  type Outcome,
  paceOf,
  type Refusal,
  refuse,
  withAt,
  withGroup,
} from "./state.ts";

/** How long a guardian's mode holds, and how long after its lapse it cannot be set again; a challenge's. Hours. */
const GUARDIAN_HOURS = 72;
const COOLDOWN_HOURS = 24;
export const CHALLENGE_HOURS = 6;

/**
 * The contract's `setMode`. Governance: any mode, until changed. Guardian: only safer than now, until the hour 72 hours
 * on, not within 24 hours of its lapse; making its own closing stricter does not make it longer,
 * and what governance closed it leaves alone. Challenger: only NORMAL to NO_NEW_RISK, for 6 hours; within a guardian's
 * cool-down that does not count as a challenge, and the cool-down counts from its lapse.
 */
export function setMode(state: ContractState, marketId: number, mode: MarketMode, caller: Caller): Outcome {
  const found = locate(state, marketId);
  if (!found) return refuse("UnknownMarket", marketId);
  const minute = minuteOf(caller.now);
  const lapse = lapseOf(found.market, marketId, mode, caller, hourOf(minute));
  if ("refused" in lapse) return lapse;
  const { modeUntilHour, challenged } = lapse;
  const { at, lane, group, market } = found;
  const settled = settle(group, paceOf(state, group.classId, caller.now), minute);
  const maintenanceBps = settled.markets[lane]?.maintenanceBps ?? market.maintenanceBps;
  const ownAsOfMinute = asOfOf(group, market);
  const next = { ...market, maintenanceBps, mode, modeUntilHour, challenged, ownAsOfMinute };
  const until = modeUntilHour === Infinity ? NEVER_LAPSES : timeOf(modeUntilHour * 60);
  return {
    state: withGroup(state, at, { ...settled, markets: withAt(settled.markets, lane, next) }),
    events: [{ name: "ModeChanged", marketId, mode, by: caller.address, until }],
  };
}

type Lapse = Pick<Market, "modeUntilHour" | "challenged">;

function lapseOf(
  market: Market,
  marketId: number,
  mode: MarketMode,
  caller: Caller,
  hour: number,
): Lapse | { readonly refused: Refusal } {
  if (caller.roles.has("governance")) return { modeUntilHour: Infinity, challenged: false };
  const current = modeAt(market, minuteOf(caller.now));
  const notSafer = () => refuse("ModeNotSafer", marketId, MODES.indexOf(mode), MODES.indexOf(current));
  if (caller.roles.has("challenger")) {
    if (mode !== "NO_NEW_RISK" || current !== "NORMAL") return notSafer();
    return { modeUntilHour: hour + CHALLENGE_HOURS, challenged: hour >= cooledAt(market) };
  }
  const missing = lacks(caller, "guardian");
  if (missing) return missing;
  if (MODES.indexOf(mode) <= MODES.indexOf(current)) return notSafer();
  if (current !== "NORMAL" && !market.challenged) {
    if (market.modeUntilHour === Infinity) return refuse("HeldByGovernance", marketId, MODES.indexOf(current));
    return { modeUntilHour: market.modeUntilHour, challenged: false };
  }
  const cooled = cooledAt(market);
  if (hour < cooled) return refuse("GuardianCoolingDown", marketId, timeOf(cooled * 60));
  return { modeUntilHour: hour + GUARDIAN_HOURS, challenged: false };
}

/** The hour from which a guardian may close a market that is open; 0: any. */
export function cooledAt({ mode, challenged, modeUntilHour }: Market): number {
  return mode === "NORMAL" || challenged ? 0 : modeUntilHour + COOLDOWN_HOURS;
}
